"""The node and its power board: a serial line that is noisy, silent, dead and back again; commands in the right order."""

import asyncio
import os
import pty
import time
import tty

import pytest
from node_program import Board, Node, chargers, eventually, nodes

from support.peers.protocol import Line, State
from support.peers.reference.node.board import Board as BoardClient
from support.peers.reference.node.board import BoardState
from support.peers.reference.node.guard import Terms, terms_for
from support.peers.reference.node.serial import SerialError, SerialLine
from support.peers.reference.node.station import Free, Held, next_command, whole_amperes

AWAKE = BoardState(connected=True, state=State.CHARGING, pilot_state=State.CHARGING, pilot=16, min_current=6, max_current=32)
ASLEEP = BoardState(connected=True, state=State.ASLEEP, pilot_state=State.CONNECTED, pilot=16, min_current=6, max_current=32)
DISABLED = BoardState(connected=True, state=State.DISABLED, pilot_state=State.CONNECTED, pilot=16)
FAULTY = BoardState(connected=True, state=State.GROUND_FAULT, pilot=16)
OURS, THEIRS = Held(asleep=True, limited=True), Held()


@pytest.mark.parametrize(
    ("wanted", "board", "held", "command"),
    [
        pytest.param(16.0, AWAKE, THEIRS, None, id="as it is"),
        pytest.param(16.99, AWAKE, THEIRS, None, id="whole amperes, rounded down"),
        pytest.param(10.67, AWAKE, THEIRS, "$SC 10 V", id="less"),
        pytest.param(15.9999999, AWAKE, THEIRS, None, id="a sum that is a little too low"),
        pytest.param(40.0, AWAKE, THEIRS, "$SC 32 V", id="no more than it can"),
        pytest.param(5.99, AWAKE, THEIRS, "$FS", id="less than the minimum is nothing"),
        pytest.param(0.0, AWAKE, THEIRS, "$FS", id="nothing"),
        pytest.param(0.0, ASLEEP, THEIRS, None, id="nothing while it sleeps"),
        pytest.param(0.0, DISABLED, THEIRS, None, id="nothing while it is disabled"),
        pytest.param(0.0, FAULTY, THEIRS, None, id="nothing while it is faulty"),
        pytest.param(16.0, ASLEEP, OURS, "$FE", id="woken by who put it to sleep"),
        pytest.param(10.0, ASLEEP, OURS, "$SC 10 V", id="first the current, then awake"),
        pytest.param(16.0, ASLEEP, THEIRS, None, id="not woken by anybody else"),
        pytest.param(16.0, DISABLED, OURS, None, id="disabled is not asleep"),
        pytest.param(Free.ALONE, AWAKE, OURS, None, id="left alone"),
        pytest.param(Free.RELEASED, AWAKE, OURS, "$SC 32 V", id="given back"),
        pytest.param(Free.RELEASED, AWAKE, THEIRS, None, id="nothing to give back"),
        pytest.param(Free.RELEASED, ASLEEP, Held(asleep=True), "$FE", id="woken at the end"),
        pytest.param(10.0, BoardState(), THEIRS, None, id="nobody to tell"),
    ],
)
def test_the_next_command_brings_the_board_to_its_target(wanted, board, held, command):
    line = next_command(wanted, board, held)
    assert (line.text if line else None) == command


def test_a_current_that_the_board_refused_is_not_asked_for_again():
    assert next_command(10.0, AWAKE, THEIRS, refused=10) is None
    assert next_command(11.0, AWAKE, THEIRS, refused=10) == Line("SC", ("11", "V"))


def test_amperes_are_whole_and_within_the_range():
    assert [whole_amperes(wanted, AWAKE) for wanted in (5.9, 6, 6.99, 31.999, 32, 99)] == [0, 6, 6, 31, 32, 32]


def test_a_guard_knows_whole_seconds_and_no_current_below_the_minimum():
    assert terms_for(30.0, 6.0, 6) == Terms(30, 6)
    assert terms_for(0.4, 0.0, 6) == Terms(1, 6)
    assert terms_for(7.2, 10.9, 6) == Terms(8, 10)


