"""The reference pipeline as a process, and clients of it. For tests of the program; the suite has drivers of its own."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import wraps
from pathlib import Path

import numpy as np
import requests
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "a-token-of-some-length"
PROGRAM = (sys.executable, "-m", "support.audio.reference")
START = "/api/pipeline/realtime/start"
SESSIONS = "/api/pipeline/realtime/sessions"
REALTIME = "/api/pipeline/realtime"
PLAIN = {"stages": {}}
ALL_STAGES = {
    "stages": {
        name: {}
        for name in (
            *("vad", "voice_filter", "noise_reduction", "voice_enhancement", "equalizer", "compression", "agc"),
            *("lufs_normalization", "limiter"),
        )
    }
}


def environment(token: str | None = None, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUDIO_")}
    return {**kept, **({} if token is None else {"AUDIO_TOKEN": token}), **more}


def awaited(test: Callable[..., Coroutine[object, object, None]]) -> Callable[..., None]:
    """A test that awaits, as one that pytest runs."""

    @wraps(test)
    def run(*arguments: object, **named: object) -> None:
        asyncio.run(test(*arguments, **named))

    return run


class Running:
    """A pipeline that answers."""

    def __init__(self, process: subprocess.Popen[str], log: Path, ready: dict[str, object], token: str | None) -> None:
        self.process = process
        self.log = log
        self.ready = ready
        self.token = token
        self.http = requests.Session()
        if token:
            self.http.headers["Authorization"] = f"Bearer {token}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ready['port']}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def get(self, path: str, **options: object) -> requests.Response:
        return self.http.get(self.url + path, timeout=20, **options)

    def post(self, path: str, **options: object) -> requests.Response:
        return self.http.post(self.url + path, timeout=60, **options)

    def delete(self, path: str, **options: object) -> requests.Response:
        return self.http.delete(self.url + path, timeout=20, **options)

    def start(self, config: object = PLAIN, rate: int | None = None) -> str:
        """The id of a new session."""
        more = {} if rate is None else {"session_config": {"sample_rate": rate}}
        answer = self.post(START, json={"pipeline_config": config, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()["session_id"]

    def sessions(self) -> dict[str, dict[str, object]]:
        return {each["session_id"]: each for each in self.get(SESSIONS).json()["active_sessions"]}

    def scrape(self) -> dict[str, float]:
        return {
            sample.name.removeprefix("audio_") + "".join(f" {value}" for value in sample.labels.values()): sample.value
            for family in text_string_to_metric_families(self.get("/metrics").text)
            for sample in family.samples
            if not sample.name.endswith("_bucket")
        }

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)


@contextmanager
def pipeline(folder: Path, *flags: str, token: str | None = None, **variables: str) -> Iterator[Running]:
    log = folder / f"log-{len(list(folder.iterdir()))}"
    command = (*PROGRAM, "--port=0", *flags)
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(token, **variables), stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        first = process.stdout.readline()
        assert first, log.read_text()
        yield Running(process, log, json.loads(first), token)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def pcm_of(samples: object) -> bytes:
    return np.asarray(samples, dtype="<i2").tobytes()


def noise(samples: int, seed: int = 1, level: int = 8_000) -> bytes:
    return pcm_of(np.random.default_rng(seed).integers(-level, level, samples))


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def chunk(pcm: bytes) -> str:
    return json.dumps({"type": "audio_chunk", "data": text_of(pcm), "timestamp": 1_760_000_000_000})


class Line:
    """A socket of a session."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def next(self, seconds: float = 10.0) -> dict[str, object]:
        async with asyncio.timeout(seconds):
            return json.loads(await self.socket.recv())

    async def ask(self, message: object) -> dict[str, object]:
        raw = message if isinstance(message, str | bytes) else json.dumps(message)
        await self.socket.send(raw)
        return await self.next()

    async def play(self, pcm: bytes) -> tuple[int, bytes, dict[str, object]]:
        """Sequence, sound and figures of one chunk."""
        await self.socket.send(chunk(pcm))
        return await self.heard()

    async def heard(self) -> tuple[int, bytes, dict[str, object]]:
        audio, figures = await self.next(), await self.next()
        assert (audio["type"], figures["type"]) == ("processed_audio", "metrics"), (audio, figures)
        assert audio["sequence"] == figures["sequence"]
        return audio["sequence"], base64.b64decode(audio["audio"], validate=True), figures["metrics"]

    async def refused(self, message: object) -> str:
        answer = await self.ask(message)
        assert answer["type"] == "error", answer
        return answer["error"]["code"]

    async def silent(self, seconds: float = 0.1) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.socket.recv()
        except TimeoutError:
            return True
        return False

    async def closed(self, seconds: float = 8.0) -> int:
        """The code that the other side closes with."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.socket.recv()
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006


@asynccontextmanager
async def line(running: Running, session: str, token: str | None = None):
    headers = {"Authorization": f"Bearer {token or running.token}"} if token or running.token else {}
    address = f"ws{running.url[4:]}{REALTIME}/{session}"
    socket = await connect(
        address, compression=None, max_size=None, ping_interval=None, close_timeout=2, proxy=None, additional_headers=headers
    )
    try:
        yield Line(socket)
    finally:
        await hang_up(socket)


async def hang_up(socket: ClientConnection) -> None:
    """Close it. One that was closed in the middle of what it wrote has nothing left to be closed."""
    if socket.close_code is None:
        await socket.close()
