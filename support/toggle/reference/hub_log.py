"""The hub's log: JSON lines, each with all fields of the contract (null where a field says nothing)."""

import json
import logging
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from support.toggle.reference.outcome import AttemptError, Outcome

LOGGER = logging.getLogger("toggle_hub")
# As a library the hub says nothing unless its host program listens.
LOGGER.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Subject:
    """What a line is about: a command or, with its number, one of its attempts. `began`: monotonic seconds."""

    device_id: str
    msg_id: str
    correlation_id: str
    began: float
    attempt: int | None = None


class HubLog:
    """Writes events of a hub to `logger`. The fields travel on the record as `hub`, a dict of field to value."""

    def __init__(self, logger: logging.Logger = LOGGER) -> None:
        self.logger = logger

    def write(
        self,
        level: int,
        event: str,
        subject: Subject | None = None,
        *,
        outcome: Outcome | None = None,
        direction: str | None = None,
        packet: bytes = b"",
        error: BaseException | None = None,
    ) -> None:
        """One line. `direction` is "out" or "in" for the bytes of `packet`; `outcome` only where something ended."""
        if not self.logger.isEnabledFor(level):
            return
        elapsed = None if subject is None else round((time.monotonic() - subject.began) * 1000, 3)
        fields = {
            "device_id": subject and subject.device_id,
            "msg_id": subject and subject.msg_id,
            "correlation_id": subject and subject.correlation_id,
            "attempt": subject and subject.attempt,
            "direction": direction,
            "raw_packet_hex": packet.hex() or None,
            "elapsed_ms": elapsed,
            "outcome": outcome and outcome.value,
            "traceback": error and _told(error),
        }
        self.logger.log(level, event, extra={"hub": fields})


class JsonLines(logging.Formatter):
    """A record of any logger as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname,
            "event": record.getMessage(),
            **dict.fromkeys(("device_id", "msg_id", "correlation_id", "attempt", "direction", "raw_packet_hex")),
            **dict.fromkeys(("elapsed_ms", "outcome", "traceback")),
            **getattr(record, "hub", {}),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields)


def log_to(stream: TextIO, level: str) -> None:
    """Send every record of this program from `level` up to `stream` as JSON lines."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # A log that nobody can read any more is no reason to stop switching bulbs, nor to talk about it on that log.
    logging.raiseExceptions = False


def _told(error: BaseException) -> str:
    """The whole traceback of a fault in the program; of a fault of the network only what the system said."""
    if isinstance(error, AttemptError):
        cause = error.__cause__
        return "".join(traceback.format_exception_only(cause)).strip() if cause else str(error)
    return "".join(traceback.format_exception(error)).strip()
