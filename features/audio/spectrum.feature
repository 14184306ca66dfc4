@audio
Feature: The spectrum of a sound is told as it is
  An engineer looks at a spectrum and turns knobs. A picture that shows the peak one step beside its place, or 6 dB too low, is
  worse than none.

  Rule: A tone stands where it is

    @AUD-150 @needs.analysis @smoke
    Scenario Outline: A tone of <frequency> Hz
      Given a recording of a tone of <frequency> Hz at -6 dBFS for 2 s
      When its spectrum is asked for
      Then its peak is at <frequency> Hz ± 7.8125 Hz

      Examples: Frequencies
        | frequency |
        | 100       |
        | 440       |
        | 1,000     |
        | 3,500     |
        | 7,000     |

    @AUD-151 @needs.analysis
    Scenario Outline: A tone of <frequency> Hz at <rate> Hz
      Given a recording at <rate> Hz of a tone of <frequency> Hz at -6 dBFS for 1 s
      When its spectrum is asked for
      Then its peak is at <frequency> Hz ± <step> Hz
      And the spectrum goes from 0 Hz to half of <rate> Hz in steps of <step> Hz

      Examples: Sample rates
        | rate   | frequency | step       |
        | 8,000  | 1,000     | 3.90625    |
        | 44,100 | 10,000    | 21.5332031 |
        | 48,000 | 15,000    | 23.4375    |

  Rule: A level reads what it is

    @AUD-152 @needs.analysis @smoke
    Scenario Outline: A tone at full scale, in windows of <size> samples
      Given a recording of a tone of 1,000 Hz at 0 dBFS for 2 s
      When its spectrum is asked for in windows of <size> samples
      Then the tone of 1,000 Hz reads 0 dBFS ± 0.1 dB
      And the spectrum goes from 0 Hz to half of 16,000 Hz in steps of <step> Hz

      Examples: Sizes of a window
        | size  | step     |
        | 512   | 31.25    |
        | 1,024 | 15.625   |
        | 2,048 | 7.8125   |
        | 8,192 | 1.953125 |

    @AUD-153 @needs.analysis
    Scenario: Two tones, one of them faint
      Given a recording of a tone of 440 Hz at -6.02 dBFS and a tone of 2,000 Hz at -26.02 dBFS for 2 s
      When its spectrum is asked for
      Then the tone of 440 Hz reads -6.02 dBFS ± 0.5 dB
      And the tone of 2,000 Hz reads -26.02 dBFS ± 0.5 dB
      And its peak is at 440 Hz ± 7.8125 Hz

    @AUD-154 @needs.analysis
    Scenario: A tone that is there half of the time has half of the power
      Given a recording of a tone of 1,000 Hz at 0 dBFS for 4 s and silence for 4 s after it
      When its spectrum is asked for
      Then the tone of 1,000 Hz reads -3.01 dBFS ± 0.2 dB

    @AUD-155 @needs.analysis
    Scenario: Silence
      Given a recording of silence for 1 s
      When its spectrum is asked for
      Then nothing in it reads more than -96 dBFS

  Rule: The centroid is where the weight of a sound lies

    @AUD-156 @needs.analysis
    Scenario Outline: The centroid of <sound>
      Given a recording of <sound> for 2 s
      When its spectrum is asked for
      Then its centroid is at <centroid> Hz ± 50 Hz

      Examples: Tones
        | sound                                                              | centroid |
        | a tone of 1,000 Hz at -6 dBFS                                      | 1,000    |
        | a tone of 1,000 Hz at -12 dBFS and a tone of 3,000 Hz at -12 dBFS  | 2,000    |

  Rule: The same sound has the same spectrum

    @AUD-157 @needs.analysis
    Scenario: A spectrum is asked for twice
      Given a recording of white noise at -20 dBFS for 2 s
      When its spectrum is asked for twice
      Then both answers are the same, number by number

  Rule: What has no spectrum is refused with the reason

    @AUD-158 @needs.analysis
    Scenario Outline: A spectrum is asked for of <what>
      Given a pipeline
      When somebody asks for the spectrum of <what>
      Then it is refused as a mistake, with a code and a reason

      Examples: Windows
        | what                               |
        | a tone in windows of 1,000 samples |
        | a tone in windows of 256 samples   |
        | a tone in windows of 16,384 samples |

      Examples: Sounds
        | what                          |
        | half a sample                 |
        | something that is no base64   |
        | nothing                       |
