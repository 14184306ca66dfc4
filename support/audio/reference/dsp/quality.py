"""The figures of a chunk: how loud it is, how far above its noise, and whether somebody speaks."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from support.audio.protocol import FULL_SCALE
from support.audio.reference.dsp.history import Recent
from support.audio.reference.dsp.k_weighting import OFFSET, k_weighting

Samples = NDArray[np.float64]

FAINTEST = -120.0
"""dBFS that are told of nothing at all."""
QUIETEST_LOUDNESS = -70.0
"""LUFS: what lies below the absolute gate has no loudness."""
MOMENT = 0.4
"""Seconds of a momentary loudness (EBU Tech 3341)."""
NOISE_MEMORY = 20
"""Chunks among which the quietest is taken for the noise."""


@dataclass(frozen=True)
class Quality:
    """Of what came out. rms, peak: dBFS. snr: dB. lufs_momentary: LUFS. clipped_samples: cut off at full scale."""

    rms: float
    peak: float
    snr: float
    lufs_momentary: float
    clipped_samples: int
    voice_detected: bool


class Meter:
    """Measures the chunks of one channel at `rate` Hz."""

    def __init__(self, rate: int) -> None:
        self._weighted = k_weighting(rate)
        self._moment = Recent(round(MOMENT * rate))
        self._length = round(MOMENT * rate)
        self._levels: list[float] = []

    def measure(self, pcm: NDArray[np.int16], clipped: int, voiced: bool) -> Quality:
        """The figures of one chunk."""
        samples = pcm / FULL_SCALE
        rms = decibels(math.sqrt(float(np.mean(np.square(samples)))))
        peak = decibels(float(np.max(np.abs(samples))))
        return Quality(rms, peak, self.snr(rms), self.momentary(samples), clipped, voiced)

    def snr(self, rms: float) -> float:
        """How far a chunk lies above the quietest of the last ones, in dB."""
        self._levels = [*self._levels[-NOISE_MEMORY + 1 :], rms]
        return rms - min(self._levels)

    def momentary(self, samples: Samples) -> float:
        """The loudness of the last 400 ms, in LUFS."""
        window = self._moment(self._weighted(samples))[-self._length :]
        power = float(np.mean(np.square(window)))
        return max(QUIETEST_LOUDNESS, OFFSET + 10 * math.log10(power)) if power > 0 else QUIETEST_LOUDNESS


def decibels(factor: float) -> float:
    """dBFS of a factor of full scale."""
    return max(FAINTEST, 20 * math.log10(factor)) if factor > 0 else FAINTEST
