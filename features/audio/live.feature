@audio
Feature: A stage is changed while somebody speaks
  Whoever mixes a talk turns a knob while it runs and listens. What was turned must be heard, from where it was announced and
  without a click; that the pipeline says yes is not enough.

  Rule: A change is heard from the announced chunk on, and not before

    @AUD-40 @smoke @needs.live_parameters
    Scenario Outline: <stage> is changed to <changed>
      Given a session through <stage>
      When the speaker plays <sound> for 2 s and half way has it changed to <changed>
      Then the change is confirmed, from one of the next chunks on
      And until then the listener hears exactly what a session that is left alone gives
      And within 3 chunks the level is that of a session that began so, ± 0.5 dB
      And that is at least <difference> dB from where it was

      Examples: An equalizer
        | stage                                                | changed                                               | sound                          | difference |
        | an equalizer with a peak of -6 dB and q 1 at 1,000 Hz | an equalizer with a peak of 6 dB and q 1 at 1,000 Hz  | a tone of 1,000 Hz at -20 dBFS | 11         |
        | an equalizer with a peak of 6 dB and q 2 at 500 Hz   | an equalizer with a peak of 6 dB and q 2 at 2,000 Hz  | a tone of 2,000 Hz at -20 dBFS | 4          |

      Examples: A compressor
        | stage                                                                           | changed                                                                                          | sound                                 | difference |
        | a hard-knee compressor with threshold -20 dB, ratio 4, attack 5 ms and release 50 ms | a hard-knee compressor with threshold -40 dB, ratio 4, attack 5 ms and release 50 ms             | a square wave of 500 Hz at -10 dBFS   | 14         |
        | a hard-knee compressor with threshold -20 dB, ratio 4, attack 5 ms and release 50 ms | a hard-knee compressor with threshold -20 dB, ratio 4, attack 5 ms, release 50 ms and makeup 6 dB | a square wave of 500 Hz at -10 dBFS  | 5          |

      Examples: A limiter and a filter
        | stage                                                | changed                                               | sound                          | difference |
        | a limiter with threshold -6 dB and release 50 ms     | a limiter with threshold -20 dB and release 50 ms     | a tone of 1,000 Hz at 0 dBFS   | 10         |
        | a voice filter with low edge 300 Hz and high edge 3,400 Hz | a voice filter with low edge 300 Hz and high edge 2,000 Hz | a tone of 3,300 Hz at -12 dBFS | 3     |

    @AUD-41 @needs.live_parameters
    Scenario: A stage is changed while chunks are under way
      Given a session through an equalizer with a peak of -6 dB and q 1 at 1,000 Hz
      When the speaker plays a tone of 1,000 Hz at -20 dBFS for 3 s without waiting for an answer, and after 8 chunks has it changed to an equalizer with a peak of 6 dB and q 1 at 1,000 Hz
      Then the change is confirmed, from a chunk on that was not answered yet
      And until then the listener hears exactly what a session that is left alone gives
      And within 3 chunks the level is that of a session that began so, ± 0.5 dB

    @AUD-42 @needs.live_parameters
    Scenario: A stage is changed twice at once
      Given a session through an equalizer with a peak of 0 dB and q 1 at 1,000 Hz
      When the speaker plays a tone of 1,000 Hz at -20 dBFS for 2 s and half way has it changed to an equalizer with a peak of -12 dB and q 1 at 1,000 Hz, and at once to an equalizer with a peak of 6 dB and q 1 at 1,000 Hz
      Then both changes are confirmed, from one of the next chunks on
      And within 3 chunks the level is that of a session that began with the second, ± 0.5 dB

  Rule: A change makes no click

    @AUD-43 @needs.live_parameters
    Scenario Outline: <stage> is turned to <changed> and back while a tone sounds
      Given a session through <stage>
      When the speaker plays a tone of 433 Hz at -30 dBFS for 4 s and has it changed to <changed> and back 4 times
      Then every change is confirmed
      And no step from sample to sample is greater than 1.2 times the greatest of a session that is left alone or of one that began so
      And the level has changed by at least 4 dB, to and fro

      Examples: Stages
        | stage                                                  | changed                                                     |
        | an equalizer with a peak of -6 dB and q 1 at 433 Hz    | an equalizer with a peak of 6 dB and q 1 at 433 Hz          |
        | a hard-knee compressor with threshold -10 dB and ratio 2 | a hard-knee compressor with threshold -10 dB, ratio 2 and makeup 12 dB |

  Rule: A change that makes no sense changes nothing

    @AUD-44 @needs.live_parameters
    Scenario Outline: Somebody asks for <change>
      Given a session through a voice enhancement with clarity 0.2 and warmth 0.2
      When the speaker plays speech-like sound at -20 dBFS for 1 s and half way asks for <change>
      Then the speaker is told "<code>"
      And the listener hears exactly what a session that is left alone gives

      Examples: Stages and parameters that are not
        | change                                        | code              |
        | clarity 1 of a stage that nobody knows        | UNKNOWN_STAGE     |
        | brilliance 1                                  | UNKNOWN_PARAMETER |
        | clarity 1 and brilliance 1                    | UNKNOWN_PARAMETER |
        | brilliance 1 and clarity 1                    | UNKNOWN_PARAMETER |

      Examples: Out of range
        | change                     | code         |
        | clarity 1.01               | OUT_OF_RANGE |
        | clarity -0.01              | OUT_OF_RANGE |
        | warmth -1.01               | OUT_OF_RANGE |
        | clarity 1 and warmth 2     | OUT_OF_RANGE |
        | warmth 2 and clarity 1     | OUT_OF_RANGE |

  Rule: A change concerns its own session, for as long as that lasts

    @AUD-45 @needs.live_parameters
    Scenario: One of two sessions is changed
      Given sessions of "Ada" and "Ben" through an equalizer with a peak of -6 dB and q 1 at 1,000 Hz
      When both play a tone of 1,000 Hz at -20 dBFS for 2 s and half way that of "Ada" is changed to an equalizer with a peak of 6 dB and q 1 at 1,000 Hz
      Then within 3 chunks the level of "Ada" is that of a session that began so, ± 0.5 dB
      And the listener of "Ben" hears exactly what a session that is left alone gives

    @AUD-46 @needs.live_parameters @needs.reconnect @fault
    Scenario: The line is lost after a change
      Given a session through an equalizer with a peak of -6 dB and q 1 at 1,000 Hz, behind a link
      When the speaker plays a tone of 1,000 Hz at -20 dBFS for 2 s, half way has it changed to an equalizer with a peak of 6 dB and q 1 at 1,000 Hz, and then the line is cut and the speaker comes back
      Then the change is confirmed, from one of the next chunks on
      And within 3 chunks the level is that of a session that began so, ± 0.5 dB
