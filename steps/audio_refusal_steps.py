"""Words about what is refused: configurations, messages, too much of anything, and strangers."""

from behave import given, register_type, then, when

from support.audio import mistaken, starting, strangers, too_much, words
from support.audio.setups import open_plain

register_type(**words.TYPES)


@given("a speaker who does not listen")
def does_not_listen(context):
    context.world.line.stop_listening()


@given("speakers have come in every way, with and without the token")
def have_come_in_every_way(context):
    strangers.come_in_every_way(context.world)


@when("the speaker sends {phrase:Mistake}")
def sends(context, phrase):
    mistaken.send(context.world, phrase)


@when("a speaker starts one more session")
def starts_one_more(context):
    context.world.start_session({"stages": {}})


@when("one of the sessions is stopped and a speaker starts one more session")
def stops_one_and_starts_one(context):
    starting.forget(context.world, context.world.session)
    open_plain(context.world)


@when("nobody uses them")
def nobody_uses_them(context):
    too_much.require_there(context.world)


@when("for {seconds:g} s the speaker plays 1 chunk every {every:g} s")
def plays_every(context, seconds, every):
    too_much.play_every(context.world, seconds, every)


@when("the speaker plays a chunk of {samples:Count} samples and then one of 0.1 s")
def plays_too_long(context, samples):
    too_much.play_too_long(context.world, samples)


@when("the speaker plays a chunk in a message of {size:Count} bytes")
def plays_in_a_message(context, size):
    too_much.send_in_message_of(context.world, size)


@when("the speaker plays as many chunks of {seconds:g} s as the pipeline takes, up to {most:d} MiB")
def plays_as_many(context, seconds, most):
    too_much.play_without_listening(context.world, seconds, most)


@when("strangers with each of these ask for everything there is")
def strangers_ask(context):
    strangers.ask_for_everything(context.world, [row["token"] for row in context.table])


@when("strangers with each of these connect to the speaker's session and play 1 chunk")
def strangers_connect(context):
    strangers.connect_each(context.world, [row["token"] for row in context.table])


@then('the configuration is refused, and the fault is found at "{fields:Fields}"')
def configuration_is_refused(context, fields):
    starting.require_bad_configuration(context.world, fields)


@then("no session was begun")
def none_was_begun(context):
    starting.require_none_begun(context.world)


@then("a session with a right configuration can still be started")
def can_be_started(context):
    starting.require_can_be_started(context.world)


@then('the speaker is told "{codes:Codes}"')
def is_told(context, codes):
    mistaken.require_told(context.world.line, codes)


@then('the speaker is told "{codes:Codes}", and nothing else is heard from the pipeline')
def is_told_only(context, codes):
    mistaken.require_told_only(context.world, codes)


@then("the speaker was told of {count:d} mistakes")
def was_told_of_mistakes(context, count):
    mistaken.require_mistakes(context.world.line, count)


@then('"{name:Said}" was told of {count:d} mistakes')
def somebody_was_told_of_mistakes(context, name, count):
    mistaken.require_mistakes(context.world.sessions[name].line, count)


@then('that is refused as unavailable, with the code "{code:Said}"')
def is_unavailable(context, code):
    starting.require_refused(context.world.answer, 503, code)


@then("each of them has ended after {after:g} s and within {within:g} s")
def have_ended(context, after, within):
    too_much.require_ended(context.world, after, within)


@then('the first is refused with "{code:Said}"')
def the_first_is_refused(context, code):
    too_much.require_first_refused(context.world, code)


@then("the second comes back, as chunk number {number:d}")
def the_second_comes_back(context, number):
    too_much.require_second(context.world, number)


@then("that comes back as it was, as chunk number {number:d}")
def that_comes_back(context, number):
    too_much.require_back(context.world, number)


@then("the pipeline has stopped taking them")
def has_stopped_taking(context):
    too_much.require_stalled(context.world)


@then("once the speaker listens, every chunk is answered in order")
def all_are_answered(context):
    too_much.require_all_after(context.world)


@then("each of them is refused all of it for want of the token")
def all_are_refused(context):
    strangers.require_all_refused(context.world)


@then("each of them is turned away and was answered nothing")
def are_turned_away(context):
    strangers.require_all_turned_away(context.world)


@then("the token is nowhere in the pipeline's log")
def not_in_the_log(context):
    strangers.require_no_token_in_log(context.world)


@then("the token is in nothing that the pipeline has answered")
def not_in_answers(context):
    strangers.require_no_token_in_answers(context.world)
