"""Words about how what is heard differs from what was played, and about when a voice is flagged."""

from behave import register_type, then

from support.audio import flags, hearing, listening, sound_words

register_type(**sound_words.TYPES)


@then("the tone of {frequency:Number} Hz {change:Change}")
def the_tone_changes(context, frequency, change):
    hearing.require_tone(listening.last(context.world), frequency, change)


@then("the tone of {frequency:Number} Hz is at least {least:g} dB lower in the second")
def the_tone_is_lower(context, frequency, least):
    hearing.require_lower_tone(*listening.both(context.world), frequency, least)


@then("the noise beside the tone of {frequency:Number} Hz {change:Change}")
def the_noise_changes(context, frequency, change):
    hearing.require_noise(listening.last(context.world), [frequency], change)


@then("the {band:Band} {change:Change}")
def the_band_changes(context, band, change):
    hearing.require_band(listening.last(context.world), band, change)


@then("the sound {change:Change}")
def the_sound_changes(context, change):
    hearing.require_whole(listening.last(context.world), change)


@then("the listener hears it at {level:Number} dBFS ± {tolerance:g} dB")
def hears_it_at(context, level, tolerance):
    hearing.require_level(listening.last(context.world), level, tolerance)


@then("the true peak is never above {most:Number} dBTP")
def the_true_peak(context, most):
    hearing.require_true_peak(listening.last(context.world), most)


@then("the true peak is never above that threshold by more than {more:g} dB")
def the_true_peak_and_the_threshold(context, more):
    threshold = context.world.pipeline.catalogue.end("limiter", "threshold", "least")
    hearing.require_true_peak(listening.last(context.world), threshold + more)


@then("no sample is above {most:Number} dBFS")
def no_sample_above(context, most):
    hearing.require_peak(listening.last(context.world), most)


@then("the loudness after the first {after:g} s is {wanted:Number} LUFS ± {tolerance:g} LU")
def the_loudness(context, after, wanted, tolerance):
    hearing.require_loudness(listening.last(context.world), after, wanted, tolerance)


@then("every burst after the first {after:g} s is flagged as voice")
def every_burst_is_flagged(context, after):
    flags.require_each_flagged(listening.bursts(context.world), listening.flagged(context.world), after)


@then("no pause after the first {after:g} s is flagged as voice at its end")
def no_pause_is_flagged(context, after):
    flags.require_pauses_free(listening.bursts(context.world), listening.flagged(context.world), after)


@then("nothing after the first {after:g} s is flagged as voice")
def nothing_is_flagged(context, after):
    flags.require_none_flagged(listening.flagged(context.world), after)
