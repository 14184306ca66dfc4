@peers
Feature: A power board does what its serial line says
  Whatever sits in front of the board relies on its answers: a node, a display, a service engineer's laptop.

  Rule: Every line is answered, with the right checksum

    @PEE-01 @needs.serial @smoke
    Scenario: A board that stands idle is asked how it is
      Given a board
      When it is told
        | line    |
        | $GS^30  |
        | $GC^20  |
        | $GE^26  |
        | $GV^35  |
        | $GU^36  |
        | $GF^25  |
      Then it answers "$OK" with a right checksum each time, with 4, 4, 2, 2, 2 and 3 values

    @PEE-02 @needs.serial
    Scenario: A board takes lines without a checksum
      Given a board
      When it is told
        | line   |
        | $GS    |
        | $SC 16 |
        | $GE    |
      Then it answers "$OK" with a right checksum each time, with 4, 1 and 2 values

    @PEE-03 @needs.serial @smoke
    Scenario: A board takes orders
      Given a board
      When it is told
        | line        |
        | $SC 16^13   |
        | $SC 6 V^54  |
        | $FS^31      |
        | $FD^26      |
        | $FE^27      |
      Then it answers exactly
        | answer    |
        | $OK 16^07 |
        | $OK 6^36  |
        | $OK^20    |
        | $OK^20    |
        | $OK^20    |

    @PEE-04 @needs.serial
    Scenario: Lines that are none are refused
      Given a board
      When it is told
        | line     |
        | GS^30    |
        | $        |
        | $G       |
        | $XX^24   |
      Then it answers exactly "$NK^21" each time
      And it answers the next line

    @PEE-05 @needs.serial @beyond
    Scenario: Lines that were spoilt on their way are refused
      Given a board
      When it is told
        | line      |
        | $GS^31    |
        | $SC 16^14 |
        | $FS^13    |
      Then it answers exactly "$NK^21" each time
      And it has done nothing of it

    @PEE-06 @needs.serial
    Scenario: More than the board can give
      Given a board
      When it is told to allow 200 A
      Then it allows the most that it can give

    @PEE-07 @needs.serial
    Scenario: Less than a vehicle can use
      Given a board
      When it is told to allow 2 A
      Then it allows the least that it can give

  Rule: A board tells what its vehicle does

    @PEE-10 @needs.serial @smoke
    Scenario: A vehicle comes, charges and goes
      Given a board
      When a vehicle comes, charges, stops and goes
      Then the board goes no vehicle -> connected -> charging -> connected -> no vehicle
      And it tells each of these changes by itself

    @PEE-11 @needs.serial
    Scenario: A vehicle draws what it is allowed to
      Given a board whose vehicle charges
      When it is told to allow 10 A
      Then the vehicle draws 10 A within 2 s

    @PEE-12 @needs.serial
    Scenario: A vehicle that wants less draws less
      Given a board whose vehicle charges
      When the vehicle draws 7 A at most
      Then the vehicle draws 7 A within 2 s

  Rule: A board that sleeps, is disabled or faulty gives no current

    @PEE-13 @needs.serial @smoke
    Scenario Outline: A board that is <told> while a vehicle charges
      Given a board whose vehicle charges
      When the board is <told>
      Then the vehicle draws nothing within 1 s
      And the board is <state>

      Examples: Orders
        | told         | state    |
        | put to sleep | asleep   |
        | disabled     | disabled |

    @PEE-14 @needs.serial
    Scenario Outline: A board that was <told> is enabled
      Given a board whose vehicle charges
      And the board was <told>
      When the board is enabled
      Then the board is charging
      And the vehicle draws something within 2 s

      Examples: Orders
        | told         |
        | put to sleep |
        | disabled     |

    @PEE-15 @needs.serial
    Scenario: A vehicle comes to a board that sleeps
      Given a board
      And the board was put to sleep
      When a vehicle comes and asks for current
      Then the board is asleep
      And the vehicle draws nothing for 0.5 s

    @PEE-16 @needs.serial @fault
    Scenario Outline: A board with <fault> gives no current until it is well
      Given a board whose vehicle charges
      When the board has <fault>
      Then the board is faulty with <fault>
      And the vehicle draws nothing within 1 s
      And the vehicle charges again when the fault has gone

      Examples: Faults
        | fault              |
        | a ground fault     |
        | no ground          |
        | a stuck relay      |
        | a failed diode     |
        | too high a temperature |
