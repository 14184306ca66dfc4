"""The reference gateway as a process, and a client of it. For tests of the program; the suite has drivers of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "a-token-of-some-length-é"
PROGRAM = (sys.executable, "-m", "support.gateway.reference")
FREE = ("--rate-session=off", "--rate-address=off", "--rate-global=off")


def environment(token: str | None = TOKEN, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return {**kept, **({} if token is None else {"GATEWAY_TOKEN": token}), **more}


class Running:
    """A gateway that answers."""

    def __init__(self, process: subprocess.Popen[str], log: Path, ready: dict[str, object]) -> None:
        self.process = process
        self.log = log
        self.ready = ready
        self.url = f"ws://127.0.0.1:{ready['port']}"

    def http(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.ready['metrics_port']}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    async def scrape(self) -> dict[str, float]:
        _, text = await asyncio.to_thread(self.http, "/metrics")
        return {
            sample.name.removeprefix("gateway_") + "".join(f" {value}" for value in sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if not sample.name.endswith("_bucket")
        }

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)


@contextmanager
def gateway(folder: Path, *flags: str, module: str = "support.gateway.reference", **variables: str) -> Iterator[Running]:
    log = folder / f"log-{len(list(folder.iterdir()))}"
    command = (sys.executable, "-m", module, "--port=0", "--metrics-port=0", *flags)
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**variables), stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        first = process.stdout.readline()
        assert first, log.read_text()
        yield Running(process, log, json.loads(first))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Client:
    """A client that speaks JSON and keeps answers that were not asked for yet."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.session_id = ""

    async def send(self, **fields: object) -> None:
        await self.socket.send(json.dumps(fields))

    async def raw(self, text: str | bytes) -> dict[str, object]:
        await self.socket.send(text)
        return await self.next()

    async def next(self) -> dict[str, object]:
        async with asyncio.timeout(5):
            return json.loads(await self.socket.recv())

    async def ask(self, **fields: object) -> dict[str, object]:
        await self.send(**fields)
        return await self.next()

    async def call(self, request_id: str, tool: str, **arguments: object) -> dict[str, object]:
        return await self.ask(op="call_tool", request_id=request_id, name=tool, arguments=arguments)

    async def begin(self, request_id: str, tool: str, **arguments: object) -> None:
        await self.send(op="call_tool", request_id=request_id, name=tool, arguments=arguments)

    async def silent(self, seconds: float = 0.1) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.socket.recv()
        except TimeoutError:
            return True
        return False

    async def closed(self) -> tuple[int, str]:
        try:
            async with asyncio.timeout(8):
                while True:
                    await self.socket.recv()
        except ConnectionClosed as error:
            return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")


@asynccontextmanager
async def stranger(url: str):
    """A client that has not said hello."""
    async with connect(url, compression=None, max_size=None, ping_interval=None, close_timeout=1, proxy=None) as socket:
        yield Client(socket)


@asynccontextmanager
async def client(url: str, session_id: str | None = None):
    """A client that has."""
    async with stranger(url) as it:
        named = {} if session_id is None else {"session_id": session_id}
        ack = await it.ask(op="hello", token=TOKEN, **named)
        assert ack["ok"], ack
        it.session_id = ack["session_id"]
        yield it


def error_of(answer: dict[str, object]) -> str:
    assert answer.get("ok", False) is False
    return answer["error"]["code"]


def text_of(answer: dict[str, object]) -> str:
    assert answer["ok"] is True, answer
    assert answer["op"] == "call_tool_res"
    [output] = answer["outputs"]
    assert output["type"] == "text"
    return output["text"]
