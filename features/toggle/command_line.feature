@toggle
Feature: The hub can be run by hand and by scripts
  A script sees the code with which the hub ended and nothing else. An installer who mistypes a value reads one clear sentence.

  Rule: The code says whether the bulb acknowledged

    @TGL-50 @smoke
    Scenario: An acknowledged command ends with code 0
      Given a bulb that answers
      When somebody runs the hub to switch the bulb on
      Then the hub ends with code 0
      And the bulb is on

    @TGL-51 @fault
    Scenario: A command that nobody acknowledged ends with code 1
      Given a bulb that hangs up after the frame
      When somebody runs the hub to switch the bulb on
      Then the hub ends with code 1
      And the bulb is off
      And there is no trace of a crash

  Rule: A mistyped value is refused before anything is sent

    @TGL-52
    Scenario Outline: <mistake>
      Given a bulb that answers
      When somebody runs the hub with the <argument> "<value>"
      Then the hub ends with code 2
      And the bulb has seen 0 connections and 0 frames
      And there is no trace of a crash

      Examples: Ports
        | mistake                     | argument | value |
        | A port below the range      | port     | 0     |
        | A port beyond the range     | port     | 65536 |
        | A port that is not a number | port     | abc   |

      Examples: States
        | mistake                       | argument | value |
        | A state that does not exist   | state    | maybe |
        | A state that is nearly off    | state    | offf  |
        | A state that is left empty    | state    |       |

      Examples: Attempts
        | mistake                        | argument | value |
        | No attempt at all              | attempts | 0     |
        | Fewer than no attempts         | attempts | -1    |
        | Attempts that are not a number | attempts | two   |

    @TGL-53 @needs.logs
    Scenario Outline: The <argument> "<value>" is refused in one line
      Given a bulb that answers
      When somebody runs the hub with the <argument> "<value>"
      Then the hub ends with code 2
      And the complaint is one line

      Examples: One of each kind
        | argument | value |
        | port     | 70000 |
        | state    | maybe |
        | attempts | 0     |
