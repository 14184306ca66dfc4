@audio
Feature: A pipeline has limits, and says so
  One machine serves many speakers. Nobody may take all of it: not by opening sessions, not by forgetting them, not by a chunk
  that has no end, and not by never listening.

  Rule: There are never more sessions than agreed

    @AUD-57 @needs.limits
    Scenario: One session too many
      Given a pipeline that takes at most 3 sessions
      And 3 speakers have a session each
      When a speaker starts one more session
      Then that is refused as unavailable, with the code "TOO_MANY_SESSIONS"
      And the list of sessions shows the 3 that were there
      And each of the 3 goes on as if nothing had been

    @AUD-58 @needs.limits
    Scenario: There is room again when a session was stopped
      Given a pipeline that takes at most 3 sessions
      And 3 speakers have a session each
      When one of the sessions is stopped and a speaker starts one more session
      Then the session is running under an id of its own
      And what the speaker plays comes back, as chunk number 1

  Rule: A session that nobody uses ends after the agreed time

    @AUD-59 @needs.limits
    Scenario: Two sessions that nobody uses
      Given a pipeline that ends a session that nobody uses after 1 s
      And a session that nobody ever connected to, and one whose speaker has hung up
      When nobody uses them
      Then each of them has ended after 1 s and within 3 s
      And whoever connects to one is told "SESSION_NOT_FOUND" and closed with code 4404

    @AUD-60 @needs.limits
    Scenario: A session that is used does not end
      Given a plain session of a pipeline that ends a session that nobody uses after 1 s
      When for 2.1 s the speaker plays 1 chunk every 0.3 s
      Then each is answered with its sound and then with its figures, as chunks number 1 to 7
      And the list of sessions shows it

  Rule: A chunk lasts 10 s at most

    @AUD-61
    Scenario Outline: A chunk of <samples> samples at <rate> Hz
      Given a plain session at <rate> Hz
      When the speaker plays a chunk of <samples> samples and then one of 0.1 s
      Then the first is refused with "CHUNK_TOO_LONG"
      And the second comes back, as chunk number 1

      Examples: Over 10 s
        | rate   | samples |
        | 16,000 | 160,001 |
        | 16,000 | 320,000 |
        | 48,000 | 480,001 |

  Rule: A message has 16 MiB at most

    @AUD-62
    Scenario: A message of exactly 16 MiB
      Given a plain session
      When the speaker plays a chunk in a message of 16,777,216 bytes
      Then that comes back as it was, as chunk number 1
      And what the speaker plays comes back, as chunk number 2

    @AUD-63 @needs.reconnect
    Scenario: A message of more than 16 MiB
      Given a plain session
      And the speaker has played 2 chunks
      When the speaker plays a chunk in a message of 16,777,217 bytes
      Then the speaker's line is closed with code 1009
      And once the speaker is back the next chunk is number 3

  Rule: Who does not listen is made to wait

    @AUD-64
    Scenario: A speaker who does not listen
      Given a plain session
      And a speaker who does not listen
      When the speaker plays as many chunks of 10 s as the pipeline takes, up to 128 MiB
      Then the pipeline has stopped taking them
      And once the speaker listens, every chunk is answered in order
