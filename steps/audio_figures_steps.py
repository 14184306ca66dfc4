"""Words about the figures of chunks: levels, counts, times, and what monitoring programs see."""

from behave import register_type, then, when

from support.audio import answered, monitoring, playing, sound_words, told_figures, words

register_type(**sound_words.TYPES, **words.TYPES)
CLOSE = 0.1


@when("the speaker plays a chunk of which {count:Count} samples are far too loud and all others far from it")
def plays_too_loud(context, count):
    playing.play_partly_too_loud(context.world, context.world.session, count)


@when("a monitoring program reads the figures of the pipeline")
def reads_the_figures(context):
    monitoring.read(context.world)


@then("each chunk's figures tell an rms of {rms:g} dBFS and a peak of {peak:g} dBFS, ± {tolerance:g} dB")
def tell_levels(context, rms, peak, tolerance):
    told_figures.require_levels(context.world.take.answers, rms, peak, tolerance)


@then("each chunk's figures tell the rms and the peak of what was played in it, ± {tolerance:g} dB")
def tell_own_levels(context, tolerance):
    told_figures.require_own_levels(context.world.take.answers, tolerance)


@then("each chunk's figures tell an rms of {most:g} dBFS or lower")
def tell_silence(context, most):
    told_figures.require_silent(context.world.take.answers, most)


@then("the last chunk's figures tell a momentary loudness of {loudness:g} LUFS ± {tolerance:g} LU")
def tell_loudness(context, loudness, tolerance):
    told_figures.require_momentary(context.world.take.answers, loudness, tolerance)


@then("each chunk's figures tell how many chunks there were up to it, from {first:d} to {last:d}")
def tell_counts(context, first, last):
    told_figures.require_counted(context.world.take.answers, first, last)


@then("its figures tell of {count:Count} samples that were cut")
def tell_cut(context, count):
    told_figures.require_cut_off(context.world.take.answers[-1], count)


@then("the listener hears what was played at {gain:g} dB, cut off where it is too loud")
def hears_it_cut(context, gain):
    answered.require_scaled_or_cut(context.world.take, gain)


@then("each chunk's figures tell the mean of all times up to it, within {percent:g} %")
def tell_the_mean(context, percent):
    told_figures.require_mean(context.world.take.answers, percent)


@then("the figures tell the time of each stage")
def tell_stages(context):
    told_figures.require_stages_timed(context.world.take.answers, context.world.session.config["stages"])


@then("half of the chunks or more have stages that add up to the total within {percent:g} %")
def add_up(context, percent):
    told_figures.require_adding_up(context.world.take.answers, percent)


@then("no chunk's figures tell more time than the speaker has waited")
def tell_no_more_than_waited(context):
    told_figures.require_within_waiting(context.world.take.answers)


@then("what every stage adds to a chunk is told as the speaker feels it, to a factor of {factor:g}")
def tell_what_is_felt(context, factor):
    plain = playing.play_the_same_plainly(context.world)
    told_figures.require_felt(context.world.take.answers, plain.answers, factor)


@then("they are in the form that monitoring programs have agreed on")
def are_in_form(context):
    monitoring.require_form(context.world.answer.text)
