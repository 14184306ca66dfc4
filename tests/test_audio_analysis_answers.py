"""Answers about spectrum and loudness: read liberally, judged strictly."""

import math

import numpy as np
import pytest

from support.audio import signals
from support.audio.loudness_answer import Loudness
from support.audio.spectrum_answer import Spectrum
from support.kit.errors import PromiseBrokenError

RATE, SIZE = 16000, 2048


def told(samples, **changed):
    """A spectrum as the contract has it: one Hann window is enough for steady sound."""
    window = np.hanning(SIZE + 1)[:-1]
    magnitudes = np.abs(np.fft.rfft(samples[:SIZE] * window)) * 2 / window.sum()
    frequencies = np.fft.rfftfreq(SIZE, 1 / RATE)
    body = {
        "frequencies": frequencies.tolist(),
        "magnitudes": (20 * np.log10(np.maximum(magnitudes, 1e-9))).tolist(),
        "peak_frequency": float(frequencies[np.argmax(magnitudes)]),
        "spectral_centroid": 1000,
    }
    return Spectrum.of(body | changed)


@pytest.mark.parametrize("frequency", [440.0, 1000.0, 1003.9, 2000.0])
def test_a_tone_reads_its_level_wherever_it_lies(frequency):
    told(signals.sine(frequency, -6.02, 1.0)).require_reading(frequency, -6.02, 0.02)


@pytest.mark.parametrize("level", [-7.0, -5.0])
def test_another_level_is_found(level):
    with pytest.raises(PromiseBrokenError, match=r"reads -6 dBFS"):
        told(signals.sine(1000.0, level, 1.0)).require_reading(1000.0, -6.0, 0.5)


def test_a_peak_must_be_told_and_shown():
    tone = signals.sine(1000.0, -6.0, 1.0)
    told(tone).require_peak(1000.0, 7.8125)
    with pytest.raises(PromiseBrokenError, match="is told"):
        told(tone, peak_frequency=1010.0).require_peak(1000.0, 7.8125)
    with pytest.raises(PromiseBrokenError, match="highest magnitude"):
        told(signals.sine(1500.0, -6.0, 1.0), peak_frequency=1000.0).require_peak(1000.0, 7.8125)


def test_an_axis_must_reach_from_nothing_to_half_the_rate():
    spectrum = told(signals.silence(1.0))
    spectrum.require_axis(RATE, 7.8125)
    spectrum.require_nothing_over(-96)
    for rate, step in ((48000, 7.8125), (RATE, 15.625)):
        with pytest.raises(PromiseBrokenError, match="goes from 0 Hz"):
            spectrum.require_axis(rate, step)
    shifted = (np.fft.rfftfreq(SIZE, 1 / RATE) + 7.8125).tolist()
    with pytest.raises(PromiseBrokenError, match=r"7\.8125 Hz to 8,007\.81 Hz"):
        told(signals.silence(1.0), frequencies=shifted).require_axis(RATE, 7.8125)


def test_noise_is_over_silence_and_a_centroid_is_held_to_its_place():
    spectrum = told(signals.white_noise(-20, 1.0), spectral_centroid=1051)
    with pytest.raises(PromiseBrokenError, match="above -96"):
        spectrum.require_nothing_over(-96)
    with pytest.raises(PromiseBrokenError, match="centroid"):
        spectrum.require_centroid(1000, 50)
    spectrum.require_centroid(1001, 50)


@pytest.mark.parametrize(
    "changed",
    [
        {"magnitudes": [1.0]}, {"magnitudes": "loud"}, {"frequencies": None}, {"peak_frequency": "1000"},
        {"peak_frequency": None}, {"spectral_centroid": math.nan}, {"peak_frequency": True}, {"magnitudes": [True] * 1025},
    ],
)  # fmt: skip
def test_what_is_no_spectrum_is_told(changed):
    with pytest.raises(PromiseBrokenError):
        told(signals.sine(1000.0, -6.0, 1.0), **changed)
    with pytest.raises(PromiseBrokenError):
        Spectrum.of([1])


def test_nothing_at_all_may_be_null():
    assert told(signals.silence(1.0), magnitudes=[None] * 1025).magnitudes[0] == -math.inf
    nothing = told(signals.silence(1.0), peak_frequency=None, spectral_centroid=None)
    nothing.require_nothing_over(-96)
    for require in (nothing.require_peak, nothing.require_centroid):
        with pytest.raises(PromiseBrokenError):
            require(1000, 50)


WHOLE = {
    "integrated": -23.04, "short_term": -23, "momentary": -22.9, "loudness_range": None, "true_peak_dbtp": -5.9,
    "target_lufs": -23, "gain_adjustment_db": 0.04, "compliant": True,
}  # fmt: skip


def test_figures_are_held_to_their_values():
    loudness = Loudness.of(WHOLE)
    loudness.require("integrated loudness", -23, 0.1, 0.1, "LUFS")
    loudness.require("true peak", -6, 0.2, 0.4, "dBTP")
    loudness.require_none("loudness range")
    loudness.require_gain(0, 0.1)
    loudness.require_compliance(True)
    with pytest.raises(PromiseBrokenError, match=r"momentary loudness is -23 LUFS ± 0.05\nseen .*-22.90 LUFS"):
        loudness.require("momentary loudness", -23, 0.05, 0.05, "LUFS")
    with pytest.raises(PromiseBrokenError, match=r"at most 0\.05 over and 0\.4 under"):
        loudness.require("true peak", -6, 0.05, 0.4, "dBTP")
    with pytest.raises(PromiseBrokenError, match="there is none"):
        loudness.require("loudness range", 10, 1, 1, "LU")
    with pytest.raises(PromiseBrokenError, match="there is no short-term loudness"):
        loudness.require_none("short-term loudness")
    with pytest.raises(PromiseBrokenError, match="lacking"):
        loudness.require_gain(1, 0.1)
    with pytest.raises(PromiseBrokenError, match="not compliant"):
        loudness.require_compliance(False)


@pytest.mark.parametrize("nothing", [None, "-inf", -math.inf])
def test_silence_has_no_loudness_however_that_is_told(nothing):
    Loudness.of(WHOLE | {"integrated": nothing}).require_none("integrated loudness")


@pytest.mark.parametrize("body", [{}, {"integrated": "loud"}, {"integrated": True}, [], None])
def test_what_is_no_loudness_is_told(body):
    with pytest.raises(PromiseBrokenError):
        Loudness.of(body).value("integrated loudness")
