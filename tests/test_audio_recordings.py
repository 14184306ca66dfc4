"""Recordings in words, and the forms in which they come and go."""

import math

import numpy as np
import pytest

from support.audio import recordings, signals
from support.audio.levels import peak_dbfs, rms_dbfs
from support.audio.recordings import UnreadableError, parse_recording


@pytest.mark.parametrize(
    ("text", "channels", "shape", "rate"),
    [
        ("of white noise at -12 dBFS for 2 s", 1, (32000,), 16000),
        ("at 8,000 Hz of silence for 1.5 s", 1, (12000,), 8000),
        ("at 48,000 Hz of a tone of 1,000 Hz at -23 dBFS for 2 s", 2, (96000, 2), 48000),
        ("at 48,000 Hz of a tone of 1,000 Hz, 5 times at -20 dBFS for 1.34 s, -30 dBFS for 1.66 s", 2, (720000, 2), 48000),
        ("of a tone of 1,000 Hz at 0 dBFS for 4 s and silence for 4 s after it", 1, (128000,), 16000),
        (
            "at 48,000 Hz of a tone at a sixth of the sample rate, from 60 degrees on, with an amplitude of 0.5",
            1,
            (96000,),
            48000,
        ),
    ],
)
def test_words_become_a_recording(text, channels, shape, rate):
    recording = parse_recording(text, channels)
    assert (recording.samples.shape, recording.rate, recording.channels) == (shape, rate, channels)
    assert recording.seconds == shape[0] / rate
    assert len(recording.pcm) == 2 * shape[0] * channels


@pytest.mark.parametrize("text", ["", "of", "of a noise for 1 s", "of white noise at -12 dBFS", "of a tone of 1 kHz for 1 s"])
def test_other_words_are_refused(text):
    with pytest.raises(ValueError, match="known"):
        parse_recording(text)


def test_levels_follow_each_other():
    tone = parse_recording("at 48,000 Hz of a tone of 1,000 Hz at -36 dBFS for 1 s, -23 dBFS for 2 s").samples
    assert peak_dbfs(tone[:48000]) == pytest.approx(-36, abs=0.01)
    assert peak_dbfs(tone[48000:]) == pytest.approx(-23, abs=0.01)


def test_a_click_is_short_and_loud():
    recording = parse_recording("at 48,000 Hz of a tone of 1,000 Hz at -23 dBFS for 20 s, with a click at 0 dBFS")
    assert np.max(np.abs(recording.samples)) == pytest.approx(1.0)
    assert np.sum(np.abs(recording.samples) > 0.08) < 0.003 * recording.rate
    assert recording.seconds == 20


def test_peaks_lie_between_the_samples():
    tone = parse_recording("at 48,000 Hz of a tone at a quarter of the sample rate, from 45 degrees on, with an amplitude of 0.5")
    assert peak_dbfs(tone.samples) == pytest.approx(-9.03, abs=0.01)


def test_each_begins_later_than_the_one_before():
    many = recordings.later_and_later(3, -23.0, 0.4, 0.02)
    begins = [int(np.flatnonzero(np.abs(one.samples[:, 0]) > 1e-6)[0]) for one in many]
    assert begins == pytest.approx([0, 960, 1920], abs=2)
    assert [round(one.seconds, 2) for one in many] == [0.9, 0.92, 0.94]


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_is_read_as_it_was_written(form, channels):
    recording = parse_recording("at 44,100 Hz of white noise at -12 dBFS for 0.5 s", channels)
    found = recordings.read(recordings.written(recording, form), form, 0)
    assert found.rate == 44100
    assert found.pcm == recording.pcm


def test_bare_samples_are_read_as_they_were_written():
    recording = parse_recording("of white noise at -12 dBFS for 0.5 s")
    found = recordings.read(recordings.decoded(recordings.written(recording, "bare base64").decode()), "bare base64", 16000)
    assert (found.pcm, found.rate) == (recording.pcm, 16000)
    assert rms_dbfs(found.samples) == pytest.approx(-12, abs=0.01)


@pytest.mark.parametrize(
    ("data", "form"), [(b"RIFF", "WAV"), (b"fLaC", "FLAC"), (b"OggS", "WAV"), (b"", "FLAC"), (b"abc", "bare base64")]
)
def test_what_is_no_such_file_is_told(data, form):
    with pytest.raises(UnreadableError):
        recordings.read(data, form, 16000)


@pytest.mark.parametrize("text", [None, 5, "a b", "abc", "äöü="])
def test_what_is_no_base64_is_told(text):
    with pytest.raises(UnreadableError):
        recordings.decoded(text)


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="MP3"):
        recordings.written(parse_recording("of silence for 1 s"), "MP3")
    assert math.isinf(peak_dbfs(signals.silence(1.0)))
