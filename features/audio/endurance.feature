@audio
Feature: A pipeline goes on for as long as somebody speaks
  A conference takes hours. A minute in real time shows what is lost, what is late and what grows.

  Rule: Not one chunk of a minute is lost

    @AUD-190 @slow @performance
    Scenario: One speaker for a minute
      Given a session through every stage
      When for 60 s the speaker plays speech-like sound at -20 dBFS in real time
      Then all 600 chunks are answered in order, each with its sound and its figures
      And no chunk takes more than 0.1 s
      And the pipeline's memory grows by at most 5 % after the first 10 s

    @AUD-191 @slow @performance
    Scenario: Three speakers for a minute
      Given sessions of "Ada", "Ben" and "Eve" through every stage
      When for 60 s all three play speech-like sound at -20 dBFS in real time
      Then all 600 chunks of each are answered in order, each with its sound and its figures
      And no chunk takes more than 0.1 s
      And each listener hears what a session of their own would have given, within 0.0001 of full scale
