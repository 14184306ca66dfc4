"""Words about what becomes of connections: who is let in, who is closed and how."""

from behave import register_type, then

from support.gateway import calls_under_way, checks, doings, endings, shutting_down, talk, words
from support.gateway.endings import require_closed

register_type(**words.TYPES)


@then("the client is let in")
def is_let_in(context):
    endings.require_in(context.world.client)


@then('the client is let in as session "{name:Said}"')
def is_let_in_as(context, name):
    endings.require_session(context.world.client, name)


@then("it is let in within {seconds:g} s")
def is_let_in_within(context, seconds):
    endings.require_let_in_within(context.world, seconds)


@then("all {count:Count} clients are let in")
def all_are_let_in(context, count):
    endings.require_all_in(context.world.group, count)


@then("it was let in {count:d} times")
def was_let_in_times(context, count):
    endings.require_all_were_in(context.world.opened, count)


@then("no two of them have the same session")
def sessions_differ(context):
    endings.require_different_sessions(context.world.group)


@then('the client is told "{error:Said}" and closed with code {code:d}')
def is_told_and_closed(context, error, code):
    client = context.world.client
    endings.require_told_and_closed(client, client.calls[0], error, code)


@then('each of them is told "{error:Said}" and closed with code {code:d}')
def each_is_told_and_closed(context, error, code):
    for client in context.world.group:
        endings.require_told_and_closed(client, client.calls[0], error, code)


@then("none of them was ever let in")
def none_was_let_in(context):
    for client in context.world.group:
        endings.require_never_in(client)


@then("the client was never let in")
def was_never_let_in(context):
    endings.require_never_in(context.world.client)


@then("the client is closed with code {code:d}")
def is_closed(context, code):
    require_closed(context.world.client, code)


@then("the client is closed with code {code:d} and told why")
def is_closed_and_told_why(context, code):
    require_closed(context.world.client, code)
    endings.require_reason(context.world.client)


@then("the client is closed with code {code:d} after {after:g} s and within {within:g} s")
def is_closed_between(context, code, after, within):
    endings.require_closed_between(context.world.client, code, after, within)


@then("the client is closed with code {code:d}, after the answer")
def is_closed_after_the_answer(context, code):
    require_closed(context.world.client, code, shutting_down.LIMIT)
    shutting_down.require_answer_first(context.world.client, context.world.under_way)


@then("the client was told nothing")
def was_told_nothing(context):
    endings.require_told_nothing(context.world.client)


@then("each of the {count:d} is closed with code {code:d} and told why")
def each_is_closed(context, count, code):
    endings.require_each_closed(context.world.group, count, code)


@then("each client is closed with code {code:d}")
def all_are_closed(context, code):
    endings.require_each_closed(context.world.opened, len(context.world.opened), code, reason=False)


@then("a further client is closed with code {code:d}")
def a_further_client_is_closed(context, code):
    require_closed(talk.connect(context.world), code)


@then("the others are still connected")
def the_others_are_connected(context):
    endings.require_all_open([client for client in context.world.opened if client is not context.world.client])


@then("the client is still connected")
def is_still_connected(context):
    endings.require_all_open([context.world.client])


@then("the token is nowhere in the gateway's log")
def the_token_is_in_no_log(context):
    doings.require_no_token_in_log(context.world)


@then("the gateway has ended within {seconds:g} s and reports a failure")
def has_ended_with_a_failure(context, seconds):
    doings.require_start_refused(context.world, seconds)


@then("the gateway has ended within {seconds:g} s")
def has_ended(context, seconds):
    shutting_down.require_ended(context.world, seconds)


@then('the call of "{name:Said}" is answered')
def the_call_of_is_answered(context, name):
    calls_under_way.require_answered_of(context.world, name)


@then("every call under way is answered")
def every_call_is_answered(context):
    calls_under_way.require_all_answered(context.world)


@then("the client can use the fast tool")
@then("the client can use the fast tool on the same connection")
def can_use_the_fast_tool(context):
    checks.require_still_usable(context.world, doings.begin_fast(context.world, [context.world.client]))


@then('"{name:Said}" can use the fast tool')
def a_named_one_can_use_it(context, name):
    checks.require_still_usable(context.world, doings.begin_fast(context.world, [context.world.clients[name]]))


@then("all {count:d} clients can use the fast tool")
def all_can_use_the_fast_tool(context, count):
    endings.require_all_in(context.world.group, count)
    checks.require_still_usable(context.world, doings.begin_fast(context.world, context.world.group))
