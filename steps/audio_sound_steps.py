"""Words about what is heard, sample by sample, and about one sound in two sessions."""

from behave import given, register_type, then, when

from support.audio import hearing, listening, pairs, sound_words

register_type(**sound_words.TYPES)


@given("a session through {first:Stages} and one through {second:Stages}")
def two_sessions(context, first, second):
    pairs.open_two(context.world, first, second)


@given("a session through {stage:Stages} at either end of each range that it tells")
def sessions_at_ends(context, stage):
    pairs.open_at_ends(context.world, stage)


@when("the speaker plays {sound:Sound} for {seconds:g} s in both")
@when("the speaker plays {sound:Sound} for {seconds:g} s in each")
def plays_in_each(context, sound, seconds):
    pairs.play_in_each(context.world, sound, seconds)


@when("the speaker plays {sound:Sound} for {seconds:g} s, and again in another session")
def plays_again(context, sound, seconds):
    pairs.play_again(context.world, sound, seconds)


@when("the speaker plays {sound:Sound} for {seconds:g} s whole, and in chunks of {length:g} s in another session")
def plays_whole_and_in_chunks(context, sound, seconds, length):
    pairs.play_whole_and_cut(context.world, sound, seconds, [length])


@then("the listener hears what was played at {gain:Number} dB, within {tolerance:g} of full scale")
def hears_it_scaled(context, gain, tolerance):
    hearing.require_scaled(listening.last(context.world), gain, tolerance)


@then("the listener hears what was played at {gain:Number} dB, cut off at full scale")
def hears_it_cut_off(context, gain):
    hearing.require_scaled(listening.last(context.world), gain, hearing.CLOSE, cut_off=True)


@then("the listener hears the same in both, within {tolerance:g} of full scale")
def hears_the_same(context, tolerance):
    hearing.require_same(*listening.both(context.world), tolerance)


@then("the listener hears the same in both, to the last bit")
def hears_the_very_same(context):
    hearing.require_same(*listening.both(context.world), 0.0)


@then("what the listener hears lines up to the sample")
def lines_up_exactly(context):
    hearing.require_aligned(listening.last(context.world), 0.0)


@then("what the listener hears lines up within {ms:g} ms")
def lines_up(context, ms):
    hearing.require_aligned(listening.last(context.world), ms / 1000)


@then("every session answers with as much sound as it was given")
def all_answer(context):
    pairs.require_all_whole(context.world)
