"""The board's log: JSON lines."""

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

LOGGER = logging.getLogger("power_board")


class BoardLog:
    """Writes events of a board. The fields travel on the record as `board`, a dict of field to value."""

    def info(self, event: str, **fields: object) -> None:
        """What an operator wants to see."""
        LOGGER.info(event, extra={"board": fields})

    def warning(self, event: str, **fields: object) -> None:
        """What an operator may have to do something about."""
        LOGGER.warning(event, extra={"board": fields})

    def debug(self, event: str, **fields: object) -> None:
        """What a developer wants to see."""
        LOGGER.debug(event, extra={"board": fields})

    def crashed(self, event: str, error: BaseException) -> None:
        """A fault in the program, with its traceback."""
        LOGGER.error(event, exc_info=error)


LOG = BoardLog()


class JsonLines(logging.Formatter):
    """A record of any logger as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without its end."""
        fields: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "board", {}),
        }
        if record.exc_info:
            fields["error"] = getattr(record.exc_info[0], "__name__", None)
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields)


def log_to(stream: TextIO, level: str) -> None:
    """Send every record of this program from `level` up to `stream` as JSON lines."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # A log that nobody can read any more is no reason to stop, nor to talk about it on that log.
    logging.raiseExceptions = False
