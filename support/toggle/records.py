"""Reading and judging the hub's log: JSON lines on standard error with the fields of the contract."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.kit.errors import PromiseBrokenError

EVERY_LINE = ("ts", "level", "event")
OF_ATTEMPTS = ("device_id", "msg_id", "correlation_id", "attempt", "direction", "raw_packet_hex", "elapsed_ms", "outcome")
FIELDS = EVERY_LINE + OF_ATTEMPTS

CLOCKS_APART = timedelta(seconds=2)
"""By how much the times of two programs may differ, and be rounded."""

Record = Mapping[str, object]


def read(log: Path) -> list[Record]:
    """The records of a log. PromiseBrokenError for a line that is not a JSON object, and for an empty log."""
    records: list[Record] = []
    for number, line in enumerate(log.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise PromiseBrokenError("every line of the log is a record", f"line {number}: {line[:200]}")
        records.append(record)
    if not records:
        raise PromiseBrokenError("the hub writes a log", "it is empty")
    return records


def require_basics(records: Sequence[Record], began: datetime) -> None:
    """PromiseBrokenError unless every record has a level, an event, and a time in UTC since `began`.

    A time is ISO 8601 (without an offset it is read as UTC) or seconds since 1970.
    """
    until = datetime.now(UTC) + CLOCKS_APART
    for record in records:
        lacking = [name for name in EVERY_LINE if not record.get(name)]
        if lacking:
            raise PromiseBrokenError(f"every record has {', '.join(EVERY_LINE)}", f"no {', '.join(lacking)} in {_shown(record)}")
        at = _instant(record["ts"])
        if at is None or not began - CLOCKS_APART <= at <= until:
            raise PromiseBrokenError("the time of a record is the time of its writing, in UTC", f"ts {record['ts']!r}")


def _instant(stamp: object) -> datetime | None:
    """The instant that a record's time names; None where it names none, or is not in UTC."""
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    try:
        at = datetime.fromisoformat(str(stamp).replace(",", "."))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.utcoffset() in (None, timedelta(0)) else None


def of_attempts(records: Sequence[Record]) -> list[Record]:
    """The records about an attempt. PromiseBrokenError where there is none."""
    found = [record for record in records if record.get("attempt") is not None]
    if not found:
        raise PromiseBrokenError("the log has records about attempts", f"{len(records)} records, none with an attempt")
    return found


def require_fields(records: Sequence[Record]) -> None:
    """PromiseBrokenError unless every record about an attempt has all agreed fields (some may be empty)."""
    for record in of_attempts(records):
        lacking = [name for name in FIELDS if name not in record]
        if lacking:
            raise PromiseBrokenError(
                "a record about an attempt has all agreed fields", f"no {', '.join(lacking)} in {_shown(record)}"
            )


def shared(records: Sequence[Record], name: str) -> object:
    """The one value of field `name` in all records about attempts. PromiseBrokenError where they differ or have none."""
    values = {str(record.get(name)) for record in of_attempts(records) if record.get(name) not in (None, "")}
    if len(values) != 1:
        raise PromiseBrokenError(f"the records of one command share one {name}", ", ".join(sorted(values)) or "none has one")
    return values.pop()


def attempts(records: Sequence[Record]) -> list[int]:
    """The numbers of the attempts that the log speaks of, ascending."""
    return sorted({int(str(record["attempt"])) for record in of_attempts(records)})


def require_bytes(records: Sequence[Record], data: bytes, what: str) -> None:
    """PromiseBrokenError unless a record shows exactly `data` in hexadecimal (spaces and case are free)."""
    shown = ["".join(str(record.get("raw_packet_hex") or "").split()).lower() for record in records]
    if data.hex() not in shown:
        raise PromiseBrokenError(
            f"a record shows {what}: {data.hex()}", f"records show: {', '.join(filter(None, shown)) or 'no bytes'}"
        )


def elapsed(records: Sequence[Record]) -> list[float]:
    """All times in the log, in milliseconds."""
    return [float(value) for record in records if isinstance(value := record.get("elapsed_ms"), int | float)]


def outcomes(records: Sequence[Record]) -> list[str]:
    """The outcomes that the records of one command name, in order. PromiseBrokenError where there is none."""
    found = [str(record["outcome"]) for record in records if record.get("outcome") not in (None, "")]
    if not found:
        raise PromiseBrokenError("the log names the outcome of a command", "no record has an outcome")
    return found


def _shown(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False)[:300]
