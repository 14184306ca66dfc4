@gateway
Feature: A gateway limits how often it is asked
  A client in an endless loop must not wear out the tools, and must be told what is happening to it.

  Rule: A session may ask so often at once, and no more

    @GWY-140 @needs.rate @smoke
    Scenario: The fifty-first request of a session
      Given a connected client of a gateway that lets a session ask 50 times at once and 1 time a second
      When the client uses the fast tool 51 times without a pause
      Then 50 calls are answered and 1 is refused with code "OVER_CAPACITY"
      And every call was answered under its own request id

    @GWY-141 @needs.rate
    Scenario: What was used up comes back at the agreed pace
      Given a connected client of a gateway that lets a session ask 4 times at once and 4 times a second
      And the client has used up all it may ask
      When the client waits for 0.6 s and uses the fast tool 4 times without a pause
      Then as many calls are answered as have come back in that time
      And every other call is refused with code "OVER_CAPACITY"

    @GWY-142 @needs.rate
    Scenario: More than the agreed number is never saved up
      Given a connected client of a gateway that lets a session ask 4 times at once and 10 times a second
      And the client has used the fast tool
      And the client has been quiet for 0.7 s
      When the client uses the fast tool 30 times without a pause
      Then no more calls are answered than the agreed number and what has come back meanwhile
      And every other call is refused with code "OVER_CAPACITY"

    @GWY-143 @needs.rate
    Scenario: One session's limit does not concern another
      Given clients "Ada" and "Ben" of a gateway that lets a session ask 5 times at once and 1 time a second
      And "Ada" has used up all it may ask
      When "Ben" uses the fast tool 5 times without a pause
      Then 5 calls are answered and 0 are refused
      And every call was answered under its own request id

    @GWY-144 @needs.rate
    Scenario: A limited client stays connected
      Given a connected client of a gateway that lets a session ask 5 times at once and 5 times a second
      And the client has used up all it may ask
      When the client waits for 0.4 s and uses the fast tool
      Then that call is answered
      And the client is still connected

  Rule: All sessions of an address may ask so often at once, and no more

    @GWY-145 @needs.rate
    Scenario: The hundred and first request from an address
      Given 5 clients of a gateway that lets an address ask 100 times at once and 1 time a second
      When each client uses the fast tool 20 times without a pause, and one of them once more
      Then 100 calls are answered and 1 is refused with code "OVER_CAPACITY"
      And every call was answered under its own request id

  Rule: All sessions of all addresses may ask so often at once, and no more

    @GWY-146 @needs.rate
    Scenario: One request too many in all
      Given 3 clients of a gateway that lets all together ask 30 times at once and 1 time a second
      When each client uses the fast tool 10 times without a pause, and one of them once more
      Then 30 calls are answered and 1 is refused with code "OVER_CAPACITY"
      And every call was answered under its own request id

  Rule: Nobody is limited where nothing is agreed

    @GWY-147
    Scenario: Many requests without limits
      Given a connected client of a gateway without rate limits
      When the client uses the fast tool 300 times, 4 at a time
      Then 300 calls are answered and 0 are refused
      And every call was answered under its own request id
