@audio
Feature: A pipeline keeps up with those who speak
  Nobody notices 0.1 s, everybody notices a second. What is measured here depends on the machine, so a bound that is missed warns, in
  every report; what is lost, late for good or out of order is never a matter of the machine.

  Rule: A chunk comes back before the next one is spoken

    @AUD-180 @performance
    Scenario: A hundred chunks through every stage
      Given a session through every stage
      When the speaker plays 100 chunks of 0.1 s, each when the one before was answered
      Then each is answered with its sound and then with its figures, as chunks number 1 to 100
      And a chunk takes 0.01 s on average and 0.02 s for the slowest five of a hundred
      And the pipeline works 0.004 s on a chunk

    @AUD-181 @performance
    Scenario: A hundred chunks beside a bare echo
      Given a plain session and a bare echo
      When the speaker plays 100 chunks of 0.1 s to both, each when the one before was answered
      Then the pipeline takes at most 5 times as long as the echo

  Rule: Many speak at once

    @AUD-182 @performance
    Scenario: As many sessions in real time as the machine carries
      Given a pipeline
      When more and more speakers play through every stage in real time, until the pipeline does not keep up
      Then at least 20 sessions are carried in real time
