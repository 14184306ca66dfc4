@gateway
Feature: A long call can be followed and stopped
  Who waits for something long wants to see that it goes on, and to be able to call it off.

  Rule: Progress is told step by step

    @GWY-60 @needs.progress
    Scenario: A call in four steps
      Given a connected client
      When the client calls the tool with 4 steps of 0.1 s
      Then progress is told 4 times, in order, before the answer
      And the first progress is told in the first half of the call

    @GWY-61 @needs.progress
    Scenario: Two calls in steps at once
      Given a connected client
      When the client calls the tool with 3 steps of 0.1 s twice at once
      Then each call is told its progress 3 times, in order, before its answer
      And nothing else has arrived

  Rule: A cancelled call ends at once

    @GWY-62 @needs.cancel @needs.slow @smoke
    Scenario: A client cancels its slow call
      Given a connected client
      And the client has called the slow tool for 8 s
      When the client cancels the slow call
      Then the cancelling is confirmed
      And the slow call fails with code "CANCELLED" within 2 s

    @GWY-63 @needs.cancel @needs.slow
    Scenario: Only the call that is meant is cancelled
      Given a connected client
      And the client has called the slow tool for 8 s and, beside it, for 0.4 s
      When the client cancels the first of the two
      Then the first fails with code "CANCELLED" within 2 s
      And the second is answered as if nothing had been

    @GWY-64 @needs.cancel @needs.slow
    Scenario: A client cannot cancel what is another's
      Given clients "Ada" and "Ben"
      And "Ada" has called the slow tool for 0.3 s
      When "Ben" cancels the call of "Ada"
      Then the cancelling is declined
      And the slow call is answered, too

    @GWY-65 @needs.cancel
    Scenario: A call that is over cannot be cancelled
      Given a connected client
      And the client has used the fast tool
      When the client cancels that call
      Then the cancelling is declined
      And nothing else has arrived

    @GWY-66 @needs.cancel @needs.slow @needs.capacity
    Scenario: A cancelled call leaves its place to another
      Given a connected client of a gateway that runs 1 call of a session at a time
      And the client has called the slow tool for 8 s
      When the client cancels the slow call and then uses the fast tool
      Then the cancelling is confirmed
      And the fast tool has answered
