@gateway
Feature: Connections come and go
  Links drop and programs are restarted. Whatever way a client goes, it must find the gateway as it left it.

  Rule: A client that went can come back

    @GWY-90
    Scenario Outline: A client <goes> and comes back
      Given a client behind a link
      And the client has used the fast tool
      When the client <goes> and comes back
      Then the client is let in
      And the client can use the fast tool

      Examples: Ways to go
        | goes                         |
        | says goodbye                 |
        | loses its link               |
        | goes without a word          |

    @GWY-91 @needs.slow @fault
    Scenario: A client's lost link does not concern the others
      Given clients "Ada" and "Ben", each behind a link
      And "Ada" has called the slow tool for 0.3 s
      When the link of "Ben" is cut
      Then the slow call is answered, too
      And "Ada" can use the fast tool

    @GWY-92 @needs.metrics
    Scenario: Fifty times in a row
      Given a gateway whose figures are known
      When a client comes and goes 50 times in a row
      Then it was let in 50 times
      And the gateway counts 50 connections and 0 that are still there

  Rule: A gateway that shuts down first answers what is under way

    @GWY-93 @needs.shutdown @needs.slow
    Scenario: A call is under way
      Given a connected client
      And the client has called the slow tool for 0.3 s
      When the gateway is told to shut down
      Then the slow call is answered, too
      And the client is closed with code 1001, after the answer

    @GWY-94 @needs.shutdown
    Scenario: Nothing is under way
      Given 3 clients
      And a further client has connected and said nothing
      When the gateway is told to shut down
      Then each client is closed with code 1001
      And the gateway has ended within 5 s

    @GWY-95 @needs.shutdown @needs.slow
    Scenario: A call takes longer than the gateway waits
      Given a connected client of a gateway that waits 0.6 s for calls when it shuts down
      And the client has called the slow tool for 30 s
      When the gateway is told to shut down
      Then the client is closed with code 1001
      And the gateway has ended within 1.1 s

    @GWY-96 @needs.shutdown @needs.slow @needs.provider
    Scenario: Several calls of several clients are under way
      Given clients "Ada" and "Ben" of a gateway with a provider that takes 0.4 s
      And "Ada" has called the slow tool for 0.3 s
      And "Ben" has begun to look up "lamp" under request id "r-1"
      When the gateway is told to shut down
      Then the slow call is answered, too
      And "Ben" gets "value of lamp"

    @GWY-97 @needs.restart
    Scenario: A client finds the gateway again after a restart
      Given a connected client
      And the client has used the fast tool
      When the gateway is restarted and the client comes back
      Then the client is let in
      And the client can use the fast tool
