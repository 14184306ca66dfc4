@toggle
Feature: The hub's log tells what happened
  When a bulb stays dark, the log is all that is left of the night. It must say what was sent, what came back and why it was not enough.

  Rule: Every line is a record with the agreed fields

    @TGL-54 @needs.logs
    Scenario: The records of one command
      Given a bulb that hangs up after the frame the first time and then answers
      When somebody runs the hub to switch the bulb on
      Then every line of the log is a record with a time in UTC, a level and an event
      And every record about an attempt carries the agreed fields
      And the records name the bulb and the message ids on the wire, and correlation ids tie them together
      And the log speaks of attempts 1 and 2

    @TGL-55 @needs.logs
    Scenario: The bytes in the log are the bytes on the wire
      Given a bulb that answers
      When somebody runs the hub to switch the bulb on
      Then the hub ends with code 0
      And a record shows exactly the frame that the bulb received

    @TGL-56 @needs.logs
    Scenario: The time in the log is the time that passed
      Given a bulb that answers after 0.3 s
      When somebody runs the hub to switch the bulb on
      Then a record tells of at least 300 ms and less than the command took

  Rule: Failures are told apart

    @TGL-57 @needs.logs @needs.strict_ack @beyond @fault
    Scenario: Each kind of failure has an outcome of its own
      Given a hub that asks at most 1 time
      And one bulb for each of these troubles
        | trouble                  |
        | answers                  |
        | refuses the connection   |
        | cannot be reached        |
        | hangs up after the frame |
        | stays silent             |
        | answers "NAK"            |
      When somebody runs the hub for each bulb
      Then the 6 commands have 6 different outcomes in the log
