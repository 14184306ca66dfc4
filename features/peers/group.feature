@peers
Feature: A group is who was put into it
  Whoever sets up a garage says which chargers belong together. That list is kept exactly, and no charger outside of it is touched.

  Rule: A charger that is added is in the group, once

    @PEE-60 @needs.group @smoke
    Scenario: A charger is added
      Given 2 chargers
      When the first is asked to add the last
      Then it says "done" with code 200
      And it lists the last as a member
      And each entry of its list is complete

    @PEE-61 @needs.group
    Scenario: A charger is added twice
      Given 2 chargers
      And the first has added the last
      When the first is asked to add the last
      Then it says "already in group" with code 200
      And it lists 1 member

    @PEE-62 @needs.group
    Scenario: Hosts are added by address and by name
      Given a charger
      When it is asked to add the hosts
        | host             |
        | 127.0.0.77       |
        | 127.0.0.77:20001 |
        | [::1]:20001      |
        | garage-7.local   |
      Then it says "done" with code 200 each time
      And it lists each of them as a member

    @PEE-63 @needs.group
    Scenario: Capitals make no other host
      Given a charger
      And it has added the host "Garage-7.local"
      When it is asked to add the host "gARAGE-7.LOCAL"
      Then it says "already in group" with code 200
      And it lists 1 member

    @PEE-64 @needs.group @needs.discovery @needs.multicast
    Scenario: A charger that was found and is added stands in the list once
      Given 2 chargers that know each other
      When the first is asked to add the last
      Then it lists 1 member and nobody else
      And it lists the last as a member

  Rule: What cannot be added is refused with its reason

    @PEE-65 @needs.group @smoke
    Scenario: Hosts that are none are refused
      Given a charger
      When it is asked to add
        | what                             |
        | a host in words that are no data |
        | nothing                          |
        | an empty host                    |
        | a host of blanks                 |
        | the host "garage"                |
        | itself                           |
      Then it refuses each time with code 400 and says
        | reason                                          |
        | Invalid JSON                                    |
        | Missing required 'host' parameter               |
        | Host cannot be empty                            |
        | Host cannot be empty                            |
        | Invalid host format - must contain domain or IP |
        | Cannot add local device as peer                 |
      And it lists 0 members

    @PEE-66 @needs.group @needs.full_group
    Scenario: The group is full
      Given a charger
      And it has added 7 hosts
      When it is asked to add the host "127.0.0.99"
      Then it refuses with code 409
      And it lists 7 members

    @PEE-67 @needs.group @needs.load_sharing
    Scenario Outline: A member is asked to <change>
      Given a member
      When it is asked to <change>
      Then it refuses with code 403 and says "Load sharing configuration is read-only on members"
      And it lists 0 members

      Examples: Changes
        | change                      |
        | add the host "127.0.0.77"   |
        | remove the host "127.0.0.77" |

  Rule: A charger that is removed is not in the group

    @PEE-70 @needs.group @smoke
    Scenario: A member is removed
      Given 2 chargers
      And the first has added the last
      When the first is asked to remove the last
      Then it says "done" with code 200
      And it lists 0 members

    @PEE-71 @needs.group @smoke
    Scenario: Somebody unknown is removed
      Given a charger
      When it is asked to remove the host "127.0.0.77"
      Then it refuses with code 404 and says "Peer not found"

    @PEE-72 @needs.group
    Scenario: Hosts are removed by other spellings
      Given a charger
      And it has added the hosts
        | host             |
        | 127.0.0.77:20001 |
        | 127.0.0.77:20002 |
        | [::1]:20001      |
        | garage-7.local   |
      When it is asked to remove the hosts
        | host                  |
        | 127.0.0.77:20001      |
        | 127.0.0.77%3A20002    |
        | %5B%3A%3A1%5D%3A20001 |
        | GARAGE-7.LOCAL        |
      Then it says "done" with code 200 each time
      And it lists 0 members

    @PEE-73 @needs.group
    Scenario: A charger is asked to remove itself
      Given a charger
      When it is asked to remove itself
      Then it refuses with code 400

    @PEE-74 @needs.group
    Scenario: A charger is asked to remove nobody
      Given a charger
      When it is asked to remove nobody in particular
      Then it refuses with code 405

    @PEE-75 @needs.group @needs.discovery @needs.multicast
    Scenario: A removed charger that is still there stays in the list
      Given 2 chargers that know each other
      And the first has added the last
      When the first is asked to remove the last
      Then it still lists the last, as no member
      And it lists all the others as online within 2 s

    @PEE-76 @needs.group
    Scenario: A removed host that nobody sees is gone
      Given a charger
      And it has added the host "127.0.0.77"
      When it is asked to remove the host "127.0.0.77"
      Then it lists itself and nobody else

  Rule: Adding is mutual, and the end of it

    @PEE-80 @needs.group @needs.reciprocal @smoke
    Scenario: Who is added adds, too
      Given 2 chargers
      When the first is asked to add the last and to be added there
      Then the last lists the first as a member within 3 s

    @PEE-81 @needs.group @needs.reciprocal
    Scenario: Nobody is asked twice
      Given a charger and a quiet host
      When it is asked to add the quiet host and to be added there
      Then the quiet host is asked once to add the charger, and not to be added back

    @PEE-82 @needs.group @needs.reciprocal
    Scenario: Who is removed removes, too
      Given 2 chargers that have added each other
      When the first is asked to remove the last
      Then the last lists 0 members within 3 s

    @PEE-83 @needs.group @smoke
    Scenario: Nothing is sent to somebody who was never added
      Given a charger and a quiet host
      When it is asked to remove the quiet host
      Then it refuses with code 404 and says "Peer not found"
      And the quiet host has heard nothing for 0.5 s

  Rule: A group survives

    @PEE-84 @needs.group @needs.persistence @needs.restart @smoke
    Scenario: A charger is stopped and started again
      Given a charger
      And it has added the hosts "127.0.0.77" and "garage-7.local"
      When it is stopped and started again
      Then it lists the host "127.0.0.77" as a member
      And it lists the host "garage-7.local" as a member
      And it lists 2 members

    @PEE-85 @needs.group @needs.persistence @needs.restart @fault
    Scenario: A charger loses its power just after it has answered
      Given a charger
      When it loses its power right after it has added "127.0.0.77", and comes back
      Then it lists the host "127.0.0.77" as a member
      And it lists 1 member

    @PEE-86 @needs.group @needs.persistence @needs.restart @fault
    Scenario: A charger loses its power again and again while its group changes
      Given a charger
      And it has added the host "127.0.0.77"
      When it loses its power 3 times while hosts are added and removed
      Then each time it comes back with the group that it had before or after the change

    @PEE-87 @needs.group @needs.persistence @needs.restart @fault
    Scenario: What a charger has kept is spoilt
      Given a charger
      And it has added the host "127.0.0.77"
      When it is stopped, its kept group is spoilt, and it is started again
      Then it lists itself and nobody else
      And it can be asked to add the host "127.0.0.78"
