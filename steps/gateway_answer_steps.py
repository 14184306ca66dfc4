"""Words about answers: what comes back, and what went wrong."""

from behave import register_type, then

from support.gateway import checks, circuit, doings, words
from support.gateway.protocol import Code

register_type(**words.TYPES)


@then('it is answered with "{op:Said}" under its request id')
def is_answered_with(context, op):
    checks.require_answered(context.world.call, op)


@then('it is answered with "{op:Said}" before the slow call is')
def is_answered_before(context, op):
    checks.require_answered(context.world.call, op)
    checks.require_before(context.world.call, context.world.under_way)


@then('each is answered with "{op:Said}" and the code "{code:Said}"')
def are_answered_with_code(context, op, code):
    for call in context.world.calls:
        checks.require_bad_request(call, op, code)


@then("nothing else has arrived")
def nothing_else(context):
    checks.require_nothing_else(context.world)


@then("every tool has a name, a description and a description of its input")
def tools_are_described(context):
    checks.require_tools(context.world.call)


@then("the tools that this gateway is used for are among them")
def tools_are_there(context):
    checks.require_tools(context.world.call, doings.tools_in_use(context.world))


@then("the provider's value for it comes back letter by letter")
@then("the very same text comes back")
def the_same_text(context):
    checks.require_output(context.world.call, context.world.expected[context.world.call])


@then("{count:d} of {all:d} texts come back as they were")
def texts_come_back(context, count, all):
    checks.require_outputs(context.world, context.world.calls, count)


@then("the call is answered after {after:g} s and within {within:g} s")
@then("it has failed after {after:g} s and within {within:g} s")
def is_answered_between(context, after, within):
    checks.require_time(context.world.call, after, within)


@then('the call fails with code "{code:Said}", a message and details')
def fails_with(context, code):
    checks.require_failed(context.world.call, code, complete=True)


@then("each call is refused under its request id")
def are_refused(context):
    for call in context.world.calls:
        checks.require_failed(call, (Code.INVALID_REQUEST, Code.VALIDATION_ERROR, Code.TOOL_NOT_FOUND))


@then("each of them comes back letter by letter")
def come_back_letter_by_letter(context):
    for call in context.world.calls:
        checks.require_output(call, context.world.expected[call])


@then("each answer tells how long it took")
def each_tells_how_long(context):
    for call in context.world.calls:
        checks.require_latency(call, None, 5)


@then('the call is refused at once with code "{code:Said}" and told when to try again')
def is_refused_at_once(context, code):
    checks.require_refused_at_once(context.world.call, code)


@then("no call was refused")
def none_was_refused(context):
    checks.require_all_ok(context.world.calls)


@then("that call is answered")
def that_call_is_answered(context):
    checks.require_all_ok(context.world.calls)


@then("the answers arrive in the order 0.2 s, 0.4 s, 0.6 s")
def arrive_in_order(context):
    checks.require_order(context.world.calls, context.world.calls[::-1])


@then("all of them have arrived within {seconds:g} s")
def all_arrived_within(context, seconds):
    for call in context.world.calls:
        checks.require_time(call, 0.0, seconds)


@then("the fast tool has answered")
def the_fast_tool_has_answered(context):
    checks.require_all_ok([context.world.call])


@then("the trouble has happened {count:d} times")
@then("the trouble has happened {count:d} time")
def the_trouble_has_happened(context, count):
    circuit.require_struck(context.world, count)
