@audio
Feature: The figures of each chunk are true
  A page draws levels, and an engineer decides by them whether a speaker is too loud, the machine too slow or a stage too
  expensive. They must agree with what was really played and counted.

  Rule: Levels are those of the chunk, to 0.1 dB

    @AUD-47 @smoke
    Scenario Outline: The levels of <sound>
      Given a plain session
      When the speaker plays <sound> for 1 s
      Then each chunk's figures tell an rms of <rms> dBFS and a peak of <peak> dBFS, ± 0.1 dB

      Examples: Known answers
        | sound                               | rms    | peak |
        | a tone of 1,000 Hz at 0 dBFS        | -3.01  | 0    |
        | a tone of 1,000 Hz at -20 dBFS      | -23.01 | -20  |
        | a tone of 440 Hz at -40 dBFS        | -43.01 | -40  |
        | a square wave of 500 Hz at -6 dBFS  | -6     | -6   |
        | a square wave of 500 Hz at -30 dBFS | -30    | -30  |

    @AUD-48
    Scenario Outline: The levels of every single chunk of <sound>
      Given a plain session
      When the speaker plays <sound> for 3 s
      Then each chunk's figures tell the rms and the peak of what was played in it, ± 0.1 dB

      Examples: Sounds that change
        | sound                                                                       |
        | speech-like sound at -20 dBFS                                               |
        | white noise at -30 dBFS                                                     |
        | bursts of speech-like sound at -15 dBFS and white noise at -50 dBFS         |

    @AUD-49
    Scenario: Silence has a level, too
      Given a plain session
      When the speaker plays silence for 1 s
      Then each chunk's figures tell an rms of -96 dBFS or lower

    @AUD-50
    Scenario Outline: The momentary loudness of <sound>
      Given a plain session at 48,000 Hz
      When the speaker plays <sound> for 2 s
      Then the last chunk's figures tell a momentary loudness of <loudness> LUFS ± 0.1 LU

      Examples: A tone of 1,000 Hz reads 3.01 less than its peak, one of 100 Hz less than that
        | sound                          | loudness |
        | a tone of 1,000 Hz at -20 dBFS | -23.01   |
        | a tone of 1,000 Hz at -40 dBFS | -43.01   |
        | a tone of 100 Hz at -20 dBFS   | -24.83   |

  Rule: Counts are exact

    @AUD-51 @smoke
    Scenario: Chunks are counted one by one
      Given a plain session
      When the speaker plays 25 chunks and sends something bad after each, without waiting for an answer
      Then each chunk's figures tell how many chunks there were up to it, from 1 to 25
      And the speaker was told of 25 mistakes

    @AUD-52
    Scenario Outline: <count> samples of a chunk are far too loud
      Given a session through a voice activity detection with gain out 12 dB
      When the speaker plays a chunk of which <count> samples are far too loud and all others far from it
      Then its figures tell of <count> samples that were cut
      And the listener hears what was played at 12 dB, cut off where it is too loud

      Examples: None, some and all of a chunk of 1,600
        | count |
        | 0     |
        | 1     |
        | 400   |
        | 1,600 |

  Rule: Times are those of the pipeline, in milliseconds

    @AUD-53
    Scenario: The average is the mean of all chunks
      Given a session through every stage
      When the speaker plays chunks of 0.1 s, 2 s, 0.02 s, 1 s and 0.5 s, each when the one before was answered
      Then each chunk's figures tell the mean of all times up to it, within 1 %

    @AUD-54
    Scenario: The stages' times add up to the total
      Given a session through every stage
      When the speaker plays 5 chunks of 5 s, each when the one before was answered
      Then the figures tell the time of each stage
      And half of the chunks or more have stages that add up to the total within 10 %

    @AUD-55
    Scenario: No chunk takes longer than the speaker waits for it
      Given a session through every stage
      When the speaker plays 5 chunks of 5 s, each when the one before was answered
      Then no chunk's figures tell more time than the speaker has waited
      And what every stage adds to a chunk is told as the speaker feels it, to a factor of 3

  Rule: A monitoring program can read the pipeline's figures

    @AUD-56 @needs.metrics @smoke
    Scenario: A monitoring program reads the figures while somebody speaks
      Given a plain session
      And the speaker has played 3 chunks
      When a monitoring program reads the figures of the pipeline
      Then they are in the form that monitoring programs have agreed on
