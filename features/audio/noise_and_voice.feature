@audio
Feature: A voice is found, freed of noise and made clearer
  In a call from a train there is a voice, and there is noise. Some stages tell the two apart; others must leave the voice alone
  while they work on the noise, or make the voice clearer. Levels are those of the last third of what was played, when a stage
  has settled.

  Rule: Voice activity detection flags voices, and nothing that is steady

    @AUD-89 @smoke
    Scenario Outline: Bursts of speech <around>
      Given a session through a voice activity detection
      When the speaker plays <sound> for 9 s
      Then every burst after the first 3 s is flagged as voice
      And no pause after the first 3 s is flagged as voice at its end

      Examples: Around the bursts
        | around         | sound                                                               |
        | in silence     | bursts of speech-like sound at -20 dBFS                             |
        | that are faint | bursts of speech-like sound at -30 dBFS                             |
        | in faint noise | bursts of speech-like sound at -20 dBFS and white noise at -60 dBFS |

    @AUD-118
    Scenario Outline: Voices are found at <rate> Hz
      Given a session at <rate> Hz through a voice activity detection
      When the speaker plays bursts of speech-like sound at -20 dBFS and white noise at -60 dBFS for 9 s
      Then every burst after the first 3 s is flagged as voice
      And no pause after the first 3 s is flagged as voice at its end

      Examples: Sample rates
        | rate   |
        | 8,000  |
        | 48,000 |

    @AUD-90
    Scenario Outline: There is no voice in <sound>
      Given a session through a voice activity detection
      When the speaker plays <sound> for 6 s
      Then nothing after the first 3 s is flagged as voice

      Examples: Without a voice
        | sound                   |
        | silence                 |
        | white noise at -50 dBFS |
        | white noise at -34 dBFS |

  Rule: Voice activity detection leaves the sound alone

    @AUD-91
    Scenario Outline: A detection with <parameters> changes nothing
      Given a session through a voice activity detection with <parameters>
      When the speaker plays bursts of speech-like sound at -20 dBFS for 2 s
      Then the listener hears exactly what was played

      Examples: Eager and reluctant
        | parameters                                |
        | aggressiveness 0 and frame duration 10 ms |
        | aggressiveness 1 and frame duration 20 ms |
        | aggressiveness 3 and frame duration 30 ms |

  Rule: Noise reduction takes away noise and leaves the rest

    @AUD-92
    Scenario: Noise reduction without strength changes nothing
      Given a session through a noise reduction with strength 0
      When the speaker plays a tone of 1,000 Hz at -20 dBFS and white noise at -40 dBFS for 2 s
      Then the listener hears exactly what was played

    @AUD-93 @smoke
    Scenario Outline: White noise at <noise> dBFS lies under a tone of <frequency> Hz
      Given a session through a noise reduction with strength 0.7
      When the speaker plays a tone of <frequency> Hz at -20 dBFS and white noise at <noise> dBFS for 6 s
      Then the noise beside the tone of <frequency> Hz falls by at least 6 dB
      And the tone of <frequency> Hz stays within 1 dB

      Examples: Tones and noise
        | frequency | noise |
        | 1,000     | -40   |
        | 440       | -50   |

    @AUD-94
    Scenario: Noise reduction at its strongest
      Given a session through a noise reduction with strength 1
      When the speaker plays a tone of 1,000 Hz at -20 dBFS and white noise at -40 dBFS for 6 s
      Then the noise beside the tone of 1,000 Hz falls by at least 6 dB

    @AUD-116
    Scenario Outline: Noise is taken away at <rate> Hz
      Given a session at <rate> Hz through a noise reduction with strength 0.7
      When the speaker plays a tone of 1,000 Hz at -20 dBFS and white noise at -40 dBFS for 6 s
      Then the noise beside the tone of 1,000 Hz falls by at least 6 dB
      And the tone of 1,000 Hz stays within 1 dB

      Examples: Sample rates
        | rate   |
        | 8,000  |
        | 48,000 |

  Rule: Voice enhancement moves presence and bass where it is told to

    @AUD-95
    Scenario: An enhancement by nothing changes nothing
      Given a session through a voice enhancement with clarity 0 and warmth 0
      When the speaker plays speech-like sound at -20 dBFS for 2 s
      Then the listener hears exactly what was played

    @AUD-96 @smoke
    Scenario Outline: A voice with clarity <clarity> and warmth <warmth>
      Given a session through a voice enhancement with clarity <clarity> and warmth <warmth>
      When the speaker plays speech-like sound at -25 dBFS for 3 s
      Then the <band> <answer>

      Examples: Full ends
        | clarity | warmth | band     | answer                 |
        | 1       | 0      | presence | rises by at least 1 dB |
        | 0       | 1      | bass     | rises by at least 1 dB |
        | 0       | -1     | bass     | falls by at least 1 dB |

      Examples: Half way
        | clarity | warmth | band     | answer                   |
        | 0.5     | 0      | presence | rises by at least 0.3 dB |
        | 0       | 0.5    | bass     | rises by at least 0.3 dB |
        | 0       | -0.5   | bass     | falls by at least 0.3 dB |

    @AUD-117
    Scenario Outline: A voice at 48,000 Hz with clarity <clarity> and warmth <warmth>
      Given a session at 48,000 Hz through a voice enhancement with clarity <clarity> and warmth <warmth>
      When the speaker plays speech-like sound at -25 dBFS for 3 s
      Then the <band> <answer>

      Examples: Full ends
        | clarity | warmth | band     | answer                 |
        | 1       | 0      | presence | rises by at least 1 dB |
        | 0       | -1     | bass     | falls by at least 1 dB |
