"""Windows over a sound that comes in pieces."""

import numpy as np
import pytest

from support.audio import signals
from support.audio.reference.dsp.history import Running, greatest, mean

NOISE = signals.white_noise(-10, 0.1)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 160])
def test_the_greatest_and_the_mean_of_windows(length):
    windows = np.lib.stride_tricks.sliding_window_view(NOISE, length)
    assert np.array_equal(greatest(NOISE, length), windows.max(axis=1))
    assert np.allclose(mean(NOISE, length), windows.mean(axis=1), atol=1e-12)
    made = Running(length, 0.0)
    parts = np.concatenate([made.greatest(NOISE[:37]), made.greatest(NOISE[37:])])
    assert np.array_equal(parts[length - 1 :], greatest(NOISE, length))


def test_a_mean_of_nothing_is_nothing_whatever_came_before():
    sound = np.concatenate([NOISE, np.zeros(50)])
    assert not mean(sound, 8)[-40:].any()
