"""Each stage of the reference, held to the contract's numbers with known signals."""

import numpy as np
import pytest
from dsp_parts import EVERY, chain, plan, settled, through

from support.audio import bands, levels, loudness, signals
from support.audio.true_peak import true_peak_dbtp

RATE = 16000


def change(made, samples, frequency, rate=RATE):
    played, heard, _ = through(made, samples)
    return levels.tone_dbfs(settled(heard), frequency, rate) - levels.tone_dbfs(settled(played), frequency, rate)


@pytest.mark.parametrize(
    ("stage", "samples"),
    [
        (plan("noise_reduction", strength=0), signals.white_noise(-12, 1)),
        (plan("voice_enhancement", clarity=0, warmth=0), signals.white_noise(-12, 1)),
        (plan("equalizer"), signals.white_noise(-12, 1)),
        (plan("equalizer", bands=[{"gain": 0}]), signals.white_noise(-12, 1)),
        (plan("compression", ratio=1, makeup=0), signals.white_noise(-12, 1)),
        (plan("vad"), signals.every_value()),
        (plan("limiter", threshold=-6), signals.speech_like(-30, 1)),
    ],
)
def test_what_has_nothing_to_do_changes_no_bit(stage, samples):
    played, heard, _ = through(chain(stage), samples)
    assert np.array_equal(played, heard)


@pytest.mark.parametrize("stage", EVERY)
def test_a_stage_that_is_off_is_not_there(stage):
    made = chain(plan(stage, enabled=False, gain_in=6, gain_out=6))
    played, heard, _ = through(made, signals.speech_like(-12, 1))
    assert made.latency_samples == 0
    assert np.array_equal(played, heard)


@pytest.mark.parametrize("wave", [signals.sine, signals.square])
@pytest.mark.parametrize(("level", "wanted"), [(-40, -40), (-20, -20), (-10, -17.5), (0, -15)])
def test_the_compressor_keeps_its_curve_for_peaks(wave, level, wanted):
    made = chain(plan("compression", threshold=-20, ratio=4, knee=0, makeup=0))
    played, heard, _ = through(made, wave(500, level, 2.0))
    assert levels.rms_dbfs(settled(heard)) - levels.rms_dbfs(settled(played)) == pytest.approx(wanted - level, abs=0.1)


def test_a_knee_is_soft_and_meets_both_ends():
    made = chain(plan("compression", threshold=-20, ratio=4, knee=10, makeup=0))
    stage = made._places[0].live.stage
    reduced = stage.reduction(np.array([-40.0, -25.0, -20.0, -15.0, 0.0]))
    assert reduced == pytest.approx([0, 0, 0.75 * 5**2 / 20, 3.75, 15])


@pytest.mark.parametrize(("rate", "high"), [(16000, 7000), (44100, 7000), (48000, 7000)])
def test_the_voice_filter_keeps_a_voice(rate, high):
    sound = sum(signals.sine(frequency, -20, 0.6, rate) for frequency in (100, 1000, high))
    assert change(chain("voice_filter", rate=rate), sound, 100, rate) < -12
    assert change(chain("voice_filter", rate=rate), sound, high, rate) < -12
    assert abs(change(chain("voice_filter", rate=rate), sound, 1000, rate)) < 0.2


@pytest.mark.parametrize("order", range(1, 9))
def test_a_filter_of_any_order_is_down_by_3_db_at_its_corners(order):
    made = chain(plan("voice_filter", low_hz=300, high_hz=3400, order=order))
    assert change(made, signals.sine(300, -20, 0.6), 300) == pytest.approx(-3.01, abs=0.15)
    made = chain(plan("voice_filter", low_hz=300, high_hz=3400, order=order))
    assert change(made, signals.sine(3400, -20, 0.6), 3400) == pytest.approx(-3.01, abs=0.15)


@pytest.mark.parametrize(
    ("band", "frequency", "wanted"),
    [
        ({"type": "peaking", "frequency": 1000, "gain": 6, "q": 1}, 1000, 6),
        ({"type": "peaking", "frequency": 1000, "gain": 6, "q": 1}, 100, 0.06),
        ({"type": "peaking", "frequency": 1000, "gain": -12, "q": 2}, 1000, -12),
        ({"type": "low_shelf", "frequency": 400, "gain": 6}, 50, 6),
        ({"type": "low_shelf", "frequency": 400, "gain": 6}, 4000, 0),
        ({"type": "high_shelf", "frequency": 1000, "gain": -6}, 7000, -6),
        ({"type": "low_pass", "frequency": 1000}, 1000, -3.01),
        ({"type": "high_pass", "frequency": 1000}, 1000, -3.01),
    ],
)
def test_a_band_does_what_it_says_where_it_says(band, frequency, wanted):
    assert change(chain(plan("equalizer", bands=[band])), signals.sine(frequency, -20, 0.6), frequency) == pytest.approx(
        wanted, abs=0.05
    )


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("kind", ["peaking", "low_shelf", "high_shelf", "low_pass", "high_pass"])
def test_a_band_beyond_what_the_rate_carries_stays_finite(rate, kind):
    made = chain(plan("equalizer", bands=[{"type": kind, "frequency": 20_000, "gain": 12, "q": 20}]), rate=rate)
    assert np.all(np.isfinite(through(made, signals.white_noise(-30, 0.3, rate))[1]))


