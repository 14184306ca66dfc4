"""Words about how fast a pipeline is, how many it keeps up with, and how long."""

from behave import given, register_type, then, when

from support.audio import keeping_up, lasting, sound_words, words

register_type(**sound_words.TYPES, **words.TYPES)


@given("a plain session and a bare echo")
def a_session_and_an_echo(context):
    keeping_up.open_beside_echo(context.world)


@when("the speaker plays {count:d} chunks of {length:g} s to both, each when the one before was answered")
def plays_to_both(context, count, length):
    keeping_up.play_to_both(context.world, count, length)


@when("more and more speakers play through every stage in real time, until the pipeline does not keep up")
def more_and_more_play(context):
    keeping_up.grow(context.world)


@when("for {seconds:g} s the speaker plays {sound:Sound} in real time")
@when("for {seconds:g} s all three play {sound:Sound} in real time")
def plays_in_real_time(context, seconds, sound):
    lasting.begin(context.world, sound, seconds)


@then("a chunk takes {mean:g} s on average and {slowest:g} s for the slowest five of a hundred")
def a_chunk_takes(context, mean, slowest):
    keeping_up.require_times(context.world, context.world.take.answers, mean, slowest)


@then("the pipeline works {most:g} s on a chunk")
def works_on_a_chunk(context, most):
    keeping_up.require_work(context.world, context.world.take.answers, most)


@then("the pipeline takes at most {times:g} times as long as the echo")
def takes_at_most(context, times):
    keeping_up.require_ratio(context.world, times)


@then("at least {count:d} sessions are carried in real time")
def are_carried(context, count):
    keeping_up.require_carried(context.world, count)


@then("all {count:d} chunks are answered in order, each with its sound and its figures")
@then("all {count:d} chunks of each are answered in order, each with its sound and its figures")
def all_are_answered(context, count):
    lasting.require_all(context.world, count)


@then("no chunk takes more than {most:g} s")
def none_takes_more(context, most):
    lasting.require_in_time(context.world, most)


@then("the pipeline's memory grows by at most {percent:g} % after the first 10 s")
def memory_is_flat(context, percent):
    lasting.require_flat(context.world, percent)
