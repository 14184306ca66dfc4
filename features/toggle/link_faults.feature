@toggle
Feature: A bad link delays a command and does not corrupt it
  Between hub and bulb lie walls, repeaters and a neighbour's microwave oven. What arrives must be whole or not count.

  Rule: A slow link is waited for

    @TGL-58 @fault
    Scenario: A link that delays everything
      Given a bulb that answers
      And a link to the bulb that delays everything by 0.1 s
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 1 connection and 1 frame
      And the command has taken at least 0.2 s

    @TGL-59 @fault
    Scenario: A link whose delay wavers
      Given a bulb that answers
      And a link to the bulb that delays everything by 0.02 s to 0.1 s
      When the hub switches the bulb on and off in turn, 4 times
      Then the hub reports success each time
      And the bulb was told on and off in turn, 4 times
      And the link was at fault on 4 connections

    @TGL-60 @fault
    Scenario: A link that passes 250 bytes in a second
      Given a bulb that answers
      And a link to the bulb that passes 250 bytes in a second
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 1 connection and 1 frame
      And the command has taken at least 0.3 s

  Rule: A cut link costs one attempt

    @TGL-61 @fault
    Scenario: The link is cut in the middle of the frame
      Given a bulb that answers
      And a link to the bulb that is cut after 40 bytes of the first frame
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has refused 1 frame as "truncated" and obeyed 1
      And the link was at fault on 1 connection

    @TGL-62 @fault @beyond @needs.strict_ack
    Scenario: The link is cut in the middle of the answer
      Given a bulb that answers
      And a link to the bulb that is cut after 2 bytes of the first answer
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb was told on, on
      And the link was at fault on 1 connection

    @TGL-63 @fault
    Scenario: The link is cut at every attempt
      Given a bulb that answers
      And a link to the bulb that is cut after 40 bytes of every frame
      When the hub switches the bulb on
      Then the hub reports failure
      And the bulb is off
      And the link was at fault on 2 connections

    @TGL-64 @fault
    Scenario: The link swallows everything and then heals
      Given a bulb that answers
      And a link to the bulb that swallows everything on the first connection
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 1 connection and 1 frame
      And the link was at fault on 1 connection

  Rule: A spoilt byte never switches a bulb

    @TGL-66 @fault
    Scenario: The link spoils a byte of the frame
      Given a bulb that answers
      And a link to the bulb that spoils byte 1 of the first frame
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has refused 1 frame as "magic" and obeyed 1
      And the link was at fault on 1 connection

    @TGL-67 @fault @beyond @needs.strict_ack
    Scenario: The link spoils a byte of the answer
      Given a bulb that answers
      And a link to the bulb that spoils byte 2 of the first answer
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb was told on, on
      And the link was at fault on 1 connection

  Rule: A command over a dead link fails, and the next one over the healed link does not

    Background:
      Given a hub that asks at most 1 time
      And a bulb that answers
      And a link to the bulb that swallows everything

    @TGL-65 @fault
    Scenario: The link swallows everything
      When the hub switches the bulb on
      Then the hub reports failure
      And the bulb has seen 0 connections and 0 frames
      And the link was at fault on 1 connection

    @TGL-68 @fault
    Scenario: A command after the link has healed
      Given the hub has failed to switch the bulb on
      When the link heals and the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 1 connection and 1 frame
