"""Calls of the slow tool: begun and not waited for, cancelled, held against the agreed numbers."""

from collections.abc import Sequence
from time import monotonic

from support.gateway.checks import (
    note_slow,
    only_answer,
    require_failed,
    require_ok,
    require_own_id,
    require_slow_answered,
)
from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.protocol import Code
from support.gateway.talk import ask, begin, finish, quiet_until
from support.gateway.world import GatewayWorld
from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.promises import require

FULL = 0.4
"""Seconds that calls take which fill a gateway: longer than everything that happens beside them."""
SETTLING = 0.05
"""Seconds that a gateway may take to free the place of a call whose answer has gone out."""
ANY = 0.3
"""Seconds that a call takes which is only there to be disturbed."""


def begin_slow(world: GatewayWorld, client: Client, seconds: Sequence[float]) -> list[Call]:
    """Call the slow tool and do not wait; the calls are `under_way`."""
    calls = [note_slow(world, world.ask.slow(each), each) for each in seconds]
    begin(world, client, calls)
    world.under_way += calls
    return calls


def begin_any(world: GatewayWorld, client: Client) -> None:
    """A call of the slow tool, or of the fast one where the gateway has no slow one."""
    if world.target.missing("slow") is None:
        begin_slow(world, client, [ANY])
    else:
        world.under_way += begin(world, client, [world.ask.fast()])


def fill(world: GatewayWorld, plans: Sequence[tuple[Client, int]]) -> None:
    """So many calls of the slow tool for each client. PromiseBrokenError where one of them is refused."""
    for client, count in plans:
        begin_slow(world, client, [FULL] * count)
    # A request that is answered after them was read after them: from then on they are all under way.
    for client, _ in plans:
        ask(world, client, [world.ask.plain("ping")])
    world.calls = list(world.under_way)
    for call in world.under_way:
        if call.answer is not None:
            raise PromiseBrokenError("calls up to the agreed number are under way", str(call.answer))


def one_more(world: GatewayWorld, client: Client) -> None:
    """One call of the slow tool more; it is waited for."""
    before = [each for each in world.under_way if each.over]
    (call,) = begin(world, client, [note_slow(world, world.ask.slow(0.2), 0.2)])
    finish(world, [call])
    if before or any(each.answer is not None and each.answer.at < call.sent_at for each in world.under_way):
        raise VoidError("calls that were to be under way were over before one more was made")


def again_when_answered(world: GatewayWorld, count: int) -> None:
    """When all calls under way are answered, so many more at once, at once."""
    finish(world, world.under_way)
    quiet_until(monotonic() + SETTLING)
    calls = [note_slow(world, world.ask.slow(0.3), 0.3) for _ in range(count)]
    ask(world, world.client, calls)


def fail_and_be_refused(world: GatewayWorld, failed: int, refused: int) -> None:
    """Calls that failed for the caller's fault, and calls that were refused beyond the agreed number."""
    with_failing = world.target.missing("failing") is None
    for number in range(failed):
        if with_failing and number % 2 == 0:
            (call,) = ask(world, world.client, [world.ask.failing()])
            require_failed(call, Code.TOOL_EXECUTION_ERROR)
        else:
            (call,) = ask(world, world.client, [world.ask.request('the slow tool for "soon"')])
            require_failed(call, Code.VALIDATION_ERROR)
    limit = int(world.agreed("max_inflight_session"))
    full = begin_slow(world, world.client, [0.4] * limit)
    ask(world, world.client, [world.ask.plain("ping")])
    for _ in range(refused):
        (call,) = ask(world, world.client, [world.ask.slow(0.5)])
        require_failed(call, Code.OVER_CAPACITY)
    finish(world, full)
    world.under_way.clear()
    quiet_until(monotonic() + SETTLING)


def cancel(world: GatewayWorld, client: Client, call: Call) -> None:
    """Ask for the end of a call. It may be anybody's; the answer is the scenario's `cancelling`."""
    assert call.request_id is not None, "made by the suite"
    (world.cancelling,) = ask(world, client, [world.ask.cancel(call.request_id)])


def cancel_then_use(world: GatewayWorld) -> None:
    """Cancel the call that takes the session's only place, and use the place once the call has ended."""
    (slow,) = world.under_way
    cancel(world, world.client, slow)
    finish(world, [slow])
    require_failed(slow, Code.CANCELLED)
    eventually(
        lambda: ask(world, world.client, [note_slow(world, world.ask.slow(0.05), 0.05)])[0],
        lambda call: only_answer(call).ok, 1.0, "the place of a cancelled call is free", describe=lambda call: str(call.answer),
    )  # fmt: skip
    ask(world, world.client, [world.ask.fast()])


def told(world: GatewayWorld, call: Call) -> float:
    """How many seconds the call of the slow tool was to take."""
    return world.moments[f"slow {id(call)}"]


def slow_calls_of(world: GatewayWorld, name: str) -> list[Call]:
    """The calls of the slow tool that the client made."""
    return [call for call in world.clients[name].calls if f"slow {id(call)}" in world.moments]


def require_cancelled(world: GatewayWorld, code: str, within: float) -> None:
    """The first call under way ended with this code within `within` seconds of being cancelled."""
    call = world.under_way[0]
    finish(world, [call], within)
    require_failed(call, code)
    late = only_answer(call).at - world.cancelling.sent_at
    if late > within:
        raise PromiseBrokenError(f"a cancelled call ends within {within:g} s", f"after {late:.2f} s")


def require_all_answered(world: GatewayWorld, count: int | None = None, *, skip: int = 0) -> None:
    """The calls under way go well, take the time they were told, and there are as many as promised."""
    calls = world.under_way[skip:]
    if not calls:
        raise VoidError("no call was under way")
    if count is not None:
        require("{} calls are under way", count, len(calls))
    slow = [call for call in calls if f"slow {id(call)}" in world.moments]
    require_slow_answered(world, slow) if slow else None
    for call in finish(world, calls):
        require_ok(call)
        require_own_id(call)


def require_answered_of(world: GatewayWorld, name: str) -> None:
    """The last call of the client `name` goes well."""
    call = [each for each in world.clients[name].calls if each.op == "call_tool"][-1]
    finish(world, [call])
    require_ok(call)
    require_own_id(call)
