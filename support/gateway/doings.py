"""What clients and others do in a scenario, beyond a single call."""

from collections.abc import Sequence
from itertools import cycle, islice
from time import monotonic

from support.gateway import openings
from support.gateway.calls_under_way import begin_slow
from support.gateway.checks import require_all_ok
from support.gateway.circuit import require_own_token
from support.gateway.client import Client
from support.gateway.counting import UNKNOWN
from support.gateway.endings import CLOSING_LIMIT, let_in_within, require_closed
from support.gateway.frames import Call
from support.gateway.openings import OPENINGS, PROPER
from support.gateway.rates import use_up as use_up
from support.gateway.running import LOG
from support.gateway.talk import ask, ask_in_turn, await_closing, begin, connect, finish, go, quiet_until, say_hello
from support.gateway.talk import come_back as come_back_as
from support.gateway.texts import text_of
from support.gateway.world import GatewayWorld
from support.kit.canary import new_token
from support.kit.errors import PromiseBrokenError
from support.kit.evidence import Redactor

NEWCOMER = "the newcomer"
WRONG = "a hello with a wrong token"
LIFE_SIGN = 0.1
"""Seconds between two signs of life."""
SHOWN_TOKEN = 400
"""Letters of a log around a token that was found there."""


def greet(world: GatewayWorld, session: str | None = None, source: str | None = None) -> Client:
    """A client that connects and says hello, whatever comes of it."""
    client = connect(world, NEWCOMER, source)
    say_hello(world, client, session)
    return client


def open_with(world: GatewayWorld, phrase: str) -> Client:
    """A client that connects and opens with the frame that `phrase` describes, whatever comes of it."""
    client = connect(world, NEWCOMER)
    first = openings.opening(phrase, world.gateway.token)
    client.send([first])
    first.wait(CLOSING_LIMIT)
    return client


def connect_many(world: GatewayWorld, count: int) -> list[Client]:
    """Clients that connect and say nothing."""
    world.group = [connect(world) for _ in range(count)]
    return world.group


def come_with_wrong_tokens(world: GatewayWorld, count: int, phrase: str = WRONG) -> None:
    """Clients that open so and are closed, one after the other."""
    for _ in range(count):
        client = open_with(world, phrase)
        require_closed(client, 4003)


def come_with_no_hello(world: GatewayWorld, count: int) -> None:
    """Clients that open with what is no hello and are closed, in turn with an object and with none."""
    for phrase, code in islice(cycle((("words that are no frame", 4000), ("a ping that carries the token", 4001))), count):
        require_closed(open_with(world, phrase), code)


def open_in_every_way(world: GatewayWorld) -> None:
    """One client after the other opens in each of the ways that are known, and goes."""
    for phrase in OPENINGS:
        client = open_with(world, phrase)
        if phrase == PROPER:
            go(world, client, "says goodbye")
        else:
            await_closing(client)


def come_and_go(world: GatewayWorld, count: int) -> None:
    """Clients that are let in and say goodbye, one after the other."""
    for _ in range(count):
        go(world, let_in_within(world, 1.0), "says goodbye")


def turned_away(world: GatewayWorld, count: int) -> None:
    """Clients that connect and are turned away, one after the other."""
    for _ in range(count):
        require_closed(connect(world), 1008)


def come_back(world: GatewayWorld) -> Client:
    """The client that spoke last, on a new connection under its session."""
    return come_back_as(world, world.speaking)


def begin_fast(world: GatewayWorld, clients: Sequence[Client]) -> list[Call]:
    """One call of the fast tool for each client, not waited for."""
    return [call for client in clients for call in begin(world, client, [world.ask.fast()])]


def use_fast(world: GatewayWorld, client: Client) -> None:
    """Call the fast tool. PromiseBrokenError where that does not go well."""
    require_all_ok(ask(world, client, [world.ask.fast()]))


