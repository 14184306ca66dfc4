"""Which tools a gateway lists, asked once of the gateway itself."""

import json
import logging
import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from support.gateway.running import HOST, Plan, start_gateway
from support.kit.errors import InfrastructureError, PromiseBrokenError
from support.kit.evidence import Evidence, Redactor
from support.kit.ports import lease_port

if TYPE_CHECKING:
    from support.gateway.target import GatewayTarget

LIMIT = 5.0
"""Seconds for the connection, and for each answer."""
_LOGGER = logging.getLogger(__name__)
_NOT_TOLD = (InfrastructureError, PromiseBrokenError, OSError, WebSocketException, ValueError, LookupError, TypeError)


def listed_tools(target: "GatewayTarget") -> frozenset[str] | None:
    """The names of its tools; None where it does not tell, whatever the cause.

    That is no verdict: a tool of an unknown gateway counts as present, so that scenarios go red and do not vanish.
    """
    with ExitStack() as resources:
        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="plainwire-listing-"))
        nobody_a, nobody_b = (resources.enter_context(lease_port()).port for _ in "ab")
        plan = Plan({}, secrets.token_hex(16), f"{HOST}:{nobody_a}", f"{HOST}:{nobody_b}")
        try:
            gateway = start_gateway(target, plan, Evidence(Path(folder), Redactor()), resources, patience=1.0)
            gateway.wait_ready()
            with connect(gateway.url, open_timeout=LIMIT, close_timeout=LIMIT, compression=None, proxy=None) as connection:
                _ask(connection, {"op": "hello", "token": gateway.token})
                answer = _ask(connection, {"op": "list_tools", "request_id": "which-tools"})
            return frozenset(str(tool["name"]) for tool in answer["tools"])
        except _NOT_TOLD as error:
            _LOGGER.warning("%s does not list its tools: %s: %s", target.name, type(error).__name__, error)
            return None


def _ask(connection: Connection, request: dict[str, str]) -> dict[str, list[dict[str, object]]]:
    connection.send(json.dumps(request))
    answer: dict[str, list[dict[str, object]]] = json.loads(connection.recv(LIMIT))
    return answer
