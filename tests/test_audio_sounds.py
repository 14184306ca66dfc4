"""Sounds in words: each is the sound that is meant, and what is no sound is refused."""

import numpy as np
import pytest

from support.audio import signals
from support.audio.levels import peak_dbfs, residue_dbfs, rms_dbfs, tone_dbfs
from support.audio.sounds import parse_sound

MEANT = {
    "silence": signals.silence(1),
    "a tone of 1,000 Hz at -20 dBFS": signals.sine(1000, -20, 1),
    "a tone of 440.5 Hz at -6.02 dBFS": signals.sine(440.5, -6.02, 1),
    "a tone of 1,000 Hz at full scale": signals.sine(1000, 0, 1),
    "a tone of 1,000 Hz at 0 dBFS": signals.sine(1000, 0, 1),
    "a tone of 4,000 Hz at 0 dBFS, with its peaks between the samples": signals.sine(4000, 0, 1, phase_deg=45),
    "a square wave of 500 Hz at -3 dBFS": signals.square(500, -3, 1),
    "a square wave of 500 Hz at full scale": signals.square(500, 0, 1),
    "a sweep from 100 Hz to 7,000 Hz at -20 dBFS": signals.sweep(100, 7000, -20, 1),
    "white noise at -40 dBFS": signals.white_noise(-40, 1, seed=100),
    "speech-like sound at -20 dBFS": signals.speech_like(-20, 1, seed=100),
    "the same speech-like sound at -20 dBFS": signals.speech_like(-20, 1, seed=100),
    "bursts of speech-like sound at -20 dBFS": signals.bursts(-20, 1, seed=100),
    "bursts of a tone of 1,000 Hz at 0 dBFS": signals.gated(signals.sine(1000, 0, 1), 16000),
}


@pytest.mark.parametrize("words", MEANT)
def test_a_sound_is_what_its_words_say(words):
    sound = parse_sound(words)
    assert str(sound) == words
    assert np.array_equal(sound.render(1), MEANT[words])


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_a_sound_is_there_at_every_rate(rate):
    assert tone_dbfs(parse_sound("a tone of 1,000 Hz at -20 dBFS").render(0.5, rate), 1000, rate) == pytest.approx(-20)


def test_sounds_are_heard_together():
    sound = parse_sound("a tone of 440 Hz at -20 dBFS and a tone of 2,000 Hz at -30 dBFS and white noise at -40 dBFS")
    assert sound.tones == (440, 2000)
    samples = sound.render(2)
    assert tone_dbfs(samples, 440, 16000) == pytest.approx(-20, abs=0.05)
    assert tone_dbfs(samples, 2000, 16000) == pytest.approx(-30, abs=0.1)
    assert residue_dbfs(samples, sound.tones, 16000) == pytest.approx(-40, abs=0.1)


def test_bursts_lie_in_steady_noise():
    samples = parse_sound("bursts of speech-like sound at -20 dBFS and white noise at -60 dBFS").render(1.5)
    assert rms_dbfs(samples[8000:]) == pytest.approx(-60, abs=0.2)
    assert rms_dbfs(samples[:8000]) == pytest.approx(-20, abs=1)


def test_two_noises_have_nothing_in_common_and_a_second_time_sounds_the_same():
    two = parse_sound("white noise at -40 dBFS and white noise at -40 dBFS")
    assert rms_dbfs(two.render(2)) == pytest.approx(-36.99, abs=0.1)
    assert np.array_equal(two.render(1), two.render(1))
    assert not np.array_equal(two.render(1), two.render(1, seed=2))


def test_a_tone_in_bursts_is_no_steady_tone():
    assert parse_sound("bursts of a tone of 1,000 Hz at 0 dBFS").tones == ()
    assert peak_dbfs(parse_sound("bursts of a tone of 1,000 Hz at 0 dBFS").render(1)) == pytest.approx(0)


@pytest.mark.parametrize(
    "words",
    ["", "a tone", "a tone of 1,000 Hz", "a tone of 1,000 Hz at -20 dB", "white noise", "music at -20 dBFS", "bursts of",
     "silence at -20 dBFS", "a tone of 1,000 Hz at -20 dBFS and", "a tone of 1,000 Hz at -20 dBFS and music",
     "a square wave of Hz at -3 dBFS"],
)  # fmt: skip
def test_what_is_no_sound_is_refused_with_those_that_are(words):
    with pytest.raises(ValueError, match=r"no sound that is known(.|\n)*white noise at -40 dBFS"):
        parse_sound(words)


def test_what_is_over_full_scale_is_refused():
    with pytest.raises(ValueError, match="over full scale"):
        parse_sound("a tone of 1,000 Hz at 3 dBFS")


def test_a_rate_that_does_not_carry_a_tone_is_noticed():
    with pytest.raises(ValueError, match="carries tones"):
        parse_sound("a tone of 7,000 Hz at -20 dBFS").render(1, 8000)
