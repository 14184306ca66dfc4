"""Pictures of sounds: well-formed, small, quick, and of what was played and heard."""

import xml.etree.ElementTree as ET
from time import process_time

import numpy as np
import pytest

from support.audio import signals
from support.audio.picture import PLAYED_TOP, WAVE_HEIGHT, picture

SVG = "{http://www.w3.org/2000/svg}"
LONG = {
    "tone": signals.sine(1000, -20, 10),
    "noise": signals.white_noise(-12, 10),
    "speech": signals.speech_like(-20, 10),
    "noise at 48 kHz": signals.white_noise(-12, 10, 48000),
    "stereo": signals.segments([(-20, 3), (-10, 3)]),
}


def texts(svg):
    return [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]


def curves(svg):
    paths = ET.fromstring(svg).iter(f"{SVG}path")
    return [path for path in paths if path.get("class", "").split()[0] in ("played", "heard") and "h22" not in path.get("d")]


@pytest.mark.parametrize("name", LONG)
def test_it_is_small_and_shows_both_sounds_and_both_spectra(name):
    rate = 48000 if "48" in name or name == "stereo" else 16000
    svg = picture(LONG[name], 0.5 * LONG[name], rate, title="AUD-71 & <others>")
    assert len(svg.encode()) < 60_000
    assert [path.get("class").split()[0] for path in curves(svg)] == ["played", "heard", "played", "heard"]
    labels = texts(svg)
    assert {"AUD-71 & <others>", "time in s", "of full scale", "level in dBFS", "0", "-120", "1,000"} <= set(labels)
    assert any(label.startswith("frequency in Hz") for label in labels)


def test_the_levels_are_told_and_so_is_that_nothing_has_changed():
    tone = LONG["tone"]
    assert "played: 10 s at 16,000 Hz, -23.0 dBFS RMS, -20.0 dBFS peak" in texts(picture(tone, 0.5 * tone, 16000))
    assert "heard: 10 s at 16,000 Hz, -29.0 dBFS RMS, -26.0 dBFS peak" in texts(picture(tone, 0.5 * tone, 16000))
    assert any(text.endswith("the same to the last bit") for text in texts(picture(tone, tone, 16000)))
    assert "heard: 10 s at 16,000 Hz, silence" in texts(picture(tone, 0 * tone, 16000))


def test_a_single_wild_sample_is_seen():
    played = 0.001 * np.ones(160_000)
    played[77_777] = 0.9
    heights = [float(pair.split(",")[1]) for pair in curves(picture(played, played, 16000))[0].get("d")[1:-1].split()]
    assert min(heights) == pytest.approx(PLAYED_TOP + WAVE_HEIGHT * 0.05, abs=0.1)
    assert sum(height < PLAYED_TOP + WAVE_HEIGHT * 0.4 for height in heights) == 1


@pytest.mark.parametrize("lengths", [(0, 0), (1, 0), (0, 1), (1, 1), (15, 16), (160, 80), (1600, 1599), (1700, 100_000)])
def test_sounds_of_any_length_have_a_picture(lengths):
    played, heard = (signals.white_noise(-20, count / 16000) for count in lengths)
    svg = picture(played, heard, 16000)
    assert texts(svg).count("nothing") == lengths.count(0)
    assert "nan" not in svg
    assert "inf" not in svg


def test_it_is_quick():
    def seconds(name):
        begin = process_time()
        picture(LONG[name], LONG[name] * 0.5, 16000)
        return process_time() - begin

    assert min(seconds("speech") for _ in range(5)) < 0.015
