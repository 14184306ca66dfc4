"""The suite's own account of what was said and done, and the gateway's figures held against it, message by message."""

from collections import Counter
from collections.abc import Mapping, Sequence
from time import monotonic

from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.talk import quiet_until
from support.gateway.world import GatewayWorld
from support.kit.deadline import eventually, steadily
from support.kit.errors import PromiseBrokenError
from support.kit.metrics import Scrape, ScrapeError, SeriesSet, scrape

COUNTING_LIMIT = 1.0
"""Seconds within which the figures show what has happened."""
LOOKS_APART = 0.02
"""Seconds between two looks that show that nothing is going on."""
STEADY = 0.1
"""Seconds for which they must go on showing it."""

Account = Mapping[str, int]
"""What was counted: by the words of a label set, such as `received ping` or `call status ok`."""

RECEIVED, SENT = "gateway_messages_received_total", "gateway_messages_sent_total"
CALLS, REPEATS = "gateway_tool_calls_total", "gateway_repeats_total"
CONNECTIONS, ACTIVE = "gateway_connections_total", "gateway_connections_active"
REJECTED, UNAUTHORIZED = "gateway_connections_rejected_total", "gateway_auth_failures_total"
TRANSITIONS, PROVIDER_CALLS = "gateway_breaker_transitions_total", "gateway_provider_calls_total"
LATENCY = "gateway_tool_latency_seconds"
UNKNOWN = "unknown"
STATES = ("from", "to", "state")
"""Labels whose values are states of a breaker."""


def figures(world: GatewayWorld) -> Scrape:
    """The figures as they stand. ScrapeError where they cannot be read."""
    assert world.gateway.metrics_url is not None, "@needs.metrics"
    return scrape(world.gateway.metrics_url)


def note_figures(world: GatewayWorld) -> None:
    """Remember the figures of before, once nobody of an earlier scenario is on the way out any more."""

    def active() -> tuple[float, float]:
        first = figures(world)
        quiet_until(monotonic() + LOOKS_APART)
        world.figures = figures(world)
        return first.value(ACTIVE), world.figures.value(ACTIVE)

    eventually(active, lambda pair: pair[0] == pair[1], COUNTING_LIMIT, "the gateway's figures are at rest")
    assert world.figures is not None, "noted above"
    world.evidence.attach("metrics-before.txt", world.figures.text)


def since(world: GatewayWorld, now: Scrape) -> SeriesSet:
    """What was added to the figures since they were noted, or since the gateway began."""
    return now if world.figures is None else now.minus(world.figures)


Counts = Mapping[tuple[str, ...], int]
"""How often, by the values of a counter's labels; what is not there is zero."""


def require_counts(world: GatewayWorld, name: str, wanted: Counts, labels: tuple[str, ...]) -> None:
    """What was added to the counter `name`, by its `labels`, is exactly as wanted, nothing else, and stays so for a moment."""
    require_all_counts(world, {name: (labels, wanted)})


def require_all_counts(world: GatewayWorld, accounts: Mapping[str, tuple[tuple[str, ...], Counts]]) -> None:
    """As require_counts, for several counters at once: name -> labels and what is wanted."""
    kept = {name: {key: float(count) for key, count in wanted.items() if count} for name, (_, wanted) in accounts.items()}

    def look() -> dict[str, dict[tuple[str, ...], float]]:
        added = since(world, figures(world))
        return {name: _added(added, name, labels) for name, (labels, _) in accounts.items()}

    def told(seen: Mapping[str, Mapping[tuple[str, ...], float]]) -> str:
        return "; ".join(f"{name}: {_told(account)}" for name, account in seen.items() if account != kept[name])

    promised = "; ".join(f"{name}: {_told(account)}" for name, account in kept.items())
    what = f"the gateway counts {promised}"
    eventually(look, lambda seen: seen == kept, COUNTING_LIMIT, what, retry_on=(ScrapeError,), describe=told)
    steadily(look, lambda seen: seen == kept, STEADY, what, interval=STEADY / 2, describe=told)
    world.evidence.attach("metrics-after.txt", figures(world).text)


def require_account(world: GatewayWorld) -> None:
    """Messages, calls and connections are counted as the clients have them on record."""
    require_all_counts(
        world,
        {
            RECEIVED: (("op",), _received(world.opened)),
            SENT: (("op",), _sent(world.opened)),
            CALLS: (("tool", "outcome"), _calls(world.opened)),
            CONNECTIONS: ((), {(): len(world.opened)}),
        },
    )


def require_connections(world: GatewayWorld, total: int, active: int) -> None:
    """So many connections in all, so many that are still there."""
    require_all_counts(world, {CONNECTIONS: ((), {(): total}), ACTIVE: ((), {(): active})})


def require_rejected(world: GatewayWorld, reasons: Mapping[str, int]) -> None:
    """So many connections were turned away, by reason."""
    require_counts(world, REJECTED, {(reason,): count for reason, count in reasons.items()}, ("reason",))


