"""Words about how often a client asks, and how often it may."""

from behave import register_type, then, when

from support.gateway import doings, rates, series, talk, words

register_type(**words.TYPES)


@when("the client uses the fast tool {count:d} times without a pause")
def uses_without_a_pause(context, count):
    rates.burst(context.world, [(context.world.client, count)])


@when('"{name:Said}" uses the fast tool {count:d} times without a pause')
def a_named_one_uses_without_a_pause(context, name, count):
    rates.burst(context.world, [(context.world.clients[name], count)])


@when("each client uses the fast tool {count:d} times without a pause, and one of them once more")
def each_uses_without_a_pause(context, count):
    clients = context.world.opened
    rates.burst(context.world, [*((client, count) for client in clients), (clients[0], 1)])


@when("the client waits for {seconds:g} s and uses the fast tool {count:d} times without a pause")
def waits_and_uses(context, seconds, count):
    doings.be_quiet(seconds)
    rates.burst(context.world, [(context.world.client, count)])


@when("the client waits for {seconds:g} s and uses the fast tool")
def waits_and_uses_once(context, seconds):
    doings.be_quiet(seconds)
    rates.burst(context.world, [(context.world.client, 1)])


@when("the client uses the fast tool {count:d} times, {window:d} at a time")
def uses_in_windows(context, count, window):
    calls = [context.world.ask.fast() for _ in range(count)]
    talk.ask_in_windows(context.world, [(context.world.client, calls)], window)


@then('{answered:d} calls are answered and {refused:d} is refused with code "{code:Said}"')
@then("{answered:d} calls are answered and {refused:d} are refused")
def answered_and_refused(context, answered, refused, code=""):
    rates.require_split(context.world.calls, answered, refused, pace=1.0)


@then("every call was answered under its own request id")
def under_their_own_ids(context):
    series.require_all_answered(context.world.calls)


@then("as many calls are answered as have come back in that time")
def as_many_as_came_back(context):
    rates.require_refill(context.world, context.world.calls)


@then("no more calls are answered than the agreed number and what has come back meanwhile")
def no_more_than_agreed(context):
    rates.require_capped(context.world, context.world.calls)


@then('every other call is refused with code "{code:Said}"')
def every_other_is_refused(context, code):
    rates.require_others_refused(context.world.calls)
