"""Recordings that are handed in and what comes back, stages that are tried, and requests that are refused: against a pipeline in
words, whose answers are as right or as wrong as a test wants them."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from audio_parts import broken

from support.audio import mistaken_requests, recordings, signals, trying, whole
from support.audio.desk import Desk
from support.audio.recordings import Recording, parse_recording
from support.audio.rest import Answer
from support.audio.stage_words import STAGES, parse_chain
from support.audio.target import AudioTarget
from support.audio.wishes import config_of

NOISE = parse_recording("of white noise at -12 dBFS for 0.5 s")
TONE = parse_recording("at 48,000 Hz of a tone of 1,000 Hz at -20 dBFS for 1 s")


def answer(code=200, **fields) -> Answer:
    return Answer(code, fields, json.dumps(fields), {}, 0.0)


def refusal(code=422, told="INVALID_CONFIG", message="no") -> Answer:
    return answer(code, error={"code": told, "message": message})


def processed(recording: Recording, form="WAV", **more) -> Answer:
    data = recording.pcm if form == "bare base64" else recordings.written(recording, form)
    return answer(success=True, processed_audio=recordings.base64.b64encode(data).decode(), **more)


class Pipeline:
    """`answers`: one after the other; the last one again and again. asked: what was asked for."""

    def __init__(self, *answers) -> None:
        self.asked: list = []
        self._answers = list(answers)
        self.rest, self.catalogue = self, None

    def _next(self, *asked, **more):
        self.asked.append((asked, more))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    process = stage = spectrum = loudness = _next


class World(SimpleNamespace):
    @property
    def answer(self):
        return self.answers[-1]

    @property
    def session(self):
        return self.sessions[self.speaking]

    @property
    def take(self):
        return self.session.take

    def config_of(self, wished):
        return config_of(wished, self.target, lambda: self.pipeline.catalogue)


def world(*answers, recording=NOISE) -> World:
    target = AudioTarget("audio", "1", "command", frozenset(), parameters={"limiter": {"threshold": "ceiling"}})
    kept: list = []
    keeper = SimpleNamespace(keep=lambda *told: kept.append(told))
    return World(
        pipeline=Pipeline(*answers), desk=Desk([recording]), answers=[], sessions={}, speaking="", target=target, kept=kept,
        keeper=keeper, keep=lambda name, take: kept.append((name, take)),
    )  # fmt: skip


# --- handing in


@pytest.mark.parametrize("form", ["WAV", "FLAC", "bare base64"])
def test_a_recording_is_handed_in_and_heard(form):
    one = world(processed(NOISE, form))
    whole.hand_in(one, form, back=form)
    (asked,), more = one.pipeline.asked[0]
    assert asked == {"stages": {}, "connections": []}
    assert more["output_format"] == {"WAV": "wav", "FLAC": "flac", "bare base64": "base64"}[form]
    assert ("sample_rate" in more) == (form == "bare base64")
    assert np.array_equal(one.take.heard, one.take.played)
    whole.require_form(one, form)
    whole.require_seconds(one, 0.5)
    with broken("it lasts 0.6 s"):
        whole.require_seconds(one, 0.6)
    with broken("what comes back is"):
        whole.require_form(one, "FLAC" if form == "WAV" else "WAV")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (refusal(), "is processed"),
        (answer(success=False), "is processed"),
        (answer(success=True), "can be read"),
        (answer(success=True, processed_audio="***"), "can be read"),
        (answer(success=True, processed_audio="UklGRg=="), "can be read"),
        (processed(parse_recording("of white noise at -12 dBFS for 0.5 s", 2)), "with its channels"),
    ],
)
def test_what_is_no_recording_is_told(wrong, told):
    with broken(told):
        whole.hand_in(world(wrong), "WAV")


def test_another_rate_is_judged_by_itself():
    came = parse_recording("of a tone of 1,000 Hz at -20 dBFS for 1 s")
    one = world(processed(came), recording=TONE)
    whole.hand_in(one, "WAV", rate=16000)
    assert one.pipeline.asked[0][1]["sample_rate"] == 16000
    assert not one.sessions
    assert one.kept[0][3:] == (48000, 16000)
    whole.require_rate(one, 16000)
    whole.require_seconds(one, 1.0)
    whole.require_tone_only(one, 1000.0, -20.0, 0.5, -70.0)
    with broken("48,000 Hz"):
        whole.require_rate(one, 48000)
    with broken("at -26 dBFS"):
        whole.require_tone_only(one, 1000.0, -26.0, 0.5, -70.0)
    with broken("-50 dBFS at most"):
        whole.require_rest(one, -50.0)


def test_what_stands_beside_a_tone_is_found():
    came = parse_recording("of a tone of 1,000 Hz at -20 dBFS and a tone of 6,000 Hz at -55 dBFS for 1 s")
    one = world(processed(came), recording=TONE)
    whole.hand_in(one, "WAV", rate=16000)
    with broken("nothing beside the tone"):
        whole.require_tone_only(one, 1000.0, -20.0, 0.5, -70.0)
    one.desk.came_back = Recording(signals.silence(0.1), 16000)
    with broken("as long as it was"):
        whole.require_rest(one, -50.0)


def test_a_rate_that_nobody_asked_for_is_heard_and_told():
    one = world(processed(Recording(NOISE.samples, 8000)))
    whole.hand_in(one, "WAV")
    assert np.array_equal(one.take.heard, one.take.played)
    with broken("16,000 Hz"):
        whole.require_rate(one, 16000)


@pytest.mark.parametrize(
    "metrics", [{"quality_metrics": {"rms": -3.0, "peak": 0}}, {"rms": -3.05, "peak": 0.0}]
)  # fmt: skip
def test_figures_are_read_where_they_stand(metrics):
    one = world(answer(metrics=metrics))
    one.answers.append(one.pipeline.rest.process())
    whole.require_figures(one, -3.01, 0.0, 0.1)
    for rms, peak in ((-6.0, 0.0), (-3.01, -3.01)):
        with broken("the figures tell"):
            whole.require_figures(one, rms, peak, 0.1)


@pytest.mark.parametrize("metrics", [{}, {"rms": None, "peak": None}, {"rms": "-3", "peak": "0"}, {"rms": True, "peak": True}])
def test_figures_that_are_none_are_told(metrics):
    one = world(answer(metrics=metrics))
    one.answers.append(one.pipeline.rest.process())
    with broken("the figures tell rms"):
        whole.require_figures(one, 1.0, 1.0, 0.1)


def test_a_right_recording_comes_back_as_it_was():
    right = Recording(signals.white_noise(-12.0, 0.5), 16000)
    whole.require_right_one(world(processed(right)))
    with broken("comes back as it was"):
        whole.require_right_one(world(processed(Recording(-right.samples, 16000))))


# --- trying a stage


def test_a_stage_is_tried_in_its_own_words():
    one = world(answer(processed_audio=NOISE.base64, stage_name="limiter", stage_config={"parameters": {"ceiling": -6}}))
    trying.try_stage(one, parse_chain("a limiter with threshold -6 dB"), "a form")
    (stage, body), more = one.pipeline.asked[0]
    assert (stage, more) == ("limiter", {"as_form": True})
    assert body["stage_config"] == {"enabled": True, "parameters": {"ceiling": -6}}
    assert np.array_equal(one.take.heard, one.take.played)
    trying.require_named(one)


def test_a_pipeline_that_wants_parameters_alone_is_asked_again():
    right = answer(processed_audio=NOISE.base64, stage_name="limiter", stage_config={"ceiling": -6, "release": 5})
    one = world(refusal(), right)
    trying.try_stage(one, parse_chain("a limiter with threshold -6 dB"), "a message")
    assert [asked[1]["stage_config"] for asked, _ in one.pipeline.asked] == [
        {"enabled": True, "parameters": {"ceiling": -6}}, {"ceiling": -6},
    ]  # fmt: skip
    trying.require_named(one)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (refusal(), "one stage is tried"),
        (refusal(500), "one stage is tried"),
        (answer(), "is sound"),
        (answer(processed_audio="AA=="), "is sound"),
    ],
)
def test_a_stage_that_gives_nothing_back_is_told(wrong, told):
    with broken(told):
        trying.try_stage(world(wrong), parse_chain("a limiter"), "a message")


@pytest.mark.parametrize(
    "told",
    [
        {"stage_name": "vad", "stage_config": {"ceiling": -6}},
        {"stage_name": "limiter", "stage_config": {"ceiling": -1}},
        {"stage_name": "limiter", "stage_config": {}},
        {"stage_name": "limiter"},
    ],
)
def test_an_answer_that_names_something_else_is_told(told):
    one = world(answer(processed_audio=NOISE.base64, **told))
    trying.try_stage(one, parse_chain("a limiter with threshold -6 dB"), "a message")
    with broken("the answer"):
        trying.require_named(one)


# --- requests that make no sense


@pytest.mark.parametrize("phrase", mistaken_requests.RECORDINGS)
def test_every_bad_recording_can_be_handed_in(phrase):
    one = world(refusal())
    mistaken_requests.hand_in(one, phrase)
    (config,), more = one.pipeline.asked[0]
    assert (more["audio"] is None) == (phrase == "nothing")
    assert one.answer.code == 422
    assert config == {"stages": {}} or phrase.startswith("a recording")


def test_a_circle_is_one_of_stages_that_are_known():
    one = world(refusal())
    mistaken_requests.hand_in(one, "a recording with connections that go in a circle")
    config = one.pipeline.asked[0][0][0]
    assert list(config["stages"]) == list(STAGES[:2])
    assert {(each["source_stage_id"], each["target_stage_id"]) for each in config["connections"]} == {
        (STAGES[0], STAGES[1]), (STAGES[1], STAGES[0]),
    }  # fmt: skip


def test_a_broken_configuration_is_no_configuration():
    one = world(refusal())
    mistaken_requests.hand_in(one, "a recording with a configuration that breaks off")
    with pytest.raises(ValueError, match=r"delimiter|end"):
        json.loads(one.pipeline.asked[0][0][0])


@pytest.mark.parametrize("what", ["spectrum", "loudness"])
def test_an_analysis_is_asked_of_what_has_none(what):
    one = world(refusal(400))
    mistaken_requests.ask(one, what, "nothing")
    assert "audio_data" not in one.pipeline.asked[0][0][0]
    mistaken_requests.ask(one, what, "a tone on 0 channels")
    assert one.pipeline.asked[1][0][0]["channels"] == 0
    with pytest.raises(KeyError):
        mistaken_requests.ask(one, what, "the moon")


@pytest.mark.parametrize(
    ("phrase", "stage", "config"),
    [
        ("a stage that nobody knows", "reverb", {}),
        ("a stage without a name", " ", {}),
        ("a noise reduction with strength 2", "noise_reduction", {"strength": 2}),
        ("a limiter with threshold 9 dB", "limiter", {"ceiling": 9}),
        ("a limiter with a parameter that nobody knows", "limiter", {"loudness_of_the_moon": 1}),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_stage_is_tried_wrongly_as_the_pipeline_takes_right_ones(phrase, stage, config, alone):
    one = world(*([refusal()] if alone or not config else [answer(), refusal()]))
    mistaken_requests.try_stage(one, phrase)
    asked = one.pipeline.asked[-1][0]
    assert asked[0] == stage
    assert asked[1]["stage_config"] == (config if alone or not config else {"enabled": True, "parameters": config})


def test_a_stage_is_tried_on_no_sound():
    one = world(refusal(400))
    mistaken_requests.try_stage(one, "a limiter on nothing")
    assert "audio_data" not in one.pipeline.asked[0][0][1]
    mistaken_requests.try_stage(one, "a limiter on half a sample")
    assert len(recordings.base64.b64decode(one.pipeline.asked[1][0][1]["audio_data"])) % 2 == 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("incomplete", 400), ("unreadable", 415), ("wrongly configured", 422), ("no sound, at all", 400),
        ("no sound, at all", 415), ("not found", 404), ("a mistake", 400), ("a mistake", 499),
    ],
)  # fmt: skip
def test_a_refusal_has_its_status_a_code_and_a_reason(kind, code):
    mistaken_requests.require_refused(refusal(code), kind)
    for wrong in (
        refusal(500),
        refusal(200),
        refusal(code, ""),
        refusal(code, message=""),
        answer(code),
        answer(code, error="no"),
    ):
        with broken(f"refused as {kind}"):
            mistaken_requests.require_refused(wrong, kind)
