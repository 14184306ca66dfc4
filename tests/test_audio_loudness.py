"""The suite's own loudness meter, held against the known answers of EBU Tech 3341 and 3342 and against the table of BS.1770-4."""

import json
import math
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from support.audio import loudness, signals
from support.audio.loudness import Meter

VECTORS = json.loads((Path(__file__).parent / "vectors" / "loudness.json").read_text(encoding="utf-8"))
FROM = {"3341-9": 3.0, "3341-12": 1.0}
"""Seconds from which on every reading of these cases, not only the greatest one, is the expected one."""


@pytest.mark.parametrize("row", VECTORS["signals"], ids=lambda row: row["case"])
def test_every_row_of_the_vectors_is_read(row):
    samples = signals.segments(row["segments"])
    meter = Meter(samples, 48000)
    read = {
        "integrated": lambda: meter.integrated,
        "momentary": lambda: meter.momentary_max,
        "short_term": lambda: meter.short_term_max,
        "loudness_range": lambda: meter.range,
    }
    for name, wanted in row["expected"].items():
        assert read[name]() == pytest.approx(wanted, abs=row["tolerance"])
        if begin := FROM.get(row["case"]):
            each = [getattr(meter, name)(end) for end in np.arange(begin, len(samples) / 48000, 0.05)]
            assert each == pytest.approx([wanted] * len(each), abs=row["tolerance"])


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 96000])
def test_one_channel_at_any_rate(rate):
    row = VECTORS["one_channel"]
    tone = signals.sine(row["frequency"], row["peak_dbfs"], 5, rate)
    assert loudness.integrated(tone, rate) == pytest.approx(row["integrated"], abs=0.05)
    assert loudness.momentary_max(tone, rate) == pytest.approx(row["integrated"], abs=0.05)
    assert loudness.short_term_max(tone, rate) == pytest.approx(row["integrated"], abs=0.05)
    assert loudness.loudness_range(tone, rate) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("i", range(20))
def test_the_moving_maximum_is_caught_wherever_it_is(i):
    row = VECTORS["moving_maximum"]
    samples = signals.segments([(-math.inf, 0.02 * i), (-23, 0.4)])
    assert loudness.momentary_max(samples, 48000) == pytest.approx(row["momentary_max"], abs=row["tolerance"])
    late = np.concatenate([np.zeros((233, 2)), samples, np.zeros((48000, 2))])
    assert loudness.momentary_max(late, 48000) == pytest.approx(row["momentary_max"], abs=row["tolerance"])


def test_silence_has_no_loudness():
    assert VECTORS["silence"]["integrated"] == "-inf"
    meter = Meter(np.zeros((4 * 48000, 2)), 48000)
    assert meter.integrated == meter.momentary_max == meter.short_term_max == meter.momentary(1) == -math.inf
    assert meter.range == 0
    assert loudness.integrated(signals.sine(1000, -75, 5), 16000) == -math.inf, "below the absolute gate"


def test_the_filters_are_those_of_the_table_at_48_khz():
    (shelf, shelf_poles), (high, high_poles) = loudness._biquads(48000)
    assert shelf == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285], abs=1e-10)
    assert shelf_poles == pytest.approx([1, -1.69065929318241, 0.73248077421585], abs=1e-10)
    assert high == pytest.approx([1, -2, 1])
    assert high_poles == pytest.approx([1, -1.99004745483398, 0.99007225036621], abs=1e-10)


@pytest.mark.parametrize("rate", [8000, 48000])
@pytest.mark.parametrize("count", [1, 100, 70_001])
def test_the_weighting_is_the_recursion_to_the_last_but_a_few_bits(rate, count):
    channel = signals.white_noise(-20, count / rate, rate)
    wanted = channel.tolist()
    for numerator, (_, a1, a2) in loudness._biquads(rate):
        b0, b1, b2 = numerator.tolist()
        s1 = s2 = 0.0
        for at, x in enumerate(wanted):  # direct form II, transposed
            y = b0 * x + s1
            s1, s2 = b1 * x - a1 * y + s2, b2 * x - a2 * y
            wanted[at] = y
    assert np.allclose(loudness.k_weighted(channel, rate), wanted, rtol=0, atol=1e-9)


def test_channels_add_up_and_a_gain_adds_to_every_reading():
    voice = signals.speech_like(-30, 6)
    mono, stereo, louder = (Meter(each, 16000) for each in (voice, np.stack([voice, voice], axis=1), 4 * voice))
    for name in ("integrated", "momentary_max", "short_term_max"):
        assert getattr(stereo, name) - getattr(mono, name) == pytest.approx(3.0103, abs=1e-6)
        assert getattr(louder, name) - getattr(mono, name) == pytest.approx(12.0412, abs=1e-6)
    assert louder.range == pytest.approx(mono.range, abs=1e-9)


def test_short_sounds_have_no_window():
    tone = signals.sine(997, 0, 0.39, 48000)
    assert loudness.integrated(tone, 48000) == loudness.momentary_max(tone, 48000) == -math.inf
    assert loudness.loudness_range(signals.sine(997, 0, 2.99, 48000), 48000) is None
    assert loudness.short_term_max(signals.sine(997, 0, 2.99, 48000), 48000) == -math.inf
    assert loudness.integrated(np.zeros(0), 48000) == -math.inf
    assert loudness.momentary_max(signals.sine(997, 0, 0.4, 48000), 48000) == pytest.approx(-3.01, abs=0.05)


def test_a_reading_before_the_window_is_full_counts_silence():
    meter = Meter(signals.sine(997, 0, 1, 48000), 48000)
    assert meter.momentary(0.2) == pytest.approx(-6.02, abs=0.05)
    assert meter.momentary(1.0) == pytest.approx(-3.01, abs=0.05)
    assert meter.short_term(0.3) == pytest.approx(-13.01, abs=0.05)
    with pytest.raises(ValueError, match="no window that ends"):
        meter.momentary(1.1)


def test_more_channels_than_two_are_refused():
    with pytest.raises(ValueError, match="one channel or two"):
        Meter(np.zeros((100, 3)), 48000)


def test_a_minute_in_stereo_is_measured_quickly():
    minute = np.tile(signals.segments([(-20, 10)]), (6, 1))
    begin = process_time()
    meter = Meter(minute, 48000)
    assert [meter.integrated, meter.momentary_max, meter.range] == pytest.approx([-20, -20, 0], abs=0.02)
    assert process_time() - begin < 1.0
