@peers @needs.docker
Feature: Chargers on a network of their own
  In a garage every charger has an address of its own, and networks come apart and heal. Nobody is there to help.

  Rule: Chargers with addresses of their own find each other

    @PEE-150 @needs.image @needs.discovery @smoke
    Scenario: Three chargers on a private network
      Given 3 chargers on a private network
      When each is asked to look for the others
      Then each lists all the others as online within 3 s
      And each lists itself once, first and as local

    @PEE-151 @needs.image @needs.discovery @needs.group
    Scenario: Chargers on a private network form a group
      Given 3 chargers on a private network that know each other
      When the first is asked to add each of the others and to be added there
      Then each of the others lists the first as a member within 3 s

  Rule: Who is cut off is offline, and comes back

    @PEE-152 @needs.image @needs.discovery @needs.group @fault
    Scenario Outline: A member that <fate> is offline
      Given 2 chargers on a private network, of which the first has added the last
      When the last one <fate>
      Then the first lists it as a member that is offline within two heartbeat times
      And it is online again within 10 s when the last one <return>

      Examples: Fates
        | fate       | return           |
        | is cut off | is reached again |

      @slow
      Examples: Fates that it may meet without a network, too
        | fate      | return           |
        | is paused | goes on          |
        | is killed | is started again |

  Rule: Halves of a network go on by themselves and grow together again

    @PEE-153 @needs.image @needs.discovery @needs.group @fault
    Scenario: A network falls into two halves
      Given 4 chargers on a private network that have all added each other
      When the network falls into two halves
      Then each lists the others of its half as online and those of the other half as offline within 10 s
      And all list all the others as online within 15 s when the halves are one again
