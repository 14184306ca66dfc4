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
    Scenario Outline: A request id of <kind>
      Given a connected client
      When the client uses the fast tool under a request id of <kind>
      Then it is answered with "call_tool_res" under its request id
      And nothing else has arrived

      Examples: Ids at the edges
        | kind                                |
        | 1 letter                            |
        | 128 letters                         |
        | letters of many alphabets           |
        | quotation marks, slashes and spaces |
        | digits only                         |

  Rule: The tools are listed as they are

    @GWY-32 @smoke
    Scenario: A client looks at the tools
      Given a connected client
      When the client asks for the list of tools
      Then every tool has a name, a description and a description of its input
      And the tools that this gateway is used for are among them

  Rule: A tool's output arrives letter by letter

    @GWY-33 @needs.echo
    Scenario Outline: A client has <text> given back
      Given a connected client
      When the client has <text> given back
      Then the very same text comes back
      And the answer tells how long it took

      Examples: Texts
        | text                              |
        | a sentence                        |
        | no text at all                    |
        | letters of many alphabets         |
        | signs beyond the common ones      |
        | blanks before and after           |
        | line ends and tabs                |
        | quotation marks and backslashes   |
        | control characters                |
        | text that looks like a frame      |
        | 200,000 letters                   |

    @GWY-34 @needs.slow
    Scenario: The time of a call is told in milliseconds
      Given a connected client
      When the client uses the slow tool for 0.3 s
      Then the call is answered after 0.28 s and within 2 s
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
      Given a connected client of a gateway that gives a provider 0.3 s
      And the provider is paused
      When the client looks up "lamp"
      Then the call fails with code "TIMEOUT", a message and details
      And it has failed after 0.29 s and within 2 s

    @GWY-37 @needs.provider @smoke
    Scenario: A client looks something up
      Given a connected client of a gateway with a provider
      When the client looks up "lamp"
      Then the client gets "value of lamp"
      And the provider has been asked 1 time

  Rule: A bad request is answered and does no harm

    @GWY-38
    Scenario Outline: A client sends <request>
      Given a connected client
      When the client sends <request>
      Then it is answered with "error" and the code "INVALID_REQUEST"
      And the client can use the fast tool on the same connection

      Examples: Frames that are no request
        | request                          |
        | words that are no frame          |
        | an empty frame                   |
        | half a request                   |
        | a list around a request          |
        | a lone number                    |
        | a request without an operation   |
        | a request for an unknown operation |
        | lists in lists, 100,000 deep     |

      Examples: Request ids that are none
        | request                              |
        | a request without a request id       |
        | a request with an empty request id   |
        | a request id of 129 letters          |
        | a request with a number for its id   |

    @GWY-39
    Scenario Outline: A client sends a call with <what>
      Given a connected client
      When the client sends a call with <what>
      Then the call is refused under its request id
      And the client can use the fast tool on the same connection

      Examples: Calls that are incomplete
        | what                       |
        | no tool named              |
        | a number for the tool      |
        | a list for the arguments   |

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

    @GWY-43 @needs.echo
    Scenario: A frame of some megabytes
      Given a connected client
      When the client has 4,000,000 letters given back
      Then the very same text comes back
      And the client can use the fast tool on the same connection