def use_slow(world: GatewayWorld, client: Client, seconds: float) -> None:
    """Call the slow tool and wait for the answer. PromiseBrokenError where that does not go well."""
    calls = begin_slow(world, client, [seconds])
    require_all_ok(finish(world, calls, seconds + 5.0))
    world.under_way.clear()


def give_back(world: GatewayWorld, text: str) -> None:
    """Have a text given back."""
    call = world.ask.echo(text)
    world.expected[call] = text
    ask(world, world.client, [call])


def give_back_in_turn(world: GatewayWorld, phrases: Sequence[str]) -> None:
    """Have texts given back, each when the one before it came."""
    calls = []
    for phrase in phrases:
        text = text_of(phrase)
        call = world.ask.echo(text)
        world.expected[call] = text
        calls.append(call)
    ask_in_turn(world, world.client, calls)


def give_back_in_frame(world: GatewayWorld, size: int) -> None:
    """Have a text given back in a frame of so many bytes; the connection may end instead."""
    call, text = world.ask.echo_in_frame_of(size)
    world.expected[call] = text
    begin(world, world.client, [call])
    call.wait(CLOSING_LIMIT)


def send_pings(world: GatewayWorld, name: str, count: int) -> None:
    """So many pings, all answered."""
    ask(world, world.clients[name], [world.ask.plain("ping") for _ in range(count)])


def send_bad_frames(world: GatewayWorld, bad: int, pings: int) -> None:
    """Frames that are no request, and pings after them."""
    frames = [world.ask.bad("words that are no frame") for _ in range(bad)]
    ask(world, world.client, [*frames, *(world.ask.plain("ping") for _ in range(pings))])


def show_life(client: Client, seconds: float) -> None:
    """Send signs of life for so long (pings of the WebSocket itself, which are no frames of the gateway's language)."""
    end = monotonic() + seconds
    while monotonic() < end and client.closing is None:
        client.show_life()
        quiet_until(monotonic() + LIFE_SIGN)


def be_quiet(seconds: float) -> None:
    """Nothing is said for so long."""
    quiet_until(monotonic() + seconds)


def tools_in_use(world: GatewayWorld) -> set[str]:
    """The names of the tools that the gateway has for the suite."""
    named = [role for role in ("slow", "failing", "provider", "echo") if world.target.missing(role) is None]
    return {world.ask.name(role) for role in ("fast", *named)}


def label(world: GatewayWorld, tool: str) -> str:
    """How the figures name a tool: `the slow tool`, `the provider's tool`, `no tool`. ValueError for another word."""
    if tool == "no tool":
        return UNKNOWN
    role = tool.removeprefix("the ").removesuffix(" tool").removesuffix("'s")
    if role not in world.target.tools:
        raise ValueError(f"no tool is known as {tool!r}")
    return world.ask.name(role)


def start_with_token_of(world: GatewayWorld, count: int) -> None:
    """Start a gateway with a token of so many letters, which is to refuse that."""
    require_own_token(world)
    world.token = new_token(count) if count else ""
    world.exit_code = world.run_to_end(5.0)


def require_start_refused(world: GatewayWorld, within: float) -> None:
    """The gateway ended by itself and reports a failure. That it ended in time was awaited."""
    if not world.exit_code:
        raise PromiseBrokenError(f"the gateway ends within {within:g} s and reports a failure", f"exit code {world.exit_code}")


def require_no_token_in_log(world: GatewayWorld) -> None:
    """The token is not in what the gateway has written: plain, escaped, in base64 or in hex."""
    finder = Redactor()
    finder.add(world.gateway.token)
    log = world.evidence.log_path(LOG).read_text(encoding="utf-8", errors="replace")
    cleaned = finder.apply(log.encode()).decode("utf-8", "replace")
    if cleaned != log:
        at = next(index for index, (a, b) in enumerate(zip(log, cleaned, strict=False)) if a != b)
        around = cleaned[max(0, at - SHOWN_TOKEN // 2) : at + SHOWN_TOKEN // 2]
        raise PromiseBrokenError("the token is nowhere in the gateway's log", f"there: {around}")
