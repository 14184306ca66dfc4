"""The reference pipeline over HTTP: sessions, configurations, recordings, single stages, analysis and figures."""

import asyncio
import base64
import io
import json

import numpy as np
import pytest
import soundfile
from audio_program import ALL_STAGES, PLAIN, REALTIME, START, awaited, line, noise, pcm_of, pipeline, text_of

from support.audio.protocol import RATES, STAGES

PROCESS = "/api/pipeline/process"
STAGE = "/api/audio/process/stage"
SPECTRUM, LOUDNESS = "/api/audio/analyze/fft", "/api/audio/analyze/lufs"

AGC_ATTACK = "stages.agc.parameters.attack"
VAD_FRAME = "stages.vad.parameters.frame_duration"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with pipeline(tmp_path_factory.mktemp("pipeline")) as it:
        yield it
        assert it.process.poll() is None
        assert not [each for each in it.lines() if each["level"] in ("error", "critical")]


def stage(**config):
    return {"stages": {"equalizer": config}}


def connected(*ends, names=("vad", "limiter", "agc")):
    return {
        "stages": {name: {} for name in names},
        "connections": [{"source_stage_id": source, "target_stage_id": target} for source, target in ends],
    }


# --- sessions


def test_health_tells_of_the_sessions(running):
    before = running.get("/api/health").json()
    assert before["status"] == "ok"
    assert before["uptime"] > 0
    session = running.start()
    assert running.get("/api/health").json()["sessions"] == before["sessions"] + 1
    running.delete(f"{REALTIME}/{session}")
    assert running.get("/api/health").json()["sessions"] == before["sessions"]


def test_a_session_begins_is_listed_and_ends(running):
    answer = running.post(START, json={"pipeline_config": {"pipeline_id": "mine", "name": "x", **ALL_STAGES}})
    told = answer.json()
    assert (told["pipeline_id"], told["status"]) == ("mine", "running")
    assert told["latency_samples"] == told["metrics"]["latency_samples"] >= 0
    listed = running.sessions()[told["session_id"]]
    assert listed == {key: told[key] for key in ("session_id", "pipeline_id", "status", "metrics")} | {"connected": False}
    assert running.delete(f"{REALTIME}/{told['session_id']}").json()["status"] == "stopped"
    again = running.delete(f"{REALTIME}/{told['session_id']}")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize("rate", RATES)
