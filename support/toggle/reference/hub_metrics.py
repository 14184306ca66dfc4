"""What a hub counts, in the names of the contract, and the endpoint where it is read."""

import threading
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

from support.toggle.reference.outcome import Outcome, retransmit_reason

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class MetricsPortError(OSError):
    """The endpoint cannot be opened where it was asked for."""


class HubMetrics:
    """The counters of one hub, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._sent = self._counter("tcp_comm_packet_sent", "Frames handed to the network, or not.", "outcome")
        self._recv = self._counter("tcp_comm_packet_recv", "Waits for a reply by their end.", "outcome")
        self._retransmit = self._counter("tcp_comm_packet_retransmit", "Attempts after a failed one.", "reason")
        self._decode = self._counter("tcp_comm_decode_errors", "Replies that are no acknowledgement.", "reason")
        self._latency = Histogram(
            "tcp_comm_packet_latency_seconds",
            "From just before the frame is sent to its acknowledgement.",
            ["device_id"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._server: WSGIServer | None = None
        self._opening = threading.Lock()

    def _counter(self, name: str, help_text: str, label: str) -> Counter:
        return Counter(name, help_text, ["device_id", label], registry=self.registry)

    def sent(self, device_id: str, *, success: bool) -> None:
        """A frame was handed to the network, or could not be."""
        self._sent.labels(device_id, "success" if success else "error").inc()

    def received(self, device_id: str, outcome: Outcome, seconds: float) -> None:
        """A wait for the reply ended `seconds` after sending began. Only an acknowledgement has a latency."""
        success = outcome is Outcome.ACKNOWLEDGED
        self._recv.labels(device_id, "success" if success else outcome.value).inc()
        if success:
            self.observe(device_id, seconds)

    def observe(self, device_id: str, seconds: float) -> None:
        """One latency, in seconds."""
        self._latency.labels(device_id).observe(seconds)

    def decode_error(self, device_id: str, reason: str) -> None:
        """A reply was no acknowledgement for `reason`."""
        self._decode.labels(device_id, reason).inc()

    def retransmitted(self, device_id: str, failure: Outcome) -> None:
        """Another attempt begins because the last one ended in `failure`."""
        self._retransmit.labels(device_id, retransmit_reason(failure)).inc()

    def serve(self, port: int, host: str = "127.0.0.1") -> int:
        """Answer HTTP on `host`:`port` (0: the system chooses) until the program ends; the port that answers.

        Opened once: another call changes nothing and returns the same port. MetricsPortError where that fails.
        """
        with self._opening:
            if self._server is None:
                try:
                    self._server, _ = start_http_server(port, host, self.registry)
                except OSError as error:
                    why = error.strerror or str(error)
                    raise MetricsPortError(error.errno, f"cannot serve metrics on {host}:{port}: {why}") from error
            return self._server.server_port
