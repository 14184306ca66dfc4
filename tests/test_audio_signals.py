"""Sounds that a speaker plays: their levels are those of the known answers, and their bytes come back."""

import io
import json
import math
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audio import signals
from support.audio.levels import dbfs, peak_dbfs, rms, rms_dbfs, tone_dbfs

VECTORS = json.loads((Path(__file__).parent / "vectors" / "spectrum.json").read_text(encoding="utf-8"))
RATES = (8000, 16000, 44100, 48000)
SOUNDS = {
    "sine 440 Hz, full scale": signals.sine(440, 0, 1),
    "sine 1000 Hz, half scale": signals.sine(1000, 20 * math.log10(0.5), 1),
    "square wave, full scale": signals.square(500, 0, 1),
    "digital silence": signals.silence(1),
}


@pytest.mark.parametrize("row", VECTORS["levels"], ids=lambda row: row["signal"])
def test_levels_are_the_known_answers_also_after_16_bits(row):
    for samples in (SOUNDS[row["signal"]], signals.from_pcm16(signals.to_pcm16(SOUNDS[row["signal"]]))):
        if row["signal"] == "digital silence":
            assert rms_dbfs(samples) <= row["rms_dbfs"]
        else:
            assert rms_dbfs(samples) == pytest.approx(row["rms_dbfs"], abs=0.006)
            assert peak_dbfs(samples) == pytest.approx(row["peak_dbfs"], abs=0.006)


@pytest.mark.parametrize("rate", RATES)
def test_every_sound_has_the_length_and_the_level_that_were_asked_for(rate):
    count = round(1.3 * rate)
    for make in (signals.white_noise, signals.speech_like):
        samples = make(-20, 1.3, rate)
        assert samples.shape == (count,)
        assert rms_dbfs(samples) == pytest.approx(-20, abs=1e-9)
        assert peak_dbfs(samples) < -10, "at -10 dBFS it still fits into full scale"
    for make in (signals.sine, signals.square):
        samples = make(1000, -20, 1.3, rate)
        assert samples.shape == (count,)
        assert peak_dbfs(samples) == pytest.approx(-20, abs=0.02)
    assert len(signals.sweep(100, 3500, -20, 1.3, rate)) == len(signals.silence(1.3, rate)) == count


def test_the_same_seed_gives_the_same_and_another_one_another():
    for make in (signals.white_noise, signals.speech_like, signals.bursts):
        assert np.array_equal(make(-20, 1, seed=3), make(-20, 1, seed=3))
        assert not np.allclose(make(-20, 1, seed=3), make(-20, 1, seed=4), atol=0.01)


def test_white_noise_is_white():
    power = np.abs(np.fft.rfft(signals.white_noise(-20, 4))) ** 2
    octants = 10 * np.log10(power[1:32001].reshape(8, -1).mean(axis=1) / power[1:].mean())
    assert np.all(np.abs(octants) < 0.3)


def test_a_phase_puts_the_peaks_between_the_samples():
    samples = signals.sine(4000, 0, 1, 16000, signals.between_samples(4000, 16000))
    assert np.allclose(np.abs(samples), math.sqrt(0.5))
    assert [signals.between_samples(48000 / part, 48000) for part in (4, 6, 8)] == [45, 60, 67.5]


def test_a_square_wave_is_the_same_in_every_period():
    samples = signals.square(500, -6, 1, 48000)
    assert np.array_equal(samples, np.tile(samples[:96], 500))
    assert np.mean(samples) == 0


def test_a_sweep_goes_from_one_frequency_to_the_other():
    samples = signals.sweep(100, 6400, -20, 6)
    crossings = np.flatnonzero(np.diff(np.signbit(samples)))
    for second in range(6):
        within = np.count_nonzero((crossings >= second * 16000) & (crossings < (second + 1) * 16000)) / 2
        assert within == pytest.approx(100 * 2**second / math.log(2), rel=0.02), "an octave a second"


def test_a_voice_has_a_pitch_formants_syllables_and_no_pauses():
    voice = signals.speech_like(-20, 10)
    frames = [rms_dbfs(frame) for frame in voice.reshape(-1, 320)]
    assert min(frames) > -30, "never quiet"
    assert max(frames) - min(frames) > 6, "but in a rhythm"
    peaks = np.flatnonzero(np.diff(np.sign(np.diff([rms(frame) for frame in voice.reshape(-1, 640)]))) < 0)
    assert 30 <= len(peaks) <= 55, "some four syllables a second"
    spectrum = np.abs(np.fft.rfft(voice)) ** 2
    pitch = 70 + np.argmax(spectrum[700:1900]) / 10  # ten bins a Hz
    assert 110 <= pitch <= 150
    assert spectrum[4000:10000].sum() > 20 * spectrum[40000:50000].sum(), "formants are stronger than what is over them"


