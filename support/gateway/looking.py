"""What monitoring programs see: the form of the figures, the gateway's health, a session's own figures."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

import requests

from support.gateway.checks import only_answer
from support.gateway.client import Client
from support.gateway.counting import LATENCY, figures
from support.gateway.frames import Call
from support.gateway.talk import ask
from support.gateway.world import GatewayWorld
from support.kit.direct import direct
from support.kit.errors import DeclinedError, PromiseBrokenError
from support.kit.promises import require

HTTP_LIMIT = 3.0
"""Seconds for an answer over HTTP."""
KINDS = {
    "gateway_connections_total": "counter",
    "gateway_connections_active": "gauge",
    "gateway_messages_received_total": "counter",
    "gateway_messages_sent_total": "counter",
    "gateway_tool_calls_total": "counter",
    LATENCY: "histogram",
}
"""Names that every gateway with a client and a call shows, and their kinds."""
_TYPE = re.compile(r"#\s*TYPE\s+(\S+)\s+(\S+)")


def require_form(text: str) -> None:
    """Every agreed name is announced once, with its kind, before its first sample, and samples stand together by name.

    Source: the text format of Prometheus 0.0.4. A counter may be announced without `_total`, as OpenMetrics does.
    """
    kinds: dict[str, str] = {}
    seen: list[str] = []
    for line in map(str.strip, text.splitlines()):
        if match := _TYPE.fullmatch(line):
            name, kind = match.groups()
            if name in kinds:
                raise PromiseBrokenError("each name is told once with its kind", f"{name} twice")
            if any(_family(sample, {name: kind}) == name for sample in seen):
                raise PromiseBrokenError("a name's kind is told before its figures", f"{name} after them")
            kinds[name] = kind
        elif line and not line.startswith("#"):
            family = _family(re.split(r"[{\s]", line, maxsplit=1)[0], kinds)
            if family in seen and seen[-1] != family:
                raise PromiseBrokenError("the figures of a name stand together", f"{family} in two places")
            seen.append(family)
    for name, kind in KINDS.items():
        told = kinds.get(name, kinds.get(name.removesuffix("_total")))
        require(f"{name} is told as a {{}}", kind, told)


def require_steps(world: GatewayWorld) -> None:
    """The buckets of each tool's times never fall and end with all of them, which is the count."""
    seen = figures(world)
    buckets: defaultdict[str, Counter[float]] = defaultdict(Counter)
    for pairs, value in seen.series(f"{LATENCY}_bucket").items():
        labels = dict(pairs)
        buckets[labels.get("tool", "")][float(labels.get("le", "nan"))] += value  # type: ignore[assignment]
    if not buckets:
        raise PromiseBrokenError("the times of tools are shown in steps", "there are none")
    for tool, steps in buckets.items():
        counts = [count for _, count in sorted(steps.items())]
        if counts != sorted(counts) or max(steps) != float("inf"):
            raise PromiseBrokenError("the steps never fall and end with all", f"{tool}: {sorted(steps.items())}")
        require(f"the last step of {tool} is {{}}", seen.value(f"{LATENCY}_count", tool=tool), counts[-1])


def look_at_health(world: GatewayWorld) -> int:
    """The status of the answer that a monitoring program gets. DeclinedError for a gateway without such a place."""
    url = world.gateway.health_url
    if url is None:
        raise DeclinedError("the profile says of no place where a monitoring program looks at the health")
    try:
        with direct() as session:
            answer = session.get(url, timeout=HTTP_LIMIT)
    except requests.RequestException as error:
        raise PromiseBrokenError("a monitoring program can look at the health", f"{type(error).__name__}: {error}") from error
    world.evidence.attach("health.txt", answer.text)
    return answer.status_code


def ask_all(world: GatewayWorld, clients: Sequence[Client]) -> dict[str, Call]:
    """Each client asks for the gateway's health."""
    return {client.name: ask(world, client, [world.ask.plain("health")])[0] for client in clients}


def require_session_figures(call: Call, received: int, sent: int) -> None:
    """The health answer tells so many messages of the session, received and sent."""
    session = _session(call)
    require("the session is told of {} messages received", received, session.get("messages_received"))
    require("the session is told of {} messages sent", sent, session.get("messages_sent"))


def require_mean(call: Call, slow: Sequence[Call], planted: float, percent: float) -> None:
    """The session's mean time is that of its slow calls, in milliseconds: `planted`, or more where the machine was slow."""
    told = _session(call).get("mean_latency_ms")
    most = max(planted, fmean(each.seconds for each in slow) * 1000) * (1 + percent / 100)
    if isinstance(told, bool) or not isinstance(told, int | float) or not planted * (1 - percent / 100) <= told <= most:
        raise PromiseBrokenError(f"the session's mean time is {planted:g} ms within {percent:g} %", f"{told} ms")


def require_connections_told(call: Call, count: int) -> None:
    """The health answer tells so many connections."""
    require("the gateway tells of {} connections", count, only_answer(call).fields.get("connections"))


def require_breaker_told(call: Call, provider: str) -> None:
    """The health answer has an entry for the provider's breaker."""
    found = only_answer(call).fields.get("breakers")
    if not isinstance(found, dict) or not found.get(provider):
        raise PromiseBrokenError(f"the gateway tells of the breaker of {provider!r}", str(call.answer))


def require_uptime(world: GatewayWorld, call: Call) -> None:
    """The gateway tells for how many seconds it has been up: no longer than since it was started, if the suite did that."""
    told = only_answer(call).fields.get("uptime_s")
    if isinstance(told, bool) or not isinstance(told, int | float) or not told >= 0:
        raise PromiseBrokenError("the gateway tells for how many seconds it has been up", str(told))
    process = world.gateway.process
    answer = only_answer(call)
    since_clients = answer.at - min(client.connected_at for client in world.opened)
    if told < since_clients - 0.05 - 0.05 * since_clients:
        raise PromiseBrokenError(f"the gateway has been up for at least {since_clients:.2f} s", f"{told:g} s")
    if process is not None and told > answer.at - process.started_at + 0.05:
        raise PromiseBrokenError(f"the gateway has been up for at most {answer.at - process.started_at:.2f} s", f"{told:g} s")


def _session(call: Call) -> Mapping[str, object]:
    found = only_answer(call).fields.get("session")
    if not isinstance(found, dict):
        raise PromiseBrokenError("the health answer tells the session's figures", str(call.answer))
    return found


def _family(sample: str, kinds: Mapping[str, str]) -> str:
    """The name under which a sample was announced."""
    if sample in kinds:
        return sample
    for ending in ("_bucket", "_sum", "_count", "_total", "_created"):
        stem = sample.removesuffix(ending)
        announced = kinds.get(stem) if stem != sample else None
        if announced and (ending in ("_total", "_created") or announced in ("histogram", "summary")):
            return stem
    return sample
