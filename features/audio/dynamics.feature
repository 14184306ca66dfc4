@audio
Feature: Loud and quiet voices come out as loud as they are to be
  One whispers, the next one shouts. A compressor, an automatic gain control and a limiter bring them together, by rules that
  can be written down. Levels are those of the last third of what was played, when a stage has settled; a square wave reads
  the same by its peaks and by its power.

  Rule: A compressor follows its curve

    @AUD-80 @smoke
    Scenario Outline: A ratio of 4 over a threshold of -20 dB: <level> dBFS
      Given a session through a hard-knee compressor with threshold -20 dB and ratio 4
      When the speaker plays a square wave of 500 Hz at <level> dBFS for 3 s
      Then the listener hears it at <heard> dBFS ± 0.5 dB

      Examples: The curve
        | level | heard |
        | -40   | -40   |
        | -20   | -20   |
        | -10   | -17.5 |
        | 0     | -15   |

    @AUD-81
    Scenario Outline: A ratio of <ratio> over a threshold of <threshold> dB: <level> dBFS
      Given a session through a hard-knee compressor with threshold <threshold> dB, ratio <ratio> and makeup <makeup> dB
      When the speaker plays a square wave of 500 Hz at <level> dBFS for 3 s
      Then the listener hears it at <heard> dBFS ± 0.5 dB

      Examples: Other ratios
        | threshold | ratio | makeup | level | heard |
        | -20       | 1     | 0      | -10   | -10   |
        | -20       | 2     | 0      | -10   | -15   |
        | -20       | 10    | 0      | -10   | -19   |

      Examples: Other thresholds
        | threshold | ratio | makeup | level | heard |
        | -30       | 4     | 0      | -10   | -25   |
        | -10       | 4     | 0      | -15   | -15   |

      Examples: What is made up for
        | threshold | ratio | makeup | level | heard |
        | -20       | 4     | 6      | -40   | -34   |
        | -20       | 4     | 6      | -10   | -11.5 |

  Rule: An automatic gain control brings every voice to one level

    @AUD-82 @smoke
    Scenario Outline: A voice at <level> dBFS is brought to <target> dBFS
      Given a session through an automatic gain control with target level <target> dB and max gain 20 dB
      When the speaker plays speech-like sound at <level> dBFS for 10 s
      Then the listener hears it at <target> dBFS ± 1.5 dB

      Examples: Quiet, right and loud
        | level | target |
        | -35   | -20    |
        | -20   | -20    |
        | -10   | -20    |
        | -35   | -26    |

    @AUD-83
    Scenario: No voice is raised by more than was allowed
      Given a session through an automatic gain control with target level -20 dB and max gain 6 dB
      When the speaker plays speech-like sound at -45 dBFS for 10 s
      Then the sound rises by at most 6.5 dB

  Rule: A limiter lets nothing over its threshold, not even between the samples

    @AUD-84 @smoke
    Scenario: The peaks of a tone lie between the samples
      Given a session through a limiter with threshold -6 dB
      When the speaker plays a tone of 4,000 Hz at 0 dBFS, with its peaks between the samples for 1 s
      Then the true peak is never above -5.8 dBTP

    @AUD-85
    Scenario Outline: A limiter set to <threshold> dB meets <sound>
      Given a session through a limiter with threshold <threshold> dB
      When the speaker plays <sound> for 2 s
      Then the true peak is never above <most> dBTP

      Examples: Thresholds
        | threshold | sound                        | most  |
        | -1        | a tone of 1,000 Hz at 0 dBFS | -0.8  |
        | -6        | a tone of 1,000 Hz at 0 dBFS | -5.8  |
        | -20       | a tone of 1,000 Hz at 0 dBFS | -19.8 |

      Examples: Sounds
        | threshold | sound                                  | most |
        | -6        | bursts of a tone of 1,000 Hz at 0 dBFS | -5.8 |
        | -6        | speech-like sound at -8 dBFS           | -5.8 |
        | -6        | bursts of speech-like sound at -8 dBFS | -5.8 |

    @AUD-86
    Scenario: A limiter is the same at 48,000 Hz
      Given a session at 48,000 Hz through a limiter with threshold -6 dB
      When the speaker plays a tone of 12,000 Hz at 0 dBFS, with its peaks between the samples for 1 s
      Then the true peak is never above -5.8 dBTP

  Rule: A limiter leaves what is quiet, and leaves as much as it may of what is loud

    @AUD-87
    Scenario Outline: A limiter set to -6 dB leaves <sound> as it is
      Given a session through a limiter with threshold -6 dB
      When the speaker plays <sound> for 1 s
      Then the listener hears exactly what was played

      Examples: Quiet sounds
        | sound                          |
        | a tone of 1,000 Hz at -12 dBFS |
        | speech-like sound at -30 dBFS  |
        | silence                        |

    @AUD-88
    Scenario: A tone that is too loud comes out as loud as it may
      Given a session through a limiter with threshold -6 dB
      When the speaker plays a tone of 1,000 Hz at 0 dBFS for 1 s
      Then the tone of 1,000 Hz falls by 6 dB ± 2 dB
