"""Words about the gateway's figures: what is counted, what is measured, what monitoring programs see."""

from behave import register_type, then, when

from support.gateway import calls_under_way, checks, circuit, counting, doings, looking, series, talk, words

register_type(**words.TYPES)


@when("they send {messages:Count} messages of every kind")
def send_a_mixed_series(context, messages):
    series.mixed_series(context.world, context.world.opened, messages)


@when("the client sends {bad:d} frames that are no request and {pings:d} pings")
def sends_bad_frames(context, bad, pings):
    doings.send_bad_frames(context.world, bad, pings)


@when("both ask for the gateway's health")
def both_ask(context):
    context.world.told = looking.ask_all(context.world, list(context.world.clients.values()))


@when("one of the clients asks for the gateway's health")
def one_asks(context):
    talk.ask(context.world, context.world.opened[0], [context.world.ask.plain("health")])


@when("a monitoring program reads the figures")
def reads_the_figures(context):
    context.world.figures = counting.figures(context.world)
    context.world.evidence.attach("metrics.txt", context.world.figures.text)


@when("a monitoring program looks at the health")
def looks_at_the_health(context):
    context.world.status = looking.look_at_health(context.world)


@then("every message was answered")
def every_message_was_answered(context):
    series.require_all_answered(context.world.calls)


@then("the gateway's counts of messages, calls and connections are those of the clients")
def counts_agree(context):
    counting.require_account(context.world)


@then("the gateway counts {total:d} connections and {active:d} that are still there")
def counts_connections(context, total, active):
    counting.require_connections(context.world, total, active)


@then('the gateway counts {some:d} connections turned away for "{one:Said}" and {others:d} for "{other:Said}"')
def counts_rejected(context, some, one, others, other):
    counting.require_rejected(context.world, {one: some, other: others})


@then("the gateway counts {count:d} refused tokens")
def counts_refused_tokens(context, count):
    counting.require_refused_tokens(context.world, count)


@then('the gateway counts {count:d} call of {tool:Tool} with the outcome "{outcome:Said}" and no other')
def counts_calls(context, count, tool, outcome):
    counting.require_calls(context.world, {(doings.label(context.world, tool), outcome): count})


@then('the gateway counts {well:d} call that went well and {other:d} with the outcome "{outcome:Said}" of {tool:Tool}')
def counts_two_outcomes(context, well, other, outcome, tool):
    label = doings.label(context.world, tool)
    counting.require_calls(context.world, {(label, "ok"): well, (label, outcome): other})


@then("the gateway counts {joined:d} repeat that joined and {cached:d} that was stored")
def counts_repeats(context, joined, cached):
    counting.require_repeats(context.world, joined, cached)


@then("the gateway has measured {count:d} times of {tool:Tool} that add up to {seconds:g} s, within {percent:g} %")
def has_measured(context, count, tool, seconds, percent):
    counting.require_measured(context.world, doings.label(context.world, tool), count, seconds, percent)


@then("the gateway has measured no time of {tool:Tool}")
def has_not_measured(context, tool):
    counting.require_not_measured(context.world, doings.label(context.world, tool))


@then("the gateway counts these changes of the breaker")
def counts_changes(context):
    rows = {(counting.spelled(row["from"]), counting.spelled(row["to"])): int(row["count"]) for row in context.table}
    counting.require_transitions(context.world, rows)


@then("the gateway counts {well:d} calls to the provider that went well and {failed:d} that failed")
def counts_provider_calls(context, well, failed):
    counting.require_provider_calls(context.world, {"ok": well, "error": failed})


@then("the gateway counts {count:d} calls to the provider that timed out")
def counts_timeouts(context, count):
    counting.require_provider_calls(context.world, {"timeout": count})


@then("the figures show the breaker {state:w}, and in no other state")
def shows_the_state(context, state):
    checks.require("the breaker is shown as {}", state, circuit.await_one_state(context.world))


@then("they are in the agreed form, each name told once with its kind")
def are_in_form(context):
    looking.require_form(context.world.figures.text)


@then("the steps of the measured times never fall and end with all of them")
def steps_never_fall(context):
    looking.require_steps(context.world)


@then('"{name:Said}" is told of {received:d} messages received and {sent:d} sent')
def is_told_of_messages(context, name, received, sent):
    looking.require_session_figures(context.world.told[name], received, sent)


@then('"{name:Said}" is told of a mean time of {ms:g} ms, within {percent:g} %')
def is_told_of_a_mean(context, name, ms, percent):
    slow = calls_under_way.slow_calls_of(context.world, name)
    looking.require_mean(context.world.told[name], slow, ms, percent)


@then("it is told of {count:d} connections")
def is_told_of_connections(context, count):
    looking.require_connections_told(context.world.call, count)


@then("it is told of the provider's breaker")
def is_told_of_the_breaker(context):
    looking.require_breaker_told(context.world.call, context.world.provider.name)


@then("it is told for how long the gateway has been up")
def is_told_of_the_uptime(context):
    looking.require_uptime(context.world, context.world.call)


@then("it is told that the gateway is well")
def is_told_that_it_is_well(context):
    checks.require("the answer over HTTP is {}", 200, context.world.status)


@then("a client can still say hello")
def can_still_say_hello(context):
    doings.greet(context.world)
    checks.require_all_ok(talk.ask(context.world, context.world.client, [context.world.ask.fast()]))
