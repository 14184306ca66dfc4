@toggle
Feature: A hub gives a troubled bulb time to recover
  A bulb that reboots is not helped by being asked a hundred times a second. After each failure the hub waits twice as long as
  before, and a little longer by chance, so that the hubs of a house do not all ask in the same instant.

  Rule: The waits between attempts grow as agreed

    @TGL-32
    Scenario: Each wait is twice as long as the one before
      Given a hub that asks at most 4 times
      And 8 bulbs, each of which hangs up after the frame
      When the hub switches all bulbs on at once
      Then the hub waits as agreed
        | after attempt | at least           |
        | 1             | 1 x the first wait |
        | 2             | 2 x the first wait |
        | 3             | 4 x the first wait |

    @TGL-33 @needs.settings
    Scenario: No wait is longer than the agreed longest
      Given a hub that waits 0.1 s at first and at most 0.2 s
      And a hub that asks at most 4 times
      And 3 bulbs, each of which hangs up after the frame
      When the hub switches all bulbs on at once
      Then the hub waits as agreed
        | after attempt | at least |
        | 1             | 0.1 s    |
        | 2             | 0.2 s    |
        | 3             | 0.2 s    |

    @TGL-34 @fault
    Scenario: Every kind of failure is followed by the wait
      Given a hub that asks at most 2 times
      And one bulb for each of these troubles
        | trouble                   |
        | hangs up before the frame |
        | hangs up after the frame  |
        | resets the connection     |
      When the hub switches all bulbs on at once
      Then the hub waits as agreed
        | after attempt | at least           |
        | 1             | 1 x the first wait |

  Rule: The waits differ by chance

    @TGL-35
    Scenario: Hubs that fail together do not ask again together
      Given a hub that asks at most 3 times
      And 6 bulbs, each of which hangs up after the frame
      When the hub switches all bulbs on at once
      Then what chance adds to the 12 waits is spread over at least 15 % of the agreed range

  Rule: Nobody waits after the last attempt

    @TGL-36
    Scenario: The hub gives up as soon as the last attempt has failed
      Given a hub that asks at most 3 times
      And a bulb that hangs up after the frame
      When the hub switches the bulb on
      Then the hub reports failure
      And the hub has not waited after the last attempt
