"""Sounds held against each other, sample by sample."""

import numpy as np
import pytest

from support.audio.comparing import aligned, bit_exact, first_difference

SOUND = np.arange(100) / 100


def test_the_delay_is_taken_off():
    late = np.concatenate([np.zeros(7), SOUND, np.zeros(30)])
    played, heard = aligned(SOUND, late, 7)
    assert bit_exact(played, heard)
    assert not bit_exact(*aligned(SOUND, late, 6))


def test_what_is_missing_stays_missing():
    played, heard = aligned(SOUND, SOUND[:50], 10)
    assert (len(played), len(heard)) == (100, 40)
    with pytest.raises(ValueError, match="0 samples or more"):
        aligned(SOUND, SOUND, -1)


def test_the_first_difference_is_found():
    other = SOUND.copy()
    assert first_difference(SOUND, other) is None
    other[42:] += 1 / 32768
    assert first_difference(SOUND, other) == 42
    assert first_difference(SOUND, SOUND[:60]) == first_difference(SOUND[:60], SOUND) == 60
    assert first_difference(SOUND[:0], SOUND[:0]) is None
    stereo = np.stack([SOUND, SOUND], axis=1)
    assert first_difference(stereo, np.stack([SOUND, other], axis=1)) == 42


def test_only_the_same_is_bit_exact():
    assert bit_exact(SOUND, SOUND.copy())
    assert not bit_exact(SOUND, SOUND[:99])
    assert not bit_exact(SOUND, SOUND + 1e-12)
    assert not bit_exact(SOUND, SOUND.reshape(50, 2))
    assert not bit_exact(np.array([np.nan]), np.array([np.nan])), "what is no number is equal to nothing"
