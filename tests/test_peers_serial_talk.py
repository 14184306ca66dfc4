"""Talking to a board over its serial line: one right answer to every line, and what it says by itself."""

import pytest
from peers_parts import NK, LittleBoard, broken, ok, world_of

from support.kit.deadline import eventually
from support.kit.loop import the_loop
from support.kit.ports import lease_port
from support.kit.pty_bridge import PtyBridge
from support.peers.serial_talk import Straight, is_reply, told, told_itself
from support.peers.starter import Along


@pytest.fixture
def board():
    with LittleBoard() as made:
        yield made


@pytest.fixture
def world(tmp_path):
    with world_of(tmp_path) as made:
        yield made


@pytest.fixture(params=["alone", "behind a node"])
def line(request, board, world):
    if request.param == "alone":
        made = Straight(board.serial, world.wire)
        world.resources.callback(made.close)
        return made
    bridge = PtyBridge(the_loop(), board.serial, "line", world.wire, is_reply=is_reply)
    world.resources.enter_context(bridge)
    return Along(bridge)


def test_a_line_is_answered(line, board):
    assert line.ask(b"$GE^26", 2.0) == ok(32, "0000")
    assert line.ask(b"nonsense", 2.0) == NK
    assert board.asked == [b"$GE^26", b"nonsense"]


def test_no_answer_is_told(line, board):
    board.says("GE", b"")
    with broken(r"the board answers b'\$GE' within 0.2 s"):
        line.ask(b"$GE", 0.2)


def test_what_a_board_says_by_itself_is_no_answer(line, board):
    assert line.ask(b"$GE", 2.0)
    board.announce(b"$AT 01 01 32 0000", b"$AB 00 8.2.1")
    eventually(line.events, lambda seen: len(seen) == 2, 2.0, "both arrive")
    assert [raw for _, raw in line.events()] == [b"$AT 01 01 32 0000", b"$AB 00 8.2.1"]
    assert line.ask(b"$GC", 2.0) == ok(6, 80, 32, 32)


def test_a_line_that_is_closed_is_told(board, world):
    line = Straight(board.serial, world.wire)
    assert line.ask(b"$GE")
    board.hang_up()
    with broken("the board keeps its serial line open"):
        line.ask(b"$GE")
    line.close()


def test_a_second_answer_is_told(board, world):
    line = Straight(board.serial, world.wire)
    world.resources.callback(line.close)
    board.says("GE", ok(32) + b"\r" + ok(32), ok(16))
    line.ask(b"$GE")
    with broken("the board answers every line once"):
        line.ask(b"$GE")


def test_nobody_listens(world):
    with lease_port() as port, broken("the board's serial line can be connected to\nseen      ConnectionRefusedError"):
        Straight(("127.0.0.1", port.port), world.wire)


def test_what_is_an_answer():
    assert [is_reply(raw) for raw in (b"$OK 1", b"$NK^21", b"$AT 01", b"$AB 00", b"")] == [True, True, False, False, False]


def test_a_right_answer_is_read():
    assert told(b"$OK 16^07", "$SC 16").words == ("16",)


@pytest.mark.parametrize("raw", [b"$OK 16", b"$OK 16^08", b"OK 16^07", b"$OK 16^7", b"", b"\xff"])
def test_an_answer_without_its_right_check_is_told(raw):
    with broken("the answer to 'SC 16' is"):
        told(raw, "SC 16")


def test_what_a_board_says_by_itself_may_lack_a_check_but_have_no_wrong_one():
    assert told_itself(b"$AB 00 8.2.1").words == told_itself(b"$AB 00 8.2.1^1C").words == ("00", "8.2.1")
    for raw in (b"$AB 00^00", b"AT 01"):
        with broken("what the board says by itself is a line"):
            told_itself(raw)
