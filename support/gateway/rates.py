"""Token buckets: how many requests must pass, and how many may, in the time that really went by.

A bucket of `burst` that refills by `pace` a second lets at least as many pass as were sure to be in it, and at most as many as
can have come back meanwhile; the gateway's own moments lie between the sending of a request and its answer.
"""

from collections.abc import Sequence
from math import floor

from support.gateway.checks import only_answer, require_own_id
from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.protocol import Code
from support.gateway.talk import begin, finish
from support.gateway.world import GatewayWorld
from support.kit.errors import PromiseBrokenError
from support.kit.promises import require

EMPTY = 3
"""Requests beyond the agreed number that make sure that nothing is left."""
CLOCK_STEP = 0.02
"""Seconds by which the gateway may be wrong about the time that has passed."""


def bucket(world: GatewayWorld, setting: str) -> tuple[int, float]:
    """The agreed number at once, and the agreed number a second."""
    agreed = world.asked.get(setting, world.target.agreed[setting]) or "off"
    burst, _, pace = agreed.partition("/")
    return int(burst), float(pace)


def burst(world: GatewayWorld, plans: Sequence[tuple[Client, int]]) -> list[Call]:
    """Each client uses the fast tool so often without waiting; all are answered then."""
    calls: list[Call] = []
    for client, count in plans:
        calls += begin(world, client, [world.ask.fast() for _ in range(count)])
    world.calls = calls
    return finish(world, calls)


def use_up(world: GatewayWorld, client: Client) -> list[Call]:
    """Ask more often than is agreed, and keep the calls. PromiseBrokenError where nothing was refused."""
    at_once, _ = bucket(world, "rate_session")
    calls = burst(world, [(client, at_once + EMPTY)])
    if not refused(calls):
        raise PromiseBrokenError(f"a session may ask {at_once} times at once", f"{len(calls)} requests were answered")
    world.moments["first of the burst"] = calls[0].sent_at
    world.moments["last of the burst"] = max(only_answer(call).at for call in calls)
    return calls


def well(calls: Sequence[Call]) -> list[Call]:
    return [call for call in calls if only_answer(call).ok]


def refused(calls: Sequence[Call]) -> list[Call]:
    return [call for call in calls if only_answer(call).code == Code.OVER_CAPACITY]


def require_split(calls: Sequence[Call], answered: int, limited: int, pace: float = 0.0) -> None:
    """So many were answered well, so many refused; `pace` a second may have come back while they were asked."""
    require("{} requests were made", answered + limited, len(calls))
    good, bad = well(calls), refused(calls)
    if len(good) + len(bad) != len(calls):
        other = next(call for call in calls if call not in good and call not in bad)
        raise PromiseBrokenError(f"every request is answered or refused with {Code.OVER_CAPACITY}", str(other.answer))
    back = min(limited, floor(pace * _span(calls)))
    if not answered <= len(good) <= answered + back:
        raise PromiseBrokenError(
            f"{answered} calls are answered and {limited} refused", f"{len(good)} answered and {len(bad)} refused"
        )


def require_refill(world: GatewayWorld, calls: Sequence[Call]) -> None:
    """As many went well as have come back since the bucket was used up."""
    at_once, pace = bucket(world, "rate_session")
    shortest = min(call.sent_at for call in calls) - world.moments["last of the burst"] - CLOCK_STEP
    longest = max(only_answer(call).at for call in calls) - world.moments["first of the burst"]
    _require_between(
        calls, min(at_once, len(calls), floor(shortest * pace)), min(_most(calls, at_once, pace), _back(longest, pace))
    )


def require_capped(world: GatewayWorld, calls: Sequence[Call]) -> None:
    """At least the agreed number went well, and no more than that and what has come back while they were asked."""
    at_once, pace = bucket(world, "rate_session")
    _require_between(calls, min(at_once, len(calls)), _most(calls, at_once, pace))


def require_others_refused(calls: Sequence[Call]) -> None:
    """What did not go well was refused as too much, under the caller's request id."""
    require_split(calls, len(well(calls)), len(calls) - len(well(calls)))
    if not refused(calls):
        raise PromiseBrokenError("some of the calls are refused", "none was")
    for call in calls:
        require_own_id(call)


def _span(calls: Sequence[Call]) -> float:
    return max(only_answer(call).at for call in calls) - min(call.sent_at for call in calls)


def _most(calls: Sequence[Call], at_once: int, pace: float) -> int:
    """How many can pass of calls that find a full bucket."""
    return at_once + _back(_span(calls), pace)


def _back(seconds: float, pace: float) -> int:
    """How many can come back at most."""
    return floor((seconds + CLOCK_STEP) * pace)


def _require_between(calls: Sequence[Call], least: int, most: int) -> None:
    count = len(well(calls))
    if not least <= count <= most:
        raise PromiseBrokenError(f"{least} to {most} of {len(calls)} calls are answered", f"{count} are")
