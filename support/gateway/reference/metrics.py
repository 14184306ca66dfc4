"""What a gateway counts, in the names of the contract."""

from typing import Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from support.gateway.protocol import Breaker as State

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Family(Protocol[T_co]):
    def labels(self, *labelvalues: str) -> T_co: ...


class _Children(dict[str, T]):
    """The series of a metric with one label, looked up once each: `labels` takes longer than counting."""

    def __init__(self, family: _Family[T]) -> None:
        super().__init__()
        self._family = family

    def __missing__(self, label: str) -> T:
        child = self[label] = self._family.labels(label)
        return child


class GatewayMetrics:
    """The counters of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._connections = self._counter("connections", "Connections at their upgrade, rejected ones too.")
        self._active = Gauge("gateway_connections_active", "Connections that hold a slot.", registry=self.registry)
        rejected = self._counter("connections_rejected", "Connections beyond a limit.", "reason")
        self._rejected = _Children(rejected)
        self._auth_failures = self._counter("auth_failures", "Connections closed for their token.")
        self._received = _Children(self._counter("messages_received", "Text frames of clients.", "op"))
        self._sent = _Children(self._counter("messages_sent", "Frames to clients.", "op"))
        self._calls = self._counter("tool_calls", "Calls that are no repeat, refused ones too.", "tool", "outcome")
        self._call_children: dict[tuple[str, str], Counter] = {}
        self._latency = _Children(
            Histogram(
                "gateway_tool_latency_seconds",
                "Time that calls took which ran.",
                ["tool"],
                buckets=BUCKETS,
                registry=self.registry,
            )
        )
        self._repeats = _Children(self._counter("repeats", "Calls answered without running a tool again.", "kind"))
        self._state = Gauge(
            "gateway_breaker_state", "1 for the state of a breaker.", ["provider", "state"], registry=self.registry
        )
        self._transitions = self._counter("breaker_transitions", "Changes of a breaker.", "provider", "from", "to")
        self._provider_calls = self._counter("provider_calls", "Calls of a provider by their end.", "provider", "outcome")

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"gateway_{name}", help_text, labels, registry=self.registry)

    # --- connections

    def connected(self) -> None:
        """A connection was upgraded."""
        self._connections.inc()

    def rejected(self, reason: str) -> None:
        """It found no slot."""
        self._rejected[reason].inc()

    def slot_taken(self) -> None:
        """It found one."""
        self._active.inc()

    def slot_freed(self) -> None:
        """It gave it back."""
        self._active.dec()

    def auth_failed(self) -> None:
        """A connection is closed for its token."""
        self._auth_failures.inc()

    # --- messages

    def received(self, op: str) -> None:
        """A text frame came in; `op` is a known one or `invalid`."""
        self._received[op].inc()

    def sent(self, op: str) -> None:
        """A frame is about to go out."""
        self._sent[op].inc()

    # --- calls

    def called(self, tool: str, outcome: str) -> None:
        """A call that is no repeat has ended or was refused. `tool`: a known one or `unknown`."""
        child = self._call_children.get((tool, outcome))
        if child is None:
            child = self._call_children[tool, outcome] = self._calls.labels(tool, outcome)
        child.inc()

    def observe(self, tool: str, seconds: float) -> None:
        """A call ran for so long."""
        self._latency[tool].observe(seconds)

    def repeated(self, kind: str) -> None:
        """A call `joined` one in flight, or its answer was `cached`."""
        self._repeats[kind].inc()

    # --- providers

    def breaker_known(self, provider: str) -> None:
        """There is a breaker; it begins closed."""
        self._show(provider, State.CLOSED)

    def breaker_changed(self, provider: str, before: State, after: State) -> None:
        """A breaker has changed its state."""
        self._transitions.labels(provider, before.value, after.value).inc()
        self._show(provider, after)

    def _show(self, provider: str, current: State) -> None:
        for state in State:
            self._state.labels(provider, state.value).set(state is current)

    def provider_called(self, provider: str, outcome: str) -> None:
        """A call of a provider has ended `ok`, with an `error` or by `timeout`."""
        self._provider_calls.labels(provider, outcome).inc()

    def text(self) -> bytes:
        """All of it as Prometheus text."""
        return generate_latest(self.registry)
