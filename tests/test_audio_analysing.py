"""Questions for spectra and loudness, and the list of stages, held against answers in words."""

import pytest
from audio_parts import broken
from test_audio_whole import NOISE, answer, refusal, world

from support.audio import analysing, stage_list
from support.audio.reading import read_catalogue
from support.audio.recordings import parse_recording
from support.audio.reference.dsp.catalogue import described
from support.audio.stage_words import STAGES
from support.audio.target import AudioTarget

SPECTRUM = {"frequencies": [0.0, 4000.0, 8000.0], "magnitudes": [-90.0, -6.0, -90.0], "peak_frequency": 4000.0}
SPECTRUM |= {"spectral_centroid": 4000.0, "sample_rate": 16000, "window_size": 4}


def test_what_is_usual_is_not_told():
    one = world(answer())
    analysing.ask_spectrum(one)
    analysing.ask_spectrum(one, size=512)
    first, second = (asked[0] for asked, _ in one.pipeline.asked)
    assert first == {"audio_data": NOISE.base64, "sample_rate": 16000, "channels": 1}
    assert second == first | {"window_size": 512}


def test_every_recording_is_asked_about_as_often_as_it_is_wanted():
    one = world(answer())
    one.desk.recordings.append(parse_recording("at 48,000 Hz of silence for 1 s", channels=2))
    analysing.ask_loudness(one, target=-16.0, times=2)
    assert len(one.answers) == 4
    last = one.pipeline.asked[-1][0][0]
    assert (last["channels"], last["sample_rate"], last["target_lufs"]) == (2, 48000, -16.0)


def test_a_refused_question_is_told():
    with broken("an analysis of a sound is answered"):
        analysing.ask_loudness(world(refusal()))


def test_an_axis_and_what_it_is_of():
    one = world(answer(**SPECTRUM))
    analysing.ask_spectrum(one)
    analysing.spectrum(one).require_peak(4000.0, 1.0)
    analysing.require_axis(one, 16000, 4000.0)
    for wrong in ({"sample_rate": 8000}, {"window_size": 2048}, {"window_size": None}):
        one.answers.append(answer(**SPECTRUM | wrong))
        with broken("a spectrum tells its"):
            analysing.require_axis(one, 16000, 4000.0)


def test_each_of_many_is_judged():
    one = world(answer(momentary=-23.0))
    one.desk.recordings.append(NOISE)
    analysing.ask_loudness(one)
    analysing.require_each(one, "momentary loudness", -23.0, 0.1)
    one.answers[-1] = answer(momentary=-23.2)
    with broken("of number 2"):
        analysing.require_each(one, "momentary loudness", -23.0, 0.1)


def test_twice_the_same_is_number_by_number():
    one = world(answer(**SPECTRUM))
    analysing.ask_spectrum(one, times=2)
    analysing.require_twice_the_same(one)
    one.answers.append(answer(**SPECTRUM | {"magnitudes": [-90.0, -6.000001, -90.0]}))
    with broken("other magnitudes"):
        analysing.require_twice_the_same(one)


# --- the list of stages


def listed(change=lambda stages: None):
    """A world with our own list, changed."""
    told = described()
    stages = {entry["name"]: {one["name"]: one for one in entry["parameters"]} for entry in told["stages"]}
    change(stages)
    one = world(answer())
    one.target = AudioTarget("audio", "1", "command", frozenset())
    body = {"stages": {name: {"parameters": parameters} for name, parameters in stages.items()}}
    one.pipeline.catalogue = read_catalogue(body, one.target)
    return one


def test_our_own_list_is_right():
    one = listed()
    stage_list.ask(one)
    stage_list.require_whole(one)
    stage_list.require_ranges(one)
    assert set(stage_list.AGREED) == set(STAGES)
    stage_list.require_range(one, "aggressiveness", "a voice activity detection", 0.0, 3.0)
    stage_list.require_range(one, "target", "a loudness normalization", -60.0, 0.0)
    with broken("from 0.0 to 1.0"):
        stage_list.require_range(one, "strength", "a noise reduction", 0.0, 2.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda stages: stages.pop("agc"), "the stage agc"),
        (lambda stages: stages["agc"].pop("attack"), "attack of agc"),
    ],
)
def test_what_is_missing_from_a_list_is_told(change, told):
    with broken(told):
        stage_list.require_whole(listed(change))


@pytest.mark.parametrize(
    "change",
    [
        {"default": -70}, {"default": None}, {"default": "loud"}, {"default": True}, {"minimum": None}, {"maximum": None},
        {"minimum": 0, "maximum": 0, "default": 0}, {"minimum": 0, "maximum": -60, "default": -30},
    ],
)  # fmt: skip
def test_a_range_that_is_none_is_told(change):
    with broken("target_level of agc"):
        stage_list.require_ranges(listed(lambda stages: stages["agc"]["target_level"].update(change)))


@pytest.mark.parametrize("change", [{"default": 25}, {"choices": [10, 20]}])
def test_durations_are_those_agreed(change):
    with broken("frame_duration"):
        stage_list.require_ranges(listed(lambda stages: stages["vad"]["frame_duration"].update(change)))


def test_a_choice_of_numbers_is_a_range_too():
    def without_ends(stages):
        for end in ("minimum", "maximum"):
            stages["vad"]["aggressiveness"].pop(end)

    stage_list.require_range(listed(without_ends), "aggressiveness", "a voice activity detection", 0.0, 3.0)
