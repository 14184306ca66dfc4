"""Words about what becomes of look-ups, and of the circuit breaker."""

from behave import register_type, then

from support.gateway import checks, circuit, repeating, words
from support.gateway.protocol import Code

register_type(**words.TYPES)


@then('the client gets "{value:Said}"')
def gets(context, value):
    checks.require_output(context.world.call, value)


@then('the client gets "{value:Said}" {times:d} times')
def gets_several_times(context, value, times):
    repeating.require_all_get(context.world.calls, value, times)


@then('the client gets the stored answer "{value:Said}"')
def gets_the_stored_answer(context, value):
    checks.require_output(context.world.call, value)
    checks.require_stored(context.world.call, True)


@then('the client gets a fresh answer "{value:Said}"')
@then('"{name:Said}" gets a fresh answer "{value:Said}"')
def gets_a_fresh_answer(context, value, name=""):
    checks.require_output(context.world.call, value)
    checks.require_stored(context.world.call, False)


@then('"{name:Said}" gets "{value:Said}"')
def a_named_one_gets(context, name, value):
    repeating.require_gets(context.world, name, value)


@then("the provider has been asked {times:d} times")
@then("the provider has been asked {times:d} time")
@then("the provider has been reached {times:d} times")
def has_been_reached(context, times):
    context.world.provider.require_reached(times)


@then("the provider has been reached {times:d} times since the breaker opened")
def has_been_reached_since(context, times):
    circuit.require_reached_since_opening(context.world, times)


@then('both calls fail with code "{code:Said}"')
def all_fail(context, code):
    checks.require_all_failed(context.world.calls, code)


@then('the first {count:d} calls fail with code "{code:Said}"')
def the_first_fail(context, count, code):
    checks.require_all_failed(context.world.calls[:count], code)


@then('the first call fails with code "{code:Said}"')
def the_first_fails(context, code):
    checks.require_failed(context.world.calls[0], code)


@then('the last call fails with code "{code:Said}"')
def the_last_fails(context, code):
    checks.require_failed(context.world.call, code)


@then('the last call gets "{value:Said}"')
def the_last_gets(context, value):
    checks.require_output(context.world.call, value)


@then('every call gets "{value:Said}"')
def all_get(context, value):
    circuit.require_values(context.world.calls)


@then('every call fails with code "CIRCUIT_OPEN" and says when to try again')
def all_are_blocked(context):
    circuit.require_blocked(context.world, context.world.calls)


@then('{well:d} calls get "{value:Said}" and {failed:d} fail with code "{code:Said}"')
def some_and_some(context, well, value, failed, code):
    circuit.require_split(context.world.calls, well, failed, code)


@then("the call is answered within {seconds:g} s")
def is_answered_within(context, seconds):
    checks.require_time(context.world.call, 0.0, seconds)


@then("the breaker goes {states}")
def the_breaker_goes(context, states):
    circuit.require_states(context.world, states)


@then("the {which:w} provider's breaker is still open")
def is_still_open(context, which):
    circuit.require_still_open(context.world, which)


@then("half of the answers came in less than {ms:g} ms")
def half_came_in(context, ms):
    circuit.require_quick(context.world, ms)
    checks.require_all_failed(context.world.calls, Code.CIRCUIT_OPEN)


@then("both calls go well")
def both_go_well(context):
    checks.require_all_ok(context.world.calls)


@then("the repeat has taken less than {seconds:g} s")
@then("the slow tool's answer is there within {seconds:g} s")
def the_repeat_was_quick(context, seconds):
    checks.require_all_ok([context.world.call])
    checks.require_time(context.world.call, 0.0, seconds)
