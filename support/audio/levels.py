"""How loud a sound is, and what of it is a tone: measured from its samples and nothing else.

Samples are float64 of full scale 1.0: (n,) for mono, (n, channels) for more, which count together. dBFS: 0 is the RMS of a
full-scale square wave, so that a full-scale sine has a peak of 0 and an RMS of -3.01. Nothing at all is minus infinity. Each
raises ValueError where there are no samples.
"""

import math
from collections.abc import Sequence

import numpy as np

from support.audio.signals import Samples

RESIDUE_BLOCK = 0.25
"""Seconds within which a tone's level may change along a line without counting as something beside the tone."""


def dbfs(amplitude: float) -> float:
    """The level of a factor of full scale; 0 is minus infinity."""
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def rms(samples: Samples) -> float:
    """Root of the mean square, of full scale 1.0."""
    return math.sqrt(float(np.mean(np.square(_some(samples)))))


def rms_dbfs(samples: Samples) -> float:
    """Its RMS level: a full-scale sine reads -3.01."""
    return dbfs(rms(samples))


def peak_dbfs(samples: Samples) -> float:
    """The level of its greatest sample."""
    return dbfs(float(np.max(np.abs(_some(samples)))))


def tone_dbfs(samples: Samples, frequency: float, rate: int) -> float:
    """The peak level of the sine of this frequency (Hz) that is in a mono sound.

    The sine of least squares under a Hann window (the three-parameter fit of IEEE 1057): the frequency need not fall on a bin,
    and other tones do not count if they are some 20 / length Hz off. ValueError for less than two periods of it.
    """
    count = len(_mono(samples))
    if count * frequency < 2 * rate:
        raise ValueError(f"{count:,} samples at {rate:,} Hz hold less than two periods of {frequency:g} Hz")
    window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(count) + 0.5) / count))
    turns = 2 * np.pi * (frequency / rate) * np.arange(count)
    parts = np.stack([np.cos(turns), np.sin(turns), np.ones(count)]) * window
    in_phase, out_of_phase, _ = np.linalg.solve(parts @ parts.T, parts @ (samples * window))
    return dbfs(math.hypot(in_phase, out_of_phase))


def residue_dbfs(samples: Samples, frequencies: Sequence[float], rate: int) -> float:
    """The RMS level of what is left of a mono sound without the tones of these frequencies (Hz): noise, hum, distortion, aliases.

    Tones are fitted in blocks of RESIDUE_BLOCK, each with a level that may rise or fall along a line: a gain that still moves
    slowly is no noise. ValueError where the fit would take away more than a tenth of what is there.
    """
    total = len(_mono(samples))
    if not frequencies:
        return rms_dbfs(samples)
    size = min(total, round(RESIDUE_BLOCK * rate))
    taken = 4 * len(frequencies)
    if taken > size / 10:
        raise ValueError(f"{size:,} samples are too few to tell {len(frequencies)} tones from what is beside them")
    count = -(-total // size)
    starts = np.linspace(0, total - size, count).round().astype(int)  # the last blocks overlap rather than leave something out
    blocks = samples[starts[:, None] + np.arange(size)]
    turns = 2 * np.pi * np.outer(np.asarray(frequencies) / rate, np.arange(size))
    along = np.linspace(-1, 1, size)
    tones = np.concatenate([np.cos(turns), np.sin(turns), along * np.cos(turns), along * np.sin(turns)])
    basis = np.linalg.qr(tones.T)[0]
    left = blocks - (blocks @ basis) @ basis.T
    return dbfs(rms(left) * math.sqrt(size / (size - taken)))  # the fit also took its share of the noise


def greatest_step(samples: Samples) -> float:
    """The greatest difference of one sample to the next in a channel, of full scale 1.0; 0 for a single sample."""
    return float(np.max(np.abs(np.diff(_some(samples), axis=0)), initial=0.0))


def _some(samples: Samples) -> Samples:
    if not samples.size:
        raise ValueError("there is no sound to measure")
    return samples


def _mono(samples: Samples) -> Samples:
    if samples.ndim != 1:
        raise ValueError(f"tones are measured in one channel at a time, not in an array of {samples.shape}")
    return _some(samples)
