"""How loud a sound is in a band of frequencies, and its spectrum."""

from dataclasses import dataclass

import numpy as np

from support.audio.levels import dbfs
from support.audio.signals import Samples

BAND_WINDOW = 0.25
"""Seconds of the windows of which a band's level is the average: edges of bands are 4 / 0.25 = 16 Hz wide."""
LEAST_DBFS = -200.0
"""What a bin of a spectrum reads at least."""


@dataclass(frozen=True)
class Spectrum:
    """frequencies: Hz, from 0 to half the rate. dbfs: level at each; a full-scale sine on a bin reads 0."""

    frequencies: Samples
    dbfs: Samples

    @property
    def peak_frequency(self) -> float:
        """Hz. The frequency of the highest bin but the first, which is no tone."""
        return float(self.frequencies[1 + int(np.argmax(self.dbfs[1:]))])


def band_dbfs(samples: Samples, rate: int, low: float, high: float) -> float:
    """The RMS level of what a mono sound has from `low` to `high` Hz, in dBFS of a full-scale square wave: a full-scale sine in the band
    reads -3.01. ValueError where there is no such band in it."""
    raise NotImplementedError


def spectrum(samples: Samples, rate: int, window_size: int = 2048, overlap: float = 0.5) -> Spectrum:
    """The power average over Hann windows of a mono sound. ValueError for less than one window."""
    raise NotImplementedError
