@gateway
Feature: Only a client that proves the token gets in
  The tools behind the gateway act on real systems. Whoever runs it must know that nobody reaches them without the token.

  Rule: A client that proves the token gets a session

    @GWY-01 @smoke
    Scenario: A client says hello
      Given a gateway
      When a client says hello
      Then the client is let in
      And the client can use the fast tool

    @GWY-02
    Scenario Outline: A client names its session: <name>
      Given a gateway
      When a client says hello as session "<name>"
      Then the client is let in as session "<name>"
      And the client can use the fast tool

      Examples: Names that are allowed
        | name                                                             |
        | abc                                                              |
        | Night-Shift_7                                                    |
        | 0123456789012345678901234567890123456789012345678901234567890123 |

    @GWY-03
    Scenario: Sessions without a name are told apart
      Given a gateway
      When 8 clients say hello
      Then all 8 clients are let in
      And no two of them have the same session

  Rule: A first frame that is no proper hello is refused with a code of its own

    @GWY-04 @smoke
    Scenario Outline: A client opens with <opening>
      Given a gateway
      When a client opens with <opening>
      Then the client is told "<error>" and closed with code <code>
      And the client was never let in

      Examples: The token is not proved
        | opening                                       | error        | code |
        | a hello with a wrong token                    | unauthorized | 4003 |
        | a hello without a token                       | unauthorized | 4003 |
        | a hello with an empty token                   | unauthorized | 4003 |
        | a hello with a number for a token             | unauthorized | 4003 |
        | a hello with the token less its last letter   | unauthorized | 4003 |
        | a hello with the token and one more letter    | unauthorized | 4003 |
        | a hello with the token in other letters' case | unauthorized | 4003 |

    @GWY-05
    Scenario: Clients open with what is no object
      Given a gateway
      When clients open with each of these
        | opening                      |
        | words that are no frame      |
        | an empty frame               |
        | half a hello                 |
        | a list around a proper hello |
        | the token alone              |
      Then each of them is told "invalid_hello" and closed with code 4000
      And none of them was ever let in

    @GWY-15
    Scenario: Clients open in another dialect, with the right token in it
      Given a gateway
      When clients open with each of these
        | opening                                   |
        | a ping that carries the token             |
        | a tool call that carries the token        |
        | a hello of another dialect with the token |
        | a hello in capitals with the token        |
        | a frame that says nothing but the token   |
      Then each of them is told "missing_hello" and closed with code 4001
      And none of them was ever let in

    @GWY-06
    Scenario: Clients name their sessions as is not allowed
      Given a gateway
      When clients open with each of these
        | opening                                          |
        | a hello with a session of 2 letters              |
        | a hello with a session of 65 letters             |
        | a hello with a session that has a dot in it      |
        | a hello with a session that has a space in it    |
        | a hello with a session that has an umlaut        |
        | a hello with a session of no letters             |
        | a hello with a session that ends in a line's end |
        | a hello with a session that is a number          |
      Then each of them is told "invalid_session_id" and closed with code 4000
      And none of them was ever let in

    @GWY-07
    Scenario: A client that says nothing is closed after the agreed time
      Given a gateway that waits 0.5 s for a hello
      When a client connects and says nothing
      Then the client is closed with code 4002 after 0.5 s and within 0.9 s
      And the client was told nothing

    @GWY-16
    Scenario: A client that only shows that it is alive is closed, too
      Given a gateway that waits 0.5 s for a hello
      When a client connects and does nothing but show that it is alive
      Then the client is closed with code 4002 after 0.5 s and within 0.9 s
      And the client was told nothing

    @GWY-08
    Scenario: A client that said hello in time is not closed later
      Given a gateway that waits 0.3 s for a hello
      When a client says hello and is quiet for 0.6 s
      Then the client is let in
      And the client can use the fast tool

    @GWY-09
    Scenario: A first frame beyond the agreed size
      Given a gateway that takes frames of up to 65,536 bytes
      When a client opens with a hello of 65,537 bytes
      Then the client is closed with code 1009
      And the client was told nothing

  Rule: Nobody is refused for what another one did

    @GWY-10
    Scenario: A client with a wrong token does not disturb the others
      Given a gateway
      And a client "Ada" with a call under way
      When a client opens with a hello with a wrong token
      Then the client is closed with code 4003
      And the call of "Ada" is answered

    @GWY-11
    Scenario: A refused client comes back with the right token
      Given a gateway
      And a client that was refused for a wrong token
      When a client says hello
      Then the client is let in
      And the client can use the fast tool

  Rule: The token stays secret and is never too short

    @GWY-12 @needs.logs
    Scenario: The token is in no log
      Given a gateway
      And clients have opened in every way, with and without the right token
      When a client says hello
      Then the client is let in
      And the token is nowhere in the gateway's log

    @GWY-13 @needs.restart
    Scenario Outline: A gateway with a token of <count> letters does not start
      Given a gateway that is not started yet
      When somebody starts the gateway with a token of <count> letters
      Then the gateway has ended within 5 s and reports a failure

      Examples: Too short
        | count |
        | 15    |
        | 0     |

    @GWY-14 @needs.restart
    Scenario: A token of 16 letters is long enough
      Given a gateway whose token has 16 letters
      When a client says hello
      Then the client is let in
      And the client can use the fast tool