@pytest.mark.parametrize(
    ("clarity", "warmth", "low", "high", "wanted"),
    [(1, 0, 2000, 4500, 5.3), (0.5, 0, 2000, 4500, 2.6), (0, 1, 80, 250, 5.5), (0, -1, 80, 250, -5.5)],
)
def test_enhancement_moves_what_it_says(clarity, warmth, low, high, wanted):
    made = chain(plan("voice_enhancement", clarity=clarity, warmth=warmth))
    played, heard, _ = through(made, signals.speech_like(-25, 2))
    before, after = (bands.band_dbfs(settled(each), RATE, low, high) for each in (played, heard))
    assert after - before == pytest.approx(wanted, abs=0.5)


@pytest.mark.parametrize(("frequency", "noise"), [(1000, -40), (440, -50), (3000, -30)])
def test_noise_falls_and_the_tone_above_it_stays(frequency, noise):
    sound = signals.sine(frequency, -20, 5) + signals.white_noise(noise, 5)
    played, heard, _ = through(chain(plan("noise_reduction", strength=0.7)), sound)
    before, after = (levels.residue_dbfs(settled(each), [frequency], RATE) for each in (played, heard))
    assert after - before < -9
    tones = [levels.tone_dbfs(settled(each), frequency, RATE) for each in (played, heard)]
    assert abs(tones[1] - tones[0]) < 0.2


def test_a_voice_in_noise_stays():
    played, heard, _ = through(chain("noise_reduction"), signals.speech_like(-20, 5) + signals.white_noise(-45, 5))
    assert abs(levels.rms_dbfs(settled(heard)) - levels.rms_dbfs(settled(played))) < 1.5


@pytest.mark.parametrize(("level", "target"), [(-35, -20), (-10, -20), (-35, -26)])
def test_voices_come_to_their_level(level, target):
    _, heard, _ = through(chain(plan("agc", target_level=target, max_gain=20)), signals.speech_like(level, 10))
    assert levels.rms_dbfs(heard[7 * RATE :]) == pytest.approx(target, abs=0.5)


def test_a_voice_is_raised_by_what_was_allowed_and_silence_by_nothing():
    played, heard, _ = through(chain(plan("agc", target_level=-20, max_gain=6)), signals.speech_like(-45, 8))
    assert levels.rms_dbfs(settled(heard)) - levels.rms_dbfs(settled(played)) == pytest.approx(6, abs=0.1)
    played, heard, _ = through(chain("agc"), signals.white_noise(-70, 3))
    assert np.array_equal(played, heard)


@pytest.mark.parametrize(
    ("sound", "target"),
    [
        (signals.sine(1000, -30, 20), -23),
        (signals.sine(100, -10, 20), -23),
        (signals.speech_like(-35, 20), -23),
        (signals.white_noise(-20, 20), -36),
    ],
)
def test_after_ten_seconds_the_loudness_is_the_target(sound, target):
    _, heard, _ = through(chain(plan("lufs_normalization", target_lufs=target)), sound)
    assert loudness.integrated(heard[10 * RATE :], RATE) == pytest.approx(target, abs=0.3)


def test_the_allowed_peak_goes_before_the_target():
    made = chain(plan("lufs_normalization", target_lufs=0, max_peak=-6))
    _, heard, _ = through(made, signals.speech_like(-20, 5))
    assert levels.peak_dbfs(heard) <= -5.99


@pytest.mark.parametrize(
    ("sound", "threshold", "rate"),
    [
        (signals.sine(4000, 0, 1, RATE, 45), -6, RATE),
        (signals.sine(12000, 0, 1, 48000, 45), -1, 48000),
        (signals.speech_like(-10, 2), -20, RATE),
        (signals.gated(signals.square(500, 0, 2), RATE, 0.1, 0.1), -6, RATE),
        (signals.sine(1000, 0, 1), -40, RATE),
        (signals.sweep(50, 6000, 0, 2), -3, RATE),
        (signals.white_noise(-10, 1), -12, RATE),
        (signals.white_noise(-10, 1, 8000), -20, 8000),
        (signals.gated(signals.sine(0.45 * 48000, -1, 0.5, 48000, 30), 48000, 0.03, 0.04), -1, 48000),
        (signals.gated(signals.white_noise(-9, 0.5, 44100), 44100, 0.02, 0.05), -6, 44100),
    ],
)
@pytest.mark.parametrize("lookahead", [1, 5, 10])
def test_no_true_peak_is_above_the_threshold(sound, threshold, rate, lookahead):
    _, heard, _ = through(chain(plan("limiter", threshold=threshold, lookahead=lookahead), rate=rate), sound)
    assert true_peak_dbtp(heard, rate, 16) <= threshold + 0.1


@pytest.mark.parametrize("aggressiveness", range(4))
@pytest.mark.parametrize("duration", [10, 20, 30])
def test_bursts_are_flagged_and_what_is_steady_is_not(aggressiveness, duration):
    def flags(sound):
        made = chain(plan("vad", aggressiveness=aggressiveness, frame_duration=duration))
        return [one.voice_detected for one in through(made, sound)[2]][30:]

    bursts = np.array(flags(signals.bursts(-20, 9)))
    for begin in range(0, 60, 15):
        assert bursts[begin : begin + 5].any()
        assert not bursts[begin + 6 : begin + 15].any()
    for steady in (signals.silence(6), *(signals.white_noise(level, 6) for level in (-60, -45, -20)), signals.sine(440, -20, 6)):
        assert not any(flags(steady))


def test_a_chunk_in_which_no_frame_ends_says_what_the_last_one_was():
    sound = np.concatenate([signals.silence(2.7), signals.sine(440, -20, 0.3)])
    figures = through(chain(plan("vad", frame_duration=30)), sound, [160])[2]
    flagged = [one.voice_detected for one in figures]
    assert not any(flagged[:270])
    assert all(flagged[275:])
