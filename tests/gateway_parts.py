"""Parts for tests of what the suite does to gateways: frames and calls with made-up times, little gateways, worlds.

A little gateway is real: it listens, and says whatever its `answer` makes of a request.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from support.gateway.frames import Call, Frame, read_frame
from support.gateway.target import CAPABILITIES, GatewayTarget, open_target
from support.gateway.world import GatewayWorld, open_world
from support.kit.errors import PromiseBrokenError
from support.kit.evidence import Evidence, Redactor
from support.kit.latency import Samples
from support.kit.loop import the_loop
from support.kit.slice import RunSettings

TOKEN = "canary-0123456789abcdef"
PATIENCE = 3.0
ABORT = object()
"""Among what a little gateway says: the connection ends without a word."""
Said = dict[str, object] | str | bytes | float | tuple[int, str] | object
"""An object, a text, a binary frame, seconds of silence, a close code with its reason, or ABORT."""
Answer = Callable[[dict[str, object]], Iterable[Said]]


def broken(match: str):
    """The promise is broken, and told so: `match` is looked for in promised and seen."""
    return pytest.raises(PromiseBrokenError, match=match)


# --- frames and calls with made-up times


def frame(at: float = 0.0, **fields: object) -> Frame:
    return read_frame(json.dumps(fields), at)


def call(op: str = "call_tool", request_id: str | None = "r-1", *, sent_at: float = 0.0, tool: str = "status") -> Call:
    return Call(op, request_id, json.dumps({"op": op, "request_id": request_id}), tool=tool, sent_at=sent_at)


def answered(fields: dict[str, object], *, sent_at: float = 0.0, after: float = 0.1, asked: Call | None = None) -> Call:
    """A call that got this answer, under its own request id unless the fields say another."""
    made = asked or call(sent_at=sent_at)
    made.end(frame(made.sent_at + after, **{"request_id": made.request_id, **fields}))
    return made


def result(text: str = "fine", **more: object) -> dict[str, object]:
    return {"op": "call_tool_res", "ok": True, "outputs": [{"type": "text", "text": text}], "latency_ms": 1.0, **more}


def failure(code: str, *, op: str = "call_tool_res", **more: object) -> dict[str, object]:
    return {"op": op, "ok": False, "error": {"code": code, "message": "no", "details": {}, **more}}


def well(text: str = "fine", **times: float) -> Call:
    return answered(result(text), **times)


def failed(code: str, *, retry: object = None, **times: float) -> Call:
    more = {} if retry is None else {"details": {"retry_after_s": retry}}
    return answered(failure(code, **more), **times)


def cut_off() -> Call:
    made = call()
    made.end(None)
    return made


# --- little gateways

_sessions = count(1)
_QUIET = logging.getLogger("a little gateway")  # that somebody only looks whether it listens is no news
_QUIET.disabled = True


def good(request: dict[str, object]) -> Iterable[Said]:
    """What a right gateway says, as far as tests of the suite need one."""
    own = {"request_id": request.get("request_id")}
    match request.get("op"):
        case "hello" if request.get("token") == TOKEN:
            session = request.get("session_id") or f"session-{next(_sessions)}"
            return [{"op": "hello_ack", "ok": True, "session_id": session}]
        case "hello":
            return [{"op": "hello_ack", "ok": False, "error": "unauthorized"}, (4003, "unauthorized")]
        case "ping":
            return [{"op": "pong", **own}]
        case "cancel":
            return [{"op": "cancel_res", "ok": False, **own}]
        case "list_tools":
            tools = [{"name": name, "description": name, "inputSchema": {}} for name in ("status", "echo", "sleep", "fail")]
            return [{"op": "list_tools_res", "tools": tools, **own}]
        case "health":
            return [{"op": "health_res", "uptime_s": 1.0, "connections": 1, "session": {}, "breakers": {}, **own}]
        case "call_tool":
            return [*_called(request, own)]
    return [{"op": "error", "error": {"code": "INVALID_REQUEST", "message": "no", "details": {}}, **own}]


def _called(request: dict[str, object], own: dict[str, object]) -> Iterable[Said]:
    arguments = request["arguments"]
    match request["name"]:
        case "sleep" if not isinstance(arguments["ms"], int):
            yield {**failure("VALIDATION_ERROR"), **own}
        case "sleep":
            yield arguments["ms"] / 1000
            yield {**result("slept", latency_ms=arguments["ms"]), **own}
        case "echo" if not isinstance(arguments.get("text"), str):
            yield {**failure("VALIDATION_ERROR"), **own}
        case "echo":
            yield {**result(arguments["text"]), **own}
        case "fail":
            yield {**failure("TOOL_EXECUTION_ERROR"), **own}
        case "status":
            yield {**result("up"), **own}
        case _:
            yield {**failure("TOOL_NOT_FOUND"), **own}


def instead(op: str, *said: Said) -> Answer:
    """A gateway that says this to requests of one kind, with the caller's id in objects that name none; else it is good."""

    def answer(request: dict[str, object]) -> Iterable[Said]:
        if request.get("op") != op:
            return good(request)
        own = {"request_id": request.get("request_id")}
        return [{**own, **each} if isinstance(each, dict) else each for each in said]

    return answer


