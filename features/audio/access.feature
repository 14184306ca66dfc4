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
    Scenario Outline: A stranger with <token> asks for everything there is
      Given a plain session of a pipeline with a token
      When a stranger with <token> asks to do each of these
        | what                     |
        | start a session          |
        | list the sessions        |
        | stop the speaker's session |
        | process a file           |
        | have one stage process   |
        | have a spectrum analysed |
        | have a loudness analysed |
      Then every one of them is refused for want of the token
      And no session was begun
      And the speaker's session goes on as if nothing had been

      Examples: What strangers have
        | token                            |
        | no token                         |
        | a wrong token                    |
        | an empty token                   |
        | the token less its last letter   |
        | the token and one more letter    |
        | the token in other letters' case |

    @AUD-67
    Scenario Outline: A stranger with <token> connects to the speaker's session
      Given a plain session of a pipeline with a token
      When a stranger with <token> connects to the speaker's session and plays 1 chunk
      Then the stranger is turned away and was answered nothing
      And the speaker's session goes on as if nothing had been

      Examples: What strangers have
        | token                            |
        | no token                         |
        | a wrong token                    |
        | the token less its last letter   |
        | the token in other letters' case |

  Rule: The token stays secret

    @AUD-68
    Scenario: The token is in no log and in no answer
      Given a pipeline with a token, whose log can be read
      And speakers have come in every way, with and without the token
      When a speaker starts a session
      Then the session is running under an id of its own
      And the token is nowhere in the pipeline's log
      And the token is in nothing that the pipeline has answered
