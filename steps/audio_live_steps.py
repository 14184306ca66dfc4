"""Words about stages that are changed while somebody speaks."""

from behave import register_type, then, when

from support.audio import sound_words, turning, words

register_type(**sound_words.TYPES, **words.TYPES)


@when(
    "the speaker plays {sound:Sound} for {seconds:g} s and half way has it changed to {first:Stages},"
    " and at once to {second:Stages}"
)
def plays_and_changes_twice(context, sound, seconds, first, second):
    turning.play_and_change(context.world, sound, seconds, [first, second])


@when("the speaker plays {sound:Sound} for {seconds:g} s and half way has it changed to {chain:Stages}")
def plays_and_changes(context, sound, seconds, chain):
    turning.play_and_change(context.world, sound, seconds, [chain])


@when(
    "the speaker plays {sound:Sound} for {seconds:g} s, half way has it changed to {chain:Stages},"
    " and then the line is cut and the speaker comes back"
)
def plays_and_changes_and_is_cut(context, sound, seconds, chain):
    turning.play_and_change(context.world, sound, seconds, [chain], lose_line=True)


@when(
    "the speaker plays {sound:Sound} for {seconds:g} s without waiting for an answer,"
    " and after {after:d} chunks has it changed to {chain:Stages}"
)
def plays_and_changes_under_way(context, sound, seconds, after, chain):
    turning.play_and_change_under_way(context.world, sound, seconds, after, chain)


@when("the speaker plays {sound:Sound} for {seconds:g} s and has it changed to {chain:Stages} and back {times:d} times")
def plays_and_turns(context, sound, seconds, chain, times):
    turning.play_and_turn(context.world, sound, seconds, chain, times)


@when("the speaker plays {sound:Sound} for {seconds:g} s and half way asks for {change}")
def plays_and_asks(context, sound, seconds, change):
    turning.play_and_ask(context.world, sound, seconds, change)


@when('both play {sound:Sound} for {seconds:g} s and half way that of "{name:Said}" is changed to {chain:Stages}')
def both_play(context, sound, seconds, name, chain):
    turning.play_both_and_change_one(context.world, sound, seconds, name, chain)


@then("the change is confirmed, from one of the next chunks on")
def is_confirmed(context):
    turning.require_confirmed(context.world.session)


@then("both changes are confirmed, from one of the next chunks on")
def are_confirmed(context):
    turning.require_confirmed(context.world.session, 2)


@then("the change is confirmed, from a chunk on that was not answered yet")
def is_confirmed_under_way(context):
    turning.require_confirmed_under_way(context.world.session)


@then("every change is confirmed")
def every_change_is_confirmed(context):
    turning.require_all_confirmed(context.world.session)


@then("until then the listener hears exactly what a session that is left alone gives")
def untouched_until_then(context):
    turning.require_untouched_until(context.world, context.world.session)


@then("the listener hears exactly what a session that is left alone gives")
def untouched(context):
    turning.require_untouched(context.world, context.world.session)


@then('the listener of "{name:Said}" hears exactly what a session that is left alone gives')
def a_listener_untouched(context, name):
    turning.require_untouched(context.world, context.world.sessions[name])


@then("within {chunks:d} chunks the level is that of a session that began so, ± {tolerance:g} dB")
@then("within {chunks:d} chunks the level is that of a session that began with the second, ± {tolerance:g} dB")
def has_effect(context, chunks, tolerance):
    turning.require_effect(context.world, context.world.session, chunks, tolerance)


@then('within {chunks:d} chunks the level of "{name:Said}" is that of a session that began so, ± {tolerance:g} dB')
def has_effect_on(context, chunks, name, tolerance):
    turning.require_effect(context.world, context.world.sessions[name], chunks, tolerance)


@then("that is at least {least:g} dB from where it was")
def is_different(context, least):
    turning.require_difference(context.world, context.world.session, least)


@then(
    "no step from sample to sample is greater than {times:g} times the greatest of a session that is left alone"
    " or of one that began so"
)
def makes_no_click(context, times):
    turning.require_no_click(context.world, context.world.session, times)


@then("the level has changed by at least {least:g} dB, to and fro")
def has_turned(context, least):
    turning.require_turned(context.world.session, least)
