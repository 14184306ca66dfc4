@audio
Feature: Loudness is measured as broadcasters agreed
  Loudness is what people hear, weighed and gated as ITU-R BS.1770-4 says. The signals and the answers are those of EBU Tech 3341 and
  3342, so that nobody has to take anybody's word for them.

  Rule: Loudness is that of the programme, not of its pauses

    @AUD-160 @needs.analysis @smoke
    Scenario Outline: EBU Tech 3341, case <case>: <levels>
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at <levels>
      When its loudness is asked for
      Then the integrated loudness is <loudness> LUFS ± 0.1 LU

      Examples: One level
        | case | levels            | loudness |
        | 1    | -23 dBFS for 20 s | -23      |
        | 2    | -33 dBFS for 20 s | -33      |

      Examples: Several, of which the quiet ones do not count
        | case | levels                                                                                                    | loudness |
        | 3    | -36 dBFS for 10 s, -23 dBFS for 60 s, -36 dBFS for 10 s                                                   | -23      |
        | 4    | -72 dBFS for 10 s, -36 dBFS for 10 s, -23 dBFS for 60 s, -36 dBFS for 10 s, -72 dBFS for 10 s             | -23      |
        | 5    | -26 dBFS for 20 s, -20 dBFS for 20.1 s, -26 dBFS for 20 s                                                 | -23      |

    @AUD-161 @needs.analysis
    Scenario Outline: One channel of a tone of <frequency> Hz at 0 dBFS
      Given a recording at <rate> Hz of a tone of <frequency> Hz at 0 dBFS for 5 s
      When its loudness is asked for
      Then the integrated loudness is <loudness> LUFS ± 0.1 LU

      Examples: The tone that the scale is made for
        | rate   | frequency | loudness |
        | 48,000 | 997       | -3.01    |
        | 16,000 | 997       | -3.01    |
        | 44,100 | 997       | -3.01    |

      Examples: Tones that are heard less, and more
        | rate   | frequency | loudness |
        | 48,000 | 50        | -7.64    |
        | 48,000 | 100       | -4.83    |
        | 48,000 | 4,000     | 0.27     |

    @AUD-162 @needs.analysis
    Scenario: Silence has no loudness
      Given a recording of silence for 5 s
      When its loudness is asked for
      Then there is no integrated loudness

  Rule: The loudest moment is found wherever it lies

    @AUD-163 @needs.analysis
    Scenario: EBU Tech 3341, case 1, by the moment
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at -23 dBFS for 20 s
      When its loudness is asked for
      Then the momentary loudness is -23 LUFS ± 0.1 LU
      And the short-term loudness is -23 LUFS ± 0.1 LU

    @AUD-164 @needs.analysis
    Scenario: EBU Tech 3341, case 9: levels that change within three seconds
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz, 5 times at -20 dBFS for 1.34 s, -30 dBFS for 1.66 s
      When its loudness is asked for
      Then the short-term loudness is -23 LUFS ± 0.1 LU

    @AUD-165 @needs.analysis
    Scenario: EBU Tech 3341, case 12: levels that change within 0.4 s
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz, 25 times at -20 dBFS for 0.18 s, -30 dBFS for 0.22 s
      When its loudness is asked for
      Then the momentary loudness is -23 LUFS ± 0.1 LU

    @AUD-166 @needs.analysis
    Scenario: EBU Tech 3341, case 13: 0.4 s of sound, wherever it begins
      Given 20 stereo recordings at 48,000 Hz of a tone of 1,000 Hz at -23 dBFS for 0.4 s, each beginning 0.02 s later
      When the loudness of each is asked for
      Then each momentary loudness is -23 LUFS ± 0.1 LU

    @AUD-175 @needs.analysis
    Scenario: Three loud seconds that are over
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at -33 dBFS for 5 s, -23 dBFS for 3 s, -43 dBFS for 5 s
      When its loudness is asked for
      Then the momentary loudness is -23 LUFS ± 0.1 LU
      And the short-term loudness is -23 LUFS ± 0.1 LU

  Rule: The loudness range is how far loud and quiet lie apart

    @AUD-167 @needs.analysis
    Scenario Outline: EBU Tech 3342, case <case>: <levels>
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at <levels>
      When its loudness is asked for
      Then the loudness range is <range> LU ± 1 LU

      Examples: Ranges
        | case | levels                                                                                        | range |
        | 1    | -20 dBFS for 20 s, -30 dBFS for 20 s                                                          | 10    |
        | 2    | -20 dBFS for 20 s, -15 dBFS for 20 s                                                          | 5     |
        | 3    | -40 dBFS for 20 s, -20 dBFS for 20 s                                                          | 20    |
        | 4    | -50 dBFS for 20 s, -35 dBFS for 20 s, -20 dBFS for 20 s, -35 dBFS for 20 s, -50 dBFS for 20 s | 15    |

    @AUD-176 @needs.analysis
    Scenario: What changes from moment to moment is no range
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz, 40 times at -20 dBFS for 0.5 s, -30 dBFS for 0.5 s
      When its loudness is asked for
      Then the loudness range is 0 LU ± 1 LU

    @AUD-168 @needs.analysis
    Scenario: Two seconds are too short for a range
      Given a recording of a tone of 1,000 Hz at -23 dBFS for 2 s
      When its loudness is asked for
      Then there is no loudness range

  Rule: The true peak is that of the sound, not of its samples

    @AUD-169 @needs.analysis
    Scenario Outline: EBU Tech 3341, case <case>: <part> of the sample rate, from <phase> degrees on
      Given a recording at 48,000 Hz of a tone at <part> of the sample rate, from <phase> degrees on, with an amplitude of <amplitude>
      When its loudness is asked for
      Then the true peak is <peak> dBTP, at most 0.2 dB over and 0.4 dB under that

      Examples: Peaks between the samples
        | case | part       | phase | amplitude | peak |
        | 15   | a quarter  | 0     | 0.5       | -6   |
        | 16   | a quarter  | 45    | 0.5       | -6   |
        | 17   | a sixth    | 60    | 0.5       | -6   |
        | 18   | an eighth  | 67.5  | 0.5       | -6   |
        | 19   | a quarter  | 45    | 1.41      | 3    |

  Rule: What is not as loud as agreed is found, and how much it lacks

    @AUD-170 @needs.analysis
    Scenario Outline: A programme at <level> dBFS for a target of <target> LUFS
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at <level> dBFS for 10 s
      When its loudness is asked for, for a target of <target> LUFS
      Then it lacks <gain> dB ± 0.1 dB

      Examples: Quiet, right and loud
        | level | target | gain |
        | -33   | -23    | 10   |
        | -23   | -23    | 0    |
        | -10   | -23    | -13  |
        | -23   | -16    | 7    |

    @AUD-171 @needs.analysis
    Scenario Outline: A programme at <level> dBFS is <verdict>
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at <level> dBFS for 10 s
      When its loudness is asked for
      Then it is <verdict>

      Examples: By EBU R128
        | level | verdict       |
        | -23   | compliant     |
        | -33   | not compliant |
        | -20   | not compliant |

    @AUD-172 @needs.analysis
    Scenario: A programme with one peak that is too high
      Given a stereo recording at 48,000 Hz of a tone of 1,000 Hz at -23 dBFS for 20 s, with a click at 0 dBFS
      When its loudness is asked for
      Then the integrated loudness is -23 LUFS ± 0.3 LU
      And it is not compliant

  Rule: The same sound has the same loudness

    @AUD-173 @needs.analysis
    Scenario: The loudness is asked for twice
      Given a recording of speech-like sound at -20 dBFS for 10 s
      When its loudness is asked for twice
      Then both answers are the same, number by number

  Rule: What has no loudness is refused with the reason

    @AUD-174 @needs.analysis
    Scenario Outline: The loudness is asked for of <what>
      Given a pipeline
      When somebody asks for the loudness of <what>
      Then it is refused as a mistake, with a code and a reason

      Examples: Sounds
        | what                                  |
        | half a sample                         |
        | something that is no base64           |
        | nothing                               |
        | a tone at a sample rate of 0 Hz       |
        | a tone on 0 channels                  |
