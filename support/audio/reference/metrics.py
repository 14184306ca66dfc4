"""What the server counts. Counting is plain numbers; prometheus-client writes them out when somebody asks.

Sessions and requests are counted on the loop, chunks on the workers' threads: each under the one lock.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from support.audio.protocol import Code

if TYPE_CHECKING:
    from prometheus_client import Metric

    from support.audio.reference.session import Answered

BUCKETS = (0.0005, 0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Upper bounds of the steps of processing time, in seconds."""


class Times:
    """How long something took: how many fell into each step, and their sum in seconds."""

    __slots__ = ("steps", "sum")

    def __init__(self) -> None:
        self.steps = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        self.steps[bisect_left(BUCKETS, seconds)] += 1
        self.sum += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Upper bound of each step, as text, and how many took that long at most."""
        bounds = [*(str(bound) for bound in BUCKETS), "+Inf"]
        return list(zip(bounds, map(float, accumulate(self.steps)), strict=True))


class ServerMetrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self.sessions = 0
        self.connections = 0
        self.sessions_started = 0
        self.sessions_ended: defaultdict[str, int] = defaultdict(int)
        self.chunks = 0
        self.samples = 0
        self.clipped = 0
        self.frames_refused: defaultdict[str, int] = defaultdict(int)
        self.requests: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.times = Times()
        self.stage_seconds: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    # --- on the loop

    def session_started(self) -> None:
        """One more session."""
        self.sessions += 1
        self.sessions_started += 1

    def session_ended(self, why: str) -> None:
        """One less: `stopped` by a client, or `idle`."""
        self.sessions -= 1
        self.sessions_ended[why] += 1

    def connected(self) -> None:
        """A socket belongs to a session from now on."""
        self.connections += 1

    def disconnected(self) -> None:
        """It does not any more."""
        self.connections -= 1

    def answered_request(self, path: str, status: int) -> None:
        """An HTTP request; `path` is that of the route, without what stands for ids."""
        self.requests[path, str(status)] += 1

    # --- on the workers' threads

    def processed_chunk(self, answered: "Answered") -> None:
        """A good chunk of a session."""
        figures = answered.figures
        quality = figures["quality_metrics"]
        with self._lock:
            self.chunks += 1
            self.samples += answered.samples
            self.clipped += quality["clipped_samples"] if quality else 0
            self.times.add(figures["total_latency"] / 1000.0)
            for stage, taken in figures["stage_latencies"].items():
                self.stage_seconds[stage] += taken / 1000.0

    def refused_frame(self, code: Code) -> None:
        """A frame that was answered with an error."""
        with self._lock:
            self.frames_refused[code.value] += 1

    # --- for those who read them

    def collect(self) -> Iterable["Metric"]:
        """Every metric with its samples, as a collector of prometheus-client."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        with self._lock:
            yield GaugeMetricFamily("audio_sessions_active", "Sessions that run.", value=self.sessions)
            yield GaugeMetricFamily("audio_connections_active", "Sockets that belong to a session.", value=self.connections)
            for name, help_text, number in (
                ("audio_sessions_started", "Sessions that were begun.", self.sessions_started),
                ("audio_chunks", "Good chunks of all sessions.", self.chunks),
                ("audio_samples", "Samples of these chunks.", self.samples),
                ("audio_clipped_samples", "Samples of these chunks that were cut at full scale.", self.clipped),
            ):
                yield CounterMetricFamily(name, help_text, value=number)
            ended = CounterMetricFamily("audio_sessions_ended", "Sessions that have ended.", labels=("reason",))
            for why, number in self.sessions_ended.items():
                ended.add_metric((why,), number)
            yield ended
            refused = CounterMetricFamily("audio_frames_refused", "Frames answered with an error.", labels=("code",))
            for code, number in self.frames_refused.items():
                refused.add_metric((code,), number)
            yield refused
            requests = CounterMetricFamily("audio_http_requests", "Requests by their answer.", labels=("path", "status"))
            for labels, number in self.requests.items():
                requests.add_metric(labels, number)
            yield requests
            stages = CounterMetricFamily("audio_stage_seconds", "Time spent in each stage.", labels=("stage",))
            for stage, seconds in self.stage_seconds.items():
                stages.add_metric((stage,), seconds)
            yield stages
            times = HistogramMetricFamily("audio_chunk_seconds", "Time that chunks took in the server.")
            times.add_metric((), buckets=self.times.cumulative(), sum_value=self.times.sum)
            yield times

    def text(self) -> bytes:
        """All of it as Prometheus text."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)
