"""Latency samples and the report that is made of them. The contract is "Latency report" of the toggle's page.

Percentiles are nearest rank: the value at rank ceil(p/100 * n), counted from 1 in the sorted samples. numpy calls
this method "inverted_cdf", but rounds p/100 first, and is one rank too high for some p: 8 for p = 7 of 100 samples.
"""

import fcntl
import json
import os
import statistics
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil, isfinite
from pathlib import Path

P99_NEEDS = 200
"""Samples below which a p99 would be little more than the maximum, and is not given."""

_RULE = "=" * 70


@dataclass(frozen=True)
class Thresholds:
    """Milliseconds. Beyond them a report warns."""

    p95_ms: float = 300.0
    p99_ms: float = 800.0


def percentile(values: Sequence[float], p: float) -> float:
    """The nearest-rank percentile, 0 < p <= 100. ValueError without values or for another p."""
    if not values:
        raise ValueError("a percentile needs at least one value")
    if not 0 < p <= 100:
        raise ValueError(f"a percentile lies above 0 and is at most 100, not {p!r}")
    rank = ceil(Fraction(str(p)) * len(values) / 100)
    return float(sorted(values)[rank - 1])


class Samples:
    """Latencies of a run, in seconds, in the order they were taken. For any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: list[float] = []

    def add(self, seconds: float) -> None:
        """ValueError for what is no span of time (negative, infinite, not a number)."""
        if not (isfinite(seconds) and seconds >= 0):
            raise ValueError(f"a latency is a number of seconds from 0 up, not {seconds!r}")
        with self._lock:
            self._seconds.append(float(seconds))

    @property
    def seconds(self) -> tuple[float, ...]:
        with self._lock:
            return tuple(self._seconds)


@dataclass(frozen=True)
class LatencyReport:
    """Milliseconds. `stddev_ms` is the sample's (n - 1), None below 2 samples; `p99_ms` None below P99_NEEDS."""

    timestamp: datetime
    thresholds: Thresholds
    samples_ms: tuple[float, ...]
    mean_ms: float
    stddev_ms: float | None
    p50_ms: float
    p95_ms: float
    p99_ms: float | None
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, samples_ms: Sequence[float], thresholds: Thresholds, now: datetime) -> "LatencyReport":
        """ValueError without samples, or for a `now` without a time zone."""
        if not samples_ms:
            raise ValueError("a latency report needs at least one sample")
        if now.tzinfo is None:
            raise ValueError(f"the time of a latency report needs a time zone: {now!r}")
        p95 = percentile(samples_ms, 95)
        p99 = percentile(samples_ms, 99) if len(samples_ms) >= P99_NEEDS else None
        warnings = []
        for name, value, limit in (("p95", p95, thresholds.p95_ms), ("p99", p99, thresholds.p99_ms)):
            if value is not None and value > limit:
                warnings.append(f"{name} {value:.2f} ms is over the threshold of {limit:.1f} ms")
        return cls(
            timestamp=now.astimezone(UTC),
            thresholds=thresholds,
            samples_ms=tuple(float(value) for value in samples_ms),
            mean_ms=statistics.fmean(samples_ms),
            stddev_ms=statistics.stdev(samples_ms) if len(samples_ms) > 1 else None,
            p50_ms=percentile(samples_ms, 50),
            p95_ms=p95,
            p99_ms=p99,
            warnings=warnings,
        )

    def console(self) -> str:
        """The block that ends a run, in plain ASCII, without a last line feed."""
        count = len(self.samples_ms)
        limits = (self.thresholds.p95_ms, self.thresholds.p99_ms)
        p95, p99 = (f"  (threshold: {limit:.1f} ms)" for limit in limits)
        judged = "All thresholds met" if self.p99_ms is not None else "All thresholds met (p99 not judged)"
        return "\n".join(
            [
                _RULE,
                "PERFORMANCE REPORT - Round-Trip Command Latency",
                _RULE,
                "",
                f"Samples collected: {count}",
                "",
                "Latency Statistics:",
                _line("Min", min(self.samples_ms), count),
                _line("Max", max(self.samples_ms), count),
                _line("Mean", self.mean_ms, count),
                _line("StdDev", self.stddev_ms, count, needs=2),
                "",
                "Percentiles:",
                _line("p50", self.p50_ms, count),
                _line("p95", self.p95_ms, count, after=p95),
                _line("p99", self.p99_ms, count, needs=P99_NEEDS, after=p99),
                "",
                *([f"WARNING: {warning}" for warning in self.warnings] or [judged]),
                "",
                _RULE,
            ]
        )

    def as_json(self) -> dict[str, object]:
        """The keys and units of the contract; values are not rounded."""
        return {
            "timestamp": self.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "thresholds": {"p95_ms": self.thresholds.p95_ms, "p99_ms": self.thresholds.p99_ms},
            "metrics": {
                "sample_count": len(self.samples_ms),
                "min_ms": min(self.samples_ms),
                "max_ms": max(self.samples_ms),
                "mean_ms": self.mean_ms,
                "stddev_ms": self.stddev_ms,
                "p50_ms": self.p50_ms,
                "p95_ms": self.p95_ms,
                "p99_ms": self.p99_ms,
            },
            "samples_ms": list(self.samples_ms),
            "warnings": list(self.warnings),
        }


def _line(name: str, value: float | None, count: int, *, needs: int = 1, after: str = "") -> str:
    if value is None:
        return f"  {name}: needs {needs} samples, have {count}"
    return f"  {name + ':':<8}{value:>8.2f} ms{after}"


def append_history(folder: Path, report: LatencyReport, extra: Mapping[str, str]) -> Path:
    """Append the report as one line of JSON to `performance.jsonl` in `folder` (made where missing); its path.

    The single samples are left out, `extra` stands beside the report's own keys (ValueError where it would hide
    one). A lock keeps runs that end at the same time from mixing their lines.
    """
    record = report.as_json()
    del record["samples_ms"]
    if clash := sorted(record.keys() & extra.keys()):
        raise ValueError(f"the report has these keys already: {', '.join(clash)}")
    return append_line(folder / "performance.jsonl", json.dumps({**record, **extra}))


def append_line(path: Path, line: str) -> Path:
    """Append a line to a history that other runs append to at the same time; its folder is made where missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = line.encode() + b"\n"
    with path.open("a+b", buffering=0) as history:
        fcntl.flock(history, fcntl.LOCK_EX)
        size = history.seek(0, os.SEEK_END)
        if size:
            history.seek(size - 1)
            if history.read(1) != b"\n":  # torn by a run that was killed: ours must not be lost with it
                data = b"\n" + data
        history.write(data)
    return path
