@peers
Feature: A group goes through a long day
  Vehicles come and go in any order. Whatever happens, the promises of load sharing hold at every moment.

  Rule: Every promise holds whatever happens

    @PEE-160 @needs.load_sharing @needs.serial @slow
    Scenario: Eight chargers and sixty events
      Given a group of 8 chargers on 32 A, who take turns every 2 s
      When 60 things happen at random, by the seed 20
      Then the circuit was never exceeded for longer than a cycle
      And every member was in the plan once at every look
      And nobody who asked was left without current for ever
      And no vehicle drew while its board slept
