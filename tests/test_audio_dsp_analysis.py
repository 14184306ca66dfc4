"""Spectrum, loudness, other sample rates and files of the reference, against known answers."""

import json
from pathlib import Path

import numpy as np
import pytest
from dsp_parts import pcm

from support.audio import levels, signals
from support.audio.protocol import RefusedError
from support.audio.reference.dsp import files, loudness, resampling, spectrum

VECTORS = Path(__file__).parent / "vectors"
LOUDNESS = json.loads((VECTORS / "loudness.json").read_text())
SPECTRUM = json.loads((VECTORS / "spectrum.json").read_text())


def as_told(samples):
    """After 16 bits, (length, channels)."""
    return np.frombuffer(signals.to_pcm16(samples), dtype="<i2").reshape(len(samples), -1) / 32768


@pytest.mark.parametrize("row", LOUDNESS["signals"], ids=lambda row: row["case"])
def test_loudness_is_what_the_ebu_says(row):
    answer = loudness.analyse(as_told(signals.segments([tuple(one) for one in row["segments"]])), 48000, -23)
    for name, wanted in row["expected"].items():
        assert getattr(answer, name) == pytest.approx(wanted, abs=row["tolerance"]), name


def test_the_moving_maximum_is_found_wherever_it_is():
    for number in range(20):
        moved = signals.segments([(float("-inf"), 0.02 * number), (-23, 0.4), (float("-inf"), 0.5)])
        assert loudness.analyse(as_told(moved), 48000, -23).momentary == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("row", LOUDNESS["true_peak"], ids=lambda row: row["case"])
def test_true_peaks_are_what_the_ebu_says(row):
    frequency = 48000 / float(row["frequency"].removeprefix("fs/"))
    turns = np.arange(96000) * frequency / 48000 + row["phase_deg"] / 360
    tone = signals.faded(row["amplitude"] * np.sin(2 * np.pi * turns), 48000)
    over, under = row["tolerance"]
    assert (
        row["true_peak_dbtp"] + under
        <= loudness.analyse(as_told(tone), 48000, -23).true_peak_dbtp
        <= row["true_peak_dbtp"] + over
    )


def test_one_channel_silence_and_what_is_short():
    one = loudness.analyse(as_told(signals.sine(997, 0, 5, 48000)), 48000, -23)
    assert one.integrated == pytest.approx(-3.01, abs=0.1)
    assert one.gain_adjustment_db == pytest.approx(-20, abs=0.1)
    assert not one.compliant
    nothing = loudness.analyse(as_told(signals.silence(5)), 16000, -23)
    assert (nothing.integrated, nothing.momentary, nothing.gain_adjustment_db, nothing.compliant) == (None, None, None, False)
    assert loudness.analyse(as_told(signals.sine(997, -23, 2.9)), 16000, -23).loudness_range is None


def test_a_peak_makes_a_programme_not_compliant():
    tone = signals.segments([(-23, 10)])
    assert loudness.analyse(as_told(tone), 48000, -23).compliant
    tone[240_000:240_100] = 0.99
    assert not loudness.analyse(as_told(tone), 48000, -23).compliant


@pytest.mark.parametrize("row", SPECTRUM["tones"], ids=lambda row: str(row["frequency"]))
def test_a_tone_stands_at_its_place(row):
    found = spectrum.analyse(as_told(signals.sine(row["frequency"], -6, 2)), 16000, row["window_size"], 0.5, "hann")
    assert found.peak_frequency == pytest.approx(row["frequency"], abs=row["tolerance_hz"])


@pytest.mark.parametrize("window", spectrum.WINDOWS)
@pytest.mark.parametrize("size", [512, 2048, 8192])
@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.75])
def test_a_full_scale_sine_on_a_bin_reads_0(window, size, overlap):
    found = spectrum.analyse(as_told(signals.sine(1000, 0, 2)), 16000, size, overlap, window)
    assert max(found.magnitudes) == pytest.approx(0, abs=0.01)
    assert found.spectral_centroid == pytest.approx(1000, abs=20)


