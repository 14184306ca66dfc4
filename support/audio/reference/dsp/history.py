"""What is kept of a sound from chunk to chunk, so that how it was cut is not heard."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

Samples = NDArray[np.float64]


class Delay:
    """Gives back what it was given `length` samples ago; before that, `filled`."""

    def __init__(self, length: int, filled: float = 0.0) -> None:
        self._kept = np.full(length, filled)

    def __call__(self, samples: Samples) -> Samples:
        if not len(self._kept):
            return samples
        whole = np.concatenate([self._kept, samples])
        self._kept = whole[len(samples) :].copy()
        return whole[: len(samples)]


class Recent:
    """The samples of a chunk with the `length` samples before them in front."""

    def __init__(self, length: int, filled: float = 0.0) -> None:
        self._kept = np.full(length, filled)

    def __call__(self, samples: Samples) -> Samples:
        """length + len(samples) of them."""
        whole = np.concatenate([self._kept, samples])
        self._kept = whole[len(samples) :].copy()
        return whole


class Running:
    """The greatest of each sample and the `length - 1` before it."""

    def __init__(self, length: int, filled: float) -> None:
        self._length = length
        self._recent = Recent(length - 1, filled)

    def greatest(self, samples: Samples) -> Samples:
        """Of each sample and those before it."""
        return greatest(self._recent(samples), self._length)


class Falling:
    """Rises at once and falls by at most `step` a sample: the shape of a meter's needle that is held up."""

    def __init__(self, step: float, begin: float) -> None:
        self.step = step
        self._last = begin

    def __call__(self, values: Samples) -> Samples:
        """The upper shape. Solved for a whole chunk: y[n] + n step is the running maximum of x[n] + n step."""
        slope = np.arange(1, len(values) + 1) * self.step
        held = np.maximum.accumulate(values + slope)
        shape: Samples = np.maximum(held, self._last) - slope
        self._last = float(shape[-1])
        return shape


def greatest(samples: Samples, length: int) -> Samples:
    """Of each `length` samples in a row; `length - 1` fewer than were given."""
    begin = length // 2  # scipy looks as far ahead as back
    return np.asarray(maximum_filter1d(samples, length)[begin : begin + len(samples) - length + 1])


def mean(samples: Samples, length: int) -> Samples:
    """Of each `length` samples in a row, `length - 1` fewer than were given; exactly zero where all of them are."""
    sums = np.concatenate([[0.0], np.cumsum(samples)])
    return np.asarray((sums[length:] - sums[:-length]) / length)
