"""What clients do: connect, say hello, ask, wait for answers. Every wait has a limit, and a gateway that is mute is given up."""

import asyncio
from collections.abc import Iterable, Sequence
from time import monotonic

from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.openings import hello
from support.gateway.world import GatewayWorld
from support.kit.deadline import Deadline, eventually
from support.kit.errors import InfrastructureError, PromiseBrokenError
from support.kit.patience import Patience
from support.kit.proxy import Proxy

ANSWER_LIMIT = 5.0
"""Seconds after which a request without a stated limit counts as not answered."""
WINDOW_LIMIT = 20.0
"""Seconds for a whole series of requests."""

patience = Patience("the gateway did not answer {} times in a row")


def connect(world: GatewayWorld, name: str | None = None, source: str | None = None) -> Client:
    """A client that has connected and said nothing. Through the link that bears its name, where there is one."""
    patience.require_left(_key(world))
    client = world.new_client(name, source)
    client.open(_url(world, client.name))
    return client


def open_with(world: GatewayWorld, client: Client, first: Call) -> Call:
    """Send a first frame and wait until it is answered, or until the connection has ended."""
    client.send([first])
    wait_for(world, [first])
    return first


def let_in(world: GatewayWorld, name: str | None = None, session: str | None = None, source: str | None = None) -> Client:
    """A client that said hello. PromiseBrokenError where it is not let in."""
    client = connect(world, name, source)
    say_hello(world, client, session)
    require_in(client)
    return client


def say_hello(world: GatewayWorld, client: Client, session: str | None = None) -> Call:
    """A proper hello; the client keeps the session that it gets."""
    first = open_with(world, client, hello(world.gateway.token, session))
    client.keep_session()
    return first


def require_in(client: Client) -> None:
    """PromiseBrokenError unless the client was let in with a session, and is still connected."""
    answer = client.calls[0].answer if client.calls else None
    well = answer is not None and answer.op == "hello_ack" and answer.ok and not answer.binary
    if not well or client.session is None or client.closing is not None:
        raise PromiseBrokenError(f"{client.name} is let in with a session", f"{answer or 'no answer'}{_ended(client)}")


def let_in_many(world: GatewayWorld, count: int) -> list[Client]:
    """So many clients, side by side. PromiseBrokenError where one of them is not let in."""
    clients = [world.new_client() for _ in range(count)]
    greetings = [hello(world.gateway.token) for _ in clients]
    at_once = asyncio.Semaphore(20)

    async def enter(client: Client, greeting: Call) -> None:
        async with at_once:
            await client.open_here(_url(world, client.name))
            await client.hand_over(greeting)

    async def all_enter() -> None:
        await asyncio.gather(*(enter(*pair) for pair in zip(clients, greetings, strict=True)))

    world.loop.call(all_enter(), WINDOW_LIMIT)
    wait_for(world, greetings)
    for client in clients:
        client.keep_session()
        require_in(client)
    world.group = clients
    return clients


def begin(world: GatewayWorld, client: Client, calls: Sequence[Call]) -> list[Call]:
    """Send requests and do not wait. They are the scenario's `calls` from now on."""
    world.speaking = client.name if client.name in world.clients else world.speaking
    client.send(calls)
    world.calls = list(calls)
    return world.calls


def ask(world: GatewayWorld, client: Client, calls: Sequence[Call]) -> list[Call]:
    """Send requests at once and wait until all are answered."""
    begin(world, client, calls)
    return finish(world, calls)


def ask_in_turn(world: GatewayWorld, client: Client, calls: Iterable[Call]) -> list[Call]:
    """Send each request when the one before it was answered."""
    done = [ask(world, client, [call])[0] for call in calls]
    world.calls = done
    return done


def ask_in_windows(world: GatewayWorld, plans: Sequence[tuple[Client, Sequence[Call]]], window: int) -> list[Call]:
    """Clients side by side, each with at most `window` requests on the way; all are answered then."""

    async def serve(client: Client, calls: Sequence[Call]) -> None:
        room = asyncio.Semaphore(window)

        async def one(call: Call) -> None:
            try:
                await client.ask(call)
            finally:
                room.release()

        async with asyncio.TaskGroup() as group:
            for call in calls:
                await room.acquire()
                group.create_task(one(call))

    async def all_of_them() -> None:
        async with asyncio.timeout(WINDOW_LIMIT), asyncio.TaskGroup() as group:
            for plan in plans:
                group.create_task(serve(*plan))

    calls = [call for _, each in plans for call in each]
    world.calls = calls
    try:
        world.loop.call(all_of_them(), WINDOW_LIMIT + 2)
    except TimeoutError as error:
        raise unanswered([call for call in calls if not call.over], WINDOW_LIMIT, world) from error
    return finish(world, calls)


