@gateway
Feature: A call comes back to the one who made it
  An assistant makes many calls at once. It can only use an answer that is whole and that it can match with its question.

  Rule: Every request is answered under the caller's own request id

    @GWY-30 @smoke
    Scenario Outline: A client asks for <request>
      Given a connected client
      When the client asks for <request>
      Then it is answered with "<answer>" under its request id
      And nothing else has arrived

      Examples: Every operation
        | request                              | answer         |
        | a ping                               | pong           |
        | the list of tools                    | list_tools_res |
        | the fast tool                        | call_tool_res  |
        | the cancelling of a call that is not | cancel_res     |
        | the gateway's health                 | health_res     |

    @GWY-31
    Scenario: Request ids at the edges of what is allowed
      Given a connected client
      When the client uses the fast tool under request ids of these kinds
        | kind                                |
        | 1 letter                            |
        | 128 letters                         |
        | letters of many alphabets           |
        | quotation marks, slashes and spaces |
        | digits only                         |
      Then every call was answered under its own request id
      And nothing else has arrived

  Rule: The tools are listed as they are

    @GWY-32 @smoke
    Scenario: A client looks at the tools
      Given a connected client
      When the client asks for the list of tools
      Then every tool has a name, a description and a description of its input
      And the tools that this gateway is used for are among them

  Rule: A tool's output arrives letter by letter

    @GWY-33 @needs.echo
    Scenario: A client has texts of every kind given back
      Given a connected client
      When the client has these texts given back, one after the other
        | text                            |
        | a sentence                      |
        | no text at all                  |
        | letters of many alphabets       |
        | signs beyond the common ones    |
        | blanks before and after         |
        | line ends and tabs              |
        | quotation marks and backslashes |
        | control characters              |
        | text that looks like a frame    |
        | 200,000 letters                 |
      Then each of them comes back letter by letter
      And each answer tells how long it took

    @GWY-34 @needs.slow
    Scenario: The time of a call is told in milliseconds
      Given a connected client
      When the client uses the slow tool for 0.2 s
      Then the call is answered after 0.19 s and within 2 s
      And the answer tells the time it took, within 5 %

  Rule: What went wrong is told by its code

    @GWY-35
    Scenario Outline: A client calls <call>
      Given a connected client
      When the client calls <call>
      Then the call fails with code "<code>", a message and details
      And the client can use the fast tool

      Examples: Mistakes of the caller
        | call                               | code            |
        | a tool that is not                 | TOOL_NOT_FOUND  |
        | the fast tool by a name in capitals | TOOL_NOT_FOUND |

      @needs.echo
      Examples: Arguments that do not fit
        | call                               | code             |
        | the echo without its text          | VALIDATION_ERROR |
        | the echo with a list for its text  | VALIDATION_ERROR |

      @needs.slow
      Examples: Numbers that are none
        | call                               | code             |
        | the slow tool for "soon"           | VALIDATION_ERROR |

      @needs.failing
      Examples: A tool that fails
        | call                               | code                 |
        | the failing tool                   | TOOL_EXECUTION_ERROR |

    @GWY-36 @needs.provider @needs.breaker @fault
    Scenario Outline: The provider <trouble>
      Given a connected client of a gateway with a provider that <trouble>
      When the client looks up "lamp"
      Then the call fails with code "<code>", a message and details
      And the trouble has happened 1 time

      Examples: Troubles of a provider
        | trouble                   | code                 |
        | answers with an error     | TOOL_EXECUTION_ERROR |
        | answers with garbage      | TOOL_EXECUTION_ERROR |
        | hangs up in its answer    | TOOL_EXECUTION_ERROR |
        | resets the connection     | TOOL_EXECUTION_ERROR |

    @GWY-44 @needs.provider @needs.breaker @fault
    Scenario: The provider does not answer in time
      Given a connected client of a gateway that gives a provider 0.4 s
      And the provider is paused
      When the client looks up "lamp"
      Then the call fails with code "TIMEOUT", a message and details
      And it has failed after 0.39 s and within 0.75 s

    @GWY-37 @needs.provider @smoke
    Scenario: A client looks something up
      Given a connected client of a gateway with a provider
      When the client looks up "lamp"
      Then the client gets "value of lamp"
      And the provider has been asked 1 time

    @GWY-47 @needs.provider
    Scenario Outline: A client looks up <key>
      Given a connected client of a gateway with a provider
      When the client looks up the key <key>
      Then the provider's value for it comes back letter by letter
      And the provider has been asked 1 time

      Examples: Keys
        | key                       |
        | letters of many alphabets |
        | blanks before and after   |

  Rule: A bad request is answered and does no harm

    @GWY-38
    Scenario: Frames that are no request
      Given a connected client
      When the client sends these, one after the other
        | request                            |
        | words that are no frame            |
        | an empty frame                     |
        | half a request                     |
        | a list around a request            |
        | a lone number                      |
        | a request without an operation     |
        | a request for an unknown operation |
        | lists in lists, 500 deep           |
      Then each is answered with "error" and the code "INVALID_REQUEST"
      And the client can use the fast tool on the same connection

    @GWY-45
    Scenario: Request ids that are none
      Given a connected client
      When the client sends these, one after the other
        | request                            |
        | a request without a request id     |
        | a request with an empty request id |
        | a request id of 129 letters        |
        | a request with a number for its id |
      Then each is answered with "error" and the code "INVALID_REQUEST"
      And the client can use the fast tool on the same connection

    @GWY-39
    Scenario: Calls that are incomplete
      Given a connected client
      When the client sends calls with these faults, one after the other
        | fault                    |
        | no tool named            |
        | a number for the tool    |
        | a list for the arguments |
      Then each call is refused under its request id
      And the client can use the fast tool on the same connection

    @GWY-40
    Scenario: An unknown operation is refused under the caller's request id
      Given a connected client
      When the client sends a request for an unknown operation
      Then it is answered with "error" under its request id
      And the client can use the fast tool on the same connection

  Rule: Frames are taken up to the agreed size and not beyond

    @GWY-41 @needs.echo
    Scenario: A frame of just the agreed size
      Given a connected client of a gateway that takes frames of up to 65,536 bytes
      When the client has a text given back in a frame of 65,536 bytes
      Then the very same text comes back
      And the client can use the fast tool on the same connection

    @GWY-42 @needs.echo
    Scenario: A frame of one byte more
      Given a connected client of a gateway that takes frames of up to 65,536 bytes
      And a client "Ada" with a call under way
      When the client has a text given back in a frame of 65,537 bytes
      Then the client is closed with code 1009
      And the call of "Ada" is answered

    @GWY-46 @needs.echo
    Scenario: A frame beyond 32 megabytes
      Given a connected client of a gateway that takes frames of up to 33,554,432 bytes
      When the client has a text given back in a frame of 33,554,433 bytes
      Then the client is closed with code 1009
      And a client can still say hello

    @GWY-43 @needs.echo
    Scenario: A frame of some megabytes
      Given a connected client
      When the client has 4,000,000 letters given back
      Then the very same text comes back
      And the client can use the fast tool on the same connection
