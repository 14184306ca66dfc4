"""Levels of sounds that are known beforehand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audio import signals
from support.audio.levels import greatest_step, peak_dbfs, residue_dbfs, rms_dbfs, tone_dbfs

VECTORS = json.loads((Path(__file__).parent / "vectors" / "spectrum.json").read_text(encoding="utf-8"))
RATE = 16000


def test_channels_count_together():
    stereo = np.stack([signals.sine(1000, 0, 1), signals.silence(1)], axis=1)
    assert rms_dbfs(stereo) == pytest.approx(-6.02, abs=0.01)
    assert peak_dbfs(stereo) == pytest.approx(0, abs=1e-6)


@given(st.floats(-60, 0), st.floats(-40, 40))
def test_a_gain_in_db_adds_to_every_level(level, gain):
    samples = signals.sine(997, level, 0.1)
    louder = samples * 10 ** (gain / 20)
    for measure in (rms_dbfs, peak_dbfs, lambda sound: tone_dbfs(sound, 997, RATE)):
        assert measure(louder) - measure(samples) == pytest.approx(gain, abs=1e-6)


def test_two_tones_are_told_apart():
    row = VECTORS["two_tones"]
    samples = sum(signals.sine(f, level, 1) for f, level in zip(row["frequencies"], row["levels_dbfs"], strict=True))
    for frequency, level in zip(row["frequencies"], row["levels_dbfs"], strict=True):
        assert tone_dbfs(samples, frequency, RATE) == pytest.approx(level, abs=0.01)


def test_a_faint_tone_is_found_beside_a_loud_one_in_a_third_of_a_second():
    samples = signals.sine(1000, -3, 1 / 3) + signals.sine(100, -70, 1 / 3, phase_deg=77)
    assert tone_dbfs(samples, 100, RATE) == pytest.approx(-70, abs=0.05)


def test_a_tone_that_is_not_there_is_not_heard():
    assert tone_dbfs(signals.sine(1000, 0, 1), 3000, RATE) < -130
    assert tone_dbfs(signals.silence(1), 3000, RATE) == -math.inf
    assert tone_dbfs(np.full(RATE, 0.5), 1000, RATE) < -130, "an offset is no tone"


def test_a_tone_needs_two_periods():
    with pytest.raises(ValueError, match="two periods"):
        tone_dbfs(signals.sine(100, 0, 0.019), 100, RATE)


def test_the_residue_is_what_is_beside_the_tones():
    tones = signals.sine(1000, -20, 1) + signals.sine(312.7, -10, 1, phase_deg=12)
    noise = signals.white_noise(-40, 1)
    assert residue_dbfs(tones + noise, [1000, 312.7], RATE) == pytest.approx(-40, abs=0.05)
    assert residue_dbfs(tones, [1000, 312.7], RATE) < -200
    assert residue_dbfs(tones + noise, [312.7], RATE) == pytest.approx(-22.9, abs=0.1), "the other tone, -23.01, and the noise"
    assert residue_dbfs(noise, [], RATE) == pytest.approx(-40)


@pytest.mark.parametrize("seconds", [0.06, 0.25, 0.251, 0.4, 3.0])
def test_the_residue_does_not_depend_on_the_length(seconds):
    samples = signals.sine(1000, -20, seconds) + signals.white_noise(-40, seconds)
    assert residue_dbfs(samples, [1000], RATE) == pytest.approx(-40, abs=0.15)


def test_a_gain_that_still_moves_is_no_noise_but_a_tremolo_is():
    time = np.arange(RATE) / RATE
    tone = signals.sine(1000, -20, 1)
    assert residue_dbfs(tone * 10 ** (-6 * time / 20), [1000], RATE) < -60
    assert residue_dbfs(tone * (1 + 0.1 * np.sin(2 * np.pi * 40 * time)), [1000], RATE) == pytest.approx(-46.02, abs=0.2)


def test_distortion_and_hum_are_in_the_residue():
    clipped = np.clip(signals.sine(1000, 0, 1), -0.5, 0.5)
    assert residue_dbfs(clipped, [1000], RATE) > -25
    hum = signals.sine(1000, -20, 1) + signals.sine(50, -50, 1)
    assert residue_dbfs(hum, [1000], RATE) == pytest.approx(-53.01, abs=0.05)


def test_too_few_samples_for_so_many_tones_are_refused():
    with pytest.raises(ValueError, match="too few"):
        residue_dbfs(signals.sine(1000, -20, 0.004), [1000, 2000], RATE)


def test_the_greatest_step_is_a_click():
    tone = signals.sine(1000, -20, 1)
    assert greatest_step(tone) == pytest.approx(0.1 * math.sin(math.pi / 8), rel=1e-6)
    tone[8000:] += 0.3
    assert greatest_step(tone) > 0.25
    assert greatest_step(np.array([0.7])) == 0
    assert greatest_step(np.array([[0.1, -0.9], [0.2, -0.8]])) == pytest.approx(0.1), "from sample to sample, not across channels"


@pytest.mark.parametrize(
    "measure",
    [rms_dbfs, peak_dbfs, greatest_step, lambda none: tone_dbfs(none, 1000, RATE), lambda none: residue_dbfs(none, [9], RATE)],
)
def test_nothing_has_no_level(measure):
    with pytest.raises(ValueError, match="no sound"):
        measure(np.zeros(0))


def test_a_tone_is_measured_in_one_channel():
    with pytest.raises(ValueError, match="one channel"):
        tone_dbfs(np.zeros((100, 2)), 1000, RATE)
