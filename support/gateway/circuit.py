"""What scenarios do to a provider and its breaker, and what they promise of it."""

import statistics
import time
from collections.abc import Sequence

from support.gateway import counting
from support.gateway.checks import only_answer, require_failed, require_output, require_own_id, require_told_when, some
from support.gateway.frames import Call
from support.gateway.protocol import Code
from support.gateway.provider import Provider
from support.gateway.talk import ask, begin, finish, quiet_until
from support.gateway.world import GatewayWorld
from support.kit.deadline import eventually
from support.kit.errors import DeclinedError, PromiseBrokenError
from support.kit.metrics import ScrapeError, scrape

KEY = "lamp"
FAILURE = (Code.TOOL_EXECUTION_ERROR, Code.TIMEOUT)
STATE_LIMIT = 0.5
"""Seconds within which the figures show a breaker's state."""
PAUSE = 0.03
"""Seconds between calls that go on for a while, so that no agreed rate is reached."""
REACH_LIMIT = 2.0
"""Seconds within which a look-up reaches its provider."""
MOST_TRIES = 12
"""Calls after which a breaker that was to change has not."""


def require_own_token(world: GatewayWorld) -> None:
    """DeclinedError for a gateway whose start and token are not the suite's."""
    if not world.target.launches:
        raise DeclinedError("the gateway runs already: the suite neither starts it nor chooses its token")


def lookups(world: GatewayWorld, count: int, which: str = "first", key: str = KEY) -> list[Call]:
    """So many look-ups of the same key at a provider."""
    provider = world.providers[which]
    named = None if which == "first" else provider.name
    return [world.ask.lookup(key, provider=named) for _ in range(count)]


def look_up(world: GatewayWorld, times: int, which: str = "first") -> list[Call]:
    """Look up one after the other, each when the one before was answered."""
    done = []
    for call in lookups(world, times, which):
        done += ask(world, world.client, [call])
    world.calls = done
    return done


def look_up_at_once(world: GatewayWorld, times: int) -> list[Call]:
    """Look up side by side."""
    return ask(world, world.client, lookups(world, times))


def fail(world: GatewayWorld, times: int, which: str = "first") -> list[Call]:
    """The provider fails so many times in a row: it resets the connections. PromiseBrokenError where a call does not fail."""
    provider = world.providers[which]
    provider.plant("resets every connection")
    calls = look_up(world, times, which)
    for call in calls:
        require_failed(call, FAILURE)
    provider.require_struck(times)
    return calls


def succeed(world: GatewayWorld, times: int) -> None:
    """The provider answers so many times."""
    world.provider.heal()
    for call in look_up(world, times):
        require_output(call, f"value of {KEY}")


def open_breaker(world: GatewayWorld, which: str = "first", trouble: str | None = None) -> None:
    """Let the provider fail until its breaker has opened. PromiseBrokenError where the next call is not blocked."""
    provider = world.providers[which]
    needed = int(world.agreed("breaker_failures"))
    if trouble is None:
        last = fail(world, needed, which)[-1]
    else:
        provider.plant(trouble)
        last = look_up(world, needed, which)[-1]
        require_failed(last, FAILURE)
    blocked = look_up(world, 1, which)[0]
    require_failed(blocked, Code.CIRCUIT_OPEN)
    note_opening(world, which, last)


def note_opening(world: GatewayWorld, which: str, failed: Call) -> None:
    """Remember when the breaker opened and how often its provider had been reached by then.

    The gateway's clock began between the sending of the last failed call and its answer.
    """
    world.reached_at_opening[which] = world.providers[which].reached
    world.moments["opened at the earliest"] = failed.sent_at
    world.moments["opened at the latest"] = only_answer(failed).at


def wait_since_opening(world: GatewayWorld, seconds: float) -> None:
    """Until `seconds` have passed since the breaker opened, at the latest moment that may have been."""
    quiet_until(world.moments["opened at the latest"] + seconds)


def look_up_until(world: GatewayWorld, seconds: float) -> list[Call]:
    """Look up again and again until `seconds` after the breaker opened, at the earliest moment that may have been."""
    opened = world.moments["opened at the earliest"]
    over = opened + world.agreed("breaker_recovery")
    done: list[Call] = []
    while time.monotonic() < opened + seconds:
        done += look_up(world, 1)
        quiet_until(time.monotonic() + PAUSE)
    # On a machine that stalled the last call may have come when the breaker was to let it through: it says nothing.
    world.calls = [call for call in done if only_answer(call).at < over]
    late = [call for call in done if call not in world.calls and only_answer(call).code != Code.CIRCUIT_OPEN]
    world.reached_at_opening["first"] += len(late)
    return world.calls


def fail_as_probe(world: GatewayWorld) -> None:
    """A call that tries a recovering provider fails, which opens the breaker again."""
    (failed,) = fail(world, 1)
    note_opening(world, "first", failed)


def go_all_the_way_round(world: GatewayWorld) -> None:
    """Let the breaker open, heal the provider and go on until a call is answered well; its states are noted call by call."""
    calls: list[Call] = []
    for _ in range(MOST_TRIES):
        calls += look_up(world, 1)
        note_state(world)
        if only_answer(calls[-1]).code == Code.CIRCUIT_OPEN:
            break
    note_opening(world, "first", calls[-2] if len(calls) > 1 else calls[-1])
    world.provider.heal()
    wait_since_opening(world, world.agreed("breaker_recovery") * 1.2)
    for _ in range(int(world.agreed("breaker_successes"))):
        calls += look_up(world, 1)
        note_state(world)
    world.calls = calls