@awaited
async def test_a_session_has_the_rate_that_was_asked_for(running, rate):
    session = running.start(rate=rate)
    pcm = noise(10 * rate)
    async with line(running, session) as it:
        assert (await it.play(pcm))[:2] == (1, pcm)
        assert await it.refused({"type": "audio_chunk", "data": text_of(noise(10 * rate + 1))}) == "CHUNK_TOO_LONG"
    running.delete(f"{REALTIME}/{session}")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "INVALID_CONFIG", "pipeline_config"),
        ({"pipeline_config": None}, "INVALID_CONFIG", "pipeline_config"),
        ({"pipeline_config": []}, "INVALID_CONFIG", "pipeline_config"),
        ({"pipeline_config": PLAIN, "more": 1}, "INVALID_MESSAGE", "more"),
        ({"pipeline_config": {"stage": {}}}, "INVALID_CONFIG", "stage"),
        ({"pipeline_config": {"name": 5}}, "INVALID_CONFIG", "name"),
        ({"pipeline_config": {"pipeline_id": ""}}, "INVALID_CONFIG", "pipeline_id"),
        ({"pipeline_config": {"stages": []}}, "INVALID_CONFIG", "stages"),
        ({"pipeline_config": {"stages": {"reverb": {}}}}, "UNKNOWN_STAGE", "stages.reverb"),
        ({"pipeline_config": stage(on=True)}, "INVALID_CONFIG", "stages.equalizer.on"),
        ({"pipeline_config": stage(enabled=1)}, "INVALID_CONFIG", "stages.equalizer.enabled"),
        ({"pipeline_config": stage(enabled="yes")}, "INVALID_CONFIG", "stages.equalizer.enabled"),
        ({"pipeline_config": stage(gain_in=20.01)}, "OUT_OF_RANGE", "stages.equalizer.gain_in"),
        ({"pipeline_config": stage(gain_out=-20.01)}, "OUT_OF_RANGE", "stages.equalizer.gain_out"),
        ({"pipeline_config": stage(gain_in="loud")}, "INVALID_CONFIG", "stages.equalizer.gain_in"),
        ({"pipeline_config": stage(gain_in="6")}, "INVALID_CONFIG", "stages.equalizer.gain_in"),
        ({"pipeline_config": stage(gain_in=True)}, "INVALID_CONFIG", "stages.equalizer.gain_in"),
        ({"pipeline_config": stage(gain_in=10**400)}, None, "stages.equalizer.gain_in"),
        ({"pipeline_config": stage(parameters=[])}, "INVALID_CONFIG", "stages.equalizer.parameters"),
        ({"pipeline_config": stage(parameters={"bass": 1})}, "UNKNOWN_PARAMETER", "stages.equalizer.parameters.bass"),
        ({"pipeline_config": {"stages": {"agc": {"parameters": {"attack": None}}}}}, None, AGC_ATTACK),
        ({"pipeline_config": {"stages": {"vad": {"parameters": {"frame_duration": 25}}}}}, None, VAD_FRAME),
        ({"pipeline_config": {"stages": {"vad": {"parameters": {"frame_duration": 10**400}}}}}, "OUT_OF_RANGE", VAD_FRAME),
        ({"pipeline_config": {"stages": {"agc": {"parameters": {"attack": 10**400}}}}}, "OUT_OF_RANGE", AGC_ATTACK),
        ({"pipeline_config": {"stages": {"vad": {}}, "connections": {}}}, "INVALID_CONFIG", "connections"),
        ({"pipeline_config": {"stages": {"vad": {}}, "connections": [{}]}}, "INVALID_CONFIG", "connections[0].source_stage_id"),
        ({"pipeline_config": connected(("vad", "agc"), ("agc", "eq"))}, "INVALID_CONFIG", "connections[1].target_stage_id"),
        ({"pipeline_config": connected(("vad", "agc"), ("eq", "agc"))}, "INVALID_CONFIG", "connections[1].source_stage_id"),
        ({"pipeline_config": connected(("vad", "vad"))}, "INVALID_CONFIG", "connections"),
        ({"pipeline_config": connected(("vad", "agc"), ("agc", "vad"))}, "INVALID_CONFIG", "connections"),
        ({"pipeline_config": connected(("vad", "agc"), ("agc", "limiter"), ("limiter", "vad"))}, "INVALID_CONFIG", "connections"),
        ({"pipeline_config": PLAIN, "session_config": {"sample_rate": 22_050}}, "OUT_OF_RANGE", "session_config.sample_rate"),
        ({"pipeline_config": PLAIN, "session_config": {"sample_rate": "16000"}}, "OUT_OF_RANGE", "session_config.sample_rate"),
        ({"pipeline_config": PLAIN, "session_config": {"channels": 2}}, "OUT_OF_RANGE", "session_config.channels"),
        ({"pipeline_config": PLAIN, "session_config": {"rate": 16_000}}, "INVALID_CONFIG", "session_config.rate"),
    ],
    ids=lambda value: ascii(value)[:90],
)  # fmt: skip
def test_a_bad_configuration_is_refused_with_its_field(running, body, code, field):
    before = len(running.sessions())
    answer = running.post(START, json=body)
    told = answer.json()["error"]
    assert (answer.status_code, told["field"]) == (422, field), told
    assert code in (told["code"], None)
    assert told["message"]
    assert len(running.sessions()) == before


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1", b"\xff", b"NaN", b'{"pipeline_config": NaN}', b"[" * 100_000, b'{"a": "\\ud800"}']
)
def test_a_body_that_is_no_json_is_refused(running, raw):
    answer = running.post(START, data=raw, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "INVALID_MESSAGE")


