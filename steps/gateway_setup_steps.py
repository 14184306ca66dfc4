"""Words about what is there when a scenario of the gateway begins: the gateway and its clients."""

from behave import given, register_type

from support.gateway import calls_under_way, circuit, doings, setting_up, talk, words
from support.gateway.conditions import parse_conditions

register_type(**words.TYPES)


@given("a gateway")
def a_gateway(context):
    setting_up.set_up(context.world, parse_conditions(""))


@given("a gateway {wanted:Conditions}")
def a_gateway_as_wanted(context, wanted):
    setting_up.set_up(context.world, wanted)


@given("{who:Party}")
def clients(context, who):
    setting_up.set_up_with(context.world, who, parse_conditions(""))


@given("{who:Party} of a gateway {wanted:Conditions}")
@given("{who:Party}, of a gateway {wanted:Conditions}")
def clients_of_a_gateway(context, who, wanted):
    setting_up.set_up_with(context.world, who, wanted)


@given("{count:d} clients are let in")
def clients_are_let_in(context, count):
    talk.let_in_many(context.world, count)


@given("{count:d} clients are let in, each with a call under way")
def clients_with_calls(context, count):
    for client in talk.let_in_many(context.world, count):
        calls_under_way.begin_any(context.world, client)


@given('a client "{name:Said}" with a call under way')
def a_client_with_a_call(context, name):
    before = context.world.speaking
    calls_under_way.begin_any(context.world, talk.let_in(context.world, name))
    context.world.speaking = before


@given("{count:d} clients have connected and said nothing")
def clients_say_nothing(context, count):
    doings.connect_many(context.world, count)


@given("a further client has connected and said nothing")
def a_client_says_nothing(context):
    talk.connect(context.world)


@given("a client that was refused for a wrong token")
def a_refused_client(context):
    doings.come_with_wrong_tokens(context.world, 1)


@given("{count:d} clients have come with a wrong token, one after the other")
def refused_clients(context, count):
    doings.come_with_wrong_tokens(context.world, count)


@given("clients have opened in every way, with and without the right token")
def every_opening(context):
    doings.open_in_every_way(context.world)


@given("{count:d} clients have come and gone, one after the other")
def clients_have_come_and_gone(context, count):
    doings.come_and_go(context.world, count)


@given("{count:d} more clients were turned away")
def clients_were_turned_away(context, count):
    doings.turned_away(context.world, count)


@given("the client has used the fast tool")
def has_used_the_fast_tool(context):
    doings.use_fast(context.world, context.world.client)


@given("the client has used the fast tool and the slow tool")
def has_used_both(context):
    doings.use_fast(context.world, context.world.client)
    doings.use_slow(context.world, context.world.client, 0.05)


@given("the client has used up all it may ask")
def has_used_up(context):
    doings.use_up(context.world, context.world.client)


@given('"{name:Said}" has used up all it may ask')
def a_named_one_has_used_up(context, name):
    doings.use_up(context.world, context.world.clients[name])


@given("the client has been quiet for {seconds:g} s")
def has_been_quiet(context, seconds):
    doings.be_quiet(seconds)


@given('"{first:Said}" has sent {many:d} pings and "{second:Said}" {few:d}')
def have_sent_pings(context, first, many, second, few):
    doings.send_pings(context.world, first, many)
    doings.send_pings(context.world, second, few)


@given(
    '"{first:Said}" has called the slow tool for {long:g} s and for {less:g} s, and "{second:Said}" for {short:g} s,'
    " one after the other"
)
def have_called_in_turn(context, first, long, less, second, short):
    for name, seconds in ((first, long), (first, less), (second, short)):
        doings.use_slow(context.world, context.world.clients[name], seconds)


@given("the breaker has opened and the provider is well again")
def opened_and_well(context):
    circuit.open_breaker(context.world)
    context.world.provider.heal()
