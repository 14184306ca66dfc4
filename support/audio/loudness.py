"""Loudness of a sound by the text of ITU-R BS.1770-4, EBU Tech 3341 and 3342, with no code of anybody's meter.

Samples are float64 of full scale 1.0, (n,) or (n, 2), at any rate (Hz). Loudness is in LUFS, minus infinity where there is none;
range is in LU. What is measured is what the samples hold: windows that would reach over either end are left out.
"""

import math
from functools import cached_property, lru_cache

import numpy as np

from support.audio.signals import Samples

HOP = 0.001
"""Seconds between two windows of which a maximum is taken. A momentary maximum is at most 0.01 LU too low for it."""
MOMENTARY, SHORT_TERM = 0.4, 3.0
"""Seconds (Tech 3341, 2.2)."""
GATING_STEP = 0.1
"""Seconds between two gating blocks of 0.4 s: an overlap of 75 % (BS.1770-4, annex 1)."""
RANGE_STEP = 0.1
"""Seconds between two short-term values of which the range is made (Tech 3342, 3: an overlap of 66 % or more)."""
ABSOLUTE_GATE = -70.0
"""LUFS."""
RELATIVE_GATE, RANGE_GATE = -10.0, -20.0
"""LU, of the mean above the absolute gate: for the integrated loudness, for the range."""
LOWEST, HIGHEST = 0.10, 0.95
"""Parts of the distribution between which the range lies (Tech 3342)."""
OFFSET = -0.691
"""dB: with it, a sine of 997 Hz in one channel at 0 dBFS reads -3.01 LUFS."""
RINGING = 0.15
"""Seconds after which the K-weighting has died away: its slowest part falls by 8.686 * 2 pi * 38 * 0.15 dB, over 300 dB."""


# --- the K-weighting


def _biquads(rate: int) -> tuple[tuple[Samples, Samples], tuple[Samples, Samples]]:
    """Numerator and denominator of the shelf and of the high-pass for a rate.

    BS.1770-4 gives coefficients at 48 kHz and wants the same response at other rates. These are the analogue filters that the
    bilinear transform turns into those coefficients (B. De Man, "Evaluation of implementations of the EBU R128 loudness
    measurement", AES 145, 2018): at 48 kHz they agree with the standard's table to ten decimals.
    """
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    shelf = np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]) / norm
    poles = np.array([norm, 2 * (k * k - 1), 1 - k / q + k * k]) / norm
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    norm = 1 + k / q + k * k
    return (shelf, poles), (np.array([1.0, -2.0, 1.0]), np.array([norm, 2 * (k * k - 1), 1 - k / q + k * k]) / norm)


@lru_cache(maxsize=8)
def _impulse_response(rate: int) -> Samples:
    """What the two filters make of an impulse, until it has died away. From their response at so many frequencies that what would
    come round again is long over."""
    count = math.ceil(RINGING * rate)
    size = 1 << (2 * count).bit_length()
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.ones(len(z), dtype=np.complex128)
    for numerator, denominator in _biquads(rate):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    answer: Samples = np.fft.irfft(response, size)[:count]
    answer.setflags(write=False)
    return answer


