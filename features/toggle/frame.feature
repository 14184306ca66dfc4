@toggle
Feature: The frame that a hub sends is exact to the byte
  Bulbs of many makers listen for it. A frame that is nearly right switches some of them and leaves the others dark.

  Seven bytes of header, then text. Where an example shows sixteen hashes, the hub puts the message id of the command.

  Rule: The header and the text are exactly as agreed

    @TGL-11 @smoke
    Scenario Outline: The frame to <case>
      Given a bulb named "<id>" that answers
      When the hub switches the bulb <state>
      Then the bulb has received the header <header>
      And it has received the text <text>
      And nothing followed the text

      Examples: Frames known to be right
        | case                             | id             | state | header               | text                                                                                                      |
        | a bulb with a short id, on       | DEV1           | on    | f0 0d 01 00 00 00 56 | {"opcode": "toggle", "device_id": "DEV1", "msg_id": "################", "state": true}                     |
        | a bulb with a short id, off      | DEV1           | off   | f0 0d 01 00 00 00 57 | {"opcode": "toggle", "device_id": "DEV1", "msg_id": "################", "state": false}                    |
        | an id with a space and a quote   | kitchen "left" | on    | f0 0d 01 00 00 00 62 | {"opcode": "toggle", "device_id": "kitchen \"left\"", "msg_id": "################", "state": true}         |
        | an id in letters beyond ASCII    | Küche-灯        | off   | f0 0d 01 00 00 00 64 | {"opcode": "toggle", "device_id": "K\u00fcche-\u706f", "msg_id": "################", "state": false}       |
        | a bulb with an empty id          |                | on    | f0 0d 01 00 00 00 52 | {"opcode": "toggle", "device_id": "", "msg_id": "################", "state": true}                         |

    @TGL-12
    Scenario: The frame to a bulb with an id of 300 letters
      Given a bulb whose id is the letter x 300 times
      When the hub switches the bulb on
      Then the bulb has received the header f0 0d 01 00 00 01 7e
      And the text is 382 bytes long and addressed to the letter x 300 times
      And nothing followed the text

  Rule: A command has a message id of its own

    @TGL-13
    Scenario: A message id is sixteen hexadecimal characters in lower case
      Given a bulb that answers
      When the hub switches the bulb on
      Then the message id consists of 16 lower-case hexadecimal characters

    @TGL-14 @smoke
    Scenario: Two commands never share a message id
      Given a bulb that answers
      When the hub switches the bulb on and off in turn, 6 times
      Then the bulb has received 6 different message ids

  Rule: A frame may be read in pieces

    @TGL-15
    Scenario: The bulb reads one byte at a time
      Given a bulb that reads one byte at a time and answers
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb is on
      And nothing followed the text

    @TGL-16 @fault
    Scenario: The link delivers one byte at a time
      Given a bulb that answers
      And a link to the bulb that delivers 1 byte at a time
      When the hub switches the bulb on
      Then the hub reports success
      And the bulb is on
      And the link was at fault on 1 connection