def require_refused_tokens(world: GatewayWorld, count: int) -> None:
    """So many tokens were refused."""
    require_counts(world, UNAUTHORIZED, {(): count}, ())


def require_calls(world: GatewayWorld, wanted: Mapping[tuple[str, str], int]) -> None:
    """So many calls, by tool and outcome, and no other."""
    require_counts(world, CALLS, {(tool, result): count for (tool, result), count in wanted.items()}, ("tool", "outcome"))


def require_repeats(world: GatewayWorld, joined: int, cached: int) -> None:
    """So many repeats, by kind."""
    require_counts(world, REPEATS, {("joined",): joined, ("cached",): cached}, ("kind",))


def require_transitions(world: GatewayWorld, wanted: Mapping[tuple[str, str], int]) -> None:
    """So many changes of the first provider's breaker, by the states they lead from and to, and no other."""
    name = world.provider.name
    require_counts(world, TRANSITIONS, {(name, *states): count for states, count in wanted.items()}, ("provider", "from", "to"))


def require_provider_calls(world: GatewayWorld, outcomes: Mapping[str, int]) -> None:
    """So many calls to the first provider, by outcome, and no other."""
    name = world.provider.name
    wanted: dict[tuple[str, ...], int] = {(name, outcome): count for outcome, count in outcomes.items()}
    require_counts(world, PROVIDER_CALLS, wanted, ("provider", "outcome"))


def require_measured(world: GatewayWorld, tool: str, count: int, planted: float, percent: float) -> None:
    """So many times were measured, and they add up to what was planted (seconds), within `percent`.

    What the callers have seen is the upper bound where the machine was slow.
    """
    require_counts(world, f"{LATENCY}_count", {(tool,): count}, ("tool",)) if not count else _await_measured(world, tool, count)
    seen = _added(since(world, figures(world)), f"{LATENCY}_sum", ("tool",)).get((tool,), 0.0)
    by_callers = sum(call.seconds for call in world.calls)
    world.evidence.number(f"times of {tool} by the gateway", seen, "s")
    world.evidence.number(f"times of {tool} by the callers", by_callers, "s")
    least, most = planted * (1 - percent / 100), max(planted, by_callers) * (1 + percent / 100)
    if not least <= seen <= most:
        raise PromiseBrokenError(f"the times add up to {planted:g} s within {percent:g} %", f"{seen:.3f} s")


def _await_measured(world: GatewayWorld, tool: str, count: int) -> None:
    eventually(
        lambda: _added(since(world, figures(world)), f"{LATENCY}_count", ("tool",)).get((tool,), 0.0),
        lambda seen: seen == count, COUNTING_LIMIT, f"the gateway has measured {count} times of {tool}",
        retry_on=(ScrapeError,), describe=lambda seen: f"{seen:g}",
    )  # fmt: skip


def require_not_measured(world: GatewayWorld, tool: str) -> None:
    """No time of the tool was measured."""

    def look() -> float:
        return _added(since(world, figures(world)), f"{LATENCY}_count", ("tool",)).get((tool,), 0.0)

    steadily(
        look, lambda seen: seen == 0, STEADY, f"the gateway has measured no time of {tool}", describe=lambda seen: f"{seen:g}"
    )


def outcome(call: Call) -> str:
    """How the gateway is to count the call."""
    assert call.answer is not None, "waited for"
    return "ok" if call.answer.ok else call.answer.code.lower()


def _received(clients: Sequence[Client]) -> dict[tuple[str, ...], int]:
    return {(op,): count for op, count in Counter(call.op for client in clients for call in client.calls).items()}


def _sent(clients: Sequence[Client]) -> dict[tuple[str, ...], int]:
    return {(op,): count for op, count in Counter(frame.op for client in clients for frame in client.frames).items()}


def _calls(clients: Sequence[Client]) -> dict[tuple[str, ...], int]:
    counted: Counter[tuple[str, ...]] = Counter()
    for client in clients:
        for call in client.calls:
            if call.op == "call_tool" and call.answer is not None and call.answer.fields.get("from_cache") is not True:
                result = outcome(call)
                counted[(UNKNOWN if result == "tool_not_found" else call.tool, result)] += 1
    return dict(counted)


def _added(seen: SeriesSet, name: str, labels: tuple[str, ...]) -> dict[tuple[str, ...], float]:
    """What was added, by the values of the labels, zeros left out; other labels are summed over."""
    added: dict[tuple[str, ...], float] = {}
    for pairs, value in seen.series(name).items():
        named = dict(pairs)
        key = tuple(spelled(named.get(label, "")) if label in STATES else named.get(label, "") for label in labels)
        added[key] = added.get(key, 0.0) + value
    return {key: value for key, value in added.items() if value}


def spelled(state: str) -> str:
    """A breaker's state in one spelling: the contract fixes the words, not how a gateway writes them."""
    return state.lower().replace("-", "_").replace(" ", "_")


def _told(account: Mapping[tuple[str, ...], float]) -> str:
    return ", ".join(f"{' '.join(key)} {value:g}".strip() for key, value in sorted(account.items()) if value) or "nothing"
