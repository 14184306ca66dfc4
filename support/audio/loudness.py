"""Loudness of a sound: ITU-R BS.1770-4, EBU Tech 3341 and 3342, from the standards' text alone.

Samples are float64 of full scale 1.0, (n,) or (n, 2). Loudness is in LUFS, minus infinity where there is none; range in LU.
"""

from functools import cached_property

from support.audio.signals import Samples


class Meter:
    """One sound, measured once, however much is asked. ValueError for more than two channels."""

    def __init__(self, samples: Samples, rate: int) -> None:
        raise NotImplementedError

    @cached_property
    def integrated(self) -> float:
        """LUFS, with both gates; minus infinity where every block is below the first."""
        raise NotImplementedError

    @cached_property
    def momentary_max(self) -> float:
        """LUFS. The greatest of all windows of 0.4 s that lie in the sound; minus infinity where it is shorter."""
        raise NotImplementedError

    @cached_property
    def short_term_max(self) -> float:
        """LUFS. The greatest of all windows of 3 s that lie in the sound; minus infinity where it is shorter."""
        raise NotImplementedError

    @cached_property
    def range(self) -> float | None:
        """LU. None for a sound of less than 3 s."""
        raise NotImplementedError

    def momentary(self, end: float) -> float:
        """LUFS of the 0.4 s that end at `end` seconds; before the beginning is silence."""
        raise NotImplementedError

    def short_term(self, end: float) -> float:
        """LUFS of the 3 s that end at `end` seconds; before the beginning is silence."""
        raise NotImplementedError


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
