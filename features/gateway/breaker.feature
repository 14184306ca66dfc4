@gateway
Feature: A circuit breaker spares a provider that is in trouble
  A provider that fails is not helped by more calls, and callers are not helped by waiting. The breaker answers at once and
  lets a few calls try again later.

  Rule: The agreed number of failures in a row opens the breaker, no fewer and no more

    @GWY-100 @needs.breaker @smoke @fault
    Scenario: Five failures open it
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider resets every connection
      When the client looks up "lamp" 6 times
      Then the first 5 calls fail with code "TOOL_EXECUTION_ERROR"
      And the last call fails with code "CIRCUIT_OPEN"
      And the provider has been reached 5 times

    @GWY-101 @needs.breaker @fault
    Scenario: Four failures do not
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider has failed 4 times
      When the provider is well again and the client looks up "lamp"
      Then the client gets "value of lamp"
      And the provider has been reached 5 times

    @GWY-102 @needs.breaker @fault
    Scenario: A success begins the count anew
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider has failed 4 times, answered once and failed 4 times
      When the provider is well again and the client looks up "lamp"
      Then the client gets "value of lamp"
      And the provider has been reached 10 times

    @GWY-103 @needs.breaker @fault
    Scenario: Another number is agreed
      Given a client of a gateway that opens its breaker after 2 failures
      And the provider resets every connection
      When the client looks up "lamp" 3 times
      Then the first 2 calls fail with code "TOOL_EXECUTION_ERROR"
      And the last call fails with code "CIRCUIT_OPEN"
      And the provider has been reached 2 times

    @GWY-104 @needs.breaker @fault
    Scenario Outline: The provider <trouble>
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider <trouble>
      When the client looks up "lamp" 6 times
      Then the first 5 calls fail with code "<code>"
      And the last call fails with code "CIRCUIT_OPEN"
      And the trouble has happened 5 times

      Examples: Real failures
        | trouble                | code                 |
        | hangs up in its answer | TOOL_EXECUTION_ERROR |
        | answers with garbage   | TOOL_EXECUTION_ERROR |
        | answers with an error  | TOOL_EXECUTION_ERROR |

    @GWY-121 @needs.breaker @fault
    Scenario: The provider is paused
      Given a client of a gateway that opens its breaker after 5 failures and gives a provider 0.1 s
      And the provider is paused
      When the client looks up "lamp" 6 times
      Then the first 5 calls fail with code "TIMEOUT"
      And the last call fails with code "CIRCUIT_OPEN"
      And the trouble has happened 5 times

    @GWY-105 @needs.breaker @fault
    Scenario: The provider is stopped
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider is stopped
      When the client looks up "lamp" 6 times
      Then the first 5 calls fail with code "TOOL_EXECUTION_ERROR"
      And the last call fails with code "CIRCUIT_OPEN"

  Rule: While the breaker is open the provider is left alone

    @GWY-106 @needs.breaker @fault
    Scenario: Calls to a provider that is well again, too early
      Given a client of a gateway whose breaker has opened
      And the provider is well again
      When the client looks up "lamp" 20 times
      Then every call fails with code "CIRCUIT_OPEN" and says when to try again
      And the provider has been reached 0 times since the breaker opened

    @GWY-107 @needs.breaker @fault
    Scenario: For the agreed recovery time
      Given a client of a gateway that opens its breaker after 5 failures for 0.5 s
      And the breaker has opened and the provider is well again
      When the client looks up "lamp" again and again for 0.4 s
      Then every call fails with code "CIRCUIT_OPEN" and says when to try again
      And the provider has been reached 0 times since the breaker opened

    @GWY-108 @needs.breaker @fault
    Scenario: Other tools go on
      Given a client of a gateway whose breaker has opened
      And the provider is well again
      When the client asks for the fast tool
      Then it is answered with "call_tool_res" under its request id
      And the provider has been reached 0 times since the breaker opened

  Rule: After the recovery time a few calls try, and the agreed successes close it

    @GWY-109 @needs.breaker @needs.metrics @smoke @fault
    Scenario: All the way round
      Given a client of a gateway that opens its breaker after 5 failures for 0.4 s
      And the provider resets every connection
      When the breaker opens, the provider is well again and the client goes on looking up "lamp"
      Then the breaker goes closed -> open -> half-open -> closed
      And the client gets "value of lamp"

    @GWY-110 @needs.breaker @fault
    Scenario: A provider that is well again is used again
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s
      And the breaker has opened and the provider is well again
      When 0.4 s have passed and the client looks up "lamp" 12 times
      Then every call gets "value of lamp"
      And the provider has been reached 12 times since the breaker opened

    @GWY-111 @needs.breaker @fault
    Scenario: At most three calls try at a time
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s
      And the breaker has opened and the provider takes 0.4 s from now on
      When 0.4 s have passed and the client looks up "lamp" 6 times at once
      Then 3 calls get "value of lamp" and 3 fail with code "CIRCUIT_OPEN"
      And the provider has been reached 3 times since the breaker opened

    @GWY-112 @needs.breaker @fault
    Scenario: One success is not enough
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s
      And the breaker has opened, and after 0.4 s the provider has answered once
      When the provider resets 1 connection and the client looks up "lamp" 2 times
      Then the first call fails with code "TOOL_EXECUTION_ERROR"
      And the last call fails with code "CIRCUIT_OPEN"

    @GWY-113 @needs.breaker @fault
    Scenario: Two successes are enough
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s
      And the breaker has opened, and after 0.4 s the provider has answered 2 times
      When the provider resets 1 connection and the client looks up "lamp" 2 times
      Then the first call fails with code "TOOL_EXECUTION_ERROR"
      And the last call gets "value of lamp"

    @GWY-114 @needs.breaker @fault
    Scenario: A failed try opens it again, with a fresh recovery time
      Given a client of a gateway that opens its breaker after 5 failures for 0.4 s
      And the breaker has opened, and after 0.5 s a call has failed again
      When the provider is well again and the client looks up "lamp" again and again for 0.25 s
      Then every call fails with code "CIRCUIT_OPEN" and says when to try again
      And the provider has been reached 0 times since the breaker opened

    @GWY-120 @needs.breaker @needs.cancel @fault
    Scenario: Tries that are cancelled leave their places to others
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s
      And the breaker has opened, and after 0.4 s 3 look-ups were cancelled
      When the provider is well again and the client looks up "lamp"
      Then the client gets "value of lamp"

    @GWY-115 @needs.breaker @fault
    Scenario Outline: A provider that <trouble> comes back
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s
      And the provider <trouble> until the breaker has opened
      When 0.4 s have passed and the client looks up "lamp" 3 times
      Then every call gets "value of lamp"
      And the provider has been reached 3 times since the breaker opened

      Examples: Real failures
        | trouble               |
        | is stopped            |
        | resets the connection |

    @GWY-122 @needs.breaker @fault
    Scenario: A provider that was paused comes back
      Given a client of a gateway that opens its breaker after 5 failures for 0.3 s and gives a provider 0.15 s
      And the provider is paused until the breaker has opened
      When 0.4 s have passed and the client looks up "lamp" 3 times
      Then every call gets "value of lamp"
      And the provider has been reached 3 times since the breaker opened

  Rule: A mistake of the caller is no failure of the provider

    @GWY-116 @needs.breaker @fault
    Scenario Outline: The caller <mistake>
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider has failed 4 times
      When the client <mistake> 3 times and then looks up "lamp" of a provider that is well again
      Then the client gets "value of lamp"

      Examples: Mistakes
        | mistake                            |
        | looks up nothing                   |
        | calls a tool that is not           |
        | cancels a look-up                  |

    @GWY-117 @needs.breaker @fault
    Scenario: A mistake is no success either
      Given a client of a gateway that opens its breaker after 5 failures
      And the provider has failed 4 times
      When the client looks up nothing and then looks up "lamp" 2 times of a provider that resets every connection
      Then the first call fails with code "TOOL_EXECUTION_ERROR"
      And the last call fails with code "CIRCUIT_OPEN"

  Rule: One provider's breaker is not another's

    @GWY-118 @needs.breaker @needs.second_provider @fault
    Scenario: One of two providers is in trouble
      Given a client of a gateway with two providers, of which the first has made its breaker open
      And the second provider is well
      When the client looks up "lamp" of the second provider 5 times
      Then every call gets "value of lamp"
      And the first provider's breaker is still open

    @GWY-119 @needs.breaker @needs.second_provider @fault
    Scenario: The second of two providers is in trouble
      Given a client of a gateway with two providers, of which the second has made its breaker open
      And the first provider is well
      When the client looks up "lamp" of the first provider 5 times
      Then every call gets "value of lamp"
      And the second provider's breaker is still open
