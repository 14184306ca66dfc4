@audio
Feature: A session begins, is kept and ends as it was agreed
  Every speaker gets a session: a place where the sound is worked on, with a memory of its own. Whoever builds on it must be
  able to begin one, find it again after the line was lost, and be sure that it is gone once it was stopped.

  Rule: A session runs from the moment somebody starts it

    @AUD-01 @smoke
    Scenario: A speaker starts a session
      Given a pipeline
      When a speaker starts a session
      Then the session is running under an id of its own
      And the list of sessions shows it
      And what the speaker plays comes back, as chunk number 1

    @AUD-02
    Scenario: Sessions are told apart by their ids
      Given a pipeline
      When 5 speakers start a session each
      Then no two of them share a session
      And the list of sessions shows all 5
      And the pipeline's health tells of 5 sessions more than before

    @AUD-03 @needs.reconnect
    Scenario Outline: The list tells who is connected: the speaker <acts>
      Given a plain session
      When the speaker <acts>
      Then within 2 s the list shows the session as <state>

      Examples: Coming and going
        | acts                     | state         |
        | plays 1 chunk            | connected     |
        | hangs up                 | not connected |
        | hangs up and comes back  | connected     |

    @AUD-04
    Scenario: The list tells how far each session is
      Given plain sessions of "Ada", "Ben" and "Eve"
      When "Ada" plays 5 chunks, "Ben" plays 2 and "Eve" none
      Then the list tells of 5 chunks of "Ada", 2 of "Ben" and 0 of "Eve"

  Rule: A session that was stopped is gone, and no other with it

    @AUD-05 @smoke
    Scenario: A session is stopped
      Given a plain session
      When somebody stops the session
      Then the speaker's line is closed with code 1000
      And the list of sessions does not show it any more
      And whoever connects to it is told "SESSION_NOT_FOUND" and closed with code 4404

    @AUD-06
    Scenario: A session is stopped twice
      Given a plain session that was stopped
      When somebody stops the session
      Then there is no such session, with the code "SESSION_NOT_FOUND"

    @AUD-07
    Scenario Outline: Somebody stops <session>
      Given a plain session
      When somebody stops <session>
      Then there is no such session, with the code "SESSION_NOT_FOUND"
      And the speaker's session goes on as if nothing had been

      Examples: Sessions that are not
        | session                                          |
        | a session that never was                         |
        | a session with the speaker's id less its last letter |
        | a session with the speaker's id and one more letter |

    @AUD-08
    Scenario: One of two sessions is stopped
      Given plain sessions of "Ada" and "Ben"
      When somebody stops the session of "Ada"
      Then the line of "Ada" is closed with code 1000
      And the session of "Ben" goes on as if nothing had been

    @AUD-09
    Scenario: Five rapid cycles
      Given a pipeline
      When a speaker starts a session, plays 1 chunk and stops it, 5 times in a row
      Then each time the chunk came back, as chunk number 1
      And no two of them share a session
      And the pipeline's health tells of 0 sessions more than before

    @AUD-10
    Scenario: The pipeline's health counts sessions as they come and go
      Given a pipeline
      When 3 speakers start a session each and 1 of them is stopped
      Then the pipeline's health tells of 2 sessions more than before
      And the list of sessions shows the 2 that are left

  Rule: A session outlives its line

    @AUD-11 @needs.reconnect @fault
    Scenario Outline: The speaker's line <ends> and the speaker comes back
      Given a plain session behind a link
      And the speaker has played 3 chunks
      When the speaker's line <ends>, and the speaker comes back and plays 2 chunks
      Then these are the chunks 4 and 5
      And the figures tell of 5 chunks

      Examples: Ways to end
        | ends                  |
        | is hung up            |
        | is cut                |
        | breaks without a word |

    @AUD-12 @needs.reconnect @fault
    Scenario Outline: The line is lost in the middle of a sound, through <stage>
      Given a session through <stage>, behind a link
      When the speaker plays speech-like sound at -15 dBFS for 2 s and the line is cut half way, and again in another session with no such trouble
      Then the listener hears the same in both, within 0.0001 of full scale

      Examples: Stages that remember
        | stage                                                                |
        | a voice filter                                                       |
        | an equalizer with a peak of 6 dB and q 2 at 1,000 Hz                 |
        | a hard-knee compressor with threshold -30 dB and ratio 4             |
        | an automatic gain control with target level -20 dB and max gain 20 dB |
        | every stage                                                          |

    @AUD-13 @needs.reconnect @fault
    Scenario: The line breaks in the middle of a chunk
      Given a plain session behind a link
      And the speaker has played 3 chunks
      When the line breaks in the middle of the next chunk, and the speaker comes back and plays 2 chunks
      Then the link has broken in the middle of a chunk
      And these are the chunks 4 and 5
      And the listener hears exactly what was played

    @AUD-14
    Scenario: Two lines meet in one session
      Given a plain session
      And the speaker has played 3 chunks
      When a second line connects to the same session and both lines play 2 chunks
      Then at least one of the two lines is still served
      And no chunk was answered on the other line, and no number was given twice or left out

  Rule: Whoever has no session is not heard

    @AUD-15 @smoke
    Scenario Outline: A speaker connects to <session>
      Given a plain session
      When a speaker connects to <session> and plays 1 chunk
      Then that speaker is told "SESSION_NOT_FOUND" and closed with code 4404
      And that speaker hears nothing
      And the speaker's session goes on as if nothing had been

      Examples: Sessions that are not
        | session                                          |
        | a session that never was                         |
        | a session that was stopped                       |
        | a session with the speaker's id less its last letter |

  Rule: A speaker who asks whether anybody is there is answered

    @AUD-16 @smoke
    Scenario: A speaker asks three times
      Given a plain session
      When the speaker asks 3 times whether anybody is there
      Then the speaker is answered 3 times, and nothing else is heard from the pipeline
      And what the speaker plays comes back, as chunk number 1

  Rule: A configuration that makes no sense is refused, and the fault is named

    @AUD-17
    Scenario Outline: A speaker starts a session with <configuration>
      Given a pipeline with at least 4 stages
      When a speaker starts a session with <configuration>
      Then the configuration is refused, and the fault is found at "<field>"
      And no session was begun
      And a session with a right configuration can still be started

      Examples: Stages and connections
        | configuration                               | field          |
        | a stage that nobody knows                   | reverb, stages |
        | a cycle of 1 stage                          | connections    |
        | a cycle of 2 stages                         | connections    |
        | a cycle of 3 stages                         | connections    |
        | a cycle beside an honest chain              | connections    |
        | a connection from a stage that is not there | connections    |
        | a connection to a stage that is not there   | connections    |

      Examples: Gains
        | configuration             | field    |
        | a gain in of 20.5 dB      | gain_in  |
        | a gain in of -20.5 dB     | gain_in  |
        | a gain out of 20.5 dB     | gain_out |
        | a gain out of -20.5 dB    | gain_out |
        | a gain in that is a word  | gain_in  |

    @AUD-18
    Scenario Outline: A speaker starts a session with <stage> with <value>
      Given a pipeline that has <stage>
      When a speaker starts a session with <stage> with <value>
      Then the configuration is refused, and the fault is found at "<field>"
      And no session was begun

      Examples: Beyond the range
        | stage                      | value                | field          |
        | a voice activity detection | aggressiveness 4     | aggressiveness |
        | a voice activity detection | aggressiveness -1    | aggressiveness |
        | a voice activity detection | frame duration 25 ms | frame_duration |
        | a noise reduction          | strength 1.01        | strength       |
        | a noise reduction          | smoothing -0.01      | smoothing      |
        | a voice enhancement        | clarity 1.01         | clarity        |
        | a voice enhancement        | warmth -1.01         | warmth         |
        | a loudness normalization   | target 0.5 LUFS      | target_lufs    |
        | a loudness normalization   | target -60.5 LUFS    | target_lufs    |

    @AUD-19
    Scenario Outline: A speaker starts a session through <stage> with <values>
      Given a pipeline that has <stage>
      When a speaker starts a session through <stage> with <values>
      Then the session is running under an id of its own
      And what the speaker plays comes back, as chunk number 1

      Examples: At the edge of the range
        | stage                      | values                            |
        | a voice activity detection | aggressiveness 0, gain in 20 dB   |
        | a voice activity detection | aggressiveness 3, gain out -20 dB |
        | a noise reduction          | strength 1 and smoothing 1        |
        | a noise reduction          | strength 0 and smoothing 0        |
        | a voice enhancement        | clarity 1 and warmth -1           |
        | a loudness normalization   | target 0 LUFS                     |
        | a loudness normalization   | target -60 LUFS                   |
