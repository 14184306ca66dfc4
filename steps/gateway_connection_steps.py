"""Words about connections: hellos, coming, going, shutting down."""

from behave import register_type, when

from support.gateway import doings, endings, shutting_down, talk, words

register_type(**words.TYPES)


@when("a client says hello")
def says_hello(context):
    doings.greet(context.world)


@when('a client says hello as session "{name:Said}"')
def says_hello_as(context, name):
    doings.greet(context.world, session=name)


@when("a client says hello and is quiet for {seconds:g} s")
def says_hello_and_is_quiet(context, seconds):
    doings.greet(context.world)
    doings.be_quiet(seconds)


@when("{count:Count} clients say hello")
def many_say_hello(context, count):
    talk.let_in_many(context.world, count)


@when("a client opens with {opening}")
def opens_with(context, opening):
    doings.open_with(context.world, opening)


@when("clients open with each of these")
def open_with_each(context):
    context.world.group = [doings.open_with(context.world, row["opening"]) for row in context.table]


@when("a client connects")
@when("a client connects and says nothing")
def connects(context):
    talk.connect(context.world, doings.NEWCOMER)


@when("a client connects and does nothing but show that it is alive")
def connects_and_shows_life(context):
    doings.show_life(talk.connect(context.world, doings.NEWCOMER), 0.4)


@when("a client at another address connects")
def another_address_connects(context):
    talk.connect(context.world, doings.NEWCOMER, source=endings.another_address(context.world))


@when("a client at another address says hello")
def another_address_says_hello(context):
    doings.greet(context.world, source=endings.another_address(context.world))


@when("{count:d} more clients connect")
def more_connect(context, count):
    doings.connect_many(context.world, count)


@when("one of the clients {way} and another one says hello")
def one_goes_another_comes(context, way):
    talk.go(context.world, context.world.opened[0], way)


@when("the client {way:Way} and comes back")
def goes_and_comes_back(context, way):
    talk.go(context.world, context.world.client, way)
    doings.come_back(context.world)


@when('the link of "{name:Said}" is cut')
def the_link_is_cut(context, name):
    talk.cut(context.world, context.world.clients[name])


@when("all clients {way}")
def all_go(context, way):
    for client in context.world.opened:
        talk.go(context.world, client, way)


@when("a client comes and goes {count:d} times in a row")
def comes_and_goes(context, count):
    doings.come_and_go(context.world, count)


@when("{wrong:d} clients come with a wrong token, {none:d} with none and {no_hello:d} with what is no hello")
def come_with_wrong_tokens(context, wrong, none, no_hello):
    doings.come_with_wrong_tokens(context.world, wrong)
    doings.come_with_wrong_tokens(context.world, none, "a hello without a token")
    doings.come_with_no_hello(context.world, no_hello)


@when("somebody starts the gateway with a token of {count:d} letters")
def starts_with_a_short_token(context, count):
    doings.start_with_token_of(context.world, count)


@when("the gateway is told to shut down")
def told_to_shut_down(context):
    shutting_down.tell(context.world)


@when("the gateway is restarted and the client comes back")
def is_restarted(context):
    shutting_down.restart(context.world)
    doings.come_back(context.world)
