"""What the power boards do and tell in scenarios, alone or behind their nodes."""

from collections.abc import Callable
from time import monotonic

from support.kit.deadline import eventually, steadily
from support.kit.errors import PromiseBrokenError
from support.peers.board import FAULTS, LOOKS_APART, NOTHING, TOLERANCE, in_words
from support.peers.protocol import CR, Line, RapiError, State, read_line
from support.peers.serial_talk import told, told_itself
from support.peers.world import PeersWorld

STATES = {
    "no vehicle": State.NO_VEHICLE, "connected": State.CONNECTED, "charging": State.CHARGING, "asleep": State.ASLEEP,
    "disabled": State.DISABLED,
}  # fmt: skip
ORDERS = {"put to sleep": "FS", "disabled": "FD", "enabled": "FE"}
TELLING = 3.0
"""Seconds within which a node tells of a vehicle, where that is not what the scenario is about."""
STEP_LIMIT = 2.0
"""Seconds until a board has noticed what its vehicle does."""


def tell(world: PeersWorld, lines: list[str]) -> None:
    """Lines are said as they stand, one after the other."""
    world.known["before"] = (world.board.station().state, world.board.capacity())
    world.told = lines
    world.said = [world.board.tell(line) for line in lines]


def require_ok_with(world: PeersWorld, counts: list[int]) -> None:
    """Every answer is OK with its checksum and so many values."""
    for line, raw, count in zip(world.told, world.said, counts, strict=True):
        answer = told(raw, line)
        if answer.verb != "OK" or len(answer.words) != count:
            raise PromiseBrokenError(f"the board answers {line!r} with $OK and {count} values", repr(raw))


def require_exactly(world: PeersWorld, answers: list[str]) -> None:
    """The answers are these, to the byte."""
    for line, raw, answer in zip(world.told, world.said, answers, strict=True):
        if raw != answer.encode():
            raise PromiseBrokenError(f"the board answers {line!r} with {answer!r}", repr(raw))


def require_as_it_was(world: PeersWorld) -> None:
    """State and capacity are what they were before anything was said."""
    now = (world.board.station().state, world.board.capacity())
    if now != world.known["before"]:
        raise PromiseBrokenError(f"the board stays as it was, {world.known['before']}", str(now))


def require_answers_next(world: PeersWorld) -> None:
    """A proper line is answered properly."""
    world.board.station()


def allow(world: PeersWorld, amps: int) -> None:
    """The board is told to allow so much."""
    world.known["answer"] = world.board.command("SC", str(amps))


def require_allows(world: PeersWorld, which: str) -> None:
    """It allows the least or the most that it can give, and has said so."""
    board = world.board
    promised = f"it allows the {which} that it can give and says so"
    wanted = {board.least()} if which == "least" else board.most()
    answer = world.known["answer"]
    assert isinstance(answer, Line), "kept by allow"
    try:
        said = float(answer.words[0])
    except (ValueError, IndexError) as error:
        raise PromiseBrokenError(promised, f"says {answer.text}") from error
    if said not in wanted or board.capacity() != said:
        bounds = " or ".join(f"{amps:g}" for amps in sorted(wanted))
        raise PromiseBrokenError(f"{promised}: {bounds} A", f"says {answer.text}, allows {board.capacity():g} A")


def order(world: PeersWorld, what: str) -> None:
    """The board is put to sleep, disabled or enabled."""
    world.board.command(ORDERS[what])


def whole_visit(world: PeersWorld) -> None:
    """A vehicle comes, charges, stops and goes; each is waited for."""
    board = world.board
    # Once it has answered, the board knows that somebody listens on its line; before, nobody might be told.
    board.require_state(State.NO_VEHICLE, STEP_LIMIT)
    for deed, state in (
        (board.vehicle_comes, State.CONNECTED), (board.vehicle_asks, State.CHARGING),
        (board.vehicle_stops, State.CONNECTED), (board.vehicle_goes, State.NO_VEHICLE),
    ):  # fmt: skip
        deed()
        board.require_state(state, STEP_LIMIT)
        seen = world.known.setdefault("states", [State.NO_VEHICLE])
        assert isinstance(seen, list), "made here"
        seen.append(board.station().state)


def require_goes(world: PeersWorld, path: str) -> None:
    """The states, one after the other."""
    wanted = [STATES[word] for word in path.split(" -> ")]
    if world.known["states"] != wanted:
        raise PromiseBrokenError(f"the board goes {path}", path_of(world.known["states"]))


