@peers
Feature: A group shares one circuit
  The fuse allows what it allows. Everybody gets a fair part of it, nobody is forgotten, and it is never exceeded.

  Rule: Who charges shares equally what the circuit allows

    @PEE-100 @needs.load_sharing @needs.serial @smoke
    Scenario: Two charge
      Given a group of 2 chargers on 32 A
      When both vehicles charge
      Then the first and the last are given 16 A each, as "equal_share"
      And the vehicles draw 16 A each

    @PEE-101 @needs.load_sharing @needs.serial
    Scenario: A part of the circuit is kept free
      Given a group of 2 chargers on 41 A, of which 0.8 may be used
      When both vehicles charge
      Then the first and the last are given 16.4 A each, as "equal_share"

    @PEE-102 @needs.load_sharing @needs.serial
    Scenario: One is connected and one charges
      Given a group of 2 chargers on 32 A
      When the first vehicle charges and the last one is only connected
      Then the first is given 32 A, as "equal_share"
      And the last is given 6 A, as "connected_min"
      And the last vehicle draws nothing

    @PEE-103 @needs.load_sharing @needs.serial
    Scenario: Nobody asks
      Given a group of 2 chargers on 32 A
      When the group has been left alone for a cycle
      Then the first and the last are given 0 A each, as "idle"
      And every member is in the plan once

    @PEE-108 @needs.load_sharing @needs.serial
    Scenario: A controller tells how its group is
      Given a group of 2 chargers on 32 A
      When the first vehicle charges and the last one is only connected
      Then the first is given 32 A, as "equal_share"
      And the controller's account of the group is complete
      And it counts 2 chargers as online and 0 as offline

    @PEE-109 @needs.load_sharing @needs.serial @slow
    Scenario: Three share what cannot be divided evenly
      Given a group of 3 chargers on 32 A
      When all vehicles charge
      Then each is given 10.66 to 10.67 A, as "equal_share"
      And every vehicle draws something
      And all together draw more than 32 A for no longer than a cycle

    @PEE-104 @needs.load_sharing @needs.serial
    Scenario: What a vehicle does not use goes to the other
      Given a group of 2 chargers on 32 A
      And both vehicles charge
      When the last vehicle draws 8 A at most
      Then the first vehicle draws at least 22 A within two cycles
      And all together never draw more than 32 A

    @PEE-105 @needs.load_sharing @needs.serial
    Scenario: A vehicle that has gone leaves its part to the other
      Given a group of 2 chargers on 32 A
      And both vehicles charge
      When the last vehicle goes
      Then the first vehicle draws at least 31 A within two cycles

    @PEE-106 @needs.load_sharing @needs.serial
    Scenario: A vehicle that comes gets its part
      Given a group of 2 chargers on 32 A
      And the first vehicle charges with 32 A
      When the last vehicle charges, too
      Then the vehicles draw 16 A each
      And all together draw more than 32 A for no longer than a cycle

    @PEE-107 @needs.load_sharing @needs.serial
    Scenario: Nothing changes while nothing changes
      Given a group of 2 chargers on 32 A
      And both vehicles charge with 16 A
      When the group has been left alone for 4 cycles
      Then what they were given has not moved by more than 0.5 A
      And the vehicles draw 16 A each

  Rule: Where it does not suffice for all, the order decides

    @PEE-110 @needs.load_sharing @needs.serial @smoke
    Scenario: 10 A for two
      Given a group of 2 chargers on 10 A
      When both vehicles ask for current
      Then one is given 6 A, as "min_subset", and the other 0 A, as "insufficient"
      And only one vehicle draws

    @PEE-111 @needs.load_sharing @needs.serial
    Scenario Outline: The <favoured> is more important
      Given a group of 2 chargers on 10 A, of which the <favoured> is more important
      When both vehicles ask for current
      Then the <favoured> is given 6 A, as "min_subset"
      And the <other> is given 0 A, as "insufficient"

      Examples: Who is more important
        | favoured | other |
        | first    | last  |
        | last     | first |

    @PEE-112 @needs.load_sharing @needs.serial
    Scenario: Equals take turns
      Given a group of 2 chargers on 10 A, who take turns every 1 s
      When both vehicles ask for current
      Then each vehicle has drawn within 8 s
      And the two never draw at the same time for longer than a cycle

    @PEE-113 @needs.load_sharing @needs.serial @slow
    Scenario: Who is more important keeps the turn
      Given a group of 2 chargers on 10 A, of which the last is more important, who take turns every 1 s
      When both vehicles ask for current
      Then the last vehicle draws 6 A and the first one nothing, for 2 s

    @PEE-114 @needs.load_sharing @needs.serial
    Scenario: Who had to wait is served when current returns
      Given a group of 2 chargers on 10 A, of which the first is more important
      And both vehicles ask for current and the last one waits
      When the first vehicle goes
      Then the last vehicle draws at least 9 A within two cycles

  Rule: Who cannot be heard is reckoned with

    @PEE-115 @needs.load_sharing @needs.serial @needs.failsafe @fault @smoke
    Scenario: One of three is offline
      Given a group of 3 chargers on 32 A
      And the first vehicle charges
      When the last one dies
      Then the first is given 26 A, as "equal_share", within the heartbeat time
      And the last is given nothing more, as "offline"
      And it counts 2 chargers as online and 1 as offline

    @PEE-116 @needs.load_sharing @needs.serial @needs.failsafe @fault
    Scenario: Rather nobody than too much
      Given a group of 2 chargers on 32 A that stop when one is offline
      And the first vehicle charges
      When the last one dies
      Then the first vehicle draws nothing within the heartbeat time

    @PEE-117 @needs.load_sharing @needs.serial @needs.failsafe @needs.restart @fault
    Scenario: Who comes back counts again
      Given a group of 2 chargers on 32 A
      And the first vehicle charges
      And the last one has died
      When the last one starts again
      Then the first is given 32 A, as "equal_share", within the heartbeat time

  Rule: The group's rules are kept and changed whole

    @PEE-118 @needs.load_sharing
    Scenario: Rules of a group are set
      Given a charger
      When its rules are set, one after the other
        | rule                          | value |
        | group_max_current             | 63    |
        | safety_factor                 | 0.8   |
        | heartbeat_timeout             | 60    |
        | priority                      | 3     |
        | rotation_interval             | 0     |
        | failsafe_peer_assumed_current | 10    |
      Then it says each time that it has changed
      And its rules are what they were set to
      And setting them again changes nothing

    @PEE-119 @needs.load_sharing
    Scenario: Rules beyond their range are refused
      Given a charger whose "group_max_current" was set to "32"
      When its rules are set, one after the other
        | rule                          | value |
        | safety_factor                 | 1.5   |
        | safety_factor                 | -0.1  |
        | heartbeat_timeout             | 0     |
        | heartbeat_timeout             | 601   |
        | failsafe_safe_current         | 81    |
        | failsafe_safe_current         | 40    |
        | failsafe_peer_assumed_current | -1    |
        | failsafe_peer_assumed_current | 81    |
        | failsafe_mode                 | hope  |
        | role                          | king  |
      Then it refuses each time with code 400 and a reason
      And its rules are what they were before

    @PEE-122 @needs.load_sharing
    Scenario: More than any charger can give is no safe current
      Given a charger whose "group_max_current" was set to "100"
      When its rules are set, one after the other
        | rule                  | value |
        | failsafe_safe_current | 81    |
        | failsafe_safe_current | -1    |
      Then it refuses each time with code 400 and a reason
      And its rules are what they were before

    @PEE-120 @needs.load_sharing
    Scenario: A good and a bad value together
      Given a charger whose "group_max_current" was set to "32"
      When its "group_max_current" is set to "40" and its "safety_factor" to "7"
      Then it refuses with code 400 and a reason
      And its "group_max_current" is "32"

    @PEE-121 @needs.load_sharing @needs.restart @needs.persistence
    Scenario: The rules survive
      Given a charger whose "group_max_current" was set to "32"
      When it is stopped and started again
      Then its "group_max_current" is "32"
