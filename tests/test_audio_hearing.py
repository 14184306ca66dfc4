"""What is judged of what a listener hears: right sounds pass, and each that is a little wrong does not."""

import re

import numpy as np
import pytest

from support.audio import hearing
from support.audio.changes import parse_change
from support.audio.hearing import Hearing
from support.audio.signals import sine, speech_like, white_noise
from support.kit.errors import PromiseBrokenError, VoidError

RATE = 16000
BROKEN = PromiseBrokenError


def tone(frequency=1000.0, level=-20.0, seconds=1.0, rate=RATE):
    return sine(frequency, level, seconds, rate)


def noise(level=-30.0, seconds=1.0, seed=1):
    return white_noise(level, seconds, RATE, seed)


def heard(played, change=lambda x: x, rate=RATE) -> Hearing:
    return Hearing(played, change(played), rate)


def louder(db):
    return lambda x: x * 10 ** (db / 20)


def test_as_much_must_be_heard_as_was_played():
    with pytest.raises(BROKEN, match=re.escape("16,000 samples, as many as were played")):
        Hearing(tone(), tone()[:-1], RATE)
    with pytest.raises(BROKEN):
        Hearing(tone()[:0], tone()[:0], RATE)


def test_a_tone_is_judged_in_the_last_third():
    played = tone() + tone(100.0)
    late = np.concatenate([played[: 2 * len(played) // 3], 2 * tone(1000.0)[2 * len(played) // 3 :]])
    one = Hearing(played, late, RATE)
    hearing.require_tone(one, 1000.0, parse_change("rises by 6 dB ± 0.1 dB"))
    hearing.require_tone(one, 100.0, parse_change("falls by at least 40 dB"))
    for words in ("stays within 0.5 dB", "rises by 5 dB ± 0.5 dB"):
        with pytest.raises(BROKEN, match="the tone of 1,000 Hz"):
            hearing.require_tone(one, 1000.0, parse_change(words))


def test_one_tone_lower_than_another():
    first, second = heard(tone()), heard(tone(), louder(-7))
    hearing.require_lower_tone(first, second, 1000.0, 6.0)
    for pair in ((first, heard(tone(), louder(-5))), (second, first)):
        with pytest.raises(BROKEN, match="at least 6 dB lower"):
            hearing.require_lower_tone(*pair, 1000.0, 6.0)


def test_noise_is_what_is_beside_the_tones():
    played = tone(level=-20.0) + noise(-40.0)
    less = Hearing(played, tone(level=-20.0) + 0.4 * noise(-40.0), RATE)
    hearing.require_noise(less, [1000.0], parse_change("falls by 8 dB ± 0.5 dB"))
    with pytest.raises(BROKEN, match="the noise falls"):
        hearing.require_noise(heard(played), [1000.0], parse_change("falls by at least 6 dB"))


@pytest.mark.parametrize(("name", "frequency"), [("presence", 3000.0), ("bass", 150.0)])
def test_bands(name, frequency):
    played = noise(-30.0)
    more = Hearing(played, played + tone(frequency, -25.0), RATE)
    hearing.require_band(more, name, parse_change("rises by at least 1 dB"))
    other = {"presence": "bass", "bass": "presence"}[name]
    hearing.require_band(more, other, parse_change("stays within 0.1 dB"))
    with pytest.raises(BROKEN, match=f"the {name}"):
        hearing.require_band(heard(played), name, parse_change("rises by at least 1 dB"))


def test_levels():
    square = np.sign(tone(501.0)) * 10 ** (-10 / 20)
    hearing.require_level(heard(square), -10.0, 0.1)
    hearing.require_whole(heard(square, louder(3)), parse_change("rises by 3 dB ± 0.1 dB"))
    for wanted in (-10.2, -9.8):
        with pytest.raises(BROKEN, match=re.escape("dBFS ± 0.1 dB")):
            hearing.require_level(heard(square), wanted, 0.1)
    with pytest.raises(BROKEN):
        hearing.require_level(heard(square, lambda x: 0 * x), -10.0, 0.1)
    with pytest.raises(BROKEN):
        hearing.require_whole(heard(square), parse_change("rises by 3 dB ± 0.1 dB"))


def test_true_peak_sees_between_the_samples():
    hidden = sine(4000.0, 0.0, 0.5, RATE, 45.0)
    assert np.max(np.abs(hidden)) < 0.71
    for level, passes in ((-6.1, True), (-5.0, False)):
        one = heard(hidden, louder(level))
        if passes:
            hearing.require_true_peak(one, -5.8)
        else:
            with pytest.raises(BROKEN, match=re.escape("never above -5.8 dBTP")):
                hearing.require_true_peak(one, -5.8)


def test_peaks_of_samples():
    hearing.require_peak(heard(tone(level=-6.0)), -5.8)
    with pytest.raises(BROKEN, match="no sample is above"):
        hearing.require_peak(heard(tone(level=-5.0)), -5.8)


def test_loudness_begins_after_a_while():
    early = np.concatenate([tone(level=0.0, seconds=2.0), tone(level=-20.0, seconds=3.0)])
    hearing.require_loudness(heard(early), 2.5, -23.0, 0.1)
    with pytest.raises(BROKEN, match="LUFS"):
        hearing.require_loudness(heard(early), 0.0, -23.0, 0.5)
    with pytest.raises(BROKEN, match="LUFS"):
        hearing.require_loudness(heard(early, lambda x: 0 * x), 2.5, -23.0, 0.5)
    with pytest.raises(VoidError):
        hearing.require_loudness(heard(early), 5.0, -23.0, 0.5)


def test_scaled_to_the_sample():
    played = speech_like(-30.0, 1.0, RATE, 1)
    hearing.require_scaled(heard(played, louder(6)), 6.0, 1e-4)
    wrong = played * 2
    wrong[5000] += 2e-4
    for change in (lambda x: x, louder(12), lambda x: wrong, lambda x: -x * 2, lambda x: np.roll(x, 1) * 2):
        with pytest.raises(BROKEN, match=re.escape("played at 6 dB, within 0.0001")):
            hearing.require_scaled(heard(played, change), 6.0, 1e-4)


def test_cut_off_at_full_scale():
    played = tone(level=-6.0)
    cut = heard(played, lambda x: np.clip(x * 10, -1, hearing.FULL_SCALE))
    hearing.require_scaled(cut, 20.0, 1e-4, cut_off=True)
    wrapped = heard(played, lambda x: np.mod(x * 10 + 1, 2) - 1)
    with pytest.raises(BROKEN, match="cut off at full scale"):
        hearing.require_scaled(wrapped, 20.0, 1e-4, cut_off=True)
    with pytest.raises(VoidError):
        hearing.require_scaled(heard(played), 5.0, 1e-4, cut_off=True)


def test_the_same_twice():
    played = noise()
    nearly = played.copy()
    nearly[7] += 0.9e-4
    hearing.require_same(heard(played), heard(played), 0.0)
    hearing.require_same(heard(played), Hearing(played, nearly, RATE), 1e-4)
    with pytest.raises(BROKEN, match="to the last bit"):
        hearing.require_same(heard(played), Hearing(played, nearly, RATE), 0.0)
    with pytest.raises(BROKEN, match="1 samples differ"):
        hearing.require_same(heard(played), Hearing(played, nearly + 1e-5 * (np.arange(len(played)) == 7) * 2, RATE), 1e-4)
    with pytest.raises(VoidError):
        hearing.require_same(heard(played), heard(nearly), 1.0)


@pytest.mark.parametrize("lag", [-40, -1, 0, 1, 16, 700])
def test_where_a_sound_lies(lag):
    played = noise()
    one = heard(played, lambda x: np.roll(x, lag))
    assert hearing.offset(one) == lag
    for tolerance in (0.0, 0.001):
        if abs(lag) <= tolerance * RATE:
            hearing.require_aligned(one, tolerance)
        else:
            with pytest.raises(BROKEN, match="late" if lag > 0 else "early"):
                hearing.require_aligned(one, tolerance)


def test_silence_lies_nowhere():
    with pytest.raises(BROKEN, match="lines up"):
        hearing.require_aligned(heard(noise(), lambda x: 0 * x), 0.0)