def test_powers_are_averaged_over_windows_and_channels():
    half = np.concatenate([signals.sine(1000, 0, 4), signals.silence(4)])
    assert max(spectrum.analyse(as_told(half), 16000, 2048, 0.5, "hann").magnitudes) == pytest.approx(-3.01, abs=0.05)
    two = np.stack([signals.sine(1000, 0, 1), signals.silence(1)], axis=1)
    assert max(spectrum.analyse(as_told(two), 16000, 2048, 0.5, "hann").magnitudes) == pytest.approx(-3.01, abs=0.05)


def test_what_is_short_or_silent_has_a_spectrum_too():
    assert len(spectrum.analyse(as_told(signals.sine(1000, 0, 0.01)), 16000, 2048, 0.5, "hann").magnitudes) == 1025
    nothing = spectrum.analyse(as_told(signals.silence(1)), 16000, 2048, 0.5, "hann")
    assert (max(nothing.magnitudes), nothing.spectral_centroid) == (-200, 0)


def test_what_does_not_fit_into_a_rate_is_taken_away():
    away = resampling.resample(pcm(signals.sine(10_000, -6, 1, 48000)), 48000, 16000) / 32768
    assert levels.rms_dbfs(away[200:-200]) < -90


@pytest.mark.parametrize(("before", "after"), [(48000, 16000), (44100, 16000), (48000, 8000), (48000, 44100)])
@pytest.mark.parametrize("over", [1.005, 1.05, 1.08])
def test_nothing_folds_over_from_half_the_rate_on(before, after, over):
    away = resampling.resample(pcm(signals.sine(over * after / 2, 0, 0.5, before)), before, after) / 32768
    assert levels.rms_dbfs(away[after // 8 : -after // 8]) < -80


@pytest.mark.parametrize("after", [44100, 48000])
def test_nothing_is_mirrored_where_there_was_no_sound(after):
    turned = resampling.resample(pcm(signals.sine(3500, 0, 0.5, 8000)), 8000, after) / 32768
    middle = turned[after // 8 : -after // 8]
    assert levels.tone_dbfs(middle, 3500, after) == pytest.approx(0, abs=0.02)
    assert levels.residue_dbfs(middle, [3500], after) < -80


def test_filters_of_rates_that_nobody_uses_are_not_kept():
    before = resampling.kept.cache_info().currsize
    assert len(resampling.resample(pcm(signals.sine(1000, -20, 0.1, 7919)), 7919, 8000)) == 800
    assert resampling.kept.cache_info().currsize == before


@pytest.mark.parametrize(("before", "after"), [(48000, 16000), (44100, 16000), (8000, 48000), (16000, 44100)])
def test_what_fits_stays(before, after):
    turned = resampling.resample(pcm(signals.sine(1000, -20, 1, before)), before, after) / 32768
    assert len(turned) == after
    middle = turned[after // 4 : -after // 4]
    assert levels.tone_dbfs(middle, 1000, after) == pytest.approx(-20, abs=0.02)
    assert levels.residue_dbfs(middle, [1000], after) < -90


@pytest.mark.parametrize("form", files.FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_is_read_as_it_was_written(form, channels):
    samples = pcm(signals.white_noise(-12, 0.5)).reshape(-1, channels)
    read, rate, found = files.read(files.write(samples, 44100, form))
    assert (rate, found) == (44100, channels)
    assert np.array_equal(read, samples)


@pytest.mark.parametrize("data", [b"", b"text", b"RIFF", b"RIFF\x00\x00\x00\x00WAVE", b"\x89PNG\r\n\x1a\n", b"fLaC\x00"])
def test_what_is_no_sound_file_is_refused(data):
    with pytest.raises(RefusedError):
        files.read(data)
