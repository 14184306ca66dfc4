import json
import time
from pathlib import Path

from support.kit.fault import PASS, Fault
from support.kit.passage import Record
from support.kit.wire import WireLog


def record(fault: Fault) -> Record:
    return Record(1, fault, "link", None)


def test_a_fault_is_injected_once_all_of_it_took_effect() -> None:
    made = record(Fault(latency=0.1, cut_up_after=5))
    assert not made.passage().injected
    made.took("latency")
    assert not made.passage().injected
    made.took("cut_up_after")
    assert made.passage().injected


def test_where_nothing_was_planted_nothing_is_injected() -> None:
    made = record(PASS)
    made.took("latency")
    assert not made.passage().injected


def test_a_cut_from_outside_is_a_fault_that_took_effect() -> None:
    made = record(PASS)
    made.was_cut()
    assert made.passage().injected


def test_healing_leaves_the_fault_on_record() -> None:
    made = record(PASS)
    made.plant(Fault(black_hole=True))
    made.took("black_hole")
    made.plant(PASS)
    assert made.now == PASS
    assert (made.passage().fault, made.passage().injected) == (Fault(black_hole=True), True)


def test_a_second_fault_has_to_take_effect_itself() -> None:
    made = record(Fault(latency=0.1))
    made.took("latency")
    made.plant(Fault(latency=0.1))  # the same again
    assert made.passage().injected
    made.plant(Fault(black_hole=True))
    assert (made.passage().fault, made.passage().injected) == (Fault(black_hole=True), False)


def test_what_cannot_change_while_running_stays() -> None:
    made = record(Fault(cut_up_after=5))
    made.plant(Fault(latency=0.5, cut_up_after=9))
    assert made.now == Fault(latency=0.5, cut_up_after=5)


def test_a_passage_does_not_change_any_more() -> None:
    made = record(PASS)
    before = time.monotonic()
    early = made.passage()
    made.forwarded("up", b"abc")
    made.forwarded("down", b"ab")
    made.closed()
    late = made.passage()
    assert (early.bytes_up, early.bytes_down, early.closed_at) == (0, 0, None)
    assert (late.number, late.bytes_up, late.bytes_down) == (1, 3, 2)
    assert late.closed_at is not None
    assert late.opened_at <= before <= late.closed_at


def test_what_happens_is_on_the_wire_log(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    made = Record(7, Fault(latency=0.5), "link", wire)
    made.forwarded("up", b"hi")
    made.forwarded("down", b"ho")
    made.plant(PASS)
    made.resets = True
    made.closed()
    wire.close()
    lines = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    assert {line["connection"] for line in lines} == {7}
    assert [line.get("event") or (line["from"], line["to"], line["text"], line["note"]) for line in lines] == [
        "accepted: latency=0.5",
        ("client", "server", "hi", "via link"),
        ("server", "client", "ho", "via link"),
        "now: pass",
        "reset",
    ]
