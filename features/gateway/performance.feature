@gateway
Feature: The gateway is quick
  Every call of an assistant goes through the gateway. What it adds must not be felt. A bare echo in the same run shows how
  fast this machine can be at all.

  Rule: A client is let in before anybody notices

    @GWY-180 @performance
    Scenario: Fifty clients, one after the other
      Given a gateway
      When 50 clients say hello and goodbye, one after the other
      Then every one of them was let in
      And half of them took less than 5 ms

  Rule: Calls are answered at a good part of the speed of a bare echo

    @GWY-181 @performance
    Scenario: One call at a time
      Given a gateway without any limits, and a bare echo beside it
      When a client calls the fast tool for 0.3 s, one call at a time
      Then every call was answered
      And the gateway answers at least 0.5 times as many calls as the bare echo

    @GWY-182 @performance
    Scenario: Five clients, one call at a time each
      Given a gateway without any limits, and a bare echo beside it
      When 5 clients call the fast tool for 0.3 s, one call at a time each
      Then every call was answered
      And the gateway answers at least 0.5 times as many calls as the bare echo

    @GWY-183 @performance
    Scenario: Sixty-four calls on the way at any time
      Given a gateway without any limits, and a bare echo beside it
      When a client calls the fast tool for 0.3 s, with 64 calls on the way
      Then every call was answered
      And the gateway answers at least 0.5 times as many calls as the bare echo
      And it answers at least 20,000 calls a second

  Rule: A blocked call costs nothing

    @GWY-184 @performance @needs.breaker @fault
    Scenario: Calls while the breaker is open
      Given a client of a gateway whose breaker has opened
      And the provider is well again
      When the client looks up "lamp" 20 times
      Then every call fails with code "CIRCUIT_OPEN" and says when to try again
      And half of the answers came in less than 5 ms

  Rule: The gateway's memory does not grow

    @GWY-185 @performance @slow @beyond @needs.restart
    Scenario: A hundred thousand calls
      Given a gateway without any limits, which keeps answers for 0.1 s
      When a client calls the fast tool 100,000 times, with 64 calls on the way
      Then every call was answered
      And its memory has grown by less than 5 % from call 20,000 to call 100,000

    @GWY-186 @performance @slow @needs.restart
    Scenario: A thousand clients that are quiet
      Given a gateway that allows 1,000 connections from one address
      When 1,000 clients say hello
      Then all 1,000 clients are let in
      And the gateway takes less than 150 MB
