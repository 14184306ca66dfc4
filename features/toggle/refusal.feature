@toggle
Feature: A bulb refuses a frame that is not as agreed
  A bulb that acts on noise switches lights in the night. It says nothing, hangs up, and notes what was wrong.

  Rule: A malformed frame is never acknowledged and never acted upon

    @TGL-17
    Scenario Outline: <case>
      Given a bulb that answers
      When somebody sends the bulb the bytes <bytes>
      Then the bulb hangs up without an answer
      And it has noted that it refused a frame as "<fault>"
      And the bulb is off

      Examples: Header
        | case                               | bytes                      | fault     |
        | A frame of another protocol        | de ad 01 00 00 00 02 7b 7d | magic     |
        | A frame of a later version         | f0 0d 02 00 00 00 02 7b 7d | version   |
        | A frame that claims four gigabytes | f0 0d 01 ff ff ff ff 7b 7d | too_long  |

      Examples: Text
        | case                               | bytes                         | fault  |
        | A frame without a text             | f0 0d 01 00 00 00 00          | json   |
        | A text that is not well-formed     | f0 0d 01 00 00 00 03 7b 7b 7b | json   |
        | A text in no known alphabet        | f0 0d 01 00 00 00 02 ff fe    | json   |
        | A text that is a list              | f0 0d 01 00 00 00 02 5b 5d    | schema |
        | A text that lacks its fields       | f0 0d 01 00 00 00 02 7b 7d    | schema |

      Examples: Cut short
        | case                               | bytes                      | fault     |
        | A frame that ends in its header    | f0 0d 01                   | truncated |
        | A frame that ends in its text      | f0 0d 01 00 00 00 0a 7b 7d | truncated |

  Rule: A refused frame spoils nothing for the next one

    @TGL-18
    Scenario: A good frame after a bad one is obeyed
      Given a bulb that answers
      And somebody has sent the bulb the bytes de ad be ef
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb is on
