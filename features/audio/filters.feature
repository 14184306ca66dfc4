@audio
Feature: Filters take away what lies beside a voice and colour what is left
  Whoever listens to a voice wants neither the hum below it nor the hiss above it. Whoever sets an equalizer wants what it was
  set to, at the frequency it was set to, and nothing else. Levels are those of the last third of what was played, when a
  stage has settled.

  Rule: A voice filter lets a voice pass and takes away what lies below and above it

    @AUD-70 @smoke
    Scenario Outline: A tone of <frequency> Hz meets a voice filter that was set to nothing
      Given a session through a voice filter
      When the speaker plays a tone of <frequency> Hz at -12 dBFS for 1 s
      Then the tone of <frequency> Hz <answer>

      Examples: Below, within and above a voice
        | frequency | answer                  |
        | 100       | falls by at least 12 dB |
        | 1,000     | stays within 1 dB       |
        | 7,000     | falls by at least 12 dB |

    @AUD-71
    Scenario Outline: A voice filter is the same at <rate> Hz
      Given a session at <rate> Hz through a voice filter
      When the speaker plays a tone of 100 Hz at -20 dBFS and a tone of 1,000 Hz at -20 dBFS and a tone of <high> Hz at -20 dBFS for 1 s
      Then the tone of 1,000 Hz stays within 1 dB
      And the tone of 100 Hz falls by at least 12 dB
      And the tone of <high> Hz <answer>

      Examples: Sample rates
        | rate   | high  | answer                  |
        | 8,000  | 2,000 | stays within 1 dB       |
        | 44,100 | 7,000 | falls by at least 12 dB |
        | 48,000 | 7,000 | falls by at least 12 dB |

    @AUD-72
    Scenario Outline: A voice filter with <edge>
      Given a session through a voice filter with <edge>
      When the speaker plays a tone of <frequency> Hz at -12 dBFS for 1 s
      Then the tone of <frequency> Hz <answer>

      Examples: Other edges
        | edge               | frequency | answer                 |
        | low edge 800 Hz    | 400       | falls by at least 5 dB |
        | low edge 100 Hz    | 250       | stays within 3 dB      |
        | high edge 2,000 Hz | 3,400     | falls by at least 5 dB |
        | high edge 6,000 Hz | 4,500     | stays within 3 dB      |

    @AUD-73
    Scenario Outline: The steepest voice filter takes away more at <frequency> Hz than the gentlest
      Given a session through a voice filter with the least order and one through a voice filter with the greatest order
      When the speaker plays a tone of <frequency> Hz at -12 dBFS for 1 s in both
      Then the tone of <frequency> Hz is at least 6 dB lower in the second

      Examples: Below and above a voice
        | frequency |
        | 100       |
        | 7,000     |

  Rule: An equalizer raises and lowers what it is told to, and leaves the rest

    @AUD-74 @smoke
    Scenario: 6 dB more at 1,000 Hz
      Given a session through an equalizer with a peak of 6 dB and q 1 at 1,000 Hz
      When the speaker plays a tone of 100 Hz at -20 dBFS and a tone of 1,000 Hz at -20 dBFS for 1 s
      Then the tone of 1,000 Hz rises by 6 dB ± 0.5 dB
      And the tone of 100 Hz stays within 0.5 dB

    @AUD-75
    Scenario Outline: A peak of <gain> dB at <centre> Hz
      Given a session through an equalizer with a peak of <gain> dB and q 2 at <centre> Hz
      When the speaker plays a tone of <centre> Hz at -20 dBFS and a tone of <far> Hz at -20 dBFS for 1 s
      Then the tone of <centre> Hz <answer>
      And the tone of <far> Hz stays within 0.5 dB

      Examples: Gains
        | gain | centre | far | answer                  |
        | 12   | 1,000  | 100 | rises by 12 dB ± 0.5 dB |
        | 0    | 1,000  | 100 | stays within 0.5 dB     |
        | -12  | 1,000  | 100 | falls by 12 dB ± 0.5 dB |

      Examples: Frequencies
        | gain | centre | far   | answer                 |
        | 6    | 250    | 2,000 | rises by 6 dB ± 0.5 dB |
        | 6    | 4,000  | 500   | rises by 6 dB ± 0.5 dB |

    @AUD-76
    Scenario Outline: A peak with q <q> and its neighbour
      Given a session through an equalizer with a peak of 12 dB and q <q> at 1,000 Hz
      When the speaker plays a tone of 1,500 Hz at -20 dBFS for 1 s
      Then the tone of 1,500 Hz <answer>

      Examples: Narrow and wide
        | q   | answer                 |
        | 8   | stays within 2 dB      |
        | 0.5 | rises by at least 6 dB |

    @AUD-77
    Scenario Outline: An equalizer with <band>
      Given a session through an equalizer with <band>
      When the speaker plays a tone of <near> Hz at -20 dBFS and a tone of <far> Hz at -20 dBFS for 1 s
      Then the tone of <near> Hz <answer>
      And the tone of <far> Hz stays within 0.5 dB

      Examples: Shelves
        | band                              | near  | far   | answer                 |
        | a low shelf of 6 dB at 400 Hz     | 50    | 4,000 | rises by 6 dB ± 0.5 dB |
        | a low shelf of -6 dB at 400 Hz    | 50    | 4,000 | falls by 6 dB ± 0.5 dB |
        | a high shelf of 6 dB at 1,000 Hz  | 7,000 | 100   | rises by 6 dB ± 0.5 dB |
        | a high shelf of -6 dB at 1,000 Hz | 7,000 | 100   | falls by 6 dB ± 0.5 dB |

      Examples: Passes
        | band                    | near  | far   | answer                  |
        | a low pass at 1,000 Hz  | 7,000 | 100   | falls by at least 12 dB |
        | a high pass at 1,000 Hz | 100   | 7,000 | falls by at least 12 dB |

    @AUD-78
    Scenario: Two bands at once
      Given a session through an equalizer with a peak of 6 dB and q 2 at 250 Hz and a peak of -6 dB and q 2 at 4,000 Hz
      When the speaker plays a tone of 250 Hz at -20 dBFS and a tone of 1,000 Hz at -20 dBFS and a tone of 4,000 Hz at -20 dBFS for 1 s
      Then the tone of 250 Hz rises by 6 dB ± 0.5 dB
      And the tone of 1,000 Hz stays within 0.5 dB
      And the tone of 4,000 Hz falls by 6 dB ± 0.5 dB

    @AUD-79
    Scenario Outline: An equalizer is the same at <rate> Hz
      Given a session at <rate> Hz through an equalizer with a peak of 6 dB and q 2 at 1,000 Hz
      When the speaker plays a tone of 100 Hz at -20 dBFS and a tone of 1,000 Hz at -20 dBFS and a tone of 3,000 Hz at -20 dBFS for 1 s
      Then the tone of 1,000 Hz rises by 6 dB ± 0.5 dB
      And the tone of 100 Hz stays within 0.5 dB
      And the tone of 3,000 Hz stays within 0.5 dB

      Examples: Sample rates
        | rate   |
        | 8,000  |
        | 44,100 |
        | 48,000 |
