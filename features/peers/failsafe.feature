@peers
Feature: A member that has lost its controller stays safe
  Cables are pulled and controllers die. A member that hears nothing must not go on drawing what it once was given.

  Rule: Who hears nothing from its controller falls back to the safe current

    @PEE-130 @needs.failsafe @needs.serial @fault @smoke
    Scenario: The controller dies
      Given a group of 2 chargers on 32 A
      And both vehicles charge with 16 A
      When the first one dies
      Then the last vehicle draws 6 A within the heartbeat time
      And the last tells that it helps itself

    @PEE-131 @needs.failsafe @needs.serial @fault
    Scenario: A member that is to stop when it hears nothing
      Given a member with its board, whose vehicle charges, and that stops when it hears nothing
      And its controller has given it 16 A
      When its controller falls silent
      Then the vehicle draws nothing within the heartbeat time

    @PEE-132 @needs.failsafe @needs.serial @slow
    Scenario: As long as it hears something it does what it is given
      Given a member with its board, whose vehicle charges
      When its controller gives it 16 A again and again for one and a half heartbeat times
      Then the vehicle draws 16 A all the time
      And the charger tells that all is well

    @PEE-133 @needs.failsafe @needs.serial
    Scenario: Falling back does not come too early
      Given a member with its board, whose vehicle charges
      And its controller has given it 16 A
      When its controller falls silent
      Then the vehicle draws 16 A for half the heartbeat time
      And the vehicle draws 6 A within the heartbeat time

    @PEE-134 @needs.failsafe @needs.serial
    Scenario: A controller that speaks again is obeyed again
      Given a member with its board, whose vehicle charges
      And its controller has fallen silent and the member helps itself
      When its controller gives it 12 A again and again
      Then the vehicle draws 12 A within 3 s
      And the charger tells that all is well

    @PEE-135 @needs.failsafe @needs.serial @needs.restart @fault @slow
    Scenario: A controller that comes back is obeyed again
      Given a group of 2 chargers on 32 A
      And both vehicles charge with 16 A
      And the first one has died and the last one helps itself
      When the first one starts again
      Then the vehicles draw 16 A each
      And the last tells that all is well

  Rule: Only the group's own controller is obeyed

    @PEE-136 @needs.failsafe @needs.serial @smoke
    Scenario: Somebody else gives orders
      Given a member with its board, whose vehicle charges
      And somebody else who can reach it
      And its controller has given it 16 A
      When somebody else gives it 30 A
      Then the vehicle draws no more than 16 A for 0.5 s

    @PEE-137 @needs.authentication @needs.serial @beyond
    Scenario: An order without the group's secret
      Given a member with its board, whose vehicle charges, in a group with a secret
      And its controller has fallen silent and the member helps itself
      When its controller gives it 30 A without the secret
      Then the vehicle draws no more than 6 A for 0.5 s

    @PEE-138 @needs.authentication @needs.serial @beyond
    Scenario: An order with the group's secret
      Given a member with its board, whose vehicle charges, in a group with a secret
      When its controller gives it 16 A with the secret
      Then the vehicle draws 16 A within 3 s

    @PEE-139 @needs.failsafe @needs.serial
    Scenario: Orders that make no sense
      Given a member with its board, whose vehicle charges
      And its controller has given it 16 A
      When its controller gives it, one after the other
        | order           |
        | minus 5 A       |
        | a word for amps |
        | 1,000,000 A     |
      Then the vehicle draws no more than 16 A for 0.5 s
      And the charger still answers within 1 s
