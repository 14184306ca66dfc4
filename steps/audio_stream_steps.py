"""Words about what speakers play, chunk by chunk, and how it is answered."""

from behave import register_type, then, when

from support.audio import answered, playing, sound_words, words

register_type(**sound_words.TYPES, **words.TYPES)


@when("the speaker plays {sound:Sound} for {seconds:g} s")
def plays(context, sound, seconds):
    playing.play_sound(context.world, context.world.session, sound, seconds)


@then("the listener hears exactly what was played")
def hears_exactly(context):
    answered.require_exact(context.world.take)
