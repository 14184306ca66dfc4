"""The spectrum of a sound: the power average over windows, in which a full-scale sine on a bin reads 0 dBFS.

P. Welch, The use of fast Fourier transform for the estimation of power spectra, IEEE Trans. AU 15, 1967.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float64]

FAINTEST = -200.0
"""dBFS that are told of nothing at all."""
AT_ONCE = 256
"""Windows that are transformed together: more would only take memory."""
WINDOWS = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "rectangular": (1.0,),
}
"""Terms of the sums of cosines (Harris, On the use of windows for harmonic analysis, Proc. IEEE 66, 1978)."""


@dataclass(frozen=True)
class Spectrum:
    """frequencies, peak_frequency, spectral_centroid: Hz. magnitudes: dBFS."""

    frequencies: Samples
    magnitudes: Samples
    peak_frequency: float
    spectral_centroid: float


def analyse(samples: Samples, rate: int, size: int, overlap: float, window_type: str) -> Spectrum:
    """samples: (length, channels), whose powers are averaged. What is shorter than a window is filled up with silence."""
    window = periodic(window_type, size)
    hop = max(1, round(size * (1 - overlap)))
    power = np.mean([average_power(channel, window, hop) for channel in np.atleast_2d(samples.T)], axis=0)
    frequencies = np.fft.rfftfreq(size, 1 / rate).astype(np.float64)
    magnitudes = np.maximum(10 * np.log10(np.maximum(power, 1e-30)), FAINTEST)
    heights = np.sqrt(power)
    total = float(np.sum(heights))
    centroid = float(np.dot(frequencies, heights)) / total if total else 0.0
    return Spectrum(frequencies, magnitudes, float(frequencies[np.argmax(power)]), centroid)


def average_power(samples: Samples, window: Samples, hop: int) -> Samples:
    """Of each frequency, 1 for a full-scale sine; over all windows that are full, at least one."""
    size = len(window)
    whole = samples if len(samples) >= size else np.concatenate([samples, np.zeros(size - len(samples))])
    frames = sliding_window_view(whole, size)[::hop]
    power = np.zeros(size // 2 + 1)
    for begin in range(0, len(frames), AT_ONCE):
        spectra = np.fft.rfft(frames[begin : begin + AT_ONCE] * window, axis=1)
        power += np.sum(np.abs(spectra) ** 2, axis=0)
    power *= (2 / np.sum(window)) ** 2 / len(frames)
    power[[0, -1]] /= 4  # these two have no twin at a negative frequency
    return power


def periodic(window_type: str, size: int) -> Samples:
    """A window of one period. KeyError for a type that is not known."""
    angle = 2 * np.pi * np.arange(size) / size
    return np.asarray(sum((-1) ** at * term * np.cos(at * angle) for at, term in enumerate(WINDOWS[window_type])))