def finish(world: GatewayWorld, calls: Sequence[Call], within: float = ANSWER_LIMIT) -> list[Call]:
    """Wait until every request is answered. PromiseBrokenError where one is not."""
    wait_for(world, calls, within)
    for call in calls:
        if call.answer is None:
            raise PromiseBrokenError("every request is answered", f"{client_of(world, call).closing} instead: {call}")
    return list(calls)


def wait_for(world: GatewayWorld, calls: Sequence[Call], within: float = ANSWER_LIMIT) -> None:
    """Wait until every request is answered or its connection has ended. PromiseBrokenError where nothing comes."""
    deadline = Deadline(within)
    with patience.counted(_key(world)):
        open_calls = [call for call in calls if not call.wait(deadline.remaining)]
        if open_calls:
            raise unanswered(open_calls, within, world)


def unanswered(calls: Sequence[Call], within: float, world: GatewayWorld) -> PromiseBrokenError:
    """What to say of requests that nobody answered."""
    strays = [str(frame) for client in world.opened for frame in (*client.strays, *client.strange)]
    seen = f"{len(calls)} unanswered after {within:g} s, the first: {calls[0]}"
    if strays:
        seen += f"; {len(strays)} frames answered nobody's request, the first: {strays[0]}"
    return PromiseBrokenError("every request is answered under its request id", seen)


def client_of(world: GatewayWorld, call: Call) -> Client:
    """Whose call it is."""
    return next(client for client in world.opened if call in client.calls)


def await_closing(client: Client, within: float = ANSWER_LIMIT) -> float:
    """Wait until the connection has ended; when it did (seconds, monotonic clock). PromiseBrokenError otherwise."""
    eventually(
        lambda: client.closing, lambda closing: closing is not None, within, f"{client.name} is closed",
        describe=lambda _: f"still connected, last told {client.frames[-1] if client.frames else 'nothing'}",
    )  # fmt: skip
    assert client.closing is not None, "awaited above"
    return client.closing.at


def go(world: GatewayWorld, client: Client, way: str) -> None:
    """`says goodbye`, `breaks the link off`, ...: the client's end. ValueError for an unknown way."""
    match way:
        case "says goodbye" | "say goodbye":
            client.say_goodbye()
        case "breaks the link off" | "break the link off" | "goes without a word":
            client.break_off(reset=False)
        case "resets the link" | "reset the link":
            client.break_off(reset=True)
        case "loses its link":
            cut(world, client)
        case _:
            raise ValueError(f"no client is known that {way!r}")


def cut(world: GatewayWorld, client: Client) -> None:
    """Cut the client's link, and return when its connection has ended."""
    if world.links[client.name].cut() < 1:
        raise InfrastructureError(f"the link of {client.name} carried nothing that could be cut")
    await_closing(client)


def come_back(world: GatewayWorld, name: str) -> Client:
    """The client `name` with a new connection, under the session it had."""
    before = world.clients[name]
    client = connect(world, name)
    say_hello(world, client, before.session)
    return client


def quiet_until(moment: float) -> None:
    """Return at a moment of the monotonic clock: for promises that something is still, or no longer, so by then."""
    eventually(monotonic, lambda now: now >= moment, max(0.0, moment - monotonic()) + 1.0, "the time passes", interval=0.005)


def add_link(world: GatewayWorld, name: str) -> None:
    """Put a link between the client `name` and the gateway, before it connects."""
    host, port = _host_and_port(world.gateway.url)
    world.links[name] = world.resources.enter_context(Proxy(world.loop, (host, port), name=f"link of {name}"))


def _key(world: GatewayWorld) -> tuple[tuple[str, ...], str | None]:
    return world.target.argv, world.target.url


def _url(world: GatewayWorld, name: str) -> str:
    link = world.links.get(name)
    if link is None:
        return world.gateway.url
    host, port = _host_and_port(world.gateway.url)
    return world.gateway.url.replace(f"{host}:{port}", f"{Proxy.host}:{link.port}", 1)


def _host_and_port(url: str) -> tuple[str, int]:
    host, _, port = url.partition("://")[2].partition("/")[0].rpartition(":")
    return host, int(port)


def _ended(client: Client) -> str:
    return "" if client.closing is None else f", {client.closing}"
