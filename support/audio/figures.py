"""The figures of a chunk of audio as the suite measures them, to hold those against that a pipeline tells."""

import math
from dataclasses import dataclass

from support.audio.levels import peak_dbfs, rms_dbfs
from support.audio.signals import from_pcm16

FLOOR = -96.0
"""dBFS. What is as quiet as this may be told as this or as anything lower."""


@dataclass(frozen=True)
class ChunkFigures:
    """dBFS re 32768; minus infinity for digital silence."""

    rms: float
    peak: float


def measured(pcm: bytes) -> ChunkFigures:
    """The figures of a mono chunk of PCM16. ValueError for an empty one or half a sample."""
    samples = from_pcm16(pcm)
    return ChunkFigures(rms_dbfs(samples), peak_dbfs(samples))


def agrees(told: float, right: float, tolerance: float) -> bool:
    """A level that was told is right within `tolerance` dB, or both are at the floor or below. What is no number never agrees."""
    return abs(told - right) <= tolerance or (right <= FLOOR + tolerance and told <= FLOOR and not math.isnan(told))
