@audio
Feature: Sound goes in and comes out, chunk by chunk
  A speaker talks, and somebody far away listens. Not a chunk may be lost, doubled or moved on the way, nothing may come from
  somebody else's session, and how the sound was cut into chunks must not be heard.

  Rule: Every chunk is answered once, with its sound and then its figures, in order

    @AUD-20 @smoke
    Scenario: A speaker plays one chunk
      Given a plain session
      When the speaker plays 1 chunk
      Then it is answered with its sound and then with its figures, as chunk number 1
      And nothing else is heard from the pipeline
      And the listener hears exactly what was played

    @AUD-21 @smoke
    Scenario: A speaker plays ten chunks
      Given a plain session
      When the speaker plays 10 chunks, each when the one before was answered
      Then each is answered with its sound and then with its figures, as chunks number 1 to 10
      And nothing else is heard from the pipeline
      And the listener hears exactly what was played

    @AUD-22
    Scenario Outline: A speaker plays <count> chunks without waiting
      Given a session through <stages>
      When the speaker plays <count> chunks without waiting for an answer
      Then each is answered with its sound and then with its figures, as chunks number 1 to <count>
      And nothing else is heard from the pipeline
      And the listener hears exactly what was played

      Examples: Many at once
        | count | stages                                                        |
        | 100   | a disabled limiter                                            |
        | 100   | a voice activity detection                                    |
        | 40    | a voice enhancement with clarity 0 and warmth 0               |

  Rule: A chunk may be as short as 0.01 s and as long as 10 s

    @AUD-23
    Scenario Outline: Chunks of <length> s
      Given a plain session
      When the speaker plays <count> chunks of <length> s
      Then each is answered with its sound and then with its figures, as chunks number 1 to <count>
      And the listener hears exactly what was played

      Examples: Lengths
        | length | count |
        | 0.01   | 20    |
        | 0.02   | 10    |
        | 0.0625 | 10    |
        | 0.1    | 10    |
        | 1      | 3     |
        | 10     | 2     |

    @AUD-24
    Scenario: Long and short chunks take turns
      Given a plain session
      When the speaker plays chunks of 0.01 s, 1 s, 0.03 s, 0.5 s, 0.02 s and 10 s without waiting for an answer
      Then each is answered with its sound and then with its figures, as chunks number 1 to 6
      And the listener hears exactly what was played

  Rule: Sound that nothing is to be done to stays as it was, at every sample rate

    @AUD-25
    Scenario Outline: A plain session at <rate> Hz
      Given a plain session at <rate> Hz
      When the speaker plays white noise at -12 dBFS for 1 s
      Then the listener hears exactly what was played

      Examples: Sample rates
        | rate   |
        | 8,000  |
        | 16,000 |
        | 44,100 |
        | 48,000 |

    @AUD-26
    Scenario Outline: Every value that a sample can have, through <stages>
      Given a session through <stages>
      When the speaker plays every value that a sample can have
      Then the listener hears exactly what was played

      Examples: Nothing to do
        | stages                                          |
        | a disabled limiter                              |
        | a voice activity detection                      |
        | a noise reduction with strength 0               |
        | a voice enhancement with clarity 0 and warmth 0 |

  Rule: A gain is what it says, and what gets too loud by it is cut off, never turned over

    @AUD-27 @smoke
    Scenario Outline: <stage> with <gains>
      Given a session through <stage> with <gains>
      When the speaker plays speech-like sound at -40 dBFS for 1 s
      Then the listener hears what was played at <heard> dB, within 0.0001 of full scale

      Examples: Both sides of a stage
        | stage                      | gains                                                       | heard |
        | a voice activity detection | gain in 20 dB and gain out -12.5 dB                         | 7.5   |
        | a voice activity detection | gain in 0.1 dB and gain out 0.2 dB                          | 0.3   |

      Examples: Stages that do nothing else
        | stage                      | gains                                                       | heard |
        | a voice enhancement        | clarity 0, warmth 0, gain in 6 dB                           | 6     |
        | a noise reduction          | strength 0, gain out 6 dB                                   | 6     |

    @AUD-28
    Scenario: The gains of several stages add up
      Given a session through a voice activity detection with gain in 6 dB and gain out 6 dB, then a voice enhancement with clarity 0, warmth 0, gain in -2 dB and gain out 4 dB
      When the speaker plays speech-like sound at -40 dBFS for 1 s
      Then the listener hears what was played at 14 dB, within 0.0001 of full scale

    @AUD-29
    Scenario Outline: A sound is made too loud, by <gain> dB
      Given a session through a voice activity detection with gain out <gain> dB
      When the speaker plays <sound> for 0.5 s
      Then the listener hears what was played at <gain> dB, cut off at full scale

      Examples: A little and far too loud
        | gain | sound                              |
        | 4    | a square wave of 500 Hz at -3 dBFS |
        | 20   | a square wave of 500 Hz at -3 dBFS |
        | 12   | a tone of 440 Hz at 0 dBFS         |

  Rule: How a sound was cut into chunks is not heard

    @AUD-30
    Scenario Outline: Chunks of <lengths> in turn through every stage
      Given a session through every stage
      When the speaker plays speech-like sound at -15 dBFS for 2 s whole, and in chunks of <lengths> in turn in another session
      Then the listener hears the same in both, within 0.0001 of full scale

      Examples: Lengths that change
        | lengths                             |
        | 0.01 s, 0.37 s, 0.1 s and 0.0125 s  |
        | 0.5 s and 0.0005 s                  |

  Rule: What is no good chunk is told, and nothing else comes of it

    @AUD-33 @smoke
    Scenario Outline: A speaker sends <message>
      Given a plain session
      And the speaker has played 2 chunks
      When the speaker sends <message>
      Then the speaker is told "<code>", and nothing else is heard from the pipeline
      And what the speaker plays comes back, as chunk number 3
      And the figures tell of 3 chunks

      Examples: Sound that is none
        | message                                            | code          |
        | a chunk with a blank in its sound                  | INVALID_AUDIO |
        | a chunk with a line's end in its sound             | INVALID_AUDIO |
        | a chunk with a line's end behind its sound         | INVALID_AUDIO |
        | a chunk without its padding                        | INVALID_AUDIO |
        | a chunk with padding in its middle                 | INVALID_AUDIO |
        | a chunk in the letters that web addresses use      | INVALID_AUDIO |
        | a chunk with a letter of no such alphabet          | INVALID_AUDIO |
        | a chunk of words                                   | INVALID_AUDIO |
        | a chunk with half a sample at its end              | INVALID_AUDIO |
        | a chunk of 1 byte                                  | INVALID_AUDIO |

      Examples: Chunks that are none
        | message                      | code                             |
        | a chunk with nothing for its sound | INVALID_AUDIO or INVALID_MESSAGE |
        | a chunk with a number for its sound | INVALID_AUDIO or INVALID_MESSAGE |
        | a chunk with a list for its sound | INVALID_AUDIO or INVALID_MESSAGE |
        | a chunk that leaves its sound out | INVALID_AUDIO or INVALID_MESSAGE |

      Examples: Messages that are none
        | message                        | code            |
        | words that are no message      | INVALID_MESSAGE |
        | an empty message               | INVALID_MESSAGE |
        | half a chunk                   | INVALID_MESSAGE |
        | a list around a chunk          | INVALID_MESSAGE |
        | a lone number                  | INVALID_MESSAGE |
        | a message without its kind     | INVALID_MESSAGE |
        | a message of a kind that is not | INVALID_MESSAGE |
        | a message with a number for its kind | INVALID_MESSAGE |
        | bytes instead of text          | INVALID_MESSAGE |

    @AUD-34
    Scenario: Good and bad chunks take turns
      Given a plain session
      When the speaker plays 40 chunks and sends something bad after each, without waiting for an answer
      Then each is answered with its sound and then with its figures, as chunks number 1 to 40
      And the speaker was told of 40 mistakes
      And the listener hears exactly what was played

    @AUD-35
    Scenario: A stage remembers nothing of bad chunks
      Given a session through a voice filter
      When the speaker plays speech-like sound at -15 dBFS for 1 s, and again in another session with something bad after each chunk
      Then the listener hears the same in both, to the last bit
      And the speaker was told of 10 mistakes

  Rule: Sessions never mix

    @AUD-36 @smoke
    Scenario: Three speakers play three tones at once
      Given plain sessions of "Ada", "Ben" and "Eve"
      When "Ada" plays a tone of 440 Hz, "Ben" one of 660 Hz and "Eve" one of 880 Hz, 30 chunks each at once
      Then each listener hears exactly what their own speaker played
      And each session's chunks are numbered from 1 to 30
      And each session's figures tell of 30 chunks

    @AUD-37
    Scenario: Three speakers play one sound through three filters
      Given sessions of "Ada" through an equalizer with a peak of 6 dB and q 2 at 1,000 Hz, of "Ben" through a voice filter, and of "Eve" through a voice activity detection with gain in -6 dB
      When all three play the same speech-like sound at -20 dBFS for 2 s at once
      Then each listener hears what a session of their own would have given, within 0.0001 of full scale

    @AUD-38
    Scenario: One speaker sends nonsense while another one plays
      Given plain sessions of "Ada" and "Ben"
      When "Ada" plays 30 chunks while "Ben" sends 30 messages that make no sense
      Then the listener of "Ada" hears exactly what was played
      And "Ben" was told of 30 mistakes

    @AUD-39 @needs.reconnect @fault
    Scenario: One speaker's line is lost while another one plays
      Given plain sessions of "Ada" and "Ben", each behind a link
      When "Ada" plays 30 chunks while the line of "Ben" is cut and "Ben" comes back
      Then the listener of "Ada" hears exactly what was played
      And the session of "Ben" goes on as if nothing had been
