"""Parts for tests of what the suite does to chargers: little boards, chargers made of little nodes, worlds.

A little board is real: it listens on a serial line and for HTTP, and does what is asked unless it was told to say something else.
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from little_node import Asked, LittleNode, Says

from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.evidence import Evidence, Redactor
from support.kit.latency import Samples
from support.kit.loop import the_loop
from support.kit.pty_bridge import PtyBridge
from support.kit.slice import RunSettings
from support.kit.wire import WireLog
from support.peers.board import Board, Station
from support.peers.charger import Charger
from support.peers.node import Node
from support.peers.protocol import Line, State, read_line
from support.peers.rest import Rest
from support.peers.sections import ReferenceChargers
from support.peers.serial_talk import Straight, is_reply
from support.peers.starter import Along
from support.peers.target import ChargersTarget, open_target
from support.peers.timings import Timings
from support.peers.watch import Look
from support.peers.world import PeersWorld, open_world

QUICK = Timings(discovery=0.1, heartbeat=0.4, allocation=0.1)
SOON = 0.2
"""Seconds on top of an interval that a wrong answer is waited for; the suite waits longer."""
FAULTS = {"diode_check": 5, "gfci": 6, "no_ground": 7, "stuck_relay": 8, "over_temperature": 10}
LITTLE = Path(__file__).with_name("little_node.py")
_worlds = count(1)


def broken(match: str):
    """The promise is broken, and told so: `match` is looked for in promised and seen."""
    return pytest.raises(PromiseBrokenError, match=match)


def void(match: str):
    """Nothing can be said, and that is told."""
    return pytest.raises(VoidError, match=match)


@pytest.fixture
def impatient(monkeypatch):
    """What the suite waits for is waited for less long: little servers are quick, and a wrong answer stays wrong."""
    for name in (
        "world.SLACK", "sharing.SLACK", "sharing.FORMING_LIMIT", "powering.STEP_LIMIT", "listing.MUTUAL_LIMIT", "listing.QUIET",
        "setting_up.KNOWING_LIMIT", "setting_up.SWALLOWING_LIMIT", "setting_up.CHARGING_LIMIT", "talking.FIRST_LIMIT",
        "world.FINDING", "garage.FORMING_LIMIT",
    ):  # fmt: skip
        monkeypatch.setattr(f"support.peers.{name}", SOON)


# --- little boards


class LittleBoard:
    """A board and its vehicle, while it is entered. It answers as `says` has it, and else as a right board would."""

    def __init__(self) -> None:
        self.state, self.milliamps, self.capacity, self.appetite = State.NO_VEHICLE, 0, 32, 32.0
        self.plugged = self.asks = False
        self.asked: list[bytes] = []
        self._instead: dict[str, list[bytes]] = {}
        self._door = socket.create_server(("127.0.0.1", 0))
        self.serial: tuple[str, int] = self._door.getsockname()
        self.web = _Control(self)
        self._lines: list[socket.socket] = []

    def says(self, verb: str, *answers: bytes) -> "LittleBoard":
        """The answers to a command, one after the other, without CR; the last one stays. An empty one is none."""
        self._instead[verb] = list(answers)
        return self

    def draws(self, *amps: float) -> "LittleBoard":
        """What flows, at one look after the other; the last one stays."""
        return self.says("GG", *(ok(round(each * 1000), 240_000) for each in amps))

    def is_in(self, *states: State, vehicle: State = State.NO_VEHICLE) -> "LittleBoard":
        """Its state, at one look after the other."""
        return self.says("GS", *(ok(f"{state.value:02X}", 0, f"{vehicle.value:02X}", "0000") for state in states))

    def announce(self, *lines: bytes) -> None:
        """Say something without being asked, to everybody."""
        for line in self._lines:
            line.sendall(b"".join(each + b"\r" for each in lines))

    def goes(self, state: State) -> None:
        """Into a state, which it tells."""
        self.state = state
        self.milliamps = round(min(self.capacity, self.appetite) * 1000) if state is State.CHARGING else 0
        self.announce(Line("AT", (f"{state.value:02X}", "01", str(self.capacity), "0000")).written().removesuffix(b"\r"))

    def settle(self) -> None:
        """Where vehicle and orders lead to."""
        self.goes(State.CHARGING if self.asks and self.plugged else State.CONNECTED if self.plugged else State.NO_VEHICLE)

    def __enter__(self) -> "LittleBoard":
        self.web.__enter__()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.web.__exit__()
        self.hang_up()
        self._door.close()

    def hang_up(self) -> None:
        """Close the serial line for everybody."""
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                self._lines.append(line)
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        rest = b""
        with line, suppress(OSError):
            while data := line.recv(4096):
                *whole, rest = (rest + data).split(b"\r")
                for raw in whole:
                    self.asked.append(raw)
                    if answer := self._answer(raw):
                        line.sendall(answer + b"\r")

    def _answer(self, raw: bytes) -> bytes:
        try:
            asked = read_line(raw)
        except ValueError:
            return NK
        instead = self._instead.get(asked.verb)
        if instead:
            return instead.pop(0) if len(instead) > 1 else instead[0]
        return self._rightly(asked)

    def _rightly(self, asked: Line) -> bytes:
        match asked.verb:
            case "GS":
                pilot = State.CONNECTED if self.plugged else State.NO_VEHICLE
                return ok(f"{self.state.value:02X}", 0, f"{pilot.value:02X}", "0000")
            case "GG":
                return ok(self.milliamps, 240_000)
            case "GC":
                return ok(6, 80, self.capacity, 32)
            case "GE":
                return ok(self.capacity, "0000")
            case "SC":
                self.capacity = max(6, min(32, int(asked.words[0])))
                self.milliamps = min(self.milliamps, self.capacity * 1000)
                return ok(self.capacity)
            case "FS" | "FD":
                self.goes(State.ASLEEP if asked.verb == "FS" else State.DISABLED)
            case "FE":
                self.settle()
            case _:
                return NK
        return ok()


NK = Line("NK").written().removesuffix(b"\r")


def ok(*words: object) -> bytes:
    """A good answer, without CR."""
    return Line("OK", tuple(map(str, words))).written().removesuffix(b"\r")


class _Control(LittleNode):
    """A little board's HTTP side."""

    def __init__(self, board: LittleBoard) -> None:
        super().__init__("board")
        self.board = board

    def _rightly(self, asked: Asked) -> Says:
        board = self.board
        match asked.path:
            case "/api/ev/connect" | "/api/ev/disconnect":
                board.plugged = asked.path.endswith("/connect")
                board.asks = board.asks and board.plugged
            case "/api/ev/request_charge" | "/api/ev/stop_charge":
                board.asks = asked.path.endswith("/request_charge")
            case "/api/ev/direct_current":
                board.appetite = float(asked.body.partition(b":")[2].strip(b" }"))
            case "/api/errors/trigger":
                fault = asked.body.decode().split('"')[3]
                board.goes(State(FAULTS[fault]))
                return Says({"ok": True})
            case "/api/errors/clear":
                pass
            case _:
                return Says({"msg": "nothing is here"}, 404)
        if board.state not in (State.ASLEEP, State.DISABLED):
            board.settle()
        return Says({"ok": True})


