"""The liars lie, each in its own way and in one place. Which scenario finds which liar is told by tests/test_red.py."""

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from node_program import ENVIRONMENT, ROOT

import support.peers.reference.emulator.service
import support.peers.reference.node.service
from support.peers import liars
from support.peers.lie import BOARD, LIARS, NODE, REFERENCE, Liar, places
from support.peers.protocol import State
from support.peers.reference.emulator.board import Board, Fault
from support.peers.reference.node.allocation import Member
from support.peers.reference.node.board import BoardState
from support.peers.reference.node.hosts import Host, HostError
from support.peers.reference.node.peers import Sighting
from support.peers.reference.node.settings import FailsafeMode, LoadSharing, SettingError
from support.peers.reference.node.station import Held
from support.peers.reference.node.store import StateFolder

PROGRAMS = (support.peers.reference.emulator.service, support.peers.reference.node.service)
"""With these all of the reference is loaded, but for mDNS, which is loaded late."""
EACH = pytest.mark.parametrize("liar", LIARS.values(), ids=lambda liar: liar.name)


# --- all of them


@EACH
def test_a_liar_says_in_one_sentence_what_it_breaks(liar: Liar):
    assert LIARS[liar.name] is liar
    assert re.fullmatch("[a-z0-9_]+", liar.name)
    assert re.fullmatch(r"It [^.]+\.", liar.breaks)


@EACH
def test_a_liar_stands_where_the_reference_uses_the_honest_part(liar: Liar):
    assert liar.package in (NODE, BOARD)
    used = {module.__name__ for module, _ in places(liar.honest)}
    assert used
    assert all(name.startswith(f"{liar.package}.") for name in used)
    assert not list(places(liar.part)), "the reference is honest until a liar's program runs"


@EACH
def test_a_liar_keeps_the_signatures_of_what_it_replaces(liar: Liar):
    if not inspect.isclass(liar.part):
        assert list(inspect.signature(liar.part).parameters) == list(inspect.signature(liar.honest).parameters)
        return
    assert issubclass(liar.part, liar.honest)
    overridden = 0
    for cls in liar.part.__mro__[: liar.part.__mro__.index(liar.honest)]:
        for name, method in vars(cls).items():
            if hasattr(liar.honest, name) and (name == "__init__" or not name.startswith("__")):
                overridden += 1
                honest = inspect.getattr_static(liar.honest, name)
                assert type(method) is type(honest), name
                if inspect.isfunction(method):
                    assert list(inspect.signature(method).parameters) == list(inspect.signature(honest).parameters), name
                    assert inspect.iscoroutinefunction(method) == inspect.iscoroutinefunction(honest), name
    assert overridden


