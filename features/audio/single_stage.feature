@audio
Feature: One stage can be tried by itself
  Who sets up a pipeline wants to hear what one stage does before it becomes part of the whole.

  Rule: A stage by itself does what it does in a pipeline

    @AUD-140 @needs.single_stage @smoke
    Scenario Outline: An equalizer is tried, asked for by <way>
      Given a pipeline that has <stage>
      And a recording of a tone of 100 Hz at -20 dBFS and a tone of 1,000 Hz at -20 dBFS for 2 s
      When <stage> is tried on it, asked for by <way>
      Then the tone of 1,000 Hz rises by 6 dB ± 0.5 dB
      And the tone of 100 Hz stays within 0.5 dB

      Examples: Ways
        | way       | stage                                                |
        | a message | an equalizer with a peak of 6 dB and q 2 at 1,000 Hz |
        | a form    | an equalizer with a peak of 6 dB and q 2 at 1,000 Hz |

    @AUD-141 @needs.single_stage
    Scenario Outline: <stage> is tried
      Given a pipeline that has <stage>
      And a recording of a square wave of 500 Hz at -10 dBFS for 3 s
      When <stage> is tried on it, asked for by a message
      Then the listener hears it at <heard> dBFS ± 0.5 dB

      Examples: Levels
        | stage                                                    | heard |
        | a hard-knee compressor with threshold -20 dB and ratio 4 | -17.5 |
        | a noise reduction with strength 0                        | -10   |

    @AUD-142 @needs.single_stage
    Scenario: A stage is tried at 48,000 Hz
      Given a pipeline that has an equalizer
      And a recording at 48,000 Hz of a tone of 1,000 Hz at -20 dBFS and a tone of 3,000 Hz at -20 dBFS for 2 s
      When an equalizer with a peak of 6 dB and q 4 at 3,000 Hz is tried on it, asked for by a message
      Then the tone of 3,000 Hz rises by 6 dB ± 0.5 dB
      And the tone of 1,000 Hz stays within 0.5 dB

    @AUD-143 @needs.single_stage
    Scenario Outline: <stage> that has nothing to do changes nothing
      Given a pipeline that has <stage>
      And a recording of speech-like sound at -20 dBFS for 2 s
      When <stage> is tried on it, asked for by a message
      Then the listener hears exactly what was played
      And the answer names the stage and what it was told

      Examples: Stages with nothing to do
        | stage                                           |
        | a voice activity detection                      |
        | a voice enhancement with clarity 0 and warmth 0 |

  Rule: What is no stage, or no sound, is refused with the reason

    @AUD-144 @needs.single_stage
    Scenario Outline: Somebody tries <what>
      Given a pipeline
      When somebody tries <what> by itself
      Then it is refused as <refusal>, with a code and a reason

      Examples: No stage
        | what                              | refusal    |
        | a stage that nobody knows         | not found  |
        | a stage without a name            | a mistake  |

      Examples: Parameters and sound
        | what                                         | refusal   |
        | a noise reduction with strength 2            | a mistake |
        | a limiter with a parameter that nobody knows | a mistake |
        | a limiter on half a sample                   | a mistake |
        | a limiter on something that is no base64     | a mistake |
        | a limiter on nothing                         | a mistake |

  Rule: The stages tell what they can be told

    @AUD-145 @smoke
    Scenario: The list of stages is whole
      Given a pipeline
      When somebody asks for its stages
      Then every stage of the agreement is there, with its parameters
      And every number among them has a least, a greatest and a usual value, in order

    @AUD-146
    Scenario Outline: The range of <parameter> of <stage>
      Given a pipeline that has <stage>
      When somebody asks for its stages
      Then <parameter> of <stage> goes from <least> to <greatest>

      Examples: Ranges of the agreement
        | stage                      | parameter      | least | greatest |
        | a voice activity detection | aggressiveness | 0     | 3        |
        | a noise reduction          | strength       | 0     | 1        |
        | a noise reduction          | smoothing      | 0     | 1        |
        | a voice enhancement        | clarity        | 0     | 1        |
        | a voice enhancement        | warmth         | -1    | 1        |
        | a loudness normalization   | target         | -60   | 0        |
