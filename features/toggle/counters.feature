@toggle
Feature: The hub's counters tell the truth
  Somebody looks at a graph at night and decides whether to send a technician. A counter that is nearly right sends the wrong one.

  Rule: Counters are exact while a command is under way

    @TGL-37 @needs.metrics @smoke
    Scenario: A first question is counted before its answer comes
      Given a bulb that answers after 0.5 s
      When the hub switches the bulb on and has asked 1 time
      Then the hub's counters read, while it waits for the answer
        | what        | kind    | count |
        | frames sent | success | 1     |

    @TGL-38 @needs.metrics @fault
    Scenario Outline: A bulb that <fault> is counted as such
      Given a bulb that <fault> the first time and then answers after 0.5 s
      When the hub switches the bulb on and has asked <asked> times
      Then the hub's counters read, while it waits for the answer
        | what        | kind    | count   |
        | frames sent | success | <asked> |
        | <what>      | <kind>  | 1       |
        | repeats     | <why>   | 1       |

      Examples: The bulb is reached and does not answer
        | fault                    | asked | what    | kind    | why     |
        | stays silent             | 2     | answers | timeout | timeout |
        | hangs up after the frame | 2     | answers | closed  | closed  |

    @TGL-39 @needs.metrics @fault
    Scenario: A bulb that could not be reached was sent nothing that time
      Given a bulb that cannot be reached the first time and then answers after 0.5 s
      When the hub switches the bulb on and has asked 1 time
      Then the hub's counters read, while it waits for the answer
        | what        | kind              | count |
        | frames sent | success           | 1     |
        | repeats     | connection_failed | 1     |

    @TGL-71 @needs.metrics @fault
    Scenario: A bulb that refuses the connection is sent nothing
      Given a hub that asks at most 4 times
      And a bulb that refuses the connection
      When the hub sets out to switch the bulb on
      Then the hub's counters come to read, before it gives up
        | what    | kind              | count |
        | repeats | connection_failed | 2     |

    @TGL-40 @needs.metrics @beyond @needs.strict_ack @fault
    Scenario: A wrong answer is counted as such
      Given a bulb that answers "NAK" the first time and then answers after 0.5 s
      When the hub switches the bulb on and has asked 2 times
      Then the hub's counters read, while it waits for the answer
        | what        | kind    | count |
        | frames sent | success | 2     |
        | answers     | bad_ack | 1     |
        | repeats     | bad_ack | 1     |

  Rule: Counters are exact when a command has ended

    @TGL-41 @needs.metrics @needs.serve @smoke
    Scenario: A plain success
      Given a bulb that answers
      When the hub switches the bulb on
      Then the hub's counters read
        | what        | kind    | count |
        | frames sent | success | 1     |
        | answers     | success | 1     |
        | answer time | taken   | 1     |

    @TGL-42 @needs.metrics @needs.serve @fault
    Scenario Outline: A bulb that <fault>, asked 2 times
      Given a hub that asks at most 2 times
      And a bulb that <fault>
      When the hub switches the bulb on
      Then the hub's counters read
        | what        | kind    | count |
        | frames sent | success | 2     |
        | answers     | <kind>  | 2     |
        | repeats     | <kind>  | 1     |

      Examples: Failures
        | fault                    | kind    |
        | stays silent             | timeout |
        | hangs up after the frame | closed  |

    @TGL-43 @needs.metrics @needs.serve @fault
    Scenario: A bulb that refuses every connection, asked 3 times
      Given a hub that asks at most 3 times
      And a bulb that refuses the connection
      When the hub switches the bulb on
      Then the hub's counters read
        | what    | kind              | count |
        | repeats | connection_failed | 2     |

    @TGL-44 @needs.metrics @needs.serve @beyond @needs.strict_ack @fault
    Scenario: A mixed series
      Given bulbs with these fates, each asked at most 2 times
        | bulb   | fate                                                      | commands |
        | porch  | answers                                                   | 5        |
        | hall   | hangs up after the frame the first time and then answers  | 2        |
        | cellar | stays silent                                              | 1        |
        | attic  | answers "NAK"                                             | 2        |
        | shed   | refuses the connection                                    | 3        |
      When the hub runs all commands
      Then the hub's counters read, bulb by bulb
        | bulb   | what        | kind              | count |
        | porch  | frames sent | success           | 5     |
        | porch  | answers     | success           | 5     |
        | porch  | answer time | taken             | 5     |
        | hall   | frames sent | success           | 3     |
        | hall   | answers     | success           | 2     |
        | hall   | answers     | closed            | 1     |
        | hall   | repeats     | closed            | 1     |
        | hall   | answer time | taken             | 2     |
        | cellar | frames sent | success           | 2     |
        | cellar | answers     | timeout           | 2     |
        | cellar | repeats     | timeout           | 1     |
        | attic  | frames sent | success           | 4     |
        | attic  | answers     | bad_ack           | 4     |
        | attic  | repeats     | bad_ack           | 2     |
        | shed   | repeats     | connection_failed | 3     |

  Rule: The time to an answer is measured in seconds and sorted into the agreed steps

    @TGL-45 @needs.metrics @needs.serve
    Scenario: The measured times add up to the planted ones
      Given a bulb that answers after 0.3 s
      When the hub switches the bulb on and off in turn, 3 times
      Then the hub has measured 3 answers and 0.9 s in all, within 5 %
      And 0 of them took at most 0.25 s and 3 at most 0.5 s

    @TGL-46 @needs.metrics @needs.serve
    Scenario: The steps are the agreed ones
      Given a bulb that answers
      When the hub switches the bulb on
      Then the steps of the measured times are 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2 and 5 s

  Rule: Every hub counts for itself

    @TGL-47 @needs.metrics @fault
    Scenario: Two hubs at work at once do not mix their counters
      Given a bulb named "east" that hangs up after the frame the first time and then answers after 0.5 s
      And a bulb named "west" that answers after 0.5 s
      When a first hub switches "east" on and a second hub switches "west" on
      Then the second hub's counters read, while it waits for answer 1
        | what        | kind    | count |
        | frames sent | success | 1     |
      And the first hub's counters read, while it waits for answer 2
        | what        | kind    | count |
        | frames sent | success | 2     |
        | answers     | closed  | 1     |
        | repeats     | closed  | 1     |

  Rule: The counters can be read as long as the hub lives

    @TGL-48 @needs.metrics
    Scenario: The counters come and go with the hub
      Given a bulb that answers after 0.3 s
      When the hub switches the bulb on and has asked 1 time
      Then the hub's counters can be read
      And they can no longer be read once the hub has ended

    @TGL-49 @needs.metrics @fault
    Scenario: A hub whose counters have no place says so and leaves the bulb alone
      Given a bulb that answers
      And somebody else holds the place of the hub's counters
      When somebody runs the hub to switch the bulb on
      Then the hub ends with code 3
      And the bulb has seen 0 connections and 0 frames
