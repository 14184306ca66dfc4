@audio
Feature: Everything that is sent comes out equally loud
  Broadcasters agree on loudness as people hear it, not on peaks. Whatever comes in, the stage brings it to the agreed loudness
  and keeps it there; the suite measures that with a meter of its own, by ITU-R BS.1770-4.

  Rule: After 10 s the loudness is the target

    @AUD-97
    Scenario Outline: <sound> is brought to <target> LUFS
      Given a session through a loudness normalization with target <target> LUFS
      When the speaker plays <sound> for 20 s
      Then the loudness after the first 10 s is <target> LUFS ± 0.5 LU

      Examples: A steady sound, as the ear weighs it
        | sound                          | target |
        | a tone of 1,000 Hz at -30 dBFS | -23    |
        | a tone of 1,000 Hz at -10 dBFS | -23    |
        | a tone of 100 Hz at -20 dBFS   | -23    |
        | a tone of 4,000 Hz at -20 dBFS | -23    |

      Examples: A voice
        | sound                         | target |
        | speech-like sound at -35 dBFS | -23    |
        | speech-like sound at -15 dBFS | -23    |

      Examples: Other targets
        | sound                          | target |
        | a tone of 1,000 Hz at -20 dBFS | -16    |
        | a tone of 1,000 Hz at -20 dBFS | -36    |
        | a tone of 1,000 Hz at -20 dBFS | -60    |

    @AUD-98
    Scenario: A loudness is the same at 48,000 Hz
      Given a session at 48,000 Hz through a loudness normalization with target -23 LUFS
      When the speaker plays a tone of 4,000 Hz at -20 dBFS for 20 s
      Then the loudness after the first 10 s is -23 LUFS ± 0.5 LU

  Rule: The peak that was allowed goes before the loudness

    @AUD-99
    Scenario: A target that cannot be reached
      Given a session through a loudness normalization with target 0 LUFS and max peak -6 dB
      When the speaker plays speech-like sound at -20 dBFS for 10 s
      Then no sample is above -5.8 dBFS
