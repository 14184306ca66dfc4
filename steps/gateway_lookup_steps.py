"""Words about looking something up, and doing it again."""

from behave import register_type, when

from support.gateway import circuit, doings, repeating, talk, words

register_type(**words.TYPES)


@when('the client looks up "{key:Said}"')
def looks_up(context, key):
    repeating.look_up(context.world, context.world.client, key)


@when('the client looks up "{key:Said}" {times:d} times')
def looks_up_several_times(context, key, times):
    circuit.look_up(context.world, times)


@when("the client looks up the key {text:Text}")
def looks_up_a_key(context, text):
    repeating.look_up(context.world, context.world.client, text)
    context.world.expected[context.world.call] = f"value of {text}"


@when('{seconds:g} s have passed and the client has "{text:Said}" given back again under request id "{request_id:Said}"')
def later_has_given_back(context, seconds, text, request_id):
    doings.be_quiet(seconds)
    repeating.give_back(context.world, context.world.client, text, request_id)


@when('the client looks up "{key:Said}" twice at once under one request id')
def looks_up_twice(context, key):
    repeating.look_up_twice(context.world, key, "twice")


@when('the client looks up "{key:Said}" again under request id "{request_id:Said}"')
def looks_up_again(context, key, request_id):
    repeating.look_up(context.world, context.world.client, key, request_id)


@when('"{name:Said}" looks up "{key:Said}" under request id "{request_id:Said}"')
def a_named_one_looks_up(context, name, key, request_id):
    repeating.look_up(context.world, context.world.clients[name], key, request_id)


@when('the client comes back under its session and looks up "{key:Said}" again under request id "{request_id:Said}"')
def comes_back_and_looks_up(context, key, request_id):
    talk.go(context.world, context.world.client, "says goodbye")
    repeating.come_back_and_look_up(context.world, key, request_id)


@when('{seconds:g} s have passed and the client looks up "{key:Said}" again under request id "{request_id:Said}"')
def later_looks_up_again(context, seconds, key, request_id):
    doings.be_quiet(seconds)
    repeating.look_up(context.world, context.world.client, key, request_id)


@when("the link is cut at once and the client comes back and asks again")
def cut_and_ask_again(context):
    repeating.cut_and_ask_again(context.world, meanwhile=False)


@when("the link is cut and the call ends meanwhile and the client comes back and asks again")
def cut_and_ask_again_later(context):
    repeating.cut_and_ask_again(context.world, meanwhile=True)


@when('the client calls the failing tool again under request id "{request_id:Said}"')
def fails_again(context, request_id):
    talk.ask(context.world, context.world.client, [context.world.ask.failing(request_id)])


@when('the provider is well again and the client looks up "{key:Said}" again under request id "{request_id:Said}"')
def well_and_looks_up_again(context, key, request_id):
    context.world.provider.heal()
    repeating.look_up(context.world, context.world.client, key, request_id)


@when('the provider is well again and the client looks up "{key:Said}"')
def well_and_looks_up(context, key):
    context.world.provider.heal()
    repeating.look_up(context.world, context.world.client, key)


@when('the provider is well again and the client looks up "{key:Said}" again and again for {seconds:g} s')
@when('the client looks up "{key:Said}" again and again for {seconds:g} s')
def looks_up_again_and_again(context, key, seconds):
    context.world.provider.heal()
    circuit.look_up_until(context.world, seconds)


@when('the breaker opens, the provider is well again and the client goes on looking up "{key:Said}"')
def all_the_way_round(context, key):
    circuit.go_all_the_way_round(context.world)


@when('{seconds:g} s have passed and the client looks up "{key:Said}" {times:d} times')
def later_looks_up(context, seconds, key, times):
    circuit.wait_since_opening(context.world, seconds)
    circuit.look_up(context.world, times)


@when('{seconds:g} s have passed and the client looks up "{key:Said}" {times:d} times at once')
def later_looks_up_at_once(context, seconds, key, times):
    circuit.wait_since_opening(context.world, seconds)
    circuit.look_up_at_once(context.world, times)


@when('the provider resets {count:d} connection and the client looks up "{key:Said}" {times:d} times')
def reset_once_and_look_up(context, count, key, times):
    context.world.provider.reset_next(count)
    circuit.look_up(context.world, times)


@when('the client {mistake} {times:d} times and then looks up "{key:Said}" of a provider that is well again')
def makes_mistakes(context, mistake, times, key):
    circuit.make_mistakes(context.world, mistake, times)
    context.world.provider.heal()
    repeating.look_up(context.world, context.world.client, key)


@when('the client looks up nothing and then looks up "{key:Said}" {times:d} times of a provider that resets every connection')
def a_mistake_and_failures(context, key, times):
    circuit.make_mistakes(context.world, "looks up nothing", 1)
    context.world.provider.plant("resets every connection")
    circuit.look_up(context.world, times)


@when('the client looks up "{key:Said}" of the {which:w} provider {times:d} times')
def looks_up_of(context, key, which, times):
    circuit.look_up(context.world, times, which)


@when('the client has "{text:Said}" given back again under request id "{request_id:Said}"')
def has_given_back_again(context, text, request_id):
    repeating.give_back(context.world, context.world.client, text, request_id)


@when('"{name:Said}" has "{text:Said}" given back under request id "{request_id:Said}"')
def a_named_one_has_given_back(context, name, text, request_id):
    repeating.give_back(context.world, context.world.clients[name], text, request_id)


@when('the client comes back under its session and has "{text:Said}" given back again under request id "{request_id:Said}"')
def comes_back_and_has_given_back(context, text, request_id):
    repeating.come_back_and_give_back(context.world, text, request_id)


@when("the client calls the slow tool again under the same request id")
def calls_the_slow_tool_again(context):
    repeating.repeat_slow(context.world)


@when("the link is cut, {seconds:g} s have passed and the client comes back and calls again")
def cut_wait_and_call_again(context, seconds):
    repeating.cut_wait_and_repeat_slow(context.world, seconds)