def require_told_itself(world: PeersWorld) -> None:
    """Each of the changes was told without being asked, in a line of the right form."""
    seen = world.known["states"]
    assert isinstance(seen, list), "kept by whole_visit"
    wanted = seen[1:]

    def changes() -> list[State]:
        states = world.board.changes()
        return states[1:] if states[:1] == [State.NO_VEHICLE] else states  # some tell where they begin

    eventually(
        changes, lambda states: states == wanted, STEP_LIMIT, f"the board tells {path_of(wanted)} by itself", describe=path_of
    )
    for _, raw in world.board.line.events():
        line = told_itself(raw)
        if line.verb == "AT" and len(line.words) != 4:
            raise PromiseBrokenError("a change is told as $AT with state, pilot state, amps and flags", repr(raw))


def path_of(states: object) -> str:
    """States, one after the other, as failures tell them."""
    assert isinstance(states, list), "a list of states"
    return " -> ".join(map(in_words, states)) or "nothing"


def come_and_ask(world: PeersWorld) -> None:
    """A vehicle comes and asks for current."""
    world.moment = monotonic()
    world.board.vehicle_comes()
    world.board.vehicle_asks()


def require_draws_something(world: PeersWorld, within: float) -> None:
    """Current flows again."""
    eventually(world.board.amps, lambda amps: amps > NOTHING, within, f"the vehicle draws something within {within:g} s")


def require_draws_nothing_for(world: PeersWorld, during: float) -> None:
    """No current flows all the time."""
    steadily(
        world.board.amps,
        lambda amps: amps <= NOTHING,
        during,
        f"the vehicle draws nothing for {during:g} s",
        interval=LOOKS_APART,
    )


def require_fault(world: PeersWorld, fault: str) -> None:
    """It is in the state of this fault."""
    world.board.require_state(FAULTS[fault][1], STEP_LIMIT)


def require_well_again(world: PeersWorld) -> None:
    """When the fault has gone, the vehicle charges."""
    world.board.mend()
    world.board.require_state(State.CHARGING, STEP_LIMIT)
    require_draws_something(world, STEP_LIMIT)


def require_tells_charging(world: PeersWorld, within: float) -> None:
    """The node tells of a vehicle, and that it charges."""
    _require_told(world, within, "a vehicle that charges", lambda vehicle, state: vehicle == 1 and state == State.CHARGING)


def require_tells_none(world: PeersWorld, within: float) -> None:
    """The node tells of no vehicle."""
    _require_told(world, within, "no vehicle", lambda vehicle, state: vehicle == 0 and state == State.NO_VEHICLE)


def require_tells_waiting(world: PeersWorld) -> None:
    """The node tells of a vehicle that has no current."""
    _require_told(
        world, world.cycle, "a vehicle that waits", lambda vehicle, state: vehicle == 1 and state != State.CHARGING
    )  # fmt: skip


def _require_told(world: PeersWorld, within: float, what: str, accept: Callable[[object, object], bool]) -> None:
    def look() -> tuple[object, object]:
        status = world.it.status()
        vehicle = status.get("vehicle")
        return (int(vehicle) if isinstance(vehicle, bool) else vehicle, status.get("state"))

    eventually(
        look, lambda seen: bool(accept(seen[0], seen[1])), within, f"the charger tells of {what} within {within:g} s",
        interval=LOOKS_APART, describe=lambda seen: f"vehicle {seen[0]}, state {seen[1]}",
    )  # fmt: skip


def require_tells_current(world: PeersWorld, tolerance: float) -> None:
    """The node tells the current that flows, in amperes."""
    eventually(
        lambda: (world.it.number("amp"), world.board.amps()),
        lambda seen: seen[1] > NOTHING and abs(seen[0] - seen[1]) <= tolerance, STEP_LIMIT,
        f"the charger tells the current within {tolerance:g} A", interval=LOOKS_APART,
        describe=lambda seen: f"{seen[0]:g} told, {seen[1]:g} drawn",
    )  # fmt: skip


def require_tells_pilot(world: PeersWorld, amps: float, within: float) -> None:
    """The node tells what its board allows, in amperes."""
    eventually(
        lambda: world.it.number("pilot"), lambda seen: abs(seen - amps) <= TOLERANCE, within,
        f"the charger tells a pilot of {amps:g} A within {within:g} s", interval=LOOKS_APART,
    )  # fmt: skip


def require_told_board(world: PeersWorld, text: str, within: float) -> None:
    """The node has said this to its board (more words may follow), each time with a right check."""
    words = text.encode().split()

    def heard() -> list[bytes]:
        lines = [said.line for said in world.it.line.said if said.passed]
        return [line for line in lines if line.partition(b"^")[0].split()[: len(words)] == words]

    lines = eventually(
        heard, bool, within, f"the board is told {text!r} within {within:g} s", describe=lambda _: _last_said(world)
    )
    for raw in lines:
        try:
            right = read_line(raw).written() == raw + CR
        except RapiError:
            right = False
        if not right:
            raise PromiseBrokenError(f"the board is told {text!r} with a right check", repr(raw))


def _last_said(world: PeersWorld) -> str:
    return ", ".join(said.line.decode("latin-1") for said in world.it.line.said[-8:]) or "nothing"