def test_a_body_of_another_kind_is_refused(running):
    answer = running.post(START, data=b"pipeline_config=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "INVALID_MESSAGE")


@awaited
async def test_the_order_is_that_of_the_connections(running):
    """A compressor before a gain of 8 dB gives another level than behind it."""
    squares = np.tile(np.repeat([3277, -3277], 16), 1500)
    squeeze = {"parameters": {"threshold": -20, "ratio": 4, "knee": 0, "makeup": 0}}
    heard = []
    for ends in ([("compression", "vad")], [("vad", "compression")], []):
        config = connected(*ends, names=()) | {"stages": {"compression": squeeze, "vad": {"gain_out": 8}}}
        session = running.start(config)
        async with line(running, session) as it:
            _, pcm, _ = await it.play(pcm_of(squares))
        heard.append(20 * np.log10(np.abs(np.frombuffer(pcm, "<i2")[-8000:].astype(float)).mean() / 32768))
        running.delete(f"{REALTIME}/{session}")
    assert heard == pytest.approx([-12, -18, -12], abs=0.5)


@awaited
async def test_an_update_is_heard_from_the_announced_chunk_on(running):
    session = running.start({"stages": {"voice_enhancement": {"parameters": {"clarity": 0, "warmth": 0}}}})
    pcm = noise(1600)
    async with line(running, session) as it:
        assert (await it.play(pcm))[:2] == (1, pcm)
        update = {"type": "update_stage", "stage_id": "voice_enhancement", "parameters": {"clarity": 1}}
        told = await it.ask(update)
        assert told["latency_samples"] >= 0
        assert {key: told[key] for key in ("type", "stage_id", "success", "applies_from_sequence")} == {
            "type": "config_updated", "stage_id": "voice_enhancement", "success": True, "applies_from_sequence": 2
        }  # fmt: skip
        assert (await it.play(pcm))[1] != pcm
        for wrong, code in (
            ({"clarity": 2}, "OUT_OF_RANGE"),
            ({"clarity": 10**400}, "OUT_OF_RANGE"),
            ({"clarity": 0, "shine": 1}, "UNKNOWN_PARAMETER"),
            ({"clarity": None}, "INVALID_CONFIG"),
            ({"clarity": 0, "warmth": -2}, "OUT_OF_RANGE"),
        ):
            answer = await it.ask({**update, "parameters": wrong})
            assert (answer["type"], answer["error"]["code"]) == ("error", code)
            assert answer["error"]["field"].startswith("parameters.")
        assert (await it.play(pcm))[1] != pcm
        await it.ask({**update, "parameters": {"clarity": 0}})
        for _ in range(20):
            heard = (await it.play(pcm))[1]
        assert heard == pcm
    running.delete(f"{REALTIME}/{session}")


# --- recordings


def sound(seconds=2.0, rate=16_000, channels=1, seed=3):
    samples = np.random.default_rng(seed).integers(-8000, 8000, (int(seconds * rate), channels))
    return samples.astype("<i2")


def file_of(samples, rate=16_000, form="WAV"):
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=form, subtype="PCM_16")
    return out.getvalue()


def read(text):
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(text, validate=True)), dtype="int16", always_2d=True)
    return samples, rate


def process(running, config=PLAIN, audio=None, **fields):
    files = None if audio is None else {"audio_file": ("a", audio)}
    return running.post(PROCESS, data={"pipeline_config": json.dumps(config), **fields}, files=files)


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_a_recording_comes_back_as_it_was_where_nothing_is_to_be_done(running, form, channels, rate):
    samples = sound(0.5, rate, channels)
    answer = process(running, audio=file_of(samples, rate, form))
    told = answer.json()
    assert (answer.status_code, told["success"], told["warnings"]) == (200, True, [])
    assert (told["sample_rate"], told["channels"], told["samples"]) == (rate, channels, len(samples))
    heard, heard_rate = read(told["processed_audio"])
    assert heard_rate == rate
    assert np.array_equal(heard, samples)