class Pair:
    """A PTY: what the other side says and hears is in the test's hands."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        os.set_blocking(self.master, False)

    async def heard(self) -> bytes:
        end = time.monotonic() + 5
        while True:
            try:
                return os.read(self.master, 4096)
            except BlockingIOError:
                assert time.monotonic() < end, "nothing was said"
                await asyncio.sleep(0.005)

    def say(self, raw: bytes) -> None:
        os.write(self.master, raw)

    def close(self) -> None:
        os.close(self.slave)
        os.close(self.master)


def on_a_line(work) -> None:
    """Run `work(pair, line, events, ends)` with an open line."""

    async def all_of_it():
        pair, events, ends = Pair(), [], []
        line = SerialLine(pair.path, events.append, lambda: ends.append(True))
        try:
            await work(pair, line, events, ends)
        finally:
            line.close()
            pair.close()

    asyncio.run(all_of_it())


def test_noise_and_events_around_a_reply_do_no_harm():
    async def work(pair, line, events, ends):
        asking = asyncio.create_task(line.ask(Line("GS")))
        assert await pair.heard() == b"$GS^30\r"
        pair.say(b"\x00\xff\r\r$OK 01 9^FF\rnoi$AT 02 02 16 0000\r$OK 0")
        await asyncio.sleep(0.02)
        assert not asking.done()
        pair.say(b"3 17 03 0000\r$AB 00 8.2.1\r")
        assert await asking == Line("OK", ("03", "17", "03", "0000"))
        await asyncio.sleep(0.02)
        assert [event.verb for event in events] == ["AT", "AB"]
        assert ends == []

    on_a_line(work)


def test_one_command_at_a_time_and_a_late_reply_is_nobodys():
    async def work(pair, line, events, ends):
        first = asyncio.create_task(line.ask(Line("GS")))
        second = asyncio.create_task(line.ask(Line("GG")))
        assert await pair.heard() == b"$GS^30\r"
        with pytest.raises(SerialError, match="no reply to"):
            await first
        pair.say(b"$OK 03 1 03 0000\r")
        assert await pair.heard() == b"$GG^24\r"
        pair.say(b"$OK 16000 240000\r")
        assert await second == Line("OK", ("16000", "240000"))

    on_a_line(work)


def test_a_line_that_dies_is_told_once():
    async def work(pair, line, events, ends):
        asking = asyncio.create_task(line.ask(Line("GS")))
        await pair.heard()
        os.close(pair.master)
        try:
            with pytest.raises(SerialError):
                await asking
            assert not line.is_open
            with pytest.raises(SerialError):
                await line.ask(Line("GS"))
            assert ends == [True]
        finally:
            pair.master = os.dup(pair.slave)

    on_a_line(work)


def test_what_is_no_line_at_all_cannot_be_opened(tmp_path):
    async def work():
        (tmp_path / "file").write_text("x")
        for path in (tmp_path / "missing", tmp_path / "file", tmp_path):
            with pytest.raises(SerialError, match="cannot open"):
                SerialLine(str(path), print, print)

    asyncio.run(work())


def with_a_board(work) -> None:
    """Run `work(pair, board)` with a client that asks for the board's state all the time."""

    async def all_of_it():
        pair = Pair()
        board = BoardClient(pair.path, 0.05, lambda: None)
        running = asyncio.create_task(board.run())
        try:
            await work(pair, board)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            pair.close()

    asyncio.run(all_of_it())


def test_what_a_node_of_before_had_asked_is_no_answer():
    async def work(pair, board):
        assert await pair.heard() == b"$GV^35\r"
        pair.say(b"$OK 03 17 03 0000\r$OK 8.2.1 5.2.1\r")
        for question, reply in ((b"$GS^30\r", b"FE 0 02 0000"), (b"$GG^24\r", b"0 240000"), (b"$GC^20\r", b"6 32 16 32")):
            assert await pair.heard() == question
            pair.say(b"$OK " + reply + b"\r")
        assert await pair.heard() == b"$GU^36\r"
        assert (board.state.state, board.state.pilot_state, board.state.pilot, board.state.vehicle) == (0xFE, 2, 16, True)

    with_a_board(work)


def test_an_answer_to_another_question_is_an_error_and_not_a_state():
    async def work(pair, board):
        assert await pair.heard() == b"$GV^35\r"
        pair.say(b"$NK^21\r")
        assert await pair.heard() == b"$GV^35\r"
        pair.say(b"$NK^21\r")
        assert await pair.heard() == b"$GS^30\r"
        pair.say(b"$OK 16000 240000\r")
        assert await pair.heard() == b"$GS^30\r"
        assert board.state == BoardState()

    with_a_board(work)


@pytest.fixture(scope="module")
def charger(tmp_path_factory):
    with chargers(tmp_path_factory.mktemp("charger"), 1) as ([node], [board]):
        yield node, board


def shown(node: Node, *names: str) -> tuple[object, ...]:
    status = node.get("/status")
    return tuple(status[name] for name in names)


def test_the_status_follows_the_board(charger):
    node, board = charger
    assert shown(node, "state", "vehicle", "amp", "voltage", "pilot", "min_current", "max_current") == (1, 0, 0, 240, 32, 6, 32)
    board.charge()
    eventually(lambda: shown(node, "state", "vehicle", "amp"), (3, 1, 32))
    board.post("evse/current", {"current": 10})
    eventually(lambda: shown(node, "amp", "pilot"), (10, 10))
    board.post("errors/trigger", {"error": "gfci"})
    eventually(lambda: shown(node, "state", "amp"), (6, 0))
    board.post("errors/clear")
    board.post("ev/disconnect")
    eventually(lambda: shown(node, "state", "vehicle"), (1, 0))
    board.post("evse/current", {"current": 32})


def test_a_node_without_load_sharing_tells_the_board_nothing(charger):
    _, board = charger
    assert [board.commands(verb) for verb in ("SC", "FS", "FE", "FD", "FR")] == [[]] * 5
    assert set(board.commands("SY")) <= {"$SY"}


def test_a_silent_board_does_not_stop_http_and_comes_back(charger):
    node, board = charger
    board.silent = True
    eventually(lambda: shown(node, "evse_connected"), (False,))
    begun = time.monotonic()
    for _ in range(10):
        node.get("/loadsharing/peers")
    assert time.monotonic() - begun < 3
    board.silent = False
    eventually(lambda: shown(node, "evse_connected", "state"), (True, 1))


def test_a_line_that_is_not_there_yet_is_opened_when_it_is(tmp_path):
    link = tmp_path / "tty"
    board = Board()
    try:
        with nodes(tmp_path, 1, f"--rapi-serial={link}") as [node]:
            assert shown(node, "evse_connected") == (False,)
            link.symlink_to(board.path)
            eventually(lambda: shown(node, "evse_connected"), (True,))
            link.unlink()
            board.unplug()
            eventually(lambda: shown(node, "evse_connected"), (False,))
            board.plug()
            link.symlink_to(board.path)
            eventually(lambda: shown(node, "evse_connected", "state"), (True, 1))
            # Each new reason is told, not each attempt.
            assert 2 <= len(node.events("board_silent")) <= 4
    finally:
        board.end()
