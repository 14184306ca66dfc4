"""True peaks that are known beforehand, where the samples do not tell them."""

import json
import math
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from support.audio import signals
from support.audio.levels import peak_dbfs
from support.audio.true_peak import REACH, true_peak_dbtp

ROWS = json.loads((Path(__file__).parent / "vectors" / "loudness.json").read_text(encoding="utf-8"))["true_peak"]


@pytest.mark.parametrize("times", [4, 8])
@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_every_row_of_the_vectors_is_read(row, rate, times):
    frequency = rate / int(row["frequency"].removeprefix("fs/"))
    tone = signals.sine(frequency, 20 * math.log10(row["amplitude"]), 0.5, rate, row["phase_deg"])
    over, under = row["tolerance"]
    for samples in (tone, signals.faded(tone, rate), np.stack([0.5 * tone, tone], axis=1)):
        assert under <= true_peak_dbtp(samples, rate, times) - row["true_peak_dbtp"] <= over


@pytest.mark.parametrize("frequency", [50, 997, 3001, 5333, 6500, 7000, 7300])
def test_a_tone_of_any_frequency_and_phase_reads_its_peak(frequency):
    for phase in (0, 20, 45, 70):
        tone = signals.sine(frequency, -6, 0.3, 16000, phase)
        assert true_peak_dbtp(tone, 16000) == pytest.approx(-6, abs=0.05)


def test_it_is_never_less_than_the_greatest_sample_nor_far_more_for_a_steady_wave():
    for samples in (signals.white_noise(-20, 1), signals.speech_like(-20, 1), np.full(1000, 0.5), signals.sine(440, -3, 0.001)):
        assert true_peak_dbtp(samples, 16000) >= peak_dbfs(samples)
    assert true_peak_dbtp(np.full(1000, 0.5), 16000) == pytest.approx(-6.02, abs=0.001), "an offset has no waves"


def test_negative_peaks_count():
    pulse = np.zeros(200)
    pulse[100:102] = -0.5
    assert true_peak_dbtp(pulse, 16000) == true_peak_dbtp(-pulse, 16000) == pytest.approx(20 * math.log10(2 / math.pi), abs=0.1)


def test_where_a_sound_begins_in_mid_wave_there_is_no_peak_of_its_own():
    tone = signals.sine(4000, -6, 0.2, 16000, 45)
    assert true_peak_dbtp(tone, 16000) == pytest.approx(-6, abs=0.01)
    around = np.concatenate([np.zeros(REACH), tone, np.zeros(REACH)])
    assert true_peak_dbtp(around, 16000) > -5.95, "with silence known around it, there is"


def test_a_long_sound_is_looked_at_as_a_whole():
    samples = signals.sine(4000, -40, 5, 16000, 45)
    samples[65530:65540] *= 50
    assert true_peak_dbtp(samples, 16000) > -10
    assert true_peak_dbtp(signals.silence(1), 16000) == -math.inf
    with pytest.raises(ValueError, match="no sound"):
        true_peak_dbtp(np.zeros(0), 16000)


def test_ten_seconds_in_stereo_are_measured_quickly():
    tone = signals.segments([(-20, 10)])
    begin = process_time()
    assert true_peak_dbtp(tone, 48000) == pytest.approx(-20, abs=0.02)
    assert process_time() - begin < 1.0
