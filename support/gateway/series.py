"""Longer conversations: texts given back, a mixed series of every kind of message."""

from collections.abc import Callable, Sequence
from itertools import cycle, islice

from support.gateway.checks import only_answer
from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.talk import ask_in_windows
from support.gateway.texts import different
from support.gateway.world import GatewayWorld
from support.kit.errors import PromiseBrokenError
from support.kit.promises import require

WINDOW = 4
"""Requests that a client has on the way: few enough that no agreed number of calls under way is reached."""


def give_back(world: GatewayWorld, clients: Sequence[Client], count: int, *, same_ids: bool = False) -> list[Call]:
    """Each client has `count` texts given back, all different; `same_ids`: under the same request ids as the others."""
    plans = []
    for client in clients:
        calls = []
        for number, text in enumerate(different(count, client.name)):
            call = world.ask.echo(text, f"same-{number}" if same_ids else None)
            world.expected[call] = text
            calls.append(call)
        plans.append((client, calls))
    return ask_in_windows(world, plans, WINDOW)


def mixed_series(world: GatewayWorld, clients: Sequence[Client], messages: int) -> list[Call]:
    """`messages` messages in all, requests and answers together, evenly of every kind; each client its share."""
    kinds: tuple[Callable[[], Call], ...] = (
        lambda: world.ask.plain("ping"),
        world.ask.fast,
        lambda: world.ask.echo("a text that comes back: ñ 🦐"),
        world.ask.failing,
        lambda: world.ask.plain("list_tools"),
        lambda: world.ask.request("a tool that is not"),
        lambda: world.ask.request("the echo without its text"),
        lambda: world.ask.plain("health"),
    )
    requests, rest = divmod(messages, 2)
    require("the messages are requests and answers, {} left over", 0, rest)
    calls = [make() for make in islice(cycle(kinds), requests)]
    shares = [calls[number :: len(clients)] for number in range(len(clients))]
    return ask_in_windows(world, list(zip(clients, shares, strict=True)), WINDOW)


def require_all_answered(calls: Sequence[Call], count: int | None = None) -> None:
    """Every request was answered under its own id (or without one, where it had none)."""
    if count is not None:
        require("{} requests were made", count, len(calls))
    for call in calls:
        answer = only_answer(call)
        if call.request_id is not None and answer.request_id != call.request_id:
            raise PromiseBrokenError("every answer bears the request id of its request", f"{answer} to {call}")
