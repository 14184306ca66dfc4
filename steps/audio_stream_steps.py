"""Words about what speakers play, chunk by chunk, and how it is answered."""

from behave import register_type, then, when

from support.audio import answered, hearing, lines, mistaken, pairs, playing, sound_words, together, words

register_type(**sound_words.TYPES, **words.TYPES)
CHUNK = 0.1


@when("the speaker plays {sound:Sound} for {seconds:g} s")
def plays(context, sound, seconds):
    playing.play_sound(context.world, context.world.session, sound, seconds)


@when("the speaker plays {count:d} chunk")
@when("the speaker plays {count:d} chunks")
def plays_chunks(context, count):
    playing.play_noise(context.world, context.world.session, count)


@when("the speaker plays {count:d} chunks, each when the one before was answered")
def plays_one_by_one(context, count):
    playing.play_noise(context.world, context.world.session, count, playing.ONE_BY_ONE)


@when("the speaker plays {count:d} chunks without waiting for an answer")
def plays_without_waiting(context, count):
    playing.play_noise(context.world, context.world.session, count, window=None)


@when("the speaker plays {count:d} chunks of {length:g} s")
def plays_chunks_of(context, count, length):
    playing.play_seconds(context.world, context.world.session, [length] * count)


@when("the speaker plays {count:d} chunks of {length:g} s, each when the one before was answered")
def plays_chunks_of_one_by_one(context, count, length):
    playing.play_seconds(context.world, context.world.session, [length] * count, playing.ONE_BY_ONE)


@when("the speaker plays chunks of {lengths:Lengths} without waiting for an answer")
def plays_lengths_without_waiting(context, lengths):
    playing.play_seconds(context.world, context.world.session, lengths, window=None)


@when("the speaker plays chunks of {lengths:Lengths}, each when the one before was answered")
def plays_lengths_one_by_one(context, lengths):
    playing.play_seconds(context.world, context.world.session, lengths, playing.ONE_BY_ONE)


@when("the speaker plays every value that a sample can have")
def plays_every_value(context):
    playing.play_every_value(context.world, context.world.session)


@when("the speaker plays {sound:Sound} for {seconds:g} s whole, and in chunks of {lengths:Lengths} in turn in another session")
def plays_whole_and_in_turn(context, sound, seconds, lengths):
    pairs.play_whole_and_cut(context.world, sound, seconds, lengths)


@when(
    "the speaker plays {sound:Sound} for {seconds:g} s and the line is cut half way,"
    " and again in another session with no such trouble"
)
def plays_with_a_loss(context, sound, seconds):
    lines.play_with_a_loss(context.world, sound, seconds)


@when("the speaker plays {count:d} chunks and sends something bad after each, without waiting for an answer")
def plays_between_mistakes(context, count):
    mistaken.play_between_mistakes(context.world, count)


@when("the speaker plays {sound:Sound} for {seconds:g} s, and again in another session with something bad after each chunk")
def plays_with_mistakes_again(context, sound, seconds):
    mistaken.play_with_mistakes_again(context.world, sound, seconds)


@when('"Ada" plays {ada:d} chunks, "Ben" plays {ben:d} and "Eve" none')
def play_so_many(context, ada, ben):
    together.play_noise(context.world, {"Ada": ada, "Ben": ben})


@when('"Ada" plays a tone of {ada:g} Hz, "Ben" one of {ben:g} Hz and "Eve" one of {eve:g} Hz, {count:d} chunks each at once')
def play_tones(context, ada, ben, eve, count):
    together.play_tones(context.world, {"Ada": ada, "Ben": ben, "Eve": eve}, count * CHUNK)


@when("all three play the same {sound:Sound} for {seconds:g} s at once")
def play_the_same(context, sound, seconds):
    together.play_the_same(context.world, sound, seconds)


@when('"{good:Said}" plays {chunks:d} chunks while "{bad:Said}" sends {messages:d} messages that make no sense')
def plays_beside_mistakes(context, good, chunks, bad, messages):
    mistaken.play_beside_mistakes(context.world, good, chunks, bad, messages)


@when('"{good:Said}" plays {chunks:d} chunks while the line of "{lost:Said}" is cut and "{back:Said}" comes back')
def plays_beside_a_loss(context, good, chunks, lost, back):
    together.play_beside_a_loss(context.world, good, chunks, lost)


@then("it is answered with its sound and then with its figures, as chunk number {number:d}")
def is_answered(context, number):
    answered.require_answers(context.world.take.answers, number, number)


@then("each is answered with its sound and then with its figures, as chunks number {first:d} to {last:d}")
def are_answered(context, first, last):
    answered.require_answers(context.world.take.answers, first, last)


@then("these are the chunks {first:d} and {last:d}")
def are_these_chunks(context, first, last):
    answered.require_answers(context.world.take.answers, first, last)


@then("each time the chunk came back, as chunk number 1")
def each_came_back(context):
    answered.require_first_chunks(context.world)


@then("nothing else is heard from the pipeline")
def nothing_else(context):
    answered.require_nothing_else(context.world)


@then("the listener hears exactly what was played")
def hears_exactly(context):
    answered.require_exact(context.world.take)


@then('the listener of "{name:Said}" hears exactly what was played')
def a_listener_hears_exactly(context, name):
    answered.require_exact(context.world.sessions[name].take)


@then("each listener hears exactly what their own speaker played")
def each_hears_exactly(context):
    answered.require_exact_each(context.world.sessions.values())


@then("each listener hears what a session of their own would have given, within {tolerance:g} of full scale")
def each_hears_their_own(context, tolerance):
    for with_others, alone in together.alone(context.world):
        hearing.require_same(with_others, alone, tolerance)


@then("what the speaker plays comes back, as chunk number {number:d}")
def comes_back(context, number):
    answered.require_comes_back(context.world, context.world.session, number)


@then("once the speaker is back the next chunk is number {number:d}")
def comes_back_when_back(context, number):
    answered.require_next_when_back(context.world, context.world.session, number)


@then("the speaker's session goes on as if nothing had been")
def goes_on(context):
    answered.require_going_on(context.world, context.world.session)


@then('the session of "{name:Said}" goes on as if nothing had been')
def a_session_goes_on(context, name):
    answered.require_going_on(context.world, context.world.sessions[name])


@then("each of the {count:d} goes on as if nothing had been")
def each_goes_on(context, count):
    answered.require_all_going_on(context.world, count)


@then("the figures tell of {count:d} chunks")
def tell_of_chunks(context, count):
    answered.require_count(context.world.session, count)


@then("each session's chunks are numbered from {first:d} to {last:d}")
def each_is_numbered(context, first, last):
    answered.require_answers_each(context.world, first, last)


@then("each session's figures tell of {count:d} chunks")
def each_tells_of_chunks(context, count):
    answered.require_count_each(context.world, count)
