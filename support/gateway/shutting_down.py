"""The end of a gateway: what it does with what is under way, and how long it takes."""

from collections.abc import Sequence
from time import monotonic

from support.gateway.checks import some
from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.talk import await_closing
from support.gateway.world import GatewayWorld
from support.kit.errors import PromiseBrokenError, VoidError

LIMIT = 5.0
"""Seconds that the contract gives a gateway to end."""
MACHINE_SLACK = 0.3
"""Seconds that a busy machine may add to the end of a process."""


def tell(world: GatewayWorld) -> None:
    """Tell the gateway to shut down while the calls under way are under way."""
    for call in world.under_way:
        if call.over:
            raise VoidError(f"a call that was to be under way is over: {call.answer}")
    world.moments["told to shut down"] = monotonic()
    world.gateway.ask_to_end()


def require_ended(world: GatewayWorld, within: float) -> None:
    """The gateway has gone within so many seconds of being told."""
    left = world.moments["told to shut down"] + within + MACHINE_SLACK - monotonic()
    world.gateway.wait_ended(max(0.1, left))


def require_answer_first(client: Client, calls: Sequence[Call]) -> None:
    """The calls were answered before the connection was closed. VoidError where there was none."""
    for call in some(calls):
        if call.answer is None:
            raise PromiseBrokenError("what is under way is answered before the end", f"{client.closing}")


def restart(world: GatewayWorld) -> None:
    """The same gateway anew, when the connections of the old one have ended."""
    world.gateway.restart()
    for client in world.opened:
        await_closing(client)
