@audio
Feature: Only who knows the token gets in
  A pipeline carries private talk. Where a token was agreed, nobody without it may start a session, listen in on one, end one or
  have anything worked on.

  Rule: Who knows the token is served

    @AUD-65
    Scenario: A speaker with the token
      Given a pipeline with a token
      When a speaker starts a session
      Then the session is running under an id of its own
      And what the speaker plays comes back, as chunk number 1

  Rule: Strangers get in nowhere

    @AUD-66
    Scenario: Strangers ask for everything there is
      Given a plain session of a pipeline with a token
      When strangers with each of these ask for everything there is
        | token                            |
        | no token                         |
        | a wrong token                    |
        | an empty token                   |
        | the token less its last letter   |
        | the token and one more letter    |
        | the token in other letters' case |
      Then each of them is refused all of it for want of the token
      And no session was begun
      And the speaker's session goes on as if nothing had been

    @AUD-67
    Scenario: Strangers connect to a session that they know of
      Given a plain session of a pipeline with a token
      When strangers with each of these connect to the speaker's session and play 1 chunk
        | token                            |
        | no token                         |
        | a wrong token                    |
        | an empty token                   |
        | the token less its last letter   |
        | the token and one more letter    |
        | the token in other letters' case |
      Then each of them is turned away and was answered nothing
      And the speaker's session goes on as if nothing had been

  Rule: The token stays secret

    @AUD-68
    Scenario: The token is in no log and in no answer
      Given a pipeline with a token, whose log can be read
      And speakers have come in every way, with and without the token
      When a speaker starts a session
      Then the session is running under an id of its own
      And the token is nowhere in the pipeline's log
      And the token is in nothing that the pipeline has answered