def test_a_voice_does_not_get_louder_or_quieter():
    thirds = [rms_dbfs(third) for third in np.split(signals.speech_like(-20, 12), 3)]
    assert thirds == pytest.approx([-20] * 3, abs=0.5)


def test_bursts_come_and_go_softly():
    burst = signals.bursts(-20, 4.5)
    assert rms_dbfs(burst[160:7840]) == pytest.approx(-20, abs=1)
    for begin in (0.5, 2.0, 3.5):
        assert not np.any(burst[round(begin * 16000) : round((begin + 1) * 16000)])
    tone = signals.gated(signals.sine(1000, 0, 3, 48000), 48000)
    assert np.max(np.abs(np.diff(tone))) <= 1.05 * np.max(np.abs(np.diff(signals.sine(1000, 0, 1, 48000))))


def test_segments_change_the_level_and_not_the_phase():
    samples = signals.segments([(-20, 0.1003), (-math.inf, 0.05), (-40, 0.1)])
    assert samples.shape == (12014, 2)
    assert np.array_equal(samples[:, 0], samples[:, 1])
    whole = signals.sine(1000, 0, 0.2503, 48000)
    for begin, end, level in ((0, 4814, 0.1), (4814, 7214, 0.0), (7214, 12014, 0.01)):
        assert np.allclose(samples[begin:end, 0], level * whole[begin:end])
    assert signals.segments([(-20, 0.1)], rate=16000, channels=1).shape == (1600,)


def test_many_short_segments_do_not_add_up_to_another_length():
    assert len(signals.segments([(-20, 0.00001)] * 10_000, rate=16000)) == 1600


def test_a_faded_sound_begins_and_ends_at_nothing():
    for samples in (signals.sine(4000, 0, 1, phase_deg=45), signals.segments([(0, 0.2)], frequency=12000)):
        faded = signals.faded(samples, 16000)
        assert not faded[0].any()
        assert not faded[-1].any()
        assert np.array_equal(faded[161:-161], samples[161:-161])


@pytest.mark.parametrize("frequency", [0, -1, 8000, 9000])
def test_a_tone_that_the_rate_does_not_carry_is_refused(frequency):
    with pytest.raises(ValueError, match="carries tones"):
        signals.sine(frequency, -20, 1)


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_a_length_that_is_none_is_refused(seconds):
    with pytest.raises(ValueError, match="length"):
        signals.silence(seconds)


# --- bytes


def test_every_value_comes_back_to_the_last_bit():
    values = np.frombuffer(signals.to_pcm16(signals.every_value()), "<i2")
    assert np.array_equal(values, np.arange(-32768, 32768))
    assert np.array_equal(signals.from_pcm16(values.tobytes()), signals.every_value())


@pytest.mark.parametrize(
    ("sample", "value"),
    [(1.0, 32767), (-1.0, -32768), (3.7, 32767), (-3.7, -32768), (0.6 / 32768, 1), (-0.6 / 32768, -1), (0, 0)],
)
def test_samples_are_rounded_and_cut_off(sample, value):
    assert signals.to_pcm16(np.array([float(sample)])) == value.to_bytes(2, "little", signed=True)


@given(st.binary(max_size=60), st.integers(1, 3))
def test_bytes_come_back_or_are_refused(pcm, channels):
    if len(pcm) % (2 * channels):
        with pytest.raises(ValueError, match="no whole number"):
            signals.from_pcm16(pcm, channels)
    else:
        assert signals.to_pcm16(signals.from_pcm16(pcm, channels)) == pcm


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_number_is_never_sent(bad):
    with pytest.raises(ValueError, match="finite"):
        signals.to_pcm16(np.array([0.0, bad]))


@pytest.mark.parametrize(
    "samples", [signals.sine(1000, -6, 0.1), signals.segments([(-6, 0.1)], rate=16000)], ids=["mono", "stereo"]
)
def test_a_wav_file_holds_it_all(samples):
    with wave.open(io.BytesIO(signals.to_wav(samples, 16000))) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (16000, 2, samples.ndim)
        assert file.readframes(file.getnframes()) == signals.to_pcm16(samples)


@given(st.floats(-90, 0), st.floats(30, 7900))
def test_a_tone_measures_what_it_was_made_with(level, frequency):
    samples = signals.sine(frequency, level, 0.25, phase_deg=33)
    assert tone_dbfs(samples, frequency, 16000) == pytest.approx(level, abs=1e-6)
    assert dbfs(signals.amplitude(level)) == pytest.approx(level)
