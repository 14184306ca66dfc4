@toggle
Feature: A bulb is switched on and off
  Somebody presses a switch. The hub tells the bulb once, over one connection, and the bulb does as it was told.

  Rule: A bulb that answers is switched with one connection and one frame

    @TGL-01 @smoke
    Scenario: A bulb is switched on
      Given a bulb that answers
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb is on
      And the bulb has seen 1 connection and 1 frame

    @TGL-02 @smoke
    Scenario: A bulb is switched off
      Given a bulb that answers
      And the bulb is already on
      When the hub switches the bulb off
      Then the hub reports success
      And the bulb is off
      And the bulb has seen 1 connection and 1 frame

    @TGL-03 @smoke
    Scenario: An answer that arrives one byte at a time is an answer
      Given a bulb that answers one byte at a time
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 1 connection and 1 frame

  Rule: A command names the state and does not flip it

    @TGL-04
    Scenario: Switching on twice leaves the bulb on
      Given a bulb that answers
      When the hub switches the bulb on, on
      Then the hub reports success each time
      And the bulb was told on, on
      And the bulb is on

    @TGL-05
    Scenario: The bulb follows the commands in their order
      Given a bulb that answers
      When the hub switches the bulb on, off, off, on, off
      Then the hub reports success each time
      And the bulb was told on, off, off, on, off
      And the bulb is off

  Rule: A bulb may have any name

    @TGL-06
    Scenario Outline: A bulb with the name <name>
      Given a bulb named <name> that answers
      When the hub switches the bulb on
      Then the hub reports success
      And the frame is addressed to <name>

      Examples: Names that trip up careless programs
        | name                 |
        | "00123"              |
        | "true"               |
        | "hall/floor 2"       |
        | "it's a {lamp}, 50%" |
        | "C:\new\temp"        |
        | " spaces around "    |
        | "Ωmega-ламп-電球"     |
        | "💡"                 |

  Rule: Commands do not get in each other's way

    @TGL-07
    Scenario: Eight bulbs are switched at once
      Given 8 bulbs, each of which answers after 0.2 s
      When the hub switches all bulbs on at once
      Then the hub reports success each time
      And every bulb is on
      And every bulb has seen 1 connection and 1 frame, addressed to itself

    @TGL-08
    Scenario: Ten commands follow each other
      Given a bulb that answers
      When the hub switches the bulb on and off in turn, 10 times
      Then the hub reports success each time
      And the bulb was told on and off in turn, 10 times
      And the bulb has seen 10 connections and 10 frames

    @TGL-09 @needs.serve
    Scenario: Two hundred commands follow each other
      Given a bulb that answers
      When the hub switches the bulb on and off in turn, 200 times
      Then the hub reports success each time
      And the bulb was told on and off in turn, 200 times
      And the bulb has seen 200 connections and 200 frames

    @TGL-10
    Scenario: A silent bulb does not hold up its neighbour
      Given a hub that asks at most 1 time
      And a bulb named "cellar" that stays silent
      And a bulb named "attic" that answers
      When the hub switches all bulbs on at once
      Then the hub reports failure for "cellar" and success for "attic"
      And "attic" was answered before the hub gave up on "cellar"
