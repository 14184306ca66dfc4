"""The pipeline of another make answers what is known beforehand: it must be right, or its scenarios prove nothing."""

import base64
import json
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import requests
from websockets.sync.client import connect

from support.audio import levels, signals
from support.audio.true_peak import true_peak_dbtp
from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.readiness import accepts

FOLDER = Path(__file__).resolve().parent
FOREIGN = FOLDER / "foreign" / "numpy_pipeline.py"
LOUDNESS = json.loads((FOLDER / "vectors" / "loudness.json").read_text(encoding="utf-8"))
SPECTRUM = json.loads((FOLDER / "vectors" / "spectrum.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    log = tmp_path_factory.mktemp("foreign") / "pipeline.log"
    with lease_port() as port:
        argv = [sys.executable, str(FOREIGN), "--listen", str(port.port)]
        with ManagedProcess.start(argv, name="pipeline", log=log) as pipeline:
            pipeline.wait_ready(lambda: accepts("127.0.0.1", port.port), 20.0, "the pipeline to listen")
            yield f"127.0.0.1:{port.port}"


def asked(base, path, **fields):
    return requests.post(f"http://{base}{path}", json=fields, timeout=60).json()


def text(samples):
    return base64.b64encode(signals.to_pcm16(samples)).decode()


def played(base, stages, samples, rate=16000, chunk=0.1):
    """What comes back of it, chunk by chunk, and the figures of the last."""
    config = {"pipeline_config": {"stages": stages}, "session_config": {"sample_rate": rate}}
    session = asked(base, "/api/pipeline/realtime/start", **config)
    late, size = session["metrics"]["latency_samples"], round(chunk * rate)
    pcm, heard = signals.to_pcm16(np.concatenate([samples, np.zeros(late)])), b""
    with closing(connect(f"ws://{base}/api/pipeline/realtime/{session['session_id']}", max_size=None)) as line:
        assert json.loads(line.recv())["type"] == "greeting"
        for begin in range(0, len(pcm), 2 * size):
            line.send(json.dumps({"type": "audio_chunk", "data": base64.b64encode(pcm[begin : begin + 2 * size]).decode()}))
            heard += base64.b64decode(json.loads(line.recv())["audio"])
            figures = json.loads(line.recv())["metrics"]
    assert requests.delete(f"http://{base}/api/pipeline/realtime/{session['session_id']}", timeout=10).status_code == 200
    return signals.from_pcm16(heard)[late:], figures


def stage(**parameters):
    return {"enabled": True, "parameters": parameters}


@pytest.mark.parametrize("signal", LOUDNESS["signals"], ids=lambda signal: signal["case"])
def test_loudness(base, signal):
    samples = signals.segments(signal["segments"])
    told = asked(base, "/api/audio/analyze/lufs", audio_data=text(samples), sample_rate=48000, channels=2)
    for name, expected in signal["expected"].items():
        assert abs(told[name] - expected) <= signal["tolerance"], told


def test_one_channel_silence_and_moments(base):
    one = LOUDNESS["one_channel"]
    told = asked(base, "/api/audio/analyze/lufs", audio_data=text(signals.sine(one["frequency"], one["peak_dbfs"], 5, 48000)),
                 sample_rate=48000)  # fmt: skip
    assert abs(told["integrated"] - one["integrated"]) <= one["tolerance"]
    told = asked(base, "/api/audio/analyze/lufs", audio_data=text(signals.silence(4)))
    assert told["integrated"] == LOUDNESS["silence"]["integrated"]
    assert told["gain_adjustment_db"] is None
    for late in (0, 7, 19):
        moment = signals.segments([(-np.inf, 0.02 * late), (-23, 0.4)])
        told = asked(base, "/api/audio/analyze/lufs", audio_data=text(moment), sample_rate=48000, channels=2)
        assert abs(told["momentary"] - LOUDNESS["moving_maximum"]["momentary_max"]) <= LOUDNESS["moving_maximum"]["tolerance"]
        assert told["loudness_range"] is None


@pytest.mark.parametrize("row", LOUDNESS["true_peak"], ids=lambda row: row["case"])
def test_true_peaks(base, row):
    samples = signals.sine(48000 / int(row["frequency"][3:]), 20 * np.log10(row["amplitude"]), 1, 48000, row["phase_deg"])
    told = asked(base, "/api/audio/analyze/lufs", audio_data=text(signals.faded(samples, 48000)), sample_rate=48000)
    over, under = row["tolerance"]
    assert under <= told["true_peak_dbtp"] - row["true_peak_dbtp"] <= over


def test_spectra(base):
    for row in SPECTRUM["tones"]:
        told = asked(base, "/api/audio/analyze/fft", audio_data=text(signals.sine(row["frequency"], -6, 1)))
        assert abs(told["peak_frequency"] - row["frequency"]) <= row["tolerance_hz"]
    told = asked(base, "/api/audio/analyze/fft", audio_data=text(signals.sine(1000, 0, 1)))
    assert abs(max(told["magnitudes"])) < 0.05


def test_the_curve_of_the_compressor_and_the_levels_told(base):
    curve = SPECTRUM["compression_curve"]
    wanted = {"compression": stage(threshold=curve["threshold_db"], ratio=curve["ratio"], knee=0, makeup=0)}
    for level, expected in zip(curve["in_db"], curve["out_db"], strict=True):
        heard, figures = played(base, wanted, signals.square(500, level, 1))
        assert abs(levels.rms_dbfs(heard[-8000:]) - expected) <= curve["tolerance_db"]
        assert abs(figures["quality_metrics"]["rms"] - level) < 0.1
    _, figures = played(base, {}, signals.silence(0.5))
    assert figures["quality_metrics"]["rms"] <= -96


def test_ten_chunks_are_the_whole_and_a_limiter_limits(base):
    every = {name: stage() for name in requests.get(f"http://{base}/api/audio/stages", timeout=10).json()["stages"]}
    voice = signals.speech_like(-12, 1)
    one, other = played(base, every, voice)[0], played(base, every, voice, chunk=1.0)[0]
    assert len(one) == len(other) == len(voice)
    assert np.abs(one - other).max() <= 1e-4
    heard, _ = played(base, {"limiter": stage(threshold=-6)}, signals.sine(4000, 0, 1, 16000, 45))
    assert -6.5 < true_peak_dbtp(heard[800:-800], 16000) <= -5.8


def test_recordings_of_every_kind(base):
    noise = signals.white_noise(-12, 0.7)
    pcm, config = signals.to_pcm16(noise), json.dumps({"stages": {"noise_reduction": stage(strength=0)}})
    for kind in ("wav", "flac", "base64"):
        form = {"pipeline_config": config, "output_format": kind}
        first = requests.post(f"http://{base}/api/pipeline/process", data=form, timeout=60,
                              files={"audio_file": ("a.wav", signals.to_wav(noise, 16000))}).json()  # fmt: skip
        back = base64.b64decode(first["processed_audio"])
        if kind == "base64":
            assert back == pcm
        else:  # what was made of it is read as a file again
            form = {"pipeline_config": "{}", "output_format": "base64"}
            again = requests.post(f"http://{base}/api/pipeline/process", data=form, timeout=60, files={"audio_file": ("a", back)})
            assert base64.b64decode(again.json()["processed_audio"]) == pcm


def test_another_rate_has_no_alias(base):
    recording = signals.to_wav(signals.sine(10000, -6, 1, 48000), 48000)
    form = {"pipeline_config": "{}", "sample_rate": "16000", "output_format": "base64"}
    told = requests.post(f"http://{base}/api/pipeline/process", data=form, files={"audio_file": ("a.wav", recording)}, timeout=60)
    heard = signals.from_pcm16(base64.b64decode(told.json()["processed_audio"]))
    assert len(heard) == 16000
    assert levels.rms_dbfs(heard) <= SPECTRUM["alias"]["dbfs"]
