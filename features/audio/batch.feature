@audio
Feature: A whole recording is processed in one go
  Who has a finished recording does not want to play it. It is handed in as a file, and comes back processed, as long as it was and in
  the form that was asked for.

  Rule: A recording comes back as it was, where nothing is to be done to it

    @AUD-120 @needs.batch @smoke
    Scenario Outline: A recording that is handed in as <form>
      Given a recording of white noise at -12 dBFS for 2 s
      When it is handed in as <form>, to a pipeline without stages
      Then the listener hears exactly what was played
      And the recording that came back lasts 2 s

      Examples: Forms
        | form        |
        | WAV         |
        | FLAC        |
        | bare base64 |

    @AUD-121 @needs.batch
    Scenario Outline: A recording that is wanted back as <form>
      Given a recording of speech-like sound at -20 dBFS for 2 s
      When it is handed in and wanted back as <form>, from a pipeline without stages
      Then the listener hears exactly what was played
      And the recording that came back is <form>

      Examples: Forms
        | form        |
        | WAV         |
        | FLAC        |
        | bare base64 |

    @AUD-122 @needs.batch
    Scenario Outline: A recording at <rate> Hz keeps its sample rate
      Given a recording at <rate> Hz of a tone of 1,000 Hz at -20 dBFS for 1 s
      When it is handed in as WAV, to a pipeline without stages
      Then the listener hears exactly what was played
      And the recording that came back has <rate> Hz

      Examples: Sample rates
        | rate   |
        | 8,000  |
        | 44,100 |
        | 48,000 |

    @AUD-123 @needs.batch
    Scenario: A recording of ten minutes
      Given a recording of a tone of 440 Hz at -20 dBFS for 600 s
      When it is handed in as FLAC, to a pipeline without stages
      Then the listener hears exactly what was played
      And the recording that came back lasts 600 s

  Rule: What stages do to a recording is heard

    @AUD-124 @needs.batch @smoke
    Scenario: An equalizer works on a recording
      Given a pipeline that has an equalizer
      And a recording of a tone of 100 Hz at -20 dBFS and a tone of 1,000 Hz at -20 dBFS for 2 s
      When it is handed in as WAV, to a pipeline with an equalizer with a peak of 6 dB and q 2 at 1,000 Hz
      Then the tone of 1,000 Hz rises by 6 dB ± 0.5 dB
      And the tone of 100 Hz stays within 0.5 dB

    @AUD-125 @needs.batch
    Scenario: The stages of a recording work in the order of their connections
      Given a pipeline that has a compressor, then a voice activity detection
      And a recording of a square wave of 500 Hz at -20 dBFS for 3 s
      When it is handed in as WAV, to a pipeline with a hard-knee compressor with threshold -20 dB and ratio 4, then a voice activity detection with gain out 8 dB, listed the other way round
      Then the listener hears it at -12 dBFS ± 0.5 dB

    @AUD-126 @needs.batch
    Scenario Outline: A recording through <stage> sounds as it does when it is played
      Given a pipeline that has <stage>
      And a recording of speech-like sound at -20 dBFS for 2 s
      When it is handed in as WAV, to a pipeline with <stage>, and played to another
      Then the listener hears the same in both, within 0.0001 of full scale

      Examples: Stages that weigh nothing against what comes later
        | stage                                               |
        | a voice filter                                      |
        | an equalizer with a peak of 12 dB and q 8 at 250 Hz |
        | a voice activity detection with gain in -6 dB       |

  Rule: What comes back lines up with what was handed in

    @AUD-127 @needs.batch
    Scenario Outline: A recording through <stage>
      Given a pipeline that has <stage>
      And a recording of speech-like sound at -30 dBFS for 2 s
      When it is handed in as WAV, to a pipeline with <stage>
      Then the listener hears exactly what was played
      And the recording that came back lasts 2 s

      Examples: Stages that may look ahead, and have nothing to do
        | stage                                                                    |
        | a limiter with threshold -1 dB                                           |
        | a noise reduction with strength 0                                        |
        | a noise reduction with strength 0, then a limiter with threshold -1 dB   |

    @AUD-128 @needs.batch
    Scenario: A noise reduction at work keeps the length
      Given a pipeline that has a noise reduction
      And a recording of speech-like sound at -20 dBFS and white noise at -45 dBFS for 2.345 s
      When it is handed in as WAV, to a pipeline with a noise reduction with strength 0.7
      Then what the listener hears lines up within 1 ms
      And the recording that came back lasts 2.345 s

  Rule: Another sample rate keeps what fits into it and nothing else

    @AUD-129 @needs.batch
    Scenario: A tone that does not fit is taken away
      Given a recording at 48,000 Hz of a tone of 10,000 Hz at -6 dBFS for 2 s
      When it is handed in as WAV and wanted back at 16,000 Hz, from a pipeline without stages
      Then what is left of it is at -50 dBFS at most
      And the recording that came back has 16,000 Hz
      And the recording that came back lasts 2 s

    @AUD-130 @needs.batch
    Scenario Outline: A tone that fits stays when <from> Hz become <to> Hz
      Given a recording at <from> Hz of a tone of 1,000 Hz at -20 dBFS for 2 s
      When it is handed in as WAV and wanted back at <to> Hz, from a pipeline without stages
      Then what came back has a tone of 1,000 Hz at -20 dBFS ± 0.5 dB, and nothing else over -70 dBFS
      And the recording that came back has <to> Hz
      And the recording that came back lasts 2 s

      Examples: Down and up
        | from   | to     |
        | 48,000 | 16,000 |
        | 44,100 | 16,000 |
        | 8,000  | 48,000 |

  Rule: The figures of a recording are those of its sound

    @AUD-131 @needs.batch
    Scenario Outline: The figures of <sound>
      Given a recording of <sound> for 2 s
      When it is handed in as WAV, to a pipeline without stages
      Then its figures tell of <level> dBFS and of peaks at <peak> dBFS, both ± 0.1 dB

      Examples: Known levels
        | sound                             | level | peak  |
        | a tone of 440 Hz at 0 dBFS        | -3.01 | 0     |
        | a tone of 1,000 Hz at -6.02 dBFS  | -9.03 | -6.02 |
        | a square wave of 500 Hz at 0 dBFS | 0     | 0     |

  Rule: What cannot be processed is refused with the reason

    @AUD-132 @needs.batch
    Scenario Outline: Somebody hands in <recording>
      Given a pipeline
      When somebody hands in <recording>
      Then it is refused as <refusal>, with a code and a reason
      And a right recording is processed afterwards

      Examples: No recording
        | recording                               | refusal          |
        | nothing                                 | incomplete       |
        | an empty file                           | no sound, at all |
        | a text that is called a WAV file        | unreadable       |
        | a WAV file of which the beginning is lost | unreadable     |
        | a picture                               | unreadable       |

      Examples: No configuration
        | recording                                         | refusal             |
        | a recording for a stage that nobody knows         | wrongly configured  |
        | a recording for a voice filter with a gain in of 21 dB | wrongly configured |
        | a recording with connections that go in a circle  | wrongly configured  |
        | a recording with a configuration that breaks off | wrongly configured |
