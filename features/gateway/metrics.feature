@gateway
Feature: The gateway's figures are true
  Whoever runs the gateway decides by its figures: whether to add a machine, whom to call at night. They must agree with what
  really happened, message by message.

  Rule: Every message is counted once

    @GWY-150 @needs.metrics @needs.echo @needs.failing
    Scenario: A mixed series of a thousand messages
      Given 5 clients of a gateway without rate limits, whose figures are known
      When they send 1,000 messages of every kind
      Then every message was answered
      And the gateway's counts of messages, calls and connections are those of the clients

    @GWY-151 @needs.metrics
    Scenario: Frames that are no request are counted, too
      Given a connected client of a gateway whose figures are known
      When the client sends 3 frames that are no request and 2 pings
      Then every message was answered
      And the gateway's counts of messages, calls and connections are those of the clients

    @GWY-152 @needs.metrics @needs.progress
    Scenario: Progress is counted frame by frame
      Given a connected client of a gateway whose figures are known
      When the client calls the tool with 3 steps of 0.05 s
      Then every message was answered
      And the gateway's counts of messages, calls and connections are those of the clients

  Rule: Connections are counted as they come and go

    @GWY-153 @needs.metrics @smoke
    Scenario: Clients come
      Given a gateway whose figures are known
      When 4 clients say hello
      Then all 4 clients are let in
      And the gateway counts 4 connections and 4 that are still there

    @GWY-154 @needs.metrics
    Scenario Outline: Clients <go>
      Given 4 clients of a gateway whose figures are known
      When all clients <go>
      Then the gateway counts 4 connections and 0 that are still there

      Examples: Ways to go
        | go                   |
        | say goodbye          |
        | break the link off   |
        | reset the link       |

    @GWY-155 @needs.metrics
    Scenario: Clients that are turned away
      Given a gateway that allows 10 connections from one address, whose figures are known
      And 10 clients are let in
      When 2 more clients connect
      Then each of the 2 is closed with code 1008 and told why
      And the gateway counts 12 connections and 10 that are still there
      And the gateway counts 2 connections turned away for "address" and 0 for "total"

    @GWY-156 @needs.metrics
    Scenario: Clients that are turned away by the limit of all
      Given a gateway that allows 3 connections in all, whose figures are known
      And 3 clients are let in
      When 2 more clients connect
      Then each of the 2 is closed with code 1008 and told why
      And the gateway counts 5 connections and 3 that are still there
      And the gateway counts 2 connections turned away for "total" and 0 for "address"

    @GWY-157 @needs.metrics
    Scenario: Clients with a wrong token
      Given a gateway whose figures are known
      When 3 clients come with a wrong token, 1 with none and 2 with what is no hello
      Then the gateway counts 4 refused tokens
      And the gateway counts 6 connections and 0 that are still there

  Rule: Calls are counted by tool and outcome

    @GWY-158 @needs.metrics
    Scenario Outline: A client calls <call>
      Given a connected client of a gateway whose figures are known
      When the client calls <call>
      Then the gateway counts 1 call of <tool> with the outcome "<outcome>" and no other

      Examples: Well and not well
        | call                 | tool          | outcome        |
        | the fast tool        | the fast tool | ok             |
        | a tool that is not   | no tool       | tool_not_found |

      @needs.failing
      Examples: Failures
        | call                 | tool             | outcome              |
        | the failing tool     | the failing tool | tool_execution_error |

      @needs.slow
      Examples: Arguments that do not fit
        | call                     | tool          | outcome          |
        | the slow tool for "soon" | the slow tool | validation_error |

    @GWY-159 @needs.metrics @needs.capacity @needs.slow
    Scenario: A refused call
      Given a connected client of a gateway that runs 1 call of a session at a time, whose figures are known
      And the client has 1 call of the slow tool under way
      When the client calls the slow tool once more
      Then the call is refused at once with code "OVER_CAPACITY" and told when to try again
      And all 1 calls under way are answered
      And the gateway counts 1 call that went well and 1 with the outcome "over_capacity" of the slow tool

    @GWY-160 @needs.metrics @needs.cancel @needs.slow
    Scenario: A cancelled call
      Given a connected client of a gateway whose figures are known
      And the client has called the slow tool for 8 s
      When the client cancels the slow call
      Then the slow call fails with code "CANCELLED" within 2 s
      And the gateway counts 1 call of the slow tool with the outcome "cancelled" and no other

    @GWY-161 @needs.metrics @needs.repeats @needs.provider
    Scenario: Repeats are no calls
      Given a connected client of a gateway with a provider that takes 0.2 s, whose figures are known
      And the client has looked up "lamp" twice at once under request id "r-1"
      When the client looks up "lamp" again under request id "r-1"
      Then the gateway counts 1 repeat that joined and 1 that was stored
      And the gateway counts 1 call of the provider's tool with the outcome "ok" and no other

  Rule: Times are measured in seconds and belong to calls that ran

    @GWY-162 @needs.metrics @needs.slow
    Scenario: The measured times add up
      Given a connected client of a gateway whose figures are known
      When the client calls the slow tool 5 times for 0.4 s, side by side
      Then the gateway has measured 5 times of the slow tool that add up to 2 s, within 5 %

    @GWY-163 @needs.metrics @needs.slow
    Scenario: Calls that never ran are not measured
      Given a connected client of a gateway whose figures are known
      When the client calls the slow tool for "soon"
      Then the call fails with code "VALIDATION_ERROR", a message and details
      And the gateway has measured no time of the slow tool

  Rule: The breaker and the provider are told truly

    @GWY-164 @needs.metrics @needs.breaker @fault
    Scenario: Every change of the breaker is counted
      Given a client of a gateway that opens its breaker after 5 failures for 0.4 s, whose figures are known
      And the provider resets every connection
      When the breaker opens, the provider is well again and the client goes on looking up "lamp"
      Then the gateway counts these changes of the breaker
        | from      | to        | count |
        | closed    | open      | 1     |
        | open      | half-open | 1     |
        | half-open | closed    | 1     |

    @GWY-165 @needs.metrics @needs.breaker @fault
    Scenario: The provider's calls
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider has answered 2 times and then failed 5 times
      When the client looks up "lamp" 3 times
      Then every call fails with code "CIRCUIT_OPEN" and says when to try again
      And the gateway counts 2 calls to the provider that went well and 5 that failed
      And the provider has been reached 7 times

    @GWY-166 @needs.metrics @needs.breaker @fault
    Scenario: A provider that answers too late
      Given a client of a gateway that gives a provider 0.2 s
      And the provider is paused
      When the client looks up "lamp" 2 times
      Then the gateway counts 2 calls to the provider that timed out

    @GWY-167 @needs.metrics @needs.breaker
    Scenario: A breaker is in one state at a time
      Given a connected client of a gateway with a provider
      When the client looks up "lamp"
      Then the figures show the breaker closed, and in no other state

  Rule: The figures are in the agreed form

    @GWY-168 @needs.metrics @needs.slow
    Scenario: A monitoring program reads the figures
      Given a connected client
      And the client has used the fast tool and the slow tool
      When a monitoring program reads the figures
      Then they are in the agreed form, each name told once with its kind
      And the steps of the measured times never fall and end with all of them

  Rule: A session's figures are its own

    @GWY-169 @needs.health
    Scenario: Two sessions look at their figures
      Given clients "Ada" and "Ben"
      And "Ada" has sent 5 pings and "Ben" 2
      When both ask for the gateway's health
      Then "Ada" is told of 7 messages received and 6 sent
      And "Ben" is told of 4 messages received and 3 sent

    @GWY-170 @needs.health @needs.slow
    Scenario: A session's mean time is its own
      Given clients "Ada" and "Ben"
      And "Ada" has called the slow tool for 0.3 s and for 0.1 s, and "Ben" for 0.1 s, one after the other
      When both ask for the gateway's health
      Then "Ada" is told of a mean time of 200 ms, within 5 %
      And "Ben" is told of a mean time of 100 ms, within 5 %

    @GWY-171 @needs.health
    Scenario: The gateway's health
      Given 3 clients
      When one of the clients asks for the gateway's health
      Then it is told of 3 connections
      And it is told for how long the gateway has been up

    @GWY-173 @needs.health @needs.breaker
    Scenario: The gateway's health tells of its breakers
      Given a connected client of a gateway with a provider
      When the client asks for the gateway's health
      Then it is told of the provider's breaker
      And nothing else has arrived

    @GWY-172 @needs.health
    Scenario: A monitoring program looks at the health
      Given a gateway
      When a monitoring program looks at the health
      Then it is told that the gateway is well
      And a client can still say hello