@pytest.mark.parametrize("module", liars.BY_SUBJECT, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_liar_does_not_ask_the_reference_for_the_honest_part_while_it_lies(module: ModuleType):
    """By then the liar stands there, too: it would ask itself."""
    assert not [name for name, held in vars(module).items() if inspect.ismodule(held) and held.__name__.startswith(REFERENCE)]


def test_the_reference_knows_nothing_of_its_liars():
    modules = sorted((ROOT / "support" / "peers" / "reference").rglob("*.py"))
    assert len(modules) > 20
    assert not [path.name for path in modules if re.search(r"\blia?(r|rs|e|es|ing)\b", path.read_text(encoding="utf-8"))]


# --- parts, by themselves


def board_of(part: type) -> Board:
    """A board with a clock that stands still, whose vehicle charges."""
    board = part(lambda: 100.0) if issubclass(part, Board) else Board(lambda: 100.0)
    board.connect()
    board.request_charge()
    return board


def says(part: type, raw: bytes) -> bytes:
    return part(board_of(Board)).answer(raw).written().rstrip(b"\r")


def drawn(part: type, *deeds: str) -> float:
    """What the vehicle of a board draws after all of this."""
    board = board_of(part)
    for deed in deeds:
        board.trigger(Fault.GFCI) if deed == "fail" else getattr(board, deed)()
    return board.amps


def member(part: type = Member, known_id: str = "a", **more: object) -> Member:
    """One that charges with 16 A."""
    honest = {
        "id": known_id, "online": True, "state": State.CHARGING, "vehicle": True, "starved": False, "min_current": 6.0,
        "max_current": 32.0, "pilot": 16.0, "amp": 16.0, "priority": 0,
    }  # fmt: skip
    return part(**honest | more)


PAIR = (member(), member(known_id="b"))
CIRCUIT = LoadSharing(group_max_current=40.0, safety_factor=0.8, failsafe_peer_assumed_current=10.0)


def given(allocate: Callable, *members: Member) -> list[float]:
    return [one.target_current for one in allocate(members, CIRCUIT, ["a", "b"])]


def refuses(function: Callable, *arguments: object) -> bool:
    try:
        function(*arguments)
    except (HostError, SettingError):
        return True
    return False


def names(part: type, *hosts: str) -> list[list[str]]:
    """The members after all these were added, by how they were."""
    peers = part("own", lambda: 2.0, lambda: 100.0)
    for host in hosts:
        peers.join(host)
    return [peer.hosts for peer in peers.joined]


def seen(part: type, *ids: str) -> int:
    """How many are listed after so many were seen."""
    peers = part("own", lambda: 2.0, lambda: 100.0)
    for known_id in ids:
        peers.sighted(Sighting(f"name-{known_id}", f"name-{known_id}.local", known_id, "1", "127.0.0.1", 8000 + len(peers.all)))
    return len(peers.all)


def active(part: type, now: float, *heard: float) -> bool:
    """Whether a failsafe of 10 s that was made at 0 s is in force, after words of the controller."""
    failsafe = part(10.0, 0.0)
    for moment in heard:
        failsafe.heard(moment)
    return failsafe.active(now)


def ids_of(part: type, folder: Path) -> list[str]:
    """Of two devices, and of the first again."""
    first, second = folder / "first", folder / "second"
    for one in (first, second):
        one.mkdir(parents=True)
    return [part(one).device_id() for one in (first, second, first)]


AWAKE = BoardState(connected=True, state=State.CHARGING, pilot=10)
LIES: dict[str, Callable] = {
    "wrong_checksum": lambda part: says(part, b"$GE") == b"$OK 32 0001^00",
    "checksum_never_verified": lambda part: says(part, b"$GE^00").startswith(b"$OK"),
    "checksum_required": lambda part: says(part, b"$GE") == b"$NK^21",
    "yes_to_nonsense": lambda part: says(part, b"nonsense") == b"$OK^20",
    "too_much_allowed": lambda part: board_of(part).set_current(200) == 200,
    "too_little_allowed": lambda part: board_of(part).set_current(2) == 2,
    "changes_not_told": lambda part: not [line for line in board_of(part).take_events() if line.verb == "AT"],
    "allowance_ignored": lambda part: (board := board_of(part)).set_current(10) == 10 and board.amps == 32.0,
    "vehicle_draws_all": lambda part: part(draw_limit=7.0).acceptance > 7.0,
    "asleep_but_drawing": lambda part: drawn(part, "sleep") > 0,
    "fault_still_draws": lambda part: drawn(part, "fail") > 0,
    "disable_ignored": lambda part: drawn(part, "disable") > 0,
    "woken_by_vehicle": lambda part: drawn(part, "disconnect", "sleep", "connect", "request_charge") > 0,
    "own_entry_offline": lambda part: part("a", "name", ("127.0.0.1", 1))["online"] is False,
    "nothing_is_the_least": lambda part: part(0.0, AWAKE) == 6,
    "board_told_without_checksum": lambda part: b"^" not in part(16.0, AWAKE, Held()).written(),
    "sees_only_some": lambda part: seen(part, "a", "b", "c") == 1,
    "sees_nobody": lambda part: seen(part, "a") == 0,
    "repeat_adds_twice": lambda part: len(names(part, "10.0.0.5", "10.0.0.5")) == 2,
    "capitals_matter": lambda part: len(names(part, "a.local", "A.LOCAL")) == 2,
    "names_refused": lambda part: refuses(part, "a.local"),
    "any_word_is_a_host": lambda part: not refuses(part, "garage"),
    "adds_itself": lambda part: not part(Host("10.0.0.5"), {("10.0.0.5", None)}),
    "percent_not_decoded": lambda part: part("a%3Ab") == "a%3Ab",
    "unequal_shares": lambda part: given(part, *PAIR) == [14.0, 18.0],
    "over_budget": lambda part: part(PAIR, CIRCUIT) == 38.0,
    "safety_factor_ignored": lambda part: part(PAIR, CIRCUIT) == 40.0,
    "connected_min_missing": lambda part: given(part, member(state=State.CONNECTED)) == [0.0],
    "twice_in_plan": lambda part: len(given(part, *PAIR)) == 3,
    "unused_current_kept": lambda part: member(part, amp=8.0).appetite == 32.0,
    "gone_vehicle_keeps_its_part": lambda part: given(part, *PAIR) == given(part, PAIR[0], member(known_id="b", state=1)),
    "never_settles": lambda part: given(part, *PAIR) != given(part, *PAIR),
    "less_than_the_least": lambda part: given(part, member(min_current=30.0), member(known_id="b", min_current=30.0)) == [16, 16],
    "priority_reversed": lambda part: part([member(priority=1), PAIR[1]], 0, 0) == ["a", "b"],
    "turns_for_all": lambda part: part([member(priority=1), PAIR[1]], 1, 0) != part([member(priority=1), PAIR[1]], 1, 1),
    "no_rotation": lambda part: part(PAIR, 1, 0) == part(PAIR, 1, 1),
    "rounds_up": lambda part: given(part, *PAIR, member(known_id="c")) == [11.0, 11.0, 11.0],
    "starved_forgotten": lambda part: not member(part, state=State.ASLEEP, starved=True).asks,
    "offline_not_reserved": lambda part: part((PAIR[0], member(known_id="b", online=False)), CIRCUIT) == 32.0,
    "group_never_stops": lambda part: not part([member(online=False)], LoadSharing(failsafe_mode=FailsafeMode.DISABLE)),
    "range_not_checked": lambda part: not refuses(part({"loadsharing_priority": 7}).number, "priority", 1, (0, 5)),
    "failsafe_never": lambda part: not active(part, 11.0),
    "failsafe_too_early": lambda part: active(part, 5.0),
    "failsafe_never_released": lambda part: active(part, 13.0, 12.0),
    "only_the_first_word_counts": lambda part: active(part, 12.0, 1.0, 9.0, 11.5),
    "signed_otherwise": lambda part: part("secret", "a", 1, 16.0, "").isupper(),
}


@pytest.mark.parametrize("name", LIES)
def test_a_liar_lies_as_it_says_and_the_reference_does_not(name):
    assert LIES[name](LIARS[name].part)
    assert not LIES[name](LIARS[name].honest)


@pytest.mark.parametrize(("name", "lies"), [("id_changes_at_restart", (3, False)), ("same_id_for_all", (1, True))])
def test_a_liar_has_another_id(tmp_path, name, lies):
    def told(part: type, folder: Path) -> tuple[int, bool]:
        ids = ids_of(part, folder)
        return len(set(ids)), ids[0] == ids[2]

    assert told(LIARS[name].part, tmp_path / "lying") == lies
    assert told(StateFolder, tmp_path / "honest") == (2, True)


# --- as programs


def run(*arguments: str, program: tuple[str, ...] = ("-m", "support.peers.liars")) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=ROOT, env=ENVIRONMENT, check=False)


def test_the_list_and_a_name_that_is_none():
    listed, unknown, nothing = run("--list"), run("nobody"), run()
    assert [line.partition(":")[0] for line in listed.stdout.splitlines()] == list(LIARS)
    for done in (unknown, nothing):
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_liar_takes_the_arguments_of_the_reference():
    assert "70000" in run("wrong_checksum", "--web-port=70000").stderr
    assert "--web-port" in run("lists_itself_twice", "--web-port=70000").stderr
    assert run("lists_itself_twice", "--version").stdout.startswith("charger-node")


RUN_IT = """
import sys
from support.peers.lie import LIARS, places
from support.peers import liars
liar = LIARS[sys.argv[1]]
before = sorted((module.__name__, name) for module, name in places(liar.honest))
code = liar.program().main(["--nonsense"])
after = sorted((module.__name__, name) for module, name in places(liar.part))
print(code, set(before) <= set(after), list(places(liar.honest)))
"""


@pytest.mark.parametrize("name", ["over_budget", "unused_current_kept", "vehicle_draws_all"])
def test_once_it_runs_nothing_of_the_reference_uses_the_honest_part(name):
    assert run(name, program=("-c", RUN_IT)).stdout.strip() == "2 True []"
