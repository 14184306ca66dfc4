"""The judge of the hub's log."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from support.kit.errors import PromiseBrokenError
from support.toggle import records

NOW = datetime.now(UTC)
BEGAN = NOW - timedelta(seconds=1)
WHOLE = {
    "ts": NOW.isoformat(), "level": "INFO", "event": "sent", "device_id": "D", "msg_id": "m", "correlation_id": "c",
    "attempt": 1, "direction": "out", "raw_packet_hex": "f00d", "elapsed_ms": 1.5, "outcome": "sent",
}  # fmt: skip


def log(tmp_path, *lines):
    path = tmp_path / "hub.log"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_records_are_read_and_whole_ones_pass(tmp_path):
    found = records.read(log(tmp_path, WHOLE, WHOLE | {"attempt": 2, "extra": True}))
    records.require_basics(found, BEGAN)
    records.require_fields(found)
    assert records.attempts(found) == [1, 2]
    assert records.shared(found, "correlation_id") == "c"
    assert records.elapsed(found) == [1.5, 1.5]
    assert records.outcomes(found) == ["sent", "sent"]


@pytest.mark.parametrize("line", ["Traceback (most recent call last)", "[1]", "{"])
def test_a_line_that_is_no_record_is_shown(tmp_path, line):
    with pytest.raises(PromiseBrokenError, match="line 2"):
        records.read(log(tmp_path, WHOLE, line))


def test_an_empty_log_is_no_log(tmp_path):
    with pytest.raises(PromiseBrokenError, match="empty"):
        records.read(log(tmp_path))


@pytest.mark.parametrize("hours", [-3, -1, 1, 3])
def test_a_local_time_that_passes_for_utc_is_found(hours):
    local = (NOW + timedelta(hours=hours)).replace(tzinfo=None)
    with pytest.raises(PromiseBrokenError, match="UTC"):
        records.require_basics([WHOLE | {"ts": local.isoformat()}], BEGAN)


@pytest.mark.parametrize(
    "stamp", ["yesterday", NOW.astimezone(timezone(timedelta(hours=1))).isoformat(), 0], ids=["a word", "local", "a number"]
)
def test_other_times_are_found(stamp):
    with pytest.raises(PromiseBrokenError):
        records.require_basics([WHOLE | {"ts": stamp}], BEGAN)


@pytest.mark.parametrize(
    "stamp",
    [NOW.isoformat(), NOW.replace(tzinfo=None).isoformat(sep=" "), NOW.isoformat().replace("+00:00", "Z"), NOW.timestamp()],
    ids=["with an offset", "without one", "with Z", "seconds"],
)
def test_utc_may_be_written_in_any_usual_way(stamp):
    records.require_basics([WHOLE | {"ts": stamp}], BEGAN)


@pytest.mark.parametrize("name", ["ts", "level", "event"])
def test_a_record_without_its_basics_is_found(name):
    with pytest.raises(PromiseBrokenError, match=name):
        records.require_basics([WHOLE | {name: ""}], BEGAN)


@pytest.mark.parametrize("name", [name for name in records.FIELDS if name != "attempt"])
def test_a_field_that_lacks_is_named(name):
    with pytest.raises(PromiseBrokenError, match=f"no {name}"):
        records.require_fields([{key: value for key, value in WHOLE.items() if key != name}])


def test_a_log_without_attempts_is_found():
    with pytest.raises(PromiseBrokenError, match="none with an attempt"):
        records.require_fields([{"ts": "t", "level": "l", "event": "e"}])


def test_two_commands_in_one_log_are_found():
    with pytest.raises(PromiseBrokenError, match="c, d"):
        records.shared([WHOLE, WHOLE | {"correlation_id": "d"}], "correlation_id")
    with pytest.raises(PromiseBrokenError, match="none has one"):
        records.shared([WHOLE | {"correlation_id": None}], "correlation_id")


def test_bytes_are_found_however_they_are_spaced():
    records.require_bytes([WHOLE | {"raw_packet_hex": "F0 0D"}], b"\xf0\x0d", "the frame")
    with pytest.raises(PromiseBrokenError, match="f00e"):
        records.require_bytes([WHOLE], b"\xf0\x0e", "the frame")


def test_a_log_without_outcomes_is_found():
    with pytest.raises(PromiseBrokenError, match="outcome"):
        records.outcomes([WHOLE | {"outcome": None}])
