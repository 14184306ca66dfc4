@gateway
Feature: A gateway takes on what it can carry
  A gateway that accepts everything is slow for everybody. One that says at once "not now" lets its callers decide.

  Rule: A session has the agreed number of calls under way, and no more

    @GWY-130 @needs.capacity @needs.slow @smoke
    Scenario: The ninth call of a session
      Given a connected client
      And the client has 8 calls of the slow tool under way
      When the client calls the slow tool once more
      Then the call is refused at once with code "OVER_CAPACITY" and told when to try again
      And all 8 calls under way are answered

    @GWY-131 @needs.capacity @needs.slow
    Scenario: A place that has become free
      Given a connected client
      And the client has 8 calls of the slow tool under way
      When they are answered and the client calls the slow tool 8 times more
      Then all 8 calls under way are answered
      And no call was refused

    @GWY-132 @needs.capacity @needs.slow
    Scenario: A full session does not concern another
      Given clients "Ada" and "Ben"
      And "Ada" has 8 calls of the slow tool under way
      When "Ben" calls the slow tool
      Then the call of "Ben" is answered
      And all 8 calls under way are answered

    @GWY-133 @needs.capacity @needs.slow
    Scenario: A full session still answers what is no call
      Given a connected client
      And the client has 8 calls of the slow tool under way
      When the client asks for a ping
      Then it is answered with "pong" before the slow call is
      And all 8 calls under way are answered

  Rule: All sessions together have the agreed number of calls under way, and no more

    @GWY-134 @needs.capacity @needs.slow
    Scenario: The twenty-fifth call
      Given 4 clients
      And each of the first 3 has 8 calls of the slow tool under way
      When the last client calls the slow tool once more
      Then the call is refused at once with code "OVER_CAPACITY" and told when to try again
      And all 24 calls under way are answered

    @GWY-135 @needs.capacity @needs.slow
    Scenario: The twenty-fourth call
      Given 4 clients
      And the first 3 have 8, 8 and 7 calls of the slow tool under way
      When the last client calls the slow tool once more
      Then that call is answered
      And all 23 calls under way are answered

    @GWY-136 @needs.capacity @needs.slow
    Scenario: A failed or refused call takes no place
      Given a connected client of a gateway that runs 2 calls of a session at a time, without rate limits
      And the client has made 60 calls that failed and 5 that were refused
      When the client calls the slow tool 2 times at once
      Then all 2 calls under way are answered
      And nothing else has arrived
