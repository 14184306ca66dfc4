"""Words about providers: their troubles, and what was looked up before."""

from behave import given, register_type

from support.gateway import checks, circuit, repeating, words

register_type(**words.TYPES)


@given('the client has looked up "{key:Said}" under request id "{request_id:Said}"')
def has_looked_up(context, key, request_id):
    repeating.look_up_well(context.world, context.world.client, key, request_id)


@given('"{name:Said}" has looked up "{key:Said}" under request id "{request_id:Said}"')
def a_named_one_has_looked_up(context, name, key, request_id):
    repeating.look_up_well(context.world, context.world.clients[name], key, request_id)


@given('the client has looked up "{key:Said}" twice at once under request id "{request_id:Said}"')
def has_looked_up_twice(context, key, request_id):
    repeating.look_up_twice(context.world, key, request_id)
    checks.require_all_ok(context.world.calls)


@given('the client has looked up "{key:Said}" in vain under request id "{request_id:Said}"')
def has_looked_up_in_vain(context, key, request_id):
    repeating.look_up_in_vain(context.world, key, request_id)


@given('the client has begun to look up "{key:Said}" under request id "{request_id:Said}"')
def has_begun_to_look_up(context, key, request_id):
    repeating.begin_to_look_up(context.world, context.world.client, key, request_id)


@given('"{name:Said}" has begun to look up "{key:Said}" under request id "{request_id:Said}"')
def a_named_one_has_begun(context, name, key, request_id):
    repeating.begin_to_look_up(context.world, context.world.clients[name], key, request_id)


@given('the failing tool has failed under request id "{request_id:Said}"')
def the_failing_tool_has_failed(context, request_id):
    repeating.fail(context.world, request_id)


@given("the provider {trouble:Trouble}")
def the_provider_is_in_trouble(context, trouble):
    context.world.provider.plant(trouble)


@given("the provider {trouble:Trouble} until the breaker has opened")
def the_provider_opens_the_breaker(context, trouble):
    circuit.open_breaker(context.world, trouble=trouble)
    context.world.provider.heal()


@given("the provider is well again")
@given("the {which:w} provider is well")
def the_provider_is_well(context, which="first"):
    for provider in context.world.providers.values():
        provider.heal()


@given("the provider has failed {times:d} times")
def the_provider_has_failed(context, times):
    circuit.fail(context.world, times)


@given("the provider has failed {before:d} times, answered once and failed {after:d} times")
def failed_answered_failed(context, before, after):
    circuit.fail(context.world, before)
    circuit.succeed(context.world, 1)
    circuit.fail(context.world, after)


@given("the provider has answered {well:d} times and then failed {failed:d} times")
def answered_then_failed(context, well, failed):
    circuit.succeed(context.world, well)
    circuit.fail(context.world, failed)


@given("the breaker has opened and the provider takes {seconds:g} s from now on")
def opened_and_slow(context, seconds):
    circuit.open_breaker(context.world)
    context.world.provider.plant(f"takes {seconds:g} s")


@given("the breaker has opened, and after {seconds:g} s the provider has answered once")
@given("the breaker has opened, and after {seconds:g} s the provider has answered {times:d} times")
def opened_and_answered(context, seconds, times=1):
    circuit.open_breaker(context.world)
    circuit.wait_since_opening(context.world, seconds)
    circuit.succeed(context.world, times)


@given("the breaker has opened, and after {seconds:g} s {times:d} look-ups were cancelled")
def opened_and_cancelled(context, seconds, times):
    circuit.open_breaker(context.world)
    circuit.wait_since_opening(context.world, seconds)
    circuit.make_mistakes(context.world, "cancels a look-up", times)


@given("the breaker has opened, and after {seconds:g} s a call has failed again")
def opened_and_failed_again(context, seconds):
    circuit.open_breaker(context.world)
    circuit.wait_since_opening(context.world, seconds)
    circuit.fail_as_probe(context.world)


@given('the client has had "{text:Said}" given back under request id "{request_id:Said}"')
def has_had_given_back(context, text, request_id):
    repeating.give_back_well(context.world, context.world.client, text, request_id)


@given('"{name:Said}" has had "{text:Said}" given back under request id "{request_id:Said}"')
def a_named_one_has_had_given_back(context, name, text, request_id):
    repeating.give_back_well(context.world, context.world.clients[name], text, request_id)


@given("the client has called the slow tool for {seconds:g} s and {passed:g} s have passed")
def has_called_a_while_ago(context, seconds, passed):
    repeating.begin_slow_and_wait(context.world, seconds, passed)