def test_a_recording_may_come_as_base64_of_a_file_or_of_samples(running):
    samples = sound()
    for data in (samples.tobytes(), file_of(samples), file_of(samples, form="FLAC")):
        told = process(running, audio_data=text_of(data), output_format="base64").json()
        assert base64.b64decode(told["processed_audio"]) == samples.tobytes()
        assert told["sample_rate"] == 16_000


def test_a_recording_of_a_minute_may_stand_in_a_field_of_a_multipart_form(running):
    samples = sound(60)
    parts = {
        "pipeline_config": (None, json.dumps(PLAIN)),
        "audio_data": (None, text_of(samples.tobytes())),
        "output_format": (None, "base64"),
    }
    told = running.post(PROCESS, files=parts).json()
    assert base64.b64decode(told["processed_audio"]) == samples.tobytes()


@pytest.mark.parametrize("form", ["wav", "flac", "base64"])
def test_a_recording_comes_back_in_the_form_that_was_asked_for(running, form):
    samples = sound()
    told = process(running, audio=file_of(samples), output_format=form).json()
    data = base64.b64decode(told["processed_audio"], validate=True)
    assert told["output_format"] == form
    assert data.startswith({"wav": b"RIFF", "flac": b"fLaC", "base64": samples.tobytes()[:4]}[form])


def test_every_stage_leaves_a_recording_its_length_and_its_place(running):
    samples = sound(2.345)
    told = process(running, ALL_STAGES, file_of(samples)).json()
    assert read(told["processed_audio"])[0].shape == samples.shape
    assert told["latency_samples"] > 0
    off = process(running, {"stages": {"agc": {"enabled": False}, "vad": {}}}, file_of(samples)).json()
    assert set(off["metrics"]["stage_latencies"]) == {"vad"}
    limited = process(running, {"stages": {"limiter": {"parameters": {"threshold": -1}}}}, file_of(samples)).json()
    assert np.array_equal(read(limited["processed_audio"])[0], samples)
    assert set(told["metrics"]["stage_latencies"]) == set(STAGES)


def test_what_comes_out_of_each_stage_is_told_if_it_is_asked_for(running):
    config = {"stages": {"vad": {"gain_out": 6}, "agc": {"enabled": False}, "compression": {"gain_in": -6}}}
    samples = sound()
    told = process(running, config, file_of(samples), processing_mode="stages").json()
    assert list(told["stage_outputs"]) == ["vad", "compression"]
    assert told["stage_outputs"]["compression"]["processed_audio"] == told["processed_audio"]
    louder = read(told["stage_outputs"]["vad"]["processed_audio"])[0]
    assert np.abs(louder - samples * 1.99526).max() <= 1
    assert "stage_outputs" not in process(running, config, file_of(samples)).json()


def test_a_recording_comes_back_at_another_rate(running):
    at = np.arange(96_000) / 48_000
    tone = np.round(8192 * np.sin(2 * np.pi * 1000 * at)).astype("<i2")
    told = process(running, audio=file_of(tone, 48_000), sample_rate=16_000).json()
    heard, rate = read(told["processed_audio"])
    assert (rate, len(heard)) == (16_000, 32_000)
    expected = 8192 * np.sin(2 * np.pi * 1000 * np.arange(32_000) / 16_000)
    assert np.abs(heard[1000:-1000, 0] - expected[1000:-1000]).max() < 30


def test_the_figures_of_a_recording_are_those_of_its_sound(running):
    squares = np.tile(np.repeat([16384, -16384], 16), 1000).astype("<i2")
    figures = process(running, audio=file_of(squares)).json()["metrics"]
    assert figures["quality_metrics"]["rms"] == pytest.approx(-6.02, abs=0.01)
    assert figures["quality_metrics"]["peak"] == pytest.approx(-6.02, abs=0.01)
    assert figures["quality_metrics"]["clipped_samples"] == 0
    louder = process(running, {"stages": {"vad": {"gain_in": 20}}}, file_of(squares)).json()
    assert louder["metrics"]["quality_metrics"]["clipped_samples"] == len(squares)
    assert set(np.unique(read(louder["processed_audio"])[0])) == {-32768, 32767}


