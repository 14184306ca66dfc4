"""The pipeline's log: JSON lines. The token never reaches it, and texts of clients are cut."""

import json
import logging
from datetime import UTC, datetime
from typing import TextIO

LOGGER = logging.getLogger("audio_pipeline")
WEBSOCKET_LOGGER = logging.getLogger("audio_pipeline.websocket")
# Below this level the library logs frames as they are.
WEBSOCKET_LOGGER.setLevel(logging.ERROR)
LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "python_multipart")
"""Loggers that say at INFO what this log says itself, or what a client sent."""
LONGEST_TEXT = 80
"""Characters of a client's text that a line shows."""


def shown(text: str) -> str:
    """A client's text, cut to what a line shows."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 3] + "..."


class AudioLog:
    """Writes events. The fields travel on the record as `audio`, a dict of field to value."""

    def __init__(self, logger: logging.Logger = LOGGER) -> None:
        self.logger = logger

    def info(self, event: str, **fields: object) -> None:
        """What an operator wants to see."""
        self.write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """What an operator may have to do something about."""
        self.write(logging.WARNING, event, fields)

    def debug(self, event: str, **fields: object) -> None:
        """What a developer wants to see."""
        self.write(logging.DEBUG, event, fields)

    def crashed(self, event: str, error: BaseException, **fields: object) -> None:
        """A fault in the program, with its traceback."""
        self.logger.error(event, exc_info=error, extra={"audio": fields})

    def write(self, level: int, event: str, fields: dict[str, object]) -> None:
        """One line. Texts in `fields` are cut."""
        if self.logger.isEnabledFor(level):
            cut = {name: shown(value) if isinstance(value, str) else value for name, value in fields.items()}
            self.logger.log(level, event, extra={"audio": cut})


class JsonLines(logging.Formatter):
    """A record of any logger as one line of JSON, without `secret`."""

    def __init__(self, secret: str | None) -> None:
        super().__init__()
        self._secret = None if secret is None else json.dumps(secret)[1:-1]

    def format(self, record: logging.LogRecord) -> str:
        """One line without its end."""
        fields: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "audio", {}),
        }
        if record.exc_info:
            fields["error"] = getattr(record.exc_info[0], "__name__", None)
            fields["traceback"] = self.formatException(record.exc_info)
        line = json.dumps(fields)
        # Nobody hands it over on purpose; but a client might use it as a name, or in an address.
        return line if self._secret is None else line.replace(self._secret, "[token]")


def log_to(stream: TextIO, level: str, secret: str | None) -> None:
    """Send every record of this program from `level` up to `stream` as JSON lines without `secret`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(secret))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    # A log that nobody can read any more is no reason to stop serving, nor to talk about it on that log.
    logging.raiseExceptions = False
