@gateway
Feature: Calls run side by side
  An assistant that waits for one slow tool must be able to go on with everything else.

  Rule: A slow call holds nobody up

    @GWY-50 @needs.slow @smoke
    Scenario Outline: A client asks for <request> beside its slow call
      Given a connected client
      And the client has called the slow tool for 0.3 s
      When the client asks for <request>
      Then it is answered with "<answer>" before the slow call is
      And the slow call is answered, too

      Examples: Requests
        | request           | answer         |
        | a ping            | pong           |
        | the fast tool     | call_tool_res  |
        | the list of tools | list_tools_res |

    @GWY-51 @needs.slow
    Scenario: A slow call of another client
      Given clients "Ada" and "Ben"
      And "Ada" has called the slow tool for 0.3 s
      When "Ben" asks for the fast tool
      Then it is answered with "call_tool_res" before the slow call is
      And the slow call is answered, too

    @GWY-52 @needs.slow
    Scenario: Answers overtake each other
      Given a connected client
      When the client calls the slow tool for 0.6 s, 0.4 s and 0.2 s at once
      Then the answers arrive in the order 0.2 s, 0.4 s, 0.6 s
      And all of them have arrived within 1.1 s

  Rule: No answer is lost, doubled, spoilt or given to somebody else

    @GWY-53 @needs.echo
    Scenario: A hundred calls of one client
      Given a connected client of a gateway without rate limits
      When the client has 100 different texts given back, 4 at a time
      Then 100 of 100 texts come back as they were
      And nothing else has arrived

    @GWY-54 @needs.echo
    Scenario: Five clients with ten calls each
      Given 5 clients of a gateway without rate limits
      When each client has 10 different texts given back, 4 at a time
      Then 50 of 50 texts come back as they were
      And nothing else has arrived

    @GWY-55 @needs.echo
    Scenario: Two clients use the same request ids at the same time
      Given 2 clients of a gateway without rate limits
      When each client has 20 different texts given back under the same request ids
      Then 40 of 40 texts come back as they were
      And nothing else has arrived