@pytest.mark.parametrize(
    ("config", "audio", "fields", "status", "code", "field"),
    [
        (PLAIN, None, {}, 400, "INVALID_AUDIO", "audio_file"),
        (PLAIN, b"", {}, 400, "INVALID_AUDIO", "audio_file"),
        (PLAIN, b"words, and no sound", {}, 415, "UNSUPPORTED_AUDIO", None),
        (PLAIN, b"RIFF\x00\x00\x00\x00WAVE", {}, 415, "UNSUPPORTED_AUDIO", None),
        (PLAIN, file_of(sound(0.1))[30:], {}, 415, "UNSUPPORTED_AUDIO", None),
        (PLAIN, b"\x89PNG\r\n\x1a\n" + bytes(100), {}, 415, "UNSUPPORTED_AUDIO", None),
        (PLAIN, file_of(sound(0.0)), {}, 400, "INVALID_AUDIO", "audio_file"),
        (PLAIN, None, {"audio_data": "A"}, 400, "INVALID_AUDIO", None),
        (PLAIN, None, {"audio_data": "AA=="}, 400, "INVALID_AUDIO", None),
        (PLAIN, None, {"audio_data": text_of(b"RIFF....")}, 415, "UNSUPPORTED_AUDIO", None),
        ({"stages": {"reverb": {}}}, file_of(sound(0.1)), {}, 422, "UNKNOWN_STAGE", "stages.reverb"),
        (stage(gain_in=21), file_of(sound(0.1)), {}, 422, "OUT_OF_RANGE", "stages.equalizer.gain_in"),
        (connected(("vad", "vad")), file_of(sound(0.1)), {}, 422, "INVALID_CONFIG", "connections"),
        ([], file_of(sound(0.1)), {}, 422, "INVALID_CONFIG", "pipeline_config"),
        (PLAIN, file_of(sound(0.1)), {"sample_rate": "loud"}, 422, "INVALID_MESSAGE", "sample_rate"),
        (PLAIN, file_of(sound(0.1)), {"sample_rate": "0"}, 422, "OUT_OF_RANGE", "sample_rate"),
        (PLAIN, file_of(sound(0.1)), {"output_format": "mp3"}, 422, "OUT_OF_RANGE", "output_format"),
    ],
    ids=lambda value: ascii(value)[:40],
)  # fmt: skip
def test_what_cannot_be_processed_is_refused(running, config, audio, fields, status, code, field):
    answer = process(running, config, audio, **fields)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (status, code), told
    assert field in (None, told.get("field"))


def test_a_configuration_that_is_no_json_is_refused(running):
    for raw in ("", "{", "words", "NaN", "[" * 50_000):
        answer = running.post(PROCESS, data={"pipeline_config": raw}, files={"audio_file": ("a", file_of(sound(0.1)))})
        told = answer.json()["error"]
        assert (answer.status_code, told["code"], told["field"]) == (422, "INVALID_CONFIG", "pipeline_config")


# --- single stages


