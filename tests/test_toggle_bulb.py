"""The bulb that the suite plays, met by real sockets."""

import json
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from support.kit.deadline import eventually
from support.kit.errors import VoidError
from support.kit.loop import the_loop
from support.kit.wire import WireLog
from support.toggle.behaviour import parse_script
from support.toggle.bulb import Bulb, require_reached
from support.toggle.protocol import Toggle, encode

FRAME = encode(Toggle("D", "0123456789abcdef", True))
PATIENCE = 5.0


@pytest.fixture
def bulbs(tmp_path):
    made = []

    def make(phrase, **more):
        wire = WireLog(tmp_path / f"wire-{len(made)}.jsonl")
        bulb = Bulb(the_loop(), "D", parse_script(phrase), wire, **more)
        made.append((bulb, wire))
        return bulb

    yield make
    for bulb, wire in made:
        bulb.close()
        wire.close()


def ask(bulb, data=FRAME, *, then=b""):
    with socket.create_connection(("127.0.0.1", bulb.port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(data)
        if then:
            time.sleep(0.05)
            connection.sendall(then)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


def test_a_bulb_that_answers_obeys_once(bulbs):
    bulb = bulbs("answers")
    assert ask(bulb) == b"ACK"
    bulb.settle()
    assert (bulb.lit, bulb.told, len(bulb.visits), len(bulb.frames)) == (True, [True], 1, 1)
    assert bulb.frames[0].raw == FRAME


def test_off_is_a_state_and_not_a_flip(bulbs):
    bulb = bulbs("answers", lit=True)
    ask(bulb, encode(Toggle("D", "0" * 16, False)))
    ask(bulb, encode(Toggle("D", "1" * 16, False)))
    bulb.settle()
    assert not bulb.lit


@pytest.mark.parametrize("phrase", ["answers one byte at a time", "reads one byte at a time and answers"])
def test_one_byte_at_a_time(bulbs, phrase):
    bulb = bulbs(phrase)
    assert ask(bulb) == b"ACK"
    bulb.settle()
    assert bulb.lit


def test_an_answer_after_a_time_comes_after_that_time(bulbs):
    bulb = bulbs("answers after 0.2 s")
    began = time.monotonic()
    assert ask(bulb) == b"ACK"
    assert time.monotonic() - began >= 0.2


def test_wrong_answers_switch_nothing(bulbs):
    bulb = bulbs('answers "NAK" the first time and then answers 100,000 bytes')
    assert ask(bulb) == b"NAK"
    assert len(ask(bulb)) == 100_000
    bulb.settle()
    assert not bulb.lit
    assert bulb.told == []


def test_hanging_up_after_the_frame_is_a_clean_end(bulbs):
    bulb = bulbs("hangs up after the frame")
    assert ask(bulb) == b""
    bulb.settle()
    assert len(bulb.frames) == 1
    assert not bulb.lit


def test_hanging_up_before_the_frame_reads_nothing(bulbs):
    bulb = bulbs("hangs up before the frame")
    with socket.create_connection(("127.0.0.1", bulb.port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        assert connection.recv(10) == b""
    bulb.settle()
    assert (len(bulb.visits), bulb.frames, bytes(bulb.visits[0].received)) == (1, [], b"")


def test_a_reset_is_a_reset(bulbs):
    bulb = bulbs("resets the connection")
    with pytest.raises(ConnectionResetError):
        ask(bulb)


def test_silence_lasts_until_the_hub_goes(bulbs):
    bulb = bulbs("stays silent")
    with socket.create_connection(("127.0.0.1", bulb.port), PATIENCE) as connection:
        connection.sendall(FRAME)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    bulb.settle()
    assert len(bulb.frames) == 1


@pytest.mark.parametrize(("data", "then"), [(FRAME + b"junk", b""), (FRAME, b"junk")])
def test_junk_after_the_frame_is_on_record(bulbs, data, then):
    bulb = bulbs("answers after 0.1 s")
    ask(bulb, data, then=then)
    bulb.settle()
    assert bulb.visits[0].surplus == b"junk"


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\xde\xad\x01\0\0\0\x02{}", "magic"), (b"\xf0\x0d\x01\xff\xff\xff\xff", "too_long"), (FRAME[:20], "truncated")],
)
def test_malformed_frames_are_never_answered(bulbs, data, reason):
    bulb = bulbs("answers")
    with socket.create_connection(("127.0.0.1", bulb.port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(10) == b""
    bulb.settle()
    assert [error.reason for error in bulb.refused] == [reason]
    assert not bulb.lit


def test_refusing_is_a_real_refusal_and_ends_after_the_scripted_number(bulbs):
    bulb = bulbs("refuses the connection the first 2 times and then answers")
    bulb.watch(lambda: [os.getpid()])
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            ask(bulb)
    assert eventually(lambda: ask(bulb), lambda answer: answer == b"ACK", 3.0, "it listens", retry_on=(ConnectionError,))
    require_reached(bulb)


def test_unreachable_swallows_attempts_and_ends_after_the_scripted_number(bulbs):
    bulb = bulbs("cannot be reached the first time and then answers")
    bulb.watch(lambda: [os.getpid()])
    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", bulb.port), 0.3)
    eventually(lambda: bulb.approach.closed, lambda closed: not closed, 3.0, "it listens")
    assert ask(bulb) == b"ACK"
    bulb.settle()
    assert (bulb.approach.witnessed, len(bulb.visits), bulb.asked) == (1, 1, 2)


def test_a_planted_miss_that_nobody_met_is_void(bulbs):
    bulb = bulbs("cannot be reached the first time and then answers")
    with pytest.raises(VoidError, match="missed 0 times"):
        require_reached(bulb)


def test_settle_waits_for_what_is_still_in_the_queue(bulbs):
    bulb = bulbs("answers")
    askers = [threading.Thread(target=ask, args=(bulb,)) for _ in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    bulb.settle()
    assert len(bulb.visits) == 20
    assert all(visit.hung_up_at is not None for visit in bulb.visits)


def test_the_wire_trace_has_both_directions(bulbs, tmp_path):
    bulb = bulbs("answers")
    ask(bulb)
    bulb.settle()
    lines = [json.loads(line) for line in Path(tmp_path / "wire-0.jsonl").read_text().splitlines()]
    assert [(line["from"], line["to"], line["hex"]) for line in lines if "hex" in line] == [
        ("hub", "D", FRAME.hex()),
        ("D", "hub", b"ACK".hex()),
    ]


def test_a_bulb_that_is_closed_at_any_moment_leaves_no_connection_open(tmp_path):
    for pause in (0.0, 0.0002, 0.0005, 0.001) * 10:
        wire = WireLog(tmp_path / "wire.jsonl")
        bulb = Bulb(the_loop(), "D", parse_script("stays silent"), wire)
        with socket.create_connection(("127.0.0.1", bulb.port), PATIENCE) as connection:
            time.sleep(pause)
            bulb.close()
            wire.close()
            connection.settimeout(PATIENCE)
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b""


def test_a_closed_bulb_leaves_nothing_listening(tmp_path):
    wire = WireLog(tmp_path / "wire.jsonl")
    bulb = Bulb(the_loop(), "D", parse_script("stays silent"), wire)
    with socket.create_connection(("127.0.0.1", bulb.port), PATIENCE) as connection:
        connection.sendall(FRAME)
        eventually(lambda: len(bulb.frames), lambda count: count == 1, PATIENCE, "the bulb has the frame")
        bulb.close()
        wire.close()
        connection.settimeout(PATIENCE)
        assert connection.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", bulb.port), PATIENCE)