# --- worlds and chargers


def reference(timings: Timings = QUICK) -> ChargersTarget:
    """Our own chargers as programs; none is started ahead: a test ends with all that it started."""
    section = ReferenceChargers(kind="reference", version="1", runtime="process")
    return replace(open_target(section, Path("profile.yaml")), ahead=False, timings=timings)


@contextmanager
def world_of(folder: Path, target: ChargersTarget | None = None, **settings: object) -> Iterator[PeersWorld]:
    """A scenario's world; nothing has been started in it."""
    evidence = Evidence(folder / f"evidence-{next(_worlds)}", Redactor())
    made = open_world(target or reference(), RunSettings(**settings), evidence, Samples())
    try:
        yield made
    finally:
        made.close()
        evidence.close()


class Near(Node):
    """A node that runs already: a little one."""

    def __init__(self, little: LittleNode, wire: WireLog | None, folder: Path) -> None:
        self.port, self.host, self.folder = little.port, f"127.0.0.1:{little.port}", folder
        self.rest = Rest(f"http://127.0.0.1:{little.port}", f"charger-{little.id}", wire)
        self.ended_on_purpose = True


def charger_of(
    little: LittleNode, world: PeersWorld | None = None, board: Board | None = None, bridge: PtyBridge | None = None
) -> Charger:
    """A charger whose node is this one. In a world it is its last one from now on."""
    node = Near(little, world.wire if world else None, world.evidence.folder if world else Path())
    ports = world.ports if world else set()
    ports.add(little.port)
    made = Charger(f"charger-{little.id}", node, bridge, board, ports)
    if world is not None:
        world.chargers.append(made)
    return made


@contextmanager
def littles(folder: Path, number: int = 1) -> Iterator[tuple[PeersWorld, list[LittleNode]]]:
    """A world with so many little nodes, each of which lists all the others as online."""
    with ExitStack() as stack, world_of(folder) as world:
        nodes = [stack.enter_context(LittleNode(f"aa0{place}")) for place in range(1, number + 1)]
        for node in nodes:
            node.entries += [{**one.entries[0], "isLocal": False} for one in nodes if one is not node]
            charger_of(node, world)
        yield world, nodes


@contextmanager
def boards(folder: Path, number: int = 1) -> Iterator[tuple[PeersWorld, list[LittleNode], list[LittleBoard]]]:
    """A world of chargers with boards, over serial lines as scenarios have them."""
    with ExitStack() as stack, world_of(folder) as world:
        nodes, made = [], []
        for place in range(1, number + 1):
            nodes.append(stack.enter_context(LittleNode(f"aa0{place}")))
            made.append(stack.enter_context(LittleBoard()))
            bridge = PtyBridge(the_loop(), made[-1].serial, "line", world.wire, is_reply=is_reply)
            world.resources.enter_context(bridge)
            control = Rest(f"http://127.0.0.1:{made[-1].web.port}", "board", world.wire)
            charger_of(nodes[-1], world, Board(control, Along(bridge)), bridge)
        yield world, nodes, made


@contextmanager
def lonely(folder: Path) -> Iterator[tuple[PeersWorld, LittleBoard]]:
    """A world with a board that no node is in front of."""
    with LittleBoard() as little, world_of(folder) as world:
        line = Straight(little.serial, world.wire)
        world.resources.callback(line.close)
        world.alone = Board(Rest(f"http://127.0.0.1:{little.web.port}", "board", world.wire), line)
        yield world, little


# --- plain data


def look(begun: float, *amps: float, states: Sequence[State] = (), lasts: float = 0.02) -> Look:
    """A look at boards that draw so much."""
    shown = states or [State.CHARGING if each else State.CONNECTED for each in amps]
    return Look(begun, begun + lasts, tuple(Station(state, 0, State.CONNECTED) for state in shown), amps)


def allocation(identity: str, amps: object, reason: str = "equal_share") -> dict[str, object]:
    """As a controller tells it."""
    return {"id": identity, "target_current": amps, "reason": reason}
