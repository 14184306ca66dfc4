"""The node's log: JSON lines."""

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

LOGGER = logging.getLogger("charger_node")
LONGEST_TEXT = 200
"""Characters of a text that a line shows: some come from strangers."""


class NodeLog:
    """Writes events of a node. The fields travel on the record as `node`, a dict of field to value."""

    def debug(self, event: str, **fields: object) -> None:
        """What a developer wants to see."""
        self.write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """What an operator wants to see."""
        self.write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """What an operator may have to do something about."""
        self.write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """What an operator must do something about."""
        self.write(logging.ERROR, event, fields)

    def crashed(self, event: str, error: BaseException) -> None:
        """A fault in the program, with its traceback."""
        LOGGER.error(event, exc_info=error)

    def write(self, level: int, event: str, fields: dict[str, object]) -> None:
        """One line. Texts in `fields` are cut."""
        if LOGGER.isEnabledFor(level):
            cut = {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in fields.items()}
            LOGGER.log(level, event, extra={"node": cut})


LOG = NodeLog()


def why(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


class JsonLines(logging.Formatter):
    """A record of any logger as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without its end."""
        fields: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "node", {}),
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
    # What asyncio and zeroconf say below a warning is of use to their own authors.
    for name in ("asyncio", "zeroconf", "aiohttp"):
        logging.getLogger(name).setLevel(max(logging.WARNING, LOGGER.getEffectiveLevel()))
    # A log that nobody can read any more is no reason to stop, nor to talk about it on that log.
    logging.raiseExceptions = False