def k_weighted(channel: Samples, rate: int) -> Samples:
    """One channel through the K-weighting: as long as before, beginning from rest."""
    answer = _impulse_response(rate)
    size = 1 << (4 * len(answer)).bit_length()
    step = size - len(answer) + 1
    count = -(-len(channel) // step)
    padded = np.zeros(len(answer) - 1 + count * step)
    padded[len(answer) - 1 : len(answer) - 1 + len(channel)] = channel
    spectrum = np.fft.rfft(answer, size)
    out = np.empty(count * step)
    for at in range(0, count * step, step):  # overlap-save
        out[at : at + step] = np.fft.irfft(np.fft.rfft(padded[at : at + size]) * spectrum, size)[len(answer) - 1 :]
    return out[: len(channel)]


# --- the meter


class Meter:
    """One sound, weighted once, however much is asked. ValueError for more than two channels: where they stand is not known."""

    def __init__(self, samples: Samples, rate: int) -> None:
        if samples.ndim > 2 or (samples.ndim == 2 and samples.shape[1] > 2):
            raise ValueError(f"loudness is measured of one channel or two, not of an array of {samples.shape}")
        channels = [samples] if samples.ndim == 1 else list(samples.T)
        self._rate, self._count = rate, len(samples)
        hops = int(self._count / (HOP * rate) + 1e-9)
        self._edges = np.rint(np.arange(hops + 1) * HOP * rate).astype(int)
        energy = np.zeros(hops)
        for channel in channels:
            weighted = k_weighted(np.ascontiguousarray(channel), rate)[: self._edges[-1]]
            if hops:
                energy += np.add.reduceat(weighted * weighted, self._edges[:-1])
        self._energy = np.concatenate([[0.0], np.cumsum(energy)])

    @cached_property
    def integrated(self) -> float:
        """LUFS, with both gates; minus infinity where every block is below the first, or none is whole."""
        blocks = _above(self._powers(MOMENTARY, GATING_STEP), ABSOLUTE_GATE)
        if not len(blocks):
            return -math.inf
        return _lufs(np.mean(_above(blocks, _lufs(np.mean(blocks)) + RELATIVE_GATE)))

    @cached_property
    def momentary_max(self) -> float:
        """LUFS. The greatest of all windows of 0.4 s; minus infinity for a shorter sound."""
        return _lufs(np.max(self._powers(MOMENTARY, HOP), initial=0.0))

    @cached_property
    def short_term_max(self) -> float:
        """LUFS. The greatest of all windows of 3 s; minus infinity for a shorter sound."""
        return _lufs(np.max(self._powers(SHORT_TERM, HOP), initial=0.0))

    @cached_property
    def range(self) -> float | None:
        """LU. None for a sound of less than 3 s; 0 where nothing is above the absolute gate."""
        values = self._powers(SHORT_TERM, RANGE_STEP)
        if not len(values):
            return None
        values = _above(values, ABSOLUTE_GATE)
        if not len(values):
            return 0.0
        values = np.sort(_above(values, _lufs(np.mean(values)) + RANGE_GATE))
        low, high = (float(values[math.floor((len(values) - 1) * part + 0.5)]) for part in (LOWEST, HIGHEST))
        return _lufs(high) - _lufs(low)

    def momentary(self, end: float) -> float:
        """LUFS of the 0.4 s that end at `end` seconds; before the sound begins there is silence. ValueError after it ends."""
        return self._ending(end, MOMENTARY)

    def short_term(self, end: float) -> float:
        """LUFS of the 3 s that end at `end` seconds; before the sound begins there is silence. ValueError after it ends."""
        return self._ending(end, SHORT_TERM)

    def _ending(self, end: float, seconds: float) -> float:
        last = round(end / HOP)
        if not 0 <= last < len(self._energy):
            raise ValueError(f"a sound of {self._count / self._rate:.3f} s has no window that ends at {end:g} s")
        energy = self._energy[last] - self._energy[max(0, last - round(seconds / HOP))]
        return _lufs(energy / (seconds * self._rate))

    def _powers(self, seconds: float, step: float) -> Samples:
        """The mean square of each whole window, both channels together (BS.1770-4, equations 1 and 2, with weights of 1)."""
        length, apart = round(seconds / HOP), round(step / HOP)
        ends = np.arange(length, len(self._energy), apart)
        energy: Samples = self._energy[ends] - self._energy[ends - length]
        return np.asarray(energy / (self._edges[ends] - self._edges[ends - length]))


def integrated(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS."""
    return Meter(samples, rate).integrated


def momentary_max(samples: Samples, rate: int) -> float:
    """Maximum momentary loudness in LUFS."""
    return Meter(samples, rate).momentary_max


def short_term_max(samples: Samples, rate: int) -> float:
    """Maximum short-term loudness in LUFS."""
    return Meter(samples, rate).short_term_max


def loudness_range(samples: Samples, rate: int) -> float | None:
    """Loudness range in LU; None for a sound of less than 3 s."""
    return Meter(samples, rate).range


def _lufs(power: np.floating | float) -> float:
    return OFFSET + 10 * math.log10(power) if power > 0 else -math.inf


def _above(powers: Samples, gate: float) -> Samples:
    return powers[powers > 10 ** ((gate - OFFSET) / 10)]
