import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.kit.wire import WireLog


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_frame_is_written_whole_and_at_once(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    before = datetime.now(UTC)
    wire.frame("hub", "bulb", b"\xf0\r\x01 {}~\x7f", connection=3, note="first")
    [frame] = read(tmp_path / "wire.jsonl")  # not closed yet
    wire.close()
    when = datetime.fromisoformat(frame.pop("ts"))
    assert before - timedelta(seconds=1) <= when <= datetime.now(UTC)
    assert when.utcoffset() == timedelta(0)
    assert frame.pop("elapsed_s") >= 0
    assert frame == {
        "from": "hub",
        "to": "bulb",
        "connection": 3,
        "size": 8,
        "hex": "f00d01207b7d7e7f",
        "text": "... {}~.",
        "note": "first",
    }


def test_an_event_is_written(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    wire.event("bulb", "hangs up", connection=2)
    wire.event("bulb", "stops")
    wire.close()
    first, second = read(tmp_path / "wire.jsonl")
    assert first.keys() == {"ts", "elapsed_s", "at", "event", "connection"}
    assert (first["at"], first["event"], first["connection"]) == ("bulb", "hangs up", 2)
    assert second["connection"] is None


def test_times_have_microseconds_and_elapsed_grows(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    wire.event("a", "one")
    time.sleep(0.02)
    wire.event("a", "two")
    wire.close()
    first, second = read(tmp_path / "wire.jsonl")
    assert second["elapsed_s"] - first["elapsed_s"] >= 0.019
    assert len(first["ts"]) == len("2026-03-04T12:00:00.123456Z")
    assert first["ts"].endswith("Z")


def test_a_long_frame_has_all_its_bytes_and_a_short_preview(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    wire.frame("a", "b", b"x" * 1000, connection=1)
    wire.close()
    [frame] = read(tmp_path / "wire.jsonl")
    assert frame["hex"] == "78" * 1000
    assert frame["text"] == "x" * 200 + "..."


def test_everything_written_is_redacted_but_the_size_is_the_wires(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl", lambda data: data.replace(b"hunter2", b"***"))
    wire.frame("hunter2", "to hunter2", b"token=hunter2;", connection=1, note="is hunter2")
    wire.event("at hunter2", "said hunter2")
    wire.close()
    text = (tmp_path / "wire.jsonl").read_text()
    assert "hunter2" not in text
    assert b"hunter2".hex() not in text
    frame, event = read(tmp_path / "wire.jsonl")
    assert (frame["size"], frame["text"], frame["note"]) == (14, "token=***;", "is ***")
    assert event["event"] == "said ***"


def test_an_existing_log_is_continued(tmp_path: Path) -> None:
    for what in ("one", "two"):
        wire = WireLog(tmp_path / "wire.jsonl")
        wire.event("a", what)
        wire.close()
    assert [line["event"] for line in read(tmp_path / "wire.jsonl")] == ["one", "two"]


def test_names_in_any_alphabet_survive(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    wire.event("Küche-灯", "\udc80 odd")
    wire.close()
    [event] = read(tmp_path / "wire.jsonl")
    assert event["at"] == "Küche-灯"
    assert event["event"].endswith(" odd")


def test_a_closed_log_refuses_and_closes_again(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    wire.close()
    wire.close()
    with pytest.raises(ValueError, match="closed"):
        wire.event("a", "late")


def test_lines_of_several_threads_stay_whole_and_in_order_of_time(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")

    def write(number: int) -> None:
        for count in range(200):
            wire.frame(f"t{number}", "x", bytes([count]) * 300, connection=number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wire.close()
    frames = read(tmp_path / "wire.jsonl")
    assert len(frames) == 800
    assert [frame["elapsed_s"] for frame in frames] == sorted(frame["elapsed_s"] for frame in frames)
    for number in range(4):
        mine = [frame["hex"][:2] for frame in frames if frame["connection"] == number]
        assert mine == [f"{count:02x}" for count in range(200)]


def test_a_frame_of_which_only_a_part_is_shown_has_the_size_of_the_whole(tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    wire.frame("listener", "speaker", b"abc...", connection=1, size=70_000)
    wire.close()
    [frame] = read(tmp_path / "wire.jsonl")
    assert (frame["size"], frame["text"]) == (70_000, "abc...")
