"""What a gateway counts, in the names of the contract.

Counting is plain numbers, so that a call costs little and a start even less; prometheus-client, which takes long to load, writes
them out when somebody first asks.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from support.gateway.protocol import Breaker as State

if TYPE_CHECKING:
    from prometheus_client import Metric

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
Tally = defaultdict[tuple[str, ...], int]
"""A number by the values of a metric's labels."""


def _tally() -> Tally:
    return defaultdict(int)


class Times:
    """How long the calls of one tool took: how many fell into each step, and their sum in seconds."""

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


class GatewayMetrics:
    """The counters of one gateway. Belongs to the loop's thread."""

    def __init__(self) -> None:
        self.connections = 0
        self.active = 0
        self.auth_failures = 0
        self.rejections = _tally()
        self.messages_received = _tally()
        self.messages_sent = _tally()
        self.tool_calls = _tally()
        self.times: defaultdict[str, Times] = defaultdict(Times)
        self.repeats = _tally()
        self.states: dict[tuple[str, ...], int] = {}
        self.transitions = _tally()
        self.provider_calls = _tally()

    # --- connections

    def connected(self) -> None:
        """A connection was upgraded."""
        self.connections += 1

    def rejected(self, reason: str) -> None:
        """It found no slot."""
        self.rejections[(reason,)] += 1

    def slot_taken(self) -> None:
        """It found one."""
        self.active += 1

    def slot_freed(self) -> None:
        """It gave it back."""
        self.active -= 1

    def auth_failed(self) -> None:
        """A connection is closed for its token."""
        self.auth_failures += 1

    # --- messages

    def received(self, op: str) -> None:
        """A text frame came in; `op` is a known one or `invalid`."""
        self.messages_received[(op,)] += 1

    def sent(self, op: str) -> None:
        """A frame is about to go out."""
        self.messages_sent[(op,)] += 1

    # --- calls

    def called(self, tool: str, outcome: str) -> None:
        """A call that is no repeat has ended or was refused. `tool`: a known one or `unknown`."""
        self.tool_calls[tool, outcome] += 1

    def observe(self, tool: str, seconds: float) -> None:
        """A call ran for so long."""
        self.times[tool].add(seconds)

    def repeated(self, kind: str) -> None:
        """A call `joined` one in flight, or its answer was `cached`."""
        self.repeats[(kind,)] += 1

    # --- providers

    def breaker_known(self, provider: str) -> None:
        """There is a breaker; it begins closed."""
        self.show(provider, State.CLOSED)

    def breaker_changed(self, provider: str, before: State, after: State) -> None:
        """A breaker has changed its state."""
        self.transitions[provider, before.value, after.value] += 1
        self.show(provider, after)

    def show(self, provider: str, current: State) -> None:
        """The breaker's state from now on."""
        for state in State:
            self.states[provider, state.value] = int(state is current)

    def provider_called(self, provider: str, outcome: str) -> None:
        """A call of a provider has ended `ok`, with an `error` or by `timeout`."""
        self.provider_calls[provider, outcome] += 1

    # --- for those who read them

    def collect(self) -> Iterable["Metric"]:
        """Every metric with its samples, as a collector of prometheus-client."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        for name, help_text, labels, numbers in (
            ("connections", "Connections at their upgrade, rejected ones too.", (), {(): self.connections}),
            ("connections_rejected", "Connections beyond a limit.", ("reason",), self.rejections),
            ("auth_failures", "Connections closed for their token.", (), {(): self.auth_failures}),
            ("messages_received", "Text frames of clients.", ("op",), self.messages_received),
            ("messages_sent", "Frames to clients.", ("op",), self.messages_sent),
            ("tool_calls", "Calls that are no repeat, refused ones too.", ("tool", "outcome"), self.tool_calls),
            ("repeats", "Calls answered without running a tool again.", ("kind",), self.repeats),
            ("breaker_transitions", "Changes of a breaker.", ("provider", "from", "to"), self.transitions),
            ("provider_calls", "Calls of a provider by their end.", ("provider", "outcome"), self.provider_calls),
        ):
            counter = CounterMetricFamily(f"gateway_{name}", help_text, labels=labels)
            for values, number in numbers.items():
                counter.add_metric(values, number)
            yield counter
        yield GaugeMetricFamily("gateway_connections_active", "Connections that hold a slot.", value=self.active)
        states = GaugeMetricFamily("gateway_breaker_state", "1 for the state of a breaker.", labels=("provider", "state"))
        for values, number in self.states.items():
            states.add_metric(values, number)
        yield states
        times = HistogramMetricFamily("gateway_tool_latency_seconds", "Time that calls took which ran.", labels=("tool",))
        for tool, taken in self.times.items():
            times.add_metric((tool,), buckets=taken.cumulative(), sum_value=taken.sum)
        yield times

    def text(self) -> bytes:
        """All of it as Prometheus text."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)
