@peers
Feature: A charger is a node and its board
  Somebody parks, plugs in and walks away. The node has to know what the board does, and the board what the node wants.

  Rule: A charger that has just started knows itself and nobody else

    @PEE-20 @smoke
    Scenario: A charger alone
      Given a charger
      When it is asked for its peers
      Then it lists itself and nobody else
      And its entry is local, online, first and complete

    @PEE-21 @needs.restart @needs.persistence
    Scenario: A charger that was restarted is the same charger
      Given a charger
      When it is stopped and started again
      Then it has the same name and the same id as before

    @PEE-22
    Scenario: A charger is told settings that it does not know
      Given a charger that is also told "colour" is "green"
      When it is asked for its peers
      Then it lists itself and nobody else

    @PEE-23 @needs.restart
    Scenario: A charger is told to end
      Given a charger
      When it is told to end
      Then it has ended within 5 s

    @PEE-24
    Scenario: Two chargers that nobody has given a name
      Given 2 chargers without names
      When each is asked for its peers
      Then no two of them have the same name or id

  Rule: What happens at the board is told by the node

    @PEE-25 @needs.serial @smoke
    Scenario: A vehicle comes and charges
      Given a charger with its board
      When a vehicle comes and asks for current
      Then the charger tells of a vehicle that charges within 3 s
      And it tells the current that the vehicle draws, within 0.5 A

    @PEE-26 @needs.serial
    Scenario: A vehicle goes
      Given a charger with its board, whose vehicle charges
      And the charger has told of the vehicle
      When the vehicle goes
      Then the charger tells of no vehicle within 3 s

    @PEE-27 @needs.serial
    Scenario: Who listens is told without asking
      Given a charger with its board
      And somebody listens to the charger
      When a vehicle comes and asks for current
      Then who listens was told of everything at first
      And who listens is told of the vehicle within 3 s

    @PEE-28
    Scenario: Who listens asks whether the charger is there
      Given a charger
      And somebody listens to the charger
      When who listens asks whether it is there
      Then who listens is told that it is

  Rule: What the node is given arrives at the board

    @PEE-30 @needs.serial @needs.load_sharing @smoke
    Scenario: A member is given 16 A
      Given a member with its board, whose vehicle charges
      When its controller gives it 16 A
      Then the board is told "$SC 16" with a right checksum within 2 s
      And the vehicle draws 16 A within 3 s
      And the charger tells a pilot of 16 A within 3 s

    @PEE-31 @needs.serial @needs.load_sharing
    Scenario: A member is given less, then more
      Given a member with its board, whose vehicle charges
      When its controller gives it 20 A, then 9 A, then 14 A
      Then the vehicle draws 20 A, then 9 A, then 14 A, each within 3 s

    @PEE-32 @needs.serial @needs.load_sharing
    Scenario: A member is given nothing
      Given a member with its board, whose vehicle charges
      When its controller gives it 0 A
      Then the vehicle draws nothing within 3 s
      And the charger tells of a waiting vehicle

  Rule: A serial line that fails takes nothing else with it

    @PEE-33 @needs.serial @fault @smoke
    Scenario: The serial line is cut
      Given a charger with its board
      When the serial line is cut
      Then the charger still answers within 1 s
      And it lists itself and nobody else

    @PEE-34 @needs.serial @fault
    Scenario: The serial line swallows everything
      Given a charger with its board
      When the serial line swallows everything
      Then the charger still answers within 1 s
      And it lists itself and nobody else

    @PEE-35 @needs.serial @fault
    Scenario Outline: A serial line that <failed> comes back
      Given a charger with its board
      And the serial line <failed> for 1 s
      When a vehicle comes and asks for current
      Then the charger tells of a vehicle that charges within 8 s

      Examples: Failures
        | failed  |
        | was cut |

      @slow
      Examples: Failures that are noticed late
        | failed               |
        | swallowed everything |

  Rule: A charger is ready soon

    @PEE-36 @performance @needs.serial
    Scenario: One charger with its board
      Given an empty garage
      When a charger with its board is started
      Then it is ready within 2.5 s

    @PEE-37 @performance @needs.serial
    Scenario: Four chargers with their boards
      Given an empty garage
      When 4 chargers with their boards are started
      Then they are ready within 5 s
