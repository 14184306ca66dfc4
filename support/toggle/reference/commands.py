"""Commands of a serving hub: from a line of JSON to a command that makes sense."""

import json
from dataclasses import dataclass

from support.toggle.protocol import Toggle, encode
from support.toggle.reference.hub import check_address, check_attempts

REQUIRED = ("id", "device_id", "device_host", "device_port", "state")
KNOWN = (*REQUIRED, "max_attempts")
STATES = {"on": True, "off": False}

NO_ID = "0" * 16
"""Stands in for a message id where only the size of a frame matters."""


class BadCommandError(ValueError):
    """This line is no command. `id`: of the command, where the line has one. The text is one sentence."""

    def __init__(self, why: str, id: str | None = None) -> None:
        self.id = id
        super().__init__(why)


@dataclass(frozen=True)
class ServeCommand:
    """A command as it came in."""

    id: str
    device_id: str
    device_host: str
    device_port: int
    state: bool
    max_attempts: int


def parse_command(line: bytes, max_attempts: int) -> ServeCommand:
    """The command on `line`; `max_attempts` where it names none. BadCommandError."""
    try:
        fields = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise BadCommandError(f"the line is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BadCommandError("the line is not a JSON object")
    found = fields.get("id")
    id = found if isinstance(found, str) else None
    if missing := [name for name in REQUIRED if name not in fields]:
        raise BadCommandError(f"missing: {', '.join(missing)}", id)
    if unknown := sorted(set(fields) - set(KNOWN)):
        raise BadCommandError(f"unknown: {', '.join(unknown)!a}; known: {', '.join(KNOWN)}", id)
    if id is None:
        raise BadCommandError("id is not a text")
    device_id, state = fields["device_id"], fields["state"]
    if not isinstance(device_id, str):
        raise BadCommandError("device_id is not a text", id)
    if not isinstance(state, str) or state not in STATES:
        raise BadCommandError('state is neither "on" nor "off"', id)
    attempts = fields.get("max_attempts", max_attempts)
    try:
        check_address(fields["device_host"], fields["device_port"])
        check_attempts(attempts)
        encode(Toggle(device_id, NO_ID, STATES[state]))
    except (TypeError, ValueError) as error:
        raise BadCommandError(str(error), id) from error
    return ServeCommand(id, device_id, fields["device_host"], fields["device_port"], STATES[state], attempts)