def mute(op: str) -> Answer:
    """A gateway that never answers requests of one kind."""
    return instead(op)


async def _say(connection: ServerConnection, said: Iterable[Said]) -> None:
    with suppress(ConnectionClosed):
        for each in said:
            match each:
                case float():
                    await asyncio.sleep(each)
                case (int(code), str(reason)):
                    await connection.close(code, reason)
                case dict():
                    await connection.send(json.dumps(each))
                case str() | bytes():
                    await connection.send(each)
                case _:
                    connection.transport.abort()


@contextmanager
def listening(answer: Answer = good, greeting: Iterable[Said] = ()) -> Iterator[str]:
    """A little gateway; its address. `greeting` is said before it is asked anything."""

    async def talk(connection: ServerConnection) -> None:
        saying = {asyncio.create_task(_say(connection, greeting))}
        async for text in connection:
            try:
                request = json.loads(text)
            except ValueError:
                request = {}
            saying.add(asyncio.create_task(_say(connection, answer(request if isinstance(request, dict) else {}))))

    async def begin():
        return await serve(talk, "127.0.0.1", 0, compression=None, ping_interval=None, max_size=None, logger=_QUIET)

    async def end() -> None:
        server.close()
        await server.wait_closed()

    server = the_loop().call(begin(), 5.0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        the_loop().call(end(), 5.0)


@contextmanager
def showing(text: Callable[[], str], status: int = 200) -> Iterator[str]:
    """An HTTP server that answers everything with this text; its address."""

    class Shows(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text().encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Shows) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


# --- worlds


def address(url: str = "ws://127.0.0.1:9", **more: object) -> GatewayTarget:
    """A gateway that runs already."""
    return GatewayTarget("gateway little", "1", "address", frozenset(CAPABILITIES), url=url, token=TOKEN, **more)


@contextmanager
def world_of(target: GatewayTarget, folder: Path, **settings: object) -> Iterator[GatewayWorld]:
    """A scenario's world; nothing has been started in it."""
    evidence = Evidence(folder / f"evidence-{next(_sessions)}", Redactor())
    made = open_world(target, RunSettings(**{"patience": PATIENCE, **settings}), evidence, Samples())
    try:
        yield made
    finally:
        made.close()
        evidence.close()


@contextmanager
def meeting(folder: Path, answer: Answer = good, *, greeting: Iterable[Said] = (), **target: object) -> Iterator[GatewayWorld]:
    """A world with a little gateway."""
    with listening(answer, greeting) as url, world_of(address(url, **target), folder) as made:
        made.start()
        yield made


def reference() -> GatewayTarget:
    """Our own gateway, of which none is started ahead: a test ends with all that it started."""
    return replace(open_target(None, Path(".")), ahead=False)
