@peers
Feature: Chargers find each other
  Nobody wants to type addresses in a garage. Chargers on one network know of each other, and of who has gone.

  Rule: Each charger finds all the others

    @PEE-40 @needs.discovery @needs.multicast @smoke
    Scenario Outline: <count> chargers look for each other
      Given <count> chargers
      When each is asked to look for the others
      Then each lists all the others as online within 2 s
      And each lists itself once, first and as local
      And nobody is in a group

      Examples: How many
        | count |
        | 2     |
        | 3     |
        | 4     |

    @PEE-41 @needs.discovery @needs.multicast
    Scenario: A charger is asked to look for others
      Given 2 chargers
      When one is asked to look for the others
      Then it says "done" at once
      And it lists all the others as online within 2 s

    @PEE-42 @needs.discovery @needs.multicast
    Scenario: A newcomer is seen by all
      Given 2 chargers that know each other
      When a further charger starts
      Then each lists all the others as online within the time of discovery
      And each lists itself once, first and as local

    @PEE-43 @needs.discovery @needs.renaming @needs.multicast @beyond
    Scenario: Two chargers wish for the same name
      Given 2 chargers that both want to be called "garage"
      When each is asked to look for the others
      Then each lists all the others as online within 3 s
      And no two of them have the same name or id

    @PEE-44 @needs.discovery @needs.multicast
    Scenario: What a charger says of itself on the network is true
      Given a charger
      When somebody listens on the network
      Then the charger is found within 3 s
      And its advertisement tells its id, version, type and port

    @PEE-45 @needs.discovery @needs.multicast
    Scenario: A charger answers while it looks for others
      Given 2 chargers
      When one is asked to look for the others 20 times in a row
      Then it says "done" at once each time
      And the charger still answers within 1 s

    @PEE-46 @needs.discovery @needs.multicast @slow
    Scenario: Sixteen chargers look for each other
      Given 16 chargers
      When each is asked to look for the others
      Then each lists all the others as online within 5 s
      And each lists itself once, first and as local

    @PEE-47 @needs.discovery @needs.multicast @performance
    Scenario: Looking takes less than a second
      Given 4 chargers
      When each is asked to look for the others
      Then each lists all the others as online, in less than 1 s

  Rule: Who has gone is not listed as online

    @PEE-50 @needs.discovery @needs.multicast @needs.restart @smoke
    Scenario: A charger that ends says goodbye
      Given 3 chargers that know each other
      When the last one is told to end
      Then nobody lists it as online within 2 s

    @PEE-54 @needs.discovery @needs.multicast @needs.restart
    Scenario: A goodbye is heard on the network
      Given a charger
      And somebody has heard it on the network
      When it is told to end
      Then its goodbye is heard on the network within 2 s

    @PEE-51 @needs.discovery @needs.multicast @needs.group @fault
    Scenario: A member of the group that dies is offline
      Given 3 chargers that know each other
      And the first has added the last
      When the last one dies
      Then the first lists it as a member that is offline within the heartbeat time

    @PEE-53 @needs.discovery @needs.multicast @needs.group @fault
    Scenario: A member of the group that hangs is offline
      Given 2 chargers that know each other
      And the first has added the last
      When the last one hangs
      Then the first lists it as a member that is offline within the heartbeat time

    @PEE-52 @needs.discovery @needs.multicast @needs.group @needs.restart
    Scenario: A member of the group that comes back is online
      Given 2 chargers that know each other
      And the first has added the last
      And the last one has died
      When the last one starts again
      Then the first lists it as a member that is online within the time of discovery
