@toggle
Feature: A bulb answers before anybody notices
  A light that follows the switch by more than a moment feels broken. The figures of every run are kept, so that a trend shows.

  Rule: A round trip is measured from the command to the answer

    @TGL-69 @performance @needs.serve
    Scenario: Two hundred and fifty commands on a clear link
      Given a bulb that answers
      When the hub switches the bulb on and off in turn, 250 times
      Then the hub reports success each time
      And 250 round trips are in the report
      And 95 % of them take less than 300 ms and 99 % less than 800 ms

    @TGL-70 @performance @needs.serve
    Scenario: A round trip includes the time that the bulb takes
      Given a bulb that answers after 0.05 s
      When the hub switches the bulb on and off in turn, 5 times
      Then the hub reports success each time
      And each round trip has taken at least 50 ms

  Rule: Round trips beyond the limits are called slow and turn nothing red

    @TGL-72 @performance @needs.serve
    Scenario: A house full of slow bulbs
      Given 8 bulbs, each of which answers after 0.35 s
      When the hub switches all bulbs on at once
      Then the hub reports success each time
      And a report of these round trips warns of more than 300 ms
      And it holds its time, its limits, its figures and every round trip
