"""Words about whole recordings, stages that are tried by themselves, and the list of stages."""

from behave import given, register_type, then, when

from support.audio import mistaken_requests, recording_words, sound_words, stage_list, trying, whole, words

register_type(**sound_words.TYPES, **words.TYPES, **recording_words.TYPES)


@given("a recording {recording:Recording}")
def a_recording(context, recording):
    whole.take(context.world, recording)


@when("it is handed in as {form:Form}, to a pipeline without stages")
def is_handed_in(context, form):
    whole.hand_in(context.world, form)


@when("it is handed in and wanted back as {form:Form}, from a pipeline without stages")
def is_wanted_back_as(context, form):
    whole.hand_in(context.world, "WAV", back=form)


@when("it is handed in as {form:Form} and wanted back at {rate:Count} Hz, from a pipeline without stages")
def is_wanted_back_at(context, form, rate):
    whole.hand_in(context.world, form, rate=rate)


@when("it is handed in as {form:Form}, to a pipeline with {chain:Stages}, and played to another")
def is_handed_in_and_played(context, form, chain):
    whole.hand_in(context.world, form, chain)
    whole.play_to_another(context.world)


@when("it is handed in as {form:Form}, to a pipeline with {chain:Stages}")
def is_handed_in_to_stages(context, form, chain):
    whole.hand_in(context.world, form, chain)


@when("somebody hands in {what:BadRecording}")
def somebody_hands_in(context, what):
    mistaken_requests.hand_in(context.world, what)


@when("{chain:Stages} is tried on it, asked for by {way:Asking}")
def is_tried(context, chain, way):
    trying.try_stage(context.world, chain, way)


@when("somebody tries {what} by itself")
def somebody_tries(context, what):
    mistaken_requests.try_stage(context.world, what)


@when("somebody asks for its stages")
def asks_for_stages(context):
    stage_list.ask(context.world)


@then("the recording that came back lasts {seconds:g} s")
def lasts(context, seconds):
    whole.require_seconds(context.world, seconds)


@then("the recording that came back has {rate:Count} Hz")
def has_rate(context, rate):
    whole.require_rate(context.world, rate)


@then("the recording that came back is {form:Form}")
def has_form(context, form):
    whole.require_form(context.world, form)


@then("what is left of it is at {most:Number} dBFS at most")
def is_left(context, most):
    whole.require_rest(context.world, most)


@then(
    "what came back has a tone of {frequency:Number} Hz at {level:Number} dBFS ± {tolerance:g} dB,"
    " and nothing else over {most:Number} dBFS"
)
def has_the_tone_only(context, frequency, level, tolerance, most):
    whole.require_tone_only(context.world, frequency, level, tolerance, most)


@then("its figures tell of {rms:Number} dBFS and of peaks at {peak:Number} dBFS, both ± {tolerance:g} dB")
def has_figures(context, rms, peak, tolerance):
    whole.require_figures(context.world, rms, peak, tolerance)


@then("it is refused as {kind:Refusal}, with a code and a reason")
def is_refused(context, kind):
    mistaken_requests.require_refused(context.world.answer, kind)


@then("a right recording is processed afterwards")
def a_right_one_is_processed(context):
    whole.require_right_one(context.world)


@then("the answer names the stage and what it was told")
def names_the_stage(context):
    trying.require_named(context.world)


@then("every stage of the agreement is there, with its parameters")
def every_stage_is_there(context):
    stage_list.require_whole(context.world)


@then("every number among them has a least, a greatest and a usual value, in order")
def every_number_has_a_range(context):
    stage_list.require_ranges(context.world)


@then("{parameter} of {stage} goes from {least:Number} to {greatest:Number}")
def goes_from_to(context, parameter, stage, least, greatest):
    stage_list.require_range(context.world, parameter, stage, least, greatest)
