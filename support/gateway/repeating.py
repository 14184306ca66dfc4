"""Looking up, and looking up again under the same request id."""

from collections.abc import Sequence

from support.gateway.calls_under_way import begin_slow
from support.gateway.checks import only_answer, require_failed, require_output
from support.gateway.circuit import FAILURE, await_reached
from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.protocol import Code
from support.gateway.talk import ask, begin, come_back, cut, finish, quiet_until, require_in
from support.gateway.world import GatewayWorld
from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError, VoidError


def look_up(world: GatewayWorld, client: Client, key: str, request_id: str | None = None) -> Call:
    """Look up once and wait for the answer."""
    (call,) = ask(world, client, [world.ask.lookup(key, request_id)])
    return call


def look_up_well(world: GatewayWorld, client: Client, key: str, request_id: str) -> None:
    """Look up once. PromiseBrokenError where that does not go well."""
    require_output(look_up(world, client, key, request_id), f"value of {key}")


def look_up_in_vain(world: GatewayWorld, key: str, request_id: str) -> None:
    """Look up while the provider is in trouble. PromiseBrokenError where that goes well."""
    require_failed(look_up(world, world.client, key, request_id), FAILURE)


def look_up_twice(world: GatewayWorld, key: str, request_id: str) -> None:
    """The same request twice: the second is sent when the first has reached the provider and is still under way."""
    begin_to_look_up(world, world.client, key, request_id)
    first = world.call
    second = world.ask.lookup(key, request_id)
    begin(world, world.client, [second])
    if first.over:
        raise VoidError(f"the first of two calls at once was over before the second: {first.answer}")
    world.calls = finish(world, [first, second])


def begin_to_look_up(world: GatewayWorld, client: Client, key: str, request_id: str) -> None:
    """Look up and return when the provider has been reached."""
    before = world.provider.reached
    (call,) = begin(world, client, [world.ask.lookup(key, request_id)])
    await_reached(world.provider, before, call)


def come_back_and_look_up(world: GatewayWorld, key: str, request_id: str) -> None:
    """A new connection under the session of before, and the same look-up on it."""
    client = come_back(world, world.speaking)
    require_in(client)
    look_up(world, client, key, request_id)


def cut_and_ask_again(world: GatewayWorld, *, meanwhile: bool) -> None:
    """Cut the client's link; `meanwhile` the provider answers; then the client is back and repeats its look-up."""
    lost = world.call
    if lost.over:
        raise VoidError(f"the call was over before its link was cut: {lost.answer}")
    cut(world, world.client)
    if lost.answer is not None:
        raise VoidError("the answer came before the link was cut")
    if meanwhile:
        eventually(lambda: world.provider.link.connections[-1].closed_at, lambda at: at is not None, 3.0, "the look-up ends")
    client = come_back(world, world.speaking)
    require_in(client)
    assert lost.request_id is not None, "told by the scenario"
    look_up(world, client, "lamp", lost.request_id)


def fail(world: GatewayWorld, request_id: str) -> None:
    """Call the failing tool. PromiseBrokenError where it does not fail."""
    (call,) = ask(world, world.client, [world.ask.failing(request_id)])
    require_failed(call, Code.TOOL_EXECUTION_ERROR)


def require_all_get(calls: Sequence[Call], value: str, times: int) -> None:
    """So many calls, each of which got the value."""
    if len(calls) != times:
        raise PromiseBrokenError(f"{times} calls are answered", f"{len(calls)}")
    for call in calls:
        require_output(call, value)


def require_gets(world: GatewayWorld, name: str, value: str) -> None:
    """The last call of the client `name` gets the value."""
    call = world.clients[name].calls[-1]
    finish(world, [call])
    only_answer(call)
    require_output(call, value)


def give_back(world: GatewayWorld, client: Client, text: str, request_id: str) -> Call:
    """Have a text given back under this request id."""
    (call,) = ask(world, client, [world.ask.echo(text, request_id)])
    return call


def give_back_well(world: GatewayWorld, client: Client, text: str, request_id: str) -> None:
    """As give_back. PromiseBrokenError where another text comes."""
    require_output(give_back(world, client, text, request_id), text)


def come_back_and_give_back(world: GatewayWorld, text: str, request_id: str) -> None:
    """A new connection under the session of before, and the same request on it."""
    world.client.say_goodbye()
    client = come_back(world, world.speaking)
    require_in(client)
    give_back(world, client, text, request_id)


def begin_slow_and_wait(world: GatewayWorld, seconds: float, passed: float) -> None:
    """Call the slow tool, and go on when so much of its time has passed."""
    (call,) = begin_slow(world, world.client, [seconds])
    quiet_until(call.sent_at + passed)


def repeat_slow(world: GatewayWorld) -> None:
    """The same call of the slow tool again, while the first is under way; both are waited for."""
    (first,) = world.under_way
    if first.over:
        raise VoidError(f"the first call was over before its repeat: {first.answer}")
    repeat = first.again()
    begin(world, world.client, [repeat])
    world.calls = finish(world, [first, repeat])


def cut_wait_and_repeat_slow(world: GatewayWorld, seconds: float) -> None:
    """Cut the link under a call of the slow tool; after `seconds` the client is back and repeats it."""
    (lost,) = world.under_way
    cut(world, world.client)
    if lost.answer is not None:
        raise VoidError("the answer came before the link was cut")
    quiet_until(lost.sent_at + seconds)
    client = come_back(world, world.speaking)
    require_in(client)
    ask(world, client, [lost.again()])