def test_a_stage_by_itself_is_asked_by_json_and_by_form_alike(running):
    samples = sound(1)
    config = {"gain_in": -6, "parameters": {"strength": 0}}
    fields = {"audio_data": text_of(samples.tobytes()), "sample_rate": 16_000}
    by_json = running.post(f"{STAGE}/noise_reduction", json={**fields, "stage_config": config})
    by_form = running.post(f"{STAGE}/noise_reduction", data={**fields, "stage_config": json.dumps(config)})
    parts = {name: (None, str(value)) for name, value in {**fields, "stage_config": json.dumps(config)}.items()}
    by_parts = running.post(f"{STAGE}/noise_reduction", files=parts)
    assert by_json.status_code == by_form.status_code == by_parts.status_code == 200, by_form.text
    told = by_json.json()
    assert told["processed_audio"] == by_form.json()["processed_audio"] == by_parts.json()["processed_audio"]
    heard = np.frombuffer(base64.b64decode(told["processed_audio"]), "<i2")
    assert np.abs(heard - samples[:, 0] * 0.501187).max() <= 1
    assert told["stage_name"] == "noise_reduction"
    assert told["stage_config"]["gain_in"] == -6
    assert told["stage_config"]["parameters"]["strength"] == 0
    assert set(told["stage_config"]["parameters"]) >= {"strength", "smoothing"}


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "field"),
    [
        ("reverb", {"audio_data": "AAA="}, 404, "UNKNOWN_STAGE", None),
        ("limiter", {}, 400, "INVALID_AUDIO", "audio_data"),
        ("limiter", {"audio_data": ""}, 400, "INVALID_AUDIO", "audio_data"),
        ("limiter", {"audio_data": "A"}, 400, "INVALID_AUDIO", None),
        ("limiter", {"audio_data": "AA=="}, 400, "INVALID_AUDIO", None),
        ("limiter", {"audio_data": 5}, 400, "INVALID_AUDIO", "audio_data"),
        ("limiter", {"audio_data": "AAA=", "sample_rate": 0}, 422, "OUT_OF_RANGE", "sample_rate"),
        ("limiter", {"audio_data": "AAA=", "sample_rate": "x"}, 422, "INVALID_MESSAGE", "sample_rate"),
        ("limiter", {"audio_data": "AAA=", "stage_config": []}, 422, "INVALID_CONFIG", "stage_config"),
        ("limiter", {"audio_data": "AAA=", "stage_config": {"gain_in": 21}}, 422, "OUT_OF_RANGE", "stage_config.gain_in"),
        ("agc", {"audio_data": "AAA=", "stage_config": {"parameters": {"x": 1}}}, 422, "UNKNOWN_PARAMETER", None),
        ("limiter", [], 422, "INVALID_MESSAGE", None),
    ],
    ids=lambda value: ascii(value)[:60],
)  # fmt: skip
def test_a_stage_that_cannot_be_tried_is_refused(running, path, body, status, code, field):
    answer = running.post(f"{STAGE}/{path}", json=body)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (status, code), told
    assert field in (None, told.get("field"))


def test_every_stage_is_listed_with_its_parameters(running):
    told = running.get("/api/audio/stages").json()
    assert [each["name"] for each in told["stages"]] == list(STAGES)
    for each in told["stages"]:
        for parameter in each["parameters"]:
            if parameter["type"] in ("number", "integer"):
                assert parameter["minimum"] <= parameter["default"] <= parameter["maximum"], parameter


# --- analysis


def test_a_spectrum_is_told(running):
    tone = np.round(16384 * np.sin(2 * np.pi * 1000 * np.arange(32_000) / 16_000)).astype("<i2")
    told = running.post(SPECTRUM, json={"audio_data": text_of(tone.tobytes())}).json()
    assert (told["sample_rate"], told["window_size"]) == (16_000, 2048)
    assert told["peak_frequency"] == pytest.approx(1000, abs=7.9)
    assert told["spectral_centroid"] == pytest.approx(1000, abs=50)
    assert len(told["frequencies"]) == len(told["magnitudes"]) == 1025
    assert max(told["magnitudes"]) == pytest.approx(-6.02, abs=0.1)


def test_loudness_is_told(running):
    tone = 0.0708 * np.sin(2 * np.pi * 1000 * np.arange(10 * 48_000) / 48_000)
    both = np.repeat(np.round(tone * 32768).astype("<i2"), 2)
    told = running.post(LOUDNESS, json={"audio_data": text_of(both.tobytes()), "sample_rate": 48_000, "channels": 2}).json()
    for name in ("integrated", "short_term", "momentary"):
        assert told[name] == pytest.approx(-23.0, abs=0.1)
    assert told["true_peak_dbtp"] == pytest.approx(-23.0, abs=0.1)
    assert (told["target_lufs"], told["compliant"]) == (-23, True)
    assert told["gain_adjustment_db"] == pytest.approx(0, abs=0.1)
    silent = running.post(LOUDNESS, json={"audio_data": text_of(bytes(64_000))}).json()
    assert silent["integrated"] is None
    assert silent["loudness_range"] is None
    assert silent["compliant"] is False