def note_state(world: GatewayWorld) -> None:
    """Add the state that the figures show, if it is another than the one before."""
    state = await_one_state(world)
    if not world.states or world.states[-1] != state:
        world.states.append(state)


def await_one_state(world: GatewayWorld, which: str = "first") -> str:
    """The only state in which the figures show the breaker, once they show exactly one."""
    shown = eventually(
        lambda: states(world, which), lambda found: len(found) == 1, STATE_LIMIT,
        "the figures show the breaker in one state", retry_on=(ScrapeError,), describe=lambda found: ", ".join(found) or "none",
    )  # fmt: skip
    return shown[0]


def states(world: GatewayWorld, which: str = "first") -> list[str]:
    """Every state that the figures show as the current one. ScrapeError where there are no figures."""
    assert world.gateway.metrics_url is not None, "@needs.metrics"
    seen = scrape(world.gateway.metrics_url).series("gateway_breaker_state")
    name = world.providers[which].name
    current = [dict(labels) for labels, value in seen.items() if value == 1]
    return [counting.spelled(labels.get("state", "")) for labels in current if labels.get("provider") == name]


def require_states(world: GatewayWorld, told: str) -> None:
    """The breaker went through these states, in this order and through no other: `closed -> open -> half-open`."""
    wanted = [counting.spelled(state) for state in told.split(" -> ")]
    if world.states != wanted:
        raise PromiseBrokenError(f"the breaker goes {' -> '.join(wanted)}", " -> ".join(world.states))


def require_blocked(world: GatewayWorld, calls: Sequence[Call]) -> None:
    """Every call was blocked and told when to try again."""
    if not calls:
        raise PromiseBrokenError("calls are blocked", "there was none")
    for call in calls:
        require_failed(call, Code.CIRCUIT_OPEN)
        require_told_when(call, world.agreed("breaker_recovery"))


def require_values(calls: Sequence[Call]) -> None:
    """Every look-up went well. VoidError where there was none."""
    for call in some(calls):
        require_output(call, f"value of {KEY}")


def require_split(calls: Sequence[Call], well: int, failed: int, code: str) -> None:
    """So many look-ups went well, so many failed with this code, and there was no other."""
    good = [call for call in calls if only_answer(call).ok and only_answer(call).output == f"value of {KEY}"]
    bad = [call for call in calls if only_answer(call).code == code]
    if (len(good), len(bad)) != (well, failed) or well + failed != len(calls):
        others = [str(call.answer) for call in calls if call not in good and call not in bad]
        seen = f"{len(good)} went well and {len(bad)} failed so" + (f"; the first other: {others[0]}" if others else "")
        raise PromiseBrokenError(f"{well} calls go well and {failed} fail with code {code}", seen)
    for call in calls:
        require_own_id(call)


def require_reached_since_opening(world: GatewayWorld, times: int, which: str = "first") -> None:
    """The provider was reached exactly so often since its breaker opened."""
    world.providers[which].require_reached(times, since=world.reached_at_opening[which])


def require_still_open(world: GatewayWorld, which: str) -> None:
    """A call to the provider is blocked."""
    for call in look_up(world, 1, which):
        require_failed(call, Code.CIRCUIT_OPEN)
    require_reached_since_opening(world, 0, which)


def await_reached(provider: Provider, before: int, call: Call) -> None:
    """Wait until the look-up has reached its provider, beyond the `before` connections of earlier ones."""
    eventually(
        lambda: provider.reached, lambda count: count > before, REACH_LIMIT, "a look-up reaches its provider",
        describe=lambda _: f"it did not, {call.answer or 'nor was it answered'}",
    )  # fmt: skip


def make_mistakes(world: GatewayWorld, mistake: str, times: int) -> None:
    """The caller's own mistakes, which say nothing about the provider. ValueError for an unknown one."""
    for _ in range(times):
        if mistake == "cancels a look-up":
            _cancel_a_lookup(world)
        elif mistake == "looks up nothing":
            (call,) = ask(world, world.client, [world.ask.tool(world.ask.name("provider"), {})])
            require_failed(call, Code.VALIDATION_ERROR)
        elif mistake == "calls a tool that is not":
            (call,) = ask(world, world.client, [world.ask.request("a tool that is not")])
            require_failed(call, Code.TOOL_NOT_FOUND)
        else:
            raise ValueError(f"no caller is known that {mistake!r}")


def _cancel_a_lookup(world: GatewayWorld) -> None:
    provider = world.provider
    before = provider.reached
    provider.plant("takes 6 s")
    (call,) = begin(world, world.client, lookups(world, 1))
    await_reached(provider, before, call)
    assert call.request_id is not None, "made by the suite"
    (cancelled,) = ask(world, world.client, [world.ask.cancel(call.request_id)])
    finish(world, [call])
    require_failed(call, Code.CANCELLED)
    if not only_answer(cancelled).ok:
        raise PromiseBrokenError("the cancelling of a look-up is confirmed", str(cancelled.answer))


def require_struck(world: GatewayWorld, times: int) -> None:
    """The provider's trouble struck exactly so often."""
    world.provider.require_struck(times)


def require_quick(world: GatewayWorld, ms: float) -> None:
    """Half of the answers came in less than `ms` milliseconds; where not, the run is warned: that depends on the machine."""
    median = statistics.median(call.seconds for call in world.calls) * 1000
    world.evidence.number("median of the answers", median, "ms")
    if median >= ms:
        world.fall_short(f"half of the answers come in less than {ms:g} ms", f"median {median:.2f} ms")
