"""Levels in bands, and spectra, of sounds that are known beforehand."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from support.audio import signals
from support.audio.bands import band_dbfs, power_average, spectrum
from support.audio.levels import rms_dbfs

VECTORS = json.loads((Path(__file__).parent / "vectors" / "spectrum.json").read_text(encoding="utf-8"))
RATE = 16000


@pytest.mark.parametrize("row", VECTORS["tones"], ids=lambda row: row["frequency"])
def test_the_peak_of_a_spectrum_is_the_tone(row):
    found = spectrum(signals.sine(row["frequency"], -20, 1), RATE, row["window_size"])
    assert found.peak_frequency == pytest.approx(row["frequency"], abs=row["tolerance_hz"])
    assert len(found.frequencies) == len(found.dbfs) == row["window_size"] // 2 + 1


def test_two_tones_have_their_levels():
    row = VECTORS["two_tones"]
    on_bins = [round(frequency / 7.8125) * 7.8125 for frequency in row["frequencies"]]
    found = spectrum(sum(signals.sine(f, level, 1) for f, level in zip(on_bins, row["levels_dbfs"], strict=True)), RATE)
    for frequency, level in zip(on_bins, row["levels_dbfs"], strict=True):
        assert found.dbfs[found.frequencies == frequency] == pytest.approx(level, abs=0.01)


@pytest.mark.parametrize("size", [512, 2048, 8192])
def test_a_full_scale_sine_on_a_bin_reads_nought(size):
    found = spectrum(signals.sine(1000, 0, 2), RATE, size)
    assert found.dbfs[found.frequencies == 1000] == pytest.approx(0, abs=1e-6)
    assert found.peak_frequency == 1000


def test_an_offset_is_no_tone_and_reads_its_own_level():
    found = spectrum(np.full(RATE, 0.5) + signals.sine(1000, -40, 1), RATE)
    assert found.dbfs[0] == pytest.approx(-6.02, abs=0.01)
    assert spectrum(signals.sine(1000, -40, 1), RATE).peak_frequency == 1000
    assert spectrum(signals.silence(1), RATE).dbfs.max() == -200


def test_a_tone_is_in_its_band_and_in_no_other():
    tone = signals.sine(1000, -10, 1)
    assert band_dbfs(tone, RATE, 900, 1100) == pytest.approx(-13.01, abs=0.01)
    assert band_dbfs(tone, RATE, 0, 8000) == pytest.approx(-13.01, abs=0.01)
    assert band_dbfs(tone, RATE, 2000, 4500) < -100
    assert band_dbfs(signals.silence(1), RATE, 80, 250) == -math.inf


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_noise_is_in_every_band_by_its_width(rate):
    noise = signals.white_noise(-20, 4, rate)
    for low, high in ((80, 250), (2000, 3500)):
        wanted = -20 + 10 * math.log10((high - low) / (rate / 2))
        assert band_dbfs(noise, rate, low, high) == pytest.approx(wanted, abs=0.5)


def test_all_bands_together_are_the_whole():
    for samples in (signals.white_noise(-20, 2), signals.white_noise(-20, 2) + 0.3, signals.speech_like(-20, 8)):
        assert band_dbfs(samples, RATE, 0, 8000) == pytest.approx(rms_dbfs(samples), abs=0.2)
    alternating = np.where(np.arange(RATE) % 2, -0.5, 0.5)
    assert band_dbfs(alternating, RATE, 7900, 8000) == pytest.approx(-6.02, abs=0.01)


def test_a_sound_shorter_than_a_window_has_bands():
    assert band_dbfs(signals.sine(1000, -10, 0.1), RATE, 900, 1100) == pytest.approx(-13.01, abs=0.02)


def test_long_sounds_are_taken_in_parts():
    noise = signals.white_noise(-20, 40)
    frequencies, power = power_average(noise, RATE, 512, 100)
    windows = np.lib.stride_tricks.sliding_window_view(noise, 512)[::100] * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512))
    assert np.allclose(power[1:-1], np.mean(np.abs(np.fft.rfft(windows)[:, 1:-1]) ** 2, axis=0) / 128**2)
    assert frequencies[-1] == 8000


def test_what_cannot_be_told_is_refused():
    with pytest.raises(ValueError, match="holds no mono window"):
        spectrum(signals.silence(0.1), RATE)
    with pytest.raises(ValueError, match="holds no mono window"):
        band_dbfs(np.zeros((RATE, 2)), RATE, 80, 250)
    with pytest.raises(ValueError, match="tell nothing"):
        band_dbfs(signals.silence(1), RATE, 8001, 9000)
    with pytest.raises(ValueError, match="overlap"):
        spectrum(signals.silence(1), RATE, overlap=1.0)