@pytest.mark.parametrize("path", [SPECTRUM, LOUDNESS])
@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"audio_data": None}, 400, "INVALID_AUDIO"),
        ({"audio_data": ""}, 400, "INVALID_AUDIO"),
        ({"audio_data": "A"}, 400, "INVALID_AUDIO"),
        ({"audio_data": "AA=="}, 400, "INVALID_AUDIO"),
        ({"channels": 2, "audio_data": "AAAAAAAA"}, 400, "INVALID_AUDIO"),
        ({"channels": 0}, 422, "OUT_OF_RANGE"),
        ({"sample_rate": 0}, 422, "OUT_OF_RANGE"),
        ({"sample_rate": "16000"}, 422, "INVALID_MESSAGE"),
        ({"more": 1}, 422, "INVALID_MESSAGE"),
    ],
    ids=lambda value: ascii(value)[:60],
)  # fmt: skip
def test_an_analysis_that_makes_no_sense_is_refused(running, path, more, status, code):
    answer = running.post(path, json={"audio_data": text_of(sound(0.5).tobytes()), **more})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text


@pytest.mark.parametrize(
    "more", [{"window_size": 1000}, {"window_size": 256}, {"overlap": 1.0}, {"overlap": -0.1}, {"window_type": "round"}]
)
def test_a_window_that_makes_no_sense_is_refused(running, more):
    answer = running.post(SPECTRUM, json={"audio_data": text_of(sound(0.5).tobytes()), **more})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "OUT_OF_RANGE")
    assert answer.json()["error"]["field"] == next(iter(more))


def test_the_shortest_sounds_are_analysed_too(running):
    for samples in (1, 2, 511, 2047):
        for path in (SPECTRUM, LOUDNESS):
            assert running.post(path, json={"audio_data": text_of(noise(samples))}).status_code == 200


# --- figures and the page


@awaited
async def test_what_is_counted_is_exact(tmp_path):
    with pipeline(tmp_path) as fresh:
        session = fresh.start({"stages": {"vad": {"gain_out": 20}}})
        loud, quiet = pcm_of([20_000] * 100), pcm_of([1] * 300)
        async with line(fresh, session) as it:
            for pcm in (loud, quiet, quiet):
                await it.play(pcm)
            assert await it.refused("x") == "INVALID_MESSAGE"
            assert await it.refused({"type": "audio_chunk", "data": "A"}) == "INVALID_AUDIO"
            seen = await asyncio.to_thread(fresh.scrape)
            fresh.post(LOUDNESS, json={"audio_data": "A"})
        expected = {
            "sessions_active": 1, "connections_active": 1, "sessions_started_total": 1, "chunks_total": 3, "samples_total": 700,
            "clipped_samples_total": 100, "chunk_seconds_count": 3, "frames_refused_total INVALID_MESSAGE": 1,
            "frames_refused_total INVALID_AUDIO": 1, "http_requests_total /api/pipeline/realtime/start 200": 1,
        }  # fmt: skip
        assert {name: seen[name] for name in expected} == expected
        fresh.delete(f"{REALTIME}/{session}")
        seen = fresh.scrape()
        assert (seen["sessions_active"], seen["connections_active"], seen["sessions_ended_total stopped"]) == (0, 0, 1)
        assert seen["http_requests_total /api/audio/analyze/lufs 400"] == 1
        assert seen["http_requests_total /api/pipeline/realtime/{session_id} 200"] == 1


def test_addresses_that_are_none_are_refused_in_the_same_form(running):
    for method, path, status in (("GET", "/nothing", 404), ("GET", START, 405), ("PUT", f"{REALTIME}/x", 405)):
        answer = running.http.request(method, running.url + path, timeout=5)
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"code", "message"}
