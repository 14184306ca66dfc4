@toggle
Feature: A bulb that does not answer is asked again
  Links to bulbs drop. Somebody pressed the switch once and must not have to press it again.

  Rule: Whatever went wrong the first time, the hub asks again

    @TGL-19 @fault
    Scenario Outline: A bulb that <fault> once is asked again
      Given a hub that asks at most 3 times
      And a bulb that <fault> the first time and then answers
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb is on
      And the bulb has seen <connections> and <frames>

      Examples: The bulb cannot be reached
        | fault                        | connections   | frames   |
        | refuses the connection       | 1 connection  | 1 frame  |
        | cannot be reached            | 1 connection  | 1 frame  |

      Examples: The bulb can be reached and does not answer
        | fault                        | connections   | frames   |
        | hangs up before the frame    | 2 connections | 1 frame  |
        | hangs up after the frame     | 2 connections | 2 frames |
        | resets the connection        | 2 connections | 2 frames |
        | stays silent                 | 2 connections | 2 frames |

    @TGL-20 @fault @beyond @needs.strict_ack
    Scenario Outline: A bulb that answers <answer> once is asked again
      Given a bulb that answers <answer> the first time and then answers
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 2 connections and 2 frames

      Examples: Anything but the three letters ACK is no acknowledgement
        | answer        |
        | "NAK"         |
        | "ack"         |
        | "AC"          |
        | "ACKACK"      |
        | "ACK "        |
        | "OK"          |
        | 1 zero byte   |
        | 100,000 bytes |

    @TGL-21 @smoke
    Scenario: The third answer counts
      Given a hub that asks at most 3 times
      And a bulb that hangs up after the frame the first 2 times and then answers
      When the hub switches the bulb off
      Then the hub reports success
      And the bulb has seen 3 connections and 3 frames

    @TGL-22
    Scenario: A hub that has its answer asks no more
      Given a hub that asks at most 4 times
      And a bulb that hangs up after the frame the first time and then answers
      When the hub switches the bulb on
      Then the hub reports success
      And for 0.3 s the bulb has seen 2 connections and 2 frames

  Rule: A hub gives up after the agreed number of attempts and says so

    @TGL-23 @fault
    Scenario Outline: A bulb that <fault> is asked <times> times
      Given a hub that asks at most <times> times
      And a bulb that <fault>
      When the hub switches the bulb on
      Then the hub reports failure
      And the bulb is off
      And the hub has asked exactly <times> times

      Examples: Every attempt fails
        | fault                     | times |
        | cannot be reached         | 2     |
        | hangs up before the frame | 2     |
        | hangs up after the frame  | 3     |
        | resets the connection     | 2     |
        | stays silent              | 2     |

    @TGL-24 @fault
    Scenario: A bulb that refuses every connection is given up on
      Given a hub that asks at most 3 times
      And a bulb that refuses the connection
      When the hub switches the bulb on
      Then the hub reports failure
      And the hub has taken the time of 3 attempts and no more

    @TGL-25 @fault @beyond @needs.strict_ack
    Scenario: A bulb that never acknowledges is given up on
      Given a hub that asks at most 3 times
      And a bulb that answers "NAK"
      When the hub switches the bulb on
      Then the hub reports failure
      And the hub has asked exactly 3 times

  Rule: A hub that may ask only once asks only once

    @TGL-26 @fault
    Scenario Outline: A bulb that <fault> is not asked again
      Given a hub that asks at most 1 time
      And a bulb that <fault>
      When the hub switches the bulb on
      Then the hub reports failure
      And the hub has asked exactly 1 time
      And it has given up within the agreed time

      Examples: One failed attempt
        | fault                     |
        | cannot be reached         |
        | hangs up after the frame  |
        | stays silent              |

    @TGL-27 @fault
    Scenario: A bulb that refuses the only connection is given up on at once
      Given a hub that asks at most 1 time
      And a bulb that refuses the connection
      When the hub switches the bulb on
      Then the hub reports failure
      And the hub has taken the time of 1 attempt and no more

  Rule: A repeat carries the message id of its command

    @TGL-28 @beyond @needs.same_msg_id
    Scenario: All attempts of one command are the same frame
      Given a hub that asks at most 3 times
      And a bulb that hangs up after the frame
      When the hub switches the bulb on
      Then the bulb has received the same frame 3 times

    @TGL-29
    Scenario: A repeated command never borrows the message id of another
      Given a hub that asks at most 2 times
      And a bulb that hangs up after the frame
      When the hub switches the bulb on, on, on
      Then no two commands share a message id

  Rule: An answer counts until the time limit and not beyond

    @TGL-30
    Scenario: An answer just before the time limit counts
      Given a bulb that answers 0.3 s before the hub's time limit
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb has seen 1 connection and 1 frame

    @TGL-31 @fault
    Scenario: An answer just after the time limit does not count
      Given a hub that asks at most 1 time
      And a bulb that answers 0.3 s after the hub's time limit
      When the hub switches the bulb on
      Then the hub reports failure
