"""Words about calls under way: slow ones, their progress, cancelling, the agreed numbers."""

from behave import given, register_type, then, when

from support.gateway import calls_under_way, checks, talk, words

register_type(**words.TYPES)


@given("the client has called the slow tool for {seconds:g} s")
def has_called_the_slow_tool(context, seconds):
    calls_under_way.begin_slow(context.world, context.world.client, [seconds])


@given("the client has called the slow tool for {first:g} s and, beside it, for {second:g} s")
def has_called_the_slow_tool_twice(context, first, second):
    calls_under_way.begin_slow(context.world, context.world.client, [first, second])


@given('"{name:Said}" has called the slow tool for {seconds:g} s')
def a_named_one_has_called(context, name, seconds):
    calls_under_way.begin_slow(context.world, context.world.clients[name], [seconds])


@given("the client has {count:d} calls of the slow tool under way")
@given("the client has {count:d} call of the slow tool under way")
def has_calls_under_way(context, count):
    calls_under_way.fill(context.world, [(context.world.client, count)])


@given('"{name:Said}" has {count:d} calls of the slow tool under way')
def a_named_one_has_calls(context, name, count):
    calls_under_way.fill(context.world, [(context.world.clients[name], count)])


@given("each of the first {few:d} has {count:d} calls of the slow tool under way")
def each_of_the_first_has_calls(context, few, count):
    calls_under_way.fill(context.world, [(client, count) for client in context.world.group[:few]])


@given("the first 3 have {a:d}, {b:d} and {c:d} calls of the slow tool under way")
def the_first_have_calls(context, a, b, c):
    calls_under_way.fill(context.world, list(zip(context.world.group, (a, b, c), strict=False)))


@given("the client has made {failed:d} calls that failed and {refused:d} that were refused")
def has_failed_and_was_refused(context, failed, refused):
    calls_under_way.fail_and_be_refused(context.world, failed, refused)


@when("the client calls the slow tool for {a:g} s, {b:g} s and {c:g} s at once")
def calls_three_at_once(context, a, b, c):
    calls_under_way.begin_slow(context.world, context.world.client, [a, b, c])
    talk.finish(context.world, context.world.under_way)


@when("the client cancels the slow call")
@when("the client cancels the first of the two")
def cancels(context):
    calls_under_way.cancel(context.world, context.world.client, context.world.under_way[0])


@when('"{name:Said}" cancels the call of "{other:Said}"')
def cancels_anothers(context, name, other):
    calls_under_way.cancel(context.world, context.world.clients[name], context.world.under_way[0])


@when("the client cancels that call")
def cancels_what_is_over(context):
    calls_under_way.cancel(context.world, context.world.client, context.world.call)


@when("the client cancels the slow call and then uses the fast tool")
def cancels_and_uses(context):
    calls_under_way.cancel_then_use(context.world)


@when("the client calls the slow tool once more")
def calls_once_more(context):
    calls_under_way.one_more(context.world, context.world.client)


@when("the last client calls the slow tool once more")
def the_last_calls_once_more(context):
    calls_under_way.one_more(context.world, context.world.opened[-1])


@when('"{name:Said}" calls the slow tool')
def a_named_one_calls(context, name):
    calls_under_way.one_more(context.world, context.world.clients[name])


@when("they are answered and the client calls the slow tool {count:d} times more")
def calls_when_they_are_answered(context, count):
    calls_under_way.again_when_answered(context.world, count)


@when("the client calls the slow tool {count:d} times at once")
def calls_several_at_once(context, count):
    calls_under_way.fill(context.world, [(context.world.client, count)])


@when("the client calls the slow tool {count:d} times for {seconds:g} s, side by side")
def calls_side_by_side(context, count, seconds):
    calls_under_way.begin_slow(context.world, context.world.client, [seconds] * count)
    talk.finish(context.world, context.world.calls)


@then("the answer tells the time it took, within {percent:g} %")
def tells_the_time(context, percent):
    checks.require_latency(context.world.call, calls_under_way.told(context.world, context.world.call), percent)


@then("the slow call is answered, too")
def the_slow_call_is_answered(context):
    calls_under_way.require_all_answered(context.world)


@then("all {count:d} calls under way are answered")
def all_under_way_are_answered(context, count):
    calls_under_way.require_all_answered(context.world, count)


@then("progress is told {steps:d} times, in order, before the answer")
@then("each call is told its progress {steps:d} times, in order, before its answer")
def progress_is_told(context, steps):
    for call in context.world.calls:
        checks.require_progress(call, steps)


@then("the first progress is told in the first half of the call")
def progress_is_told_ahead(context):
    checks.require_progress_ahead(context.world.call)


@then("the cancelling is {word:Confirmed}")
def cancelling_is(context, word):
    checks.require_cancel(context.world.cancelling, word)


@then('the slow call fails with code "{code:Said}" within {seconds:g} s')
@then('the first fails with code "{code:Said}" within {seconds:g} s')
def the_slow_call_fails(context, code, seconds):
    calls_under_way.require_cancelled(context.world, code, seconds)


@then("the second is answered as if nothing had been")
def the_second_is_answered(context):
    calls_under_way.require_all_answered(context.world, skip=1)
