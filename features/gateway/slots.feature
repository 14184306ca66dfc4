@gateway
Feature: A gateway has a limited number of places
  One careless client must not lock out everybody else, and a place must not be lost because its owner vanished.

  Rule: Clients beyond the agreed number from one address are turned away

    @GWY-20 @smoke
    Scenario: The eleventh client of an address
      Given a gateway that allows 10 connections from one address
      And 10 clients are let in
      When a client connects
      Then the client is closed with code 1008 and told why
      And all 10 clients can use the fast tool

    @GWY-21
    Scenario: A place is taken before anything is said
      Given a gateway that allows 10 connections from one address
      And 10 clients have connected and said nothing
      When a client connects
      Then the client is closed with code 1008 and told why
      And the others are still connected

    @GWY-22
    Scenario: The limit of one address does not concern another
      Given a gateway that allows 10 connections from one address
      And 10 clients are let in
      When a client at another address says hello
      Then the client is let in
      And the client can use the fast tool

    @GWY-23
    Scenario: Who is turned away disturbs nobody
      Given a gateway that allows 10 connections from one address
      And 10 clients are let in, each with a call under way
      When 5 more clients connect
      Then each of the 5 is closed with code 1008 and told why
      And every call under way is answered

  Rule: Clients beyond the agreed number in all are turned away

    @GWY-24
    Scenario: One client too many in all
      Given a gateway that allows 4 connections in all
      And 4 clients are let in
      When a client connects
      Then the client is closed with code 1008 and told why
      And all 4 clients can use the fast tool

    @GWY-25
    Scenario: The limit of all counts every address
      Given a gateway that allows 4 connections in all
      And 4 clients are let in
      When a client at another address connects
      Then the client is closed with code 1008 and told why
      And all 4 clients can use the fast tool

  Rule: A place is free as soon as its owner is gone

    @GWY-26
    Scenario Outline: The owner of a place <goes>
      Given a gateway that allows 10 connections from one address
      And 10 clients are let in
      When one of the clients <goes> and another one says hello
      Then it is let in within 0.4 s
      And the client can use the fast tool

      Examples: Ways to go
        | goes                |
        | says goodbye        |
        | breaks the link off |
        | resets the link     |

    @GWY-27
    Scenario: Refused clients leave no place taken
      Given a gateway that allows 10 connections from one address
      And 20 clients have come with a wrong token, one after the other
      When 10 clients say hello
      Then all 10 clients are let in
      And all 10 clients can use the fast tool

    @GWY-28
    Scenario: Many come and go through few places
      Given a gateway that allows 10 connections from one address
      And 20 clients have come and gone, one after the other
      When 10 clients say hello
      Then all 10 clients are let in
      And a further client is closed with code 1008

    @GWY-29
    Scenario: A client that was turned away takes no place
      Given a gateway that allows 10 connections from one address
      And 10 clients are let in
      And 10 more clients were turned away
      When one of the clients says goodbye and another one says hello
      Then it is let in within 0.4 s
      And a further client is closed with code 1008
