"""The figures of a session: what each chunk's metrics tell."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from support.audio.reference.usage import Usage

if TYPE_CHECKING:
    from support.audio.reference.dsp.chain import Quality


class QualityFigures(TypedDict):
    """Levels of what came out, dBFS and LUFS; None for what cannot be told."""

    rms: float | None
    peak: float | None
    snr: float | None
    lufs_momentary: float | None
    clipped_samples: int
    voice_detected: bool


class Figures(TypedDict):
    """Times in ms, usage in per cent of one processor."""

    chunks_processed: int
    total_latency: float
    average_latency: float
    latency_samples: int
    stage_latencies: dict[str, float]
    quality_metrics: QualityFigures | None
    cpu_usage: float


class Account:
    """Keeps the figures of one session, or of one batch."""

    def __init__(self, usage: Usage) -> None:
        self.chunks = 0
        self._usage = usage
        self._seconds = 0.0

    def begin(self, latency_samples: int) -> Figures:
        """The figures before the first chunk."""
        return {
            "chunks_processed": 0,
            "total_latency": 0.0,
            "average_latency": 0.0,
            "latency_samples": latency_samples,
            "stage_latencies": {},
            "quality_metrics": None,
            "cpu_usage": self._usage.percent(),
        }

    def add(self, seconds: float, stages: Mapping[str, float], quality: "Quality", latency_samples: int) -> Figures:
        """The figures with one more chunk, which took so many `seconds`, so many of them in each of `stages`."""
        self.chunks += 1
        self._seconds += seconds
        return {
            "chunks_processed": self.chunks,
            "total_latency": in_ms(seconds),
            "average_latency": in_ms(self._seconds / self.chunks),
            "latency_samples": latency_samples,
            "stage_latencies": {name: in_ms(taken) for name, taken in stages.items()},
            "quality_metrics": {
                "rms": told(quality.rms),
                "peak": told(quality.peak),
                "snr": told(quality.snr),
                "lufs_momentary": told(quality.lufs_momentary),
                "clipped_samples": int(quality.clipped_samples),
                "voice_detected": bool(quality.voice_detected),
            },
            "cpu_usage": self._usage.percent(),
        }


def in_ms(seconds: float) -> float:
    """To the microsecond."""
    return round(seconds * 1000.0, 3)


def told(value: float | None) -> float | None:
    """A number as JSON can tell it."""
    return float(value) if value is not None and math.isfinite(value) else None
