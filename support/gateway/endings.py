"""What steps promise about connections: who is let in, how one ends, and what a client was told before."""

from collections.abc import Sequence

from support.gateway.client import Client
from support.gateway.frames import Call
from support.gateway.protocol import ANSWER_OPS, Close
from support.gateway.talk import await_closing, connect, require_in, say_hello
from support.gateway.world import HOST, GatewayWorld
from support.kit.closing import NOTHING_SAID
from support.kit.deadline import Deadline
from support.kit.errors import DeclinedError, PromiseBrokenError
from support.kit.promises import require

ANOTHER_ADDRESS = "127.0.0.2"
WHOLE = 1024 * 1024
"""Bytes that a client writes in one go."""
CLOSING_LIMIT = 3.0
"""Seconds within which a connection that is refused has ended."""


def another_address(world: GatewayWorld) -> str:
    """An address of this machine that is not the other clients'. DeclinedError for a gateway that is elsewhere."""
    if f"//{HOST}:" not in world.gateway.url:
        raise DeclinedError("the gateway is not on this machine: there is no second address to come from")
    return ANOTHER_ADDRESS


def require_told_and_closed(client: Client, first: Call, error: str, code: int) -> None:
    """The first frame was answered with a `hello_ack` that is not ok and names the error; then the close code."""
    require_closed(client, code)
    answer = first.answer
    if answer is None:
        raise PromiseBrokenError(f'the client is told "{error}"', f"it is told nothing and {client.closing}")
    told = (answer.op, answer.fields.get("ok"), answer.fields.get("error"))
    require("the answer to the first frame is {}", ("hello_ack", False, error), told)


def require_closed(client: Client, code: int, within: float = CLOSING_LIMIT) -> None:
    """The connection ends within `within` seconds with this code.

    A gateway that refuses a very large frame by its head closes while the client still writes; the system may then throw
    its closing frame away. That counts as closed for the size, where the frame was too large to be written in one go.
    """
    await_closing(client, within)
    closing = client.closing
    assert closing is not None, "awaited above"
    lost = code == Close.TOO_BIG and closing.code == NOTHING_SAID and client.interrupted > WHOLE
    if closing.code != code and not lost:
        raise PromiseBrokenError(f"{client.name} is closed with code {code}", str(closing))


def require_reason(client: Client) -> None:
    """The closing frame says why."""
    if client.closing is None or not client.closing.reason:
        raise PromiseBrokenError("the client is told why it is closed", str(client.closing))


def require_told_nothing(client: Client) -> None:
    """No answer came before the closing frame."""
    told = [frame for frame in client.frames if frame not in client.strange]
    if told:
        raise PromiseBrokenError("the client is told nothing", str(told[0]))


def require_never_in(client: Client) -> None:
    """Nothing the client was told lets it in, and no request of it was answered."""
    for frame in client.frames:
        if frame.ok or frame.fields.get("session_id") or frame.op in {*ANSWER_OPS.values()} - {"hello_ack"}:
            raise PromiseBrokenError("the client is never let in", str(frame))


def require_closed_between(client: Client, code: int, after: float, within: float) -> None:
    """Closed with this code, not before `after` and not later than `within` seconds after it had connected.

    The gateway's clock starts somewhere between the client's first and last step of connecting.
    """
    require_closed(client, code, within)
    assert client.closing is not None, "awaited above"
    most, least = client.closing.at - client.connecting_at, client.closing.at - client.connected_at
    if most < after - 0.01 or least > within:
        seen = most if most < after else least
        raise PromiseBrokenError(f"the client is closed after {after:g} s and within {within:g} s", f"after {seen:.3f} s")


def require_session(client: Client, wanted: str) -> None:
    """The client was let in under the session it had asked for."""
    require_in(client)
    require("the session is {!r}", wanted, client.session)


def require_different_sessions(clients: Sequence[Client]) -> None:
    sessions = [client.session for client in clients]
    if len(set(sessions)) != len(sessions) or None in sessions:
        raise PromiseBrokenError("every client has a session of its own", ", ".join(map(str, sorted(map(str, sessions)))))


def require_all_open(clients: Sequence[Client]) -> None:
    """None of the connections has ended."""
    for client in clients:
        if client.closing is not None:
            raise PromiseBrokenError(f"{client.name} is still connected", str(client.closing))


def let_in_within(world: GatewayWorld, seconds: float) -> Client:
    """Try to get in until it works: a client that is turned away comes again. PromiseBrokenError after `seconds`."""
    deadline = Deadline(seconds)
    while True:
        last = deadline.expired
        client = connect(world)
        say_hello(world, client)
        if client.session is not None:
            return client
        if last:
            raise PromiseBrokenError(f"a client is let in within {seconds:g} s of the place being free", str(client.closing))


def require_let_in_within(world: GatewayWorld, seconds: float) -> None:
    """A new client is let in; it is the one that speaks from then on."""
    client = let_in_within(world, seconds)
    world.clients[client.name] = client
    world.speaking = client.name


def require_all_in(clients: Sequence[Client], count: int) -> None:
    """So many clients, each of which was let in and is still connected."""
    require("{} clients have come", count, len(clients))
    for client in clients:
        require_in(client)


def require_all_were_in(clients: Sequence[Client], count: int) -> None:
    """So many clients were let in, each at its first try."""
    require("{} clients were let in", count, sum(client.session is not None for client in clients))
    require("{} times somebody came", count, len(clients))


def require_each_closed(clients: Sequence[Client], count: int, code: int, *, reason: bool = True) -> None:
    """So many clients, each closed with this code, and told why."""
    require("{} clients are closed", count, len(clients))
    for client in clients:
        require_closed(client, code, CLOSING_LIMIT + 3.0)
        if reason:
            require_reason(client)
