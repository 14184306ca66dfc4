"""How loud a sound is in a band of frequencies, and its spectrum."""

from dataclasses import dataclass

import numpy as np

from support.audio.levels import dbfs
from support.audio.signals import Samples

BAND_WINDOW = 0.25
"""Seconds of the windows of which a band's level is the average: its edges are some 10 Hz wide."""
LEAST = 1e-20
"""Power, of full scale, that a bin of a spectrum has at least (-200 dBFS)."""


@dataclass(frozen=True)
class Spectrum:
    """frequencies: Hz, from 0 to half the rate. dbfs: level at each; a full-scale sine on a bin reads 0, nothing reads -200."""

    frequencies: Samples
    dbfs: Samples

    @property
    def peak_frequency(self) -> float:
        """Hz. The frequency of the highest bin but the first, which is no tone."""
        return float(self.frequencies[1 + int(np.argmax(self.dbfs[1:]))])


def power_average(samples: Samples, rate: int, size: int, step: int) -> tuple[Samples, Samples]:
    """Frequencies (Hz) and the power at each, averaged over Hann windows of `size` samples, one every `step`; a full-scale sine
    on a bin has 1. ValueError where the mono samples do not hold one window."""
    if samples.ndim != 1 or not 2 <= size <= len(samples):
        raise ValueError(f"an array of {samples.shape} samples holds no mono window of {size:,}")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[::step]
    power, batch = np.zeros(size // 2 + 1), max(1, 2**20 // size)  # in batches: a long sound is no reason to fill the memory
    for begin in range(0, len(windows), batch):
        power += np.sum(np.abs(np.fft.rfft(windows[begin : begin + batch] * window)) ** 2, axis=0)
    scaled = power / len(windows) * (2 / np.sum(window)) ** 2
    scaled[0] /= 4
    if size % 2 == 0:
        scaled[-1] /= 4  # neither of the two has a mirror image that holds the other half
    return np.asarray(np.arange(len(scaled)) * rate / size, dtype=np.float64), scaled


def band_dbfs(samples: Samples, rate: int, low: float, high: float) -> float:
    """The RMS level of what a mono sound has from `low` to `high` Hz, in dBFS of a full-scale square wave: a full-scale sine in
    the band reads -3.01. ValueError where no bin lies in the band."""
    size = min(len(samples), round(BAND_WINDOW * rate))
    frequencies, power = power_average(samples, rate, size, max(1, size // 4))
    inside = (frequencies >= low) & (frequencies <= high)
    if not inside.any():
        raise ValueError(f"{len(samples):,} samples at {rate:,} Hz tell nothing of {low:g} to {high:g} Hz")
    # a sine of amplitude 1 has 1 at its bin, 1.5 with what the Hann window spreads to its neighbours, and a mean square of 0.5
    power[0] *= 2
    if size % 2 == 0:
        power[-1] *= 2
    return dbfs(float(np.sqrt(np.sum(power[inside]) / 3)))


def spectrum(samples: Samples, rate: int, window_size: int = 2048, overlap: float = 0.5) -> Spectrum:
    """The power average over Hann windows of a mono sound. ValueError for less than one window."""
    if not 0 <= overlap < 1:
        raise ValueError(f"windows overlap by 0 up to less than 1, not {overlap!r}")
    frequencies, power = power_average(samples, rate, window_size, max(1, round(window_size * (1 - overlap))))
    return Spectrum(frequencies, 10 * np.log10(np.maximum(power, LEAST)))
