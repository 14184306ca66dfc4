@gateway
Feature: A repeated call does not act twice
  A client that lost its connection cannot know whether its call has run. It must be able to ask again without harm.

  Rule: A repeat of a call under way joins it

    @GWY-70 @needs.repeats @needs.provider
    Scenario: A client asks twice while the first is under way
      Given a connected client of a gateway with a provider that takes 0.3 s
      When the client looks up "lamp" twice at once under one request id
      Then the client gets "value of lamp" 2 times
      And the provider has been asked 1 time

    @GWY-71 @needs.repeats @needs.provider @fault
    Scenario: Both are told when the joined call fails
      Given a connected client of a gateway with a provider that hangs up after 0.3 s
      When the client looks up "lamp" twice at once under one request id
      Then both calls fail with code "TOOL_EXECUTION_ERROR"
      And the trouble has happened 1 time

    @GWY-81 @needs.repeats @needs.slow
    Scenario: A repeat of a slow call is answered together with it
      Given a connected client
      And the client has called the slow tool for 0.5 s and 0.25 s have passed
      When the client calls the slow tool again under the same request id
      Then both calls go well
      And the repeat has taken less than 0.4 s

  Rule: A repeat of a call that is done gets the stored answer

    @GWY-82 @needs.repeats @needs.echo
    Scenario: A text is given back again from the store
      Given a connected client
      And the client has had "the lamp is on" given back under request id "r-1"
      When the client has "the lamp is on" given back again under request id "r-1"
      Then the client gets the stored answer "the lamp is on"
      And nothing else has arrived

    @GWY-83 @needs.repeats @needs.echo
    Scenario: A text is given back again after the client has come back
      Given a connected client
      And the client has had "the lamp is on" given back under request id "r-1"
      When the client comes back under its session and has "the lamp is on" given back again under request id "r-1"
      Then the client gets the stored answer "the lamp is on"
      And nothing else has arrived

    @GWY-72 @needs.repeats @needs.provider @smoke
    Scenario: A client asks again after the answer
      Given a connected client of a gateway with a provider
      And the client has looked up "lamp" under request id "r-1"
      When the client looks up "lamp" again under request id "r-1"
      Then the client gets the stored answer "value of lamp"
      And the provider has been asked 1 time

    @GWY-73 @needs.repeats @needs.provider
    Scenario: A first answer is not called stored
      Given a connected client of a gateway with a provider
      And the client has looked up "lamp" under request id "r-1"
      When the client looks up "lamp" again under request id "r-2"
      Then the client gets a fresh answer "value of lamp"
      And the provider has been asked 2 times

    @GWY-74 @needs.repeats @needs.provider
    Scenario: A client asks again after it has come back
      Given a connected client of a gateway with a provider
      And the client has looked up "lamp" under request id "r-1"
      When the client comes back under its session and looks up "lamp" again under request id "r-1"
      Then the client gets the stored answer "value of lamp"
      And the provider has been asked 1 time

    @GWY-75 @needs.repeats @needs.provider
    Scenario: A stored answer is kept for the agreed time
      Given a connected client of a gateway that keeps answers for 0.4 s, with a provider
      And the client has looked up "lamp" under request id "r-1"
      When 0.6 s have passed and the client looks up "lamp" again under request id "r-1"
      Then the client gets a fresh answer "value of lamp"
      And the provider has been asked 2 times

    @GWY-86 @needs.repeats @needs.echo
    Scenario: A stored answer is kept until then
      Given a connected client of a gateway that keeps answers for 0.8 s
      And the client has had "the lamp is on" given back under request id "r-1"
      When 0.5 s have passed and the client has "the lamp is on" given back again under request id "r-1"
      Then the client gets the stored answer "the lamp is on"

  Rule: An answer that was lost with its connection is not lost

    @GWY-76 @needs.repeats @needs.provider @fault
    Scenario Outline: The link is cut while <what>
      Given a client behind a link, of a gateway with a provider that takes 0.3 s
      And the client has begun to look up "lamp" under request id "r-1"
      When the link is cut <when> and the client comes back and asks again
      Then the client gets "value of lamp"
      And the provider has been asked 1 time

      Examples: Moments
        | what                   | when                         |
        | the call is under way  | at once                      |
        | nobody can be answered | and the call ends meanwhile  |

    @GWY-84 @needs.repeats @needs.slow @fault
    Scenario: The link is cut while the slow tool is at work
      Given a client behind a link
      And the client has called the slow tool for 0.3 s
      When the link is cut, 0.55 s have passed and the client comes back and calls again
      Then the slow tool's answer is there within 0.3 s
      And the client can use the fast tool

  Rule: A session's answers are its own

    @GWY-85 @needs.repeats @needs.echo
    Scenario: Another session has another text given back under the same request id
      Given clients "Ada" and "Ben"
      And "Ada" has had "the lamp is on" given back under request id "r-1"
      When "Ben" has "the door is open" given back under request id "r-1"
      Then "Ben" gets a fresh answer "the door is open"
      And nothing else has arrived

    @GWY-77 @needs.repeats @needs.provider
    Scenario: Another session uses the same request id
      Given clients "Ada" and "Ben" of a gateway with a provider
      And "Ada" has looked up "lamp" under request id "r-1"
      When "Ben" looks up "door" under request id "r-1"
      Then "Ben" gets a fresh answer "value of door"
      And the provider has been asked 2 times

    @GWY-78 @needs.repeats @needs.provider
    Scenario: Another session asks at the same time under the same request id
      Given clients "Ada" and "Ben" of a gateway with a provider that takes 0.3 s
      And "Ada" has begun to look up "lamp" under request id "r-1"
      When "Ben" looks up "door" under request id "r-1"
      Then "Ben" gets a fresh answer "value of door"
      And "Ada" gets "value of lamp"

  Rule: A call that failed holds nobody up

    @GWY-79 @needs.repeats @needs.failing
    Scenario: A failed call is asked again
      Given a connected client
      And the failing tool has failed under request id "r-1"
      When the client calls the failing tool again under request id "r-1"
      Then the call fails with code "TOOL_EXECUTION_ERROR", a message and details
      And the client can use the fast tool

    @GWY-80 @needs.repeats @needs.provider @fault
    Scenario: A call whose provider was away is asked again
      Given a connected client of a gateway with a provider that resets the connection
      And the client has looked up "lamp" in vain under request id "r-1"
      When the provider is well again and the client looks up "lamp" again under request id "r-1"
      Then the call is answered within 2 s
      And the client can use the fast tool
