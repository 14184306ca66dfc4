"""Words about spectra and loudness of recordings."""

from behave import given, register_type, then, when

from support.audio import analysing, mistaken_requests, recording_words, recordings, sound_words, whole, words

register_type(**sound_words.TYPES, **words.TYPES, **recording_words.TYPES)


@given("a stereo recording {recording:Stereo}")
def a_stereo_recording(context, recording):
    whole.take(context.world, recording)


@given(
    "{count:d} stereo recordings at {rate:Count} Hz of a tone of 1,000 Hz at {level:Number} dBFS for {seconds:g} s,"
    " each beginning {step:g} s later"
)
def stereo_recordings(context, count, rate, level, seconds, step):
    whole.take(context.world, *recordings.later_and_later(count, level, seconds, step, rate))


@when("its spectrum is asked for")
def spectrum_is_asked_for(context):
    analysing.ask_spectrum(context.world)


@when("its spectrum is asked for in windows of {size:Count} samples")
def spectrum_is_asked_for_in_windows(context, size):
    analysing.ask_spectrum(context.world, size=size)


@when("its spectrum is asked for twice")
def spectrum_is_asked_for_twice(context):
    analysing.ask_spectrum(context.world, times=2)


@when("its loudness is asked for")
@when("the loudness of each is asked for")
def loudness_is_asked_for(context):
    analysing.ask_loudness(context.world)


@when("its loudness is asked for, for a target of {target:Number} LUFS")
def loudness_is_asked_for_a_target(context, target):
    analysing.ask_loudness(context.world, target=target)


@when("its loudness is asked for twice")
def loudness_is_asked_for_twice(context):
    analysing.ask_loudness(context.world, times=2)


@when("somebody asks for the spectrum of {what}")
def somebody_asks_for_the_spectrum(context, what):
    mistaken_requests.ask(context.world, "spectrum", what)


@when("somebody asks for the loudness of {what}")
def somebody_asks_for_the_loudness(context, what):
    mistaken_requests.ask(context.world, "loudness", what)


@then("its peak is at {frequency:Number} Hz ± {tolerance:g} Hz")
def has_its_peak_at(context, frequency, tolerance):
    analysing.spectrum(context.world).require_peak(frequency, tolerance)


@then("the spectrum goes from 0 Hz to half of {rate:Count} Hz in steps of {step:g} Hz")
def goes_to_half_of(context, rate, step):
    analysing.require_axis(context.world, rate, step)


@then("the tone of {frequency:Number} Hz reads {level:Number} dBFS ± {tolerance:g} dB")
def the_tone_reads(context, frequency, level, tolerance):
    analysing.spectrum(context.world).require_reading(frequency, level, tolerance)


@then("nothing in it reads more than {level:Number} dBFS")
def nothing_reads_more(context, level):
    analysing.spectrum(context.world).require_nothing_over(level)


@then("its centroid is at {frequency:Number} Hz ± {tolerance:g} Hz")
def has_its_centroid_at(context, frequency, tolerance):
    analysing.spectrum(context.world).require_centroid(frequency, tolerance)


@then("both answers are the same, number by number")
def both_are_the_same(context):
    analysing.require_twice_the_same(context.world)


@then("the {figure:Figure} is {value:Number} LUFS ± {tolerance:g} LU")
def the_loudness_is(context, figure, value, tolerance):
    analysing.loudness(context.world).require(figure, value, tolerance, tolerance, "LUFS")


@then("the loudness range is {value:Number} LU ± {tolerance:g} LU")
def the_range_is(context, value, tolerance):
    analysing.loudness(context.world).require("loudness range", value, tolerance, tolerance, "LU")


@then("each {figure:Figure} is {value:Number} LUFS ± {tolerance:g} LU")
def each_is(context, figure, value, tolerance):
    analysing.require_each(context.world, figure, value, tolerance)


@then("there is no {figure:Figure}")
def there_is_none(context, figure):
    analysing.loudness(context.world).require_none(figure)


@then("the true peak is {value:Number} dBTP, at most {over:g} dB over and {under:g} dB under that")
def the_true_peak_is(context, value, over, under):
    analysing.loudness(context.world).require("true peak", value, over, under, "dBTP")


@then("it lacks {gain:Number} dB ± {tolerance:g} dB")
def lacks(context, gain, tolerance):
    analysing.loudness(context.world).require_gain(gain, tolerance)


@then("it is compliant")
def is_compliant(context):
    analysing.loudness(context.world).require_compliance(True)


@then("it is not compliant")
def is_not_compliant(context):
    analysing.loudness(context.world).require_compliance(False)
