@audio
Feature: Stages are laid one after the other, and nothing gets lost between them
  Whoever builds a pipeline relies on the order being theirs, on a stage that is off being off, and on the sound being the same
  however it was cut into pieces on its way.

  Rule: Where nothing is to be done the sound stays as it was, to the last bit

    @AUD-100 @smoke
    Scenario: A pipeline without stages
      Given a plain session
      When the speaker plays white noise at -12 dBFS for 1 s
      Then the listener hears exactly what was played

    @AUD-101
    Scenario Outline: <stage> that is off
      Given a session through <stage>
      When the speaker plays speech-like sound at -12 dBFS for 1 s
      Then the listener hears exactly what was played

      Examples: Stages that would be heard
        | stage                                                                           |
        | a disabled voice activity detection with gain in 6 dB                           |
        | a disabled voice filter                                                         |
        | a disabled noise reduction with strength 1                                      |
        | a disabled voice enhancement with clarity 1 and warmth 1                        |
        | a disabled equalizer with a peak of 6 dB and q 1 at 1,000 Hz                    |
        | a disabled hard-knee compressor with threshold -40 dB, ratio 10 and makeup 6 dB |
        | a disabled automatic gain control with target level -30 dB and max gain 20 dB   |
        | a disabled loudness normalization with target -40 LUFS                          |
        | a disabled limiter with threshold -20 dB                                        |

    @AUD-102
    Scenario: A stage that is off between two that are on
      Given a session through a voice activity detection with gain out 6 dB, then a disabled limiter with threshold -30 dB, then a noise reduction with strength 0 and gain out -12 dB
      When the speaker plays speech-like sound at -20 dBFS for 1 s
      Then the listener hears what was played at -6 dB, within 0.0001 of full scale

  Rule: Each stage's gains are exact, the one before it and the one after it

    @AUD-103 @smoke
    Scenario Outline: A stage with <gains>
      Given a session through a voice activity detection with <gains>
      When the speaker plays speech-like sound at -40 dBFS for 1 s
      Then the listener hears what was played at <heard> dB, within 0.0001 of full scale

      Examples: Before and after
        | gains                             | heard |
        | gain in 6 dB                      | 6     |
        | gain out 6 dB                     | 6     |
        | gain in -6 dB and gain out -6 dB  | -12   |
        | gain in 12 dB and gain out -12 dB | 0     |

      Examples: Ends of the range
        | gains           | heard |
        | gain in -20 dB  | -20   |
        | gain in 20 dB   | 20    |
        | gain out -20 dB | -20   |
        | gain out 20 dB  | 20    |

    @AUD-104
    Scenario Outline: A compressor with <gain> meets a square wave
      Given a session through a hard-knee compressor with threshold -20 dB, ratio 4 and <gain>
      When the speaker plays a square wave of 500 Hz at -20 dBFS for 3 s
      Then the listener hears it at <heard> dBFS ± 0.5 dB

      Examples: The side of the stage decides
        | gain          | heard |
        | gain in 8 dB  | -18   |
        | gain out 8 dB | -12   |

  Rule: The connections decide the order, and without them the order in which stages were listed

    @AUD-106 @smoke
    Scenario Outline: <first> before <second>, <listed>
      Given a session through <first>, then <second>, <listed>
      When the speaker plays a square wave of 500 Hz at -20 dBFS for 3 s
      Then the listener hears it at <heard> dBFS ± 0.5 dB

      Examples: Raised before it is weighed
        | first                                         | second                                                   | listed                     | heard |
        | a voice activity detection with gain out 8 dB | a hard-knee compressor with threshold -20 dB and ratio 4 | in this order              | -18   |
        | a voice activity detection with gain out 8 dB | a hard-knee compressor with threshold -20 dB and ratio 4 | listed the other way round | -18   |
        | a voice activity detection with gain out 8 dB | a hard-knee compressor with threshold -20 dB and ratio 4 | without connections        | -18   |

      Examples: Weighed before it is raised
        | first                                                    | second                                        | listed                     | heard |
        | a hard-knee compressor with threshold -20 dB and ratio 4 | a voice activity detection with gain out 8 dB | in this order              | -12   |
        | a hard-knee compressor with threshold -20 dB and ratio 4 | a voice activity detection with gain out 8 dB | listed the other way round | -12   |
        | a hard-knee compressor with threshold -20 dB and ratio 4 | a voice activity detection with gain out 8 dB | without connections        | -12   |

    @AUD-107
    Scenario: Gains belong to their stage wherever it is listed
      Given a session through a noise reduction with strength 0 and gain out 12 dB, then a limiter with threshold -12 dB and gain out -8 dB, listed the other way round
      When the speaker plays a tone of 1,000 Hz at -6 dBFS for 2 s
      Then the tone of 1,000 Hz falls by 14 dB ± 2 dB

    @AUD-115
    Scenario Outline: Three stages, <listed>
      Given a session through a voice activity detection with gain out 8 dB, then a hard-knee compressor with threshold -20 dB and ratio 4, then a noise reduction with strength 0 and gain out 4 dB, <listed>
      When the speaker plays a square wave of 500 Hz at -20 dBFS for 3 s
      Then the listener hears it at -14 dBFS ± 0.5 dB

      Examples: Ways to list them
        | listed                     |
        | in this order              |
        | listed the other way round |
        | without connections        |

  Rule: The sound is the same however it was cut into chunks

    @AUD-108 @smoke
    Scenario Outline: Ten chunks of <sound> through <stage>
      Given a session through <stage>
      When the speaker plays <sound> for 1 s whole, and in chunks of 0.1 s in another session
      Then the listener hears the same in both, within 0.0001 of full scale

      Examples: Every stage
        | stage                                                                 | sound                                                     |
        | a voice activity detection                                            | speech-like sound at -20 dBFS                             |
        | a voice filter                                                        | speech-like sound at -20 dBFS                             |
        | a noise reduction with strength 0.7                                   | speech-like sound at -20 dBFS and white noise at -40 dBFS |
        | a voice enhancement with clarity 1 and warmth 1                       | speech-like sound at -25 dBFS                             |
        | an equalizer with a peak of 12 dB and q 8 at 250 Hz                   | speech-like sound at -25 dBFS                             |
        | a hard-knee compressor with threshold -30 dB and ratio 4              | speech-like sound at -15 dBFS                             |
        | an automatic gain control with target level -20 dB and max gain 20 dB | speech-like sound at -35 dBFS                             |
        | a loudness normalization with target -23 LUFS                         | speech-like sound at -35 dBFS                             |
        | a limiter with threshold -20 dB                                       | speech-like sound at -15 dBFS                             |

  Rule: The same sound comes out the same each time

    @AUD-110
    Scenario: Every stage works on the same sound twice
      Given a session through every stage
      When the speaker plays speech-like sound at -20 dBFS and white noise at -45 dBFS for 2 s, and again in another session
      Then the listener hears the same in both, to the last bit

  Rule: The delay that a pipeline tells is the delay that it has

    @AUD-111 @smoke
    Scenario Outline: The delay of <stage>
      Given a session through <stage>
      When the speaker plays <sound> for 2 s
      Then what the listener hears <answer>

      Examples: Stages that only weigh
        | stage                                                                 | sound                   | answer                 |
        | a voice activity detection                                            | white noise at -30 dBFS | lines up to the sample |
        | a noise reduction with strength 0                                     | white noise at -30 dBFS | lines up to the sample |
        | a voice enhancement with clarity 0 and warmth 0                       | white noise at -30 dBFS | lines up to the sample |
        | a hard-knee compressor with threshold -40 dB and ratio 4              | white noise at -20 dBFS | lines up to the sample |
        | an automatic gain control with target level -20 dB and max gain 20 dB | white noise at -30 dBFS | lines up to the sample |
        | a loudness normalization with target -23 LUFS                         | white noise at -30 dBFS | lines up to the sample |
        | a limiter with threshold -20 dB                                       | white noise at -20 dBFS | lines up to the sample |

      Examples: Stages that filter
        | stage                                                | sound                                                     | answer               |
        | a voice filter                                       | white noise at -30 dBFS                                   | lines up within 1 ms |
        | a noise reduction with strength 0.7                  | speech-like sound at -20 dBFS and white noise at -45 dBFS | lines up within 1 ms |
        | a voice enhancement with clarity 1 and warmth 1      | white noise at -30 dBFS                                   | lines up within 1 ms |
        | an equalizer with a peak of 6 dB and q 1 at 1,000 Hz | white noise at -30 dBFS                                   | lines up within 1 ms |

    @AUD-112
    Scenario: The delays of two stages add up
      Given a session through a noise reduction with strength 0, then a limiter with threshold -1 dB
      When the speaker plays speech-like sound at -30 dBFS for 1 s
      Then the listener hears exactly what was played

  Rule: Every number may be set to either end of its range

    @AUD-113
    Scenario Outline: The ends of the ranges of <stage>
      Given a session through <stage> at either end of each range that it tells
      When the speaker plays speech-like sound at -25 dBFS for 0.3 s in each
      Then every session answers with as much sound as it was given

      Examples: Stages with ranges
        | stage                      |
        | a voice activity detection |
        | a voice filter             |
        | a noise reduction          |
        | a voice enhancement        |
        | a compressor               |
        | an automatic gain control  |
        | a loudness normalization   |
        | a limiter                  |

    @AUD-114
    Scenario: The lowest threshold of a limiter
      Given a session through a limiter with the least threshold
      When the speaker plays a tone of 1,000 Hz at 0 dBFS for 2 s
      Then the true peak is never above that threshold by more than 0.2 dB
