"""The reference hub against real TCP servers, in this process and as a program."""

import asyncio
import errno
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from queue import Queue
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from support.toggle.protocol import ACK, MAX_REPLY, FrameReader, MalformedFrameError, Toggle, encode
from support.toggle.reference import (
    Hub,
    HubSettings,
    __version__,
    api,
    start_metrics_server,
    toggle_device_with_retry,
)
from support.toggle.reference.backoff import least_delay, pause
from support.toggle.reference.exchange import Exchange, _failure_to_connect
from support.toggle.reference.hub import decode_reason
from support.toggle.reference.hub_log import HubLog, JsonLines
from support.toggle.reference.hub_metrics import BUCKETS, HubMetrics, MetricsPortError
from support.toggle.reference.outcome import Outcome, retransmit_reason

ROOT = Path(__file__).resolve().parents[1]
QUICK = HubSettings(connect_timeout=0.3, io_timeout=0.3, backoff_base=0.02, backoff_cap=0.04, jitter=0.01)
PROGRAM = (sys.executable, "-m", "support.toggle.reference")
QUICK_FLAGS = ("--connect-timeout=0.3", "--io-timeout=0.3", "--backoff-base=0.02", "--jitter=0.01")
FIELDS = {
    "ts", "level", "event", "device_id", "msg_id", "correlation_id", "attempt", "direction", "raw_packet_hex",
    "elapsed_ms", "outcome", "traceback",
}  # fmt: skip

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


# --- a bulb


class Bulb:
    """What a scripted server saw. `acts`: one per connection, the last for all further ones."""

    def __init__(self, acts: list[Act]) -> None:
        self.acts = acts
        self.connections = 0
        self.raw: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        act = self.acts[min(self.connections, len(self.acts) - 1)]
        self.connections += 1
        try:
            if act not in (hang_up_before, reset_at_once):
                frames = FrameReader()
                while frames.frame is None:
                    data = await reader.read(65_536)
                    frames.feed(data) if data else frames.eof()
                self.raw.append(frames.frame.raw + frames.rest)
            await act(reader, writer)
        except MalformedFrameError as error:
            self.raw.append(error.seen)
        except (ConnectionError, asyncio.CancelledError):
            return  # the hub's business, or the end of the test
        finally:
            writer.close()

    @property
    def frames(self) -> list[Toggle]:
        return [FrameReader().feed(raw).message for raw in self.raw]


@asynccontextmanager
async def bulb(*acts: Act):
    playing = Bulb(list(acts))
    server = await asyncio.start_server(playing.serve, "127.0.0.1", 0)
    playing.port = server.sockets[0].getsockname()[1]
    try:
        yield playing
    finally:
        server.close()


def says(*pieces: bytes) -> Act:
    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01 if len(pieces) > 1 else 0)

    return act


def later(seconds: float) -> Act:
    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(ACK)

    return act


async def hang_up_before(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return None


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return None


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"A" * 65_536)
        await writer.drain()


answers = says(ACK)


@contextmanager
def refusing_port():
    """A port that stays ours and at which nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def unanswered_port():
    """A port whose queue of connections is full: nobody is refused, nobody gets in."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


# --- a hub in this process


class Diary(logging.Handler):
    """Keeps the lines that a hub logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def diary():
    return Diary()


@pytest.fixture
def hub(diary):
    logger = logging.Logger("test hub", logging.DEBUG)
    logger.addHandler(diary)
    return Hub(QUICK, log=HubLog(logger))


def counted(metrics: HubMetrics) -> dict[str, float]:
    """Everything counted, such as {"sent success": 1}, without histogram buckets and zeros."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(generate_latest(metrics.registry).decode()):
        for sample in family.samples:
            labels = {key: value for key, value in sample.labels.items() if key != "device_id"}
            name = sample.name.removeprefix("tcp_comm_").removeprefix("packet_").removesuffix("_total")
            if "le" not in labels and not name.endswith("_created") and name != "latency_seconds_sum" and sample.value:
                found[" ".join([name, *labels.values()])] = sample.value
    return found


def test_a_willing_bulb_is_switched(hub, diary):
    async def run():
        async with bulb(answers) as playing:
            return playing, await hub.toggle("DEV1", "127.0.0.1", playing.port, True)

    playing, result = asyncio.run(run())

    assert (result.acknowledged, result.attempts) == (True, 1)
    assert result.elapsed_ms > 0
    assert playing.raw == [encode(Toggle("DEV1", result.msg_id, True))]
    assert playing.connections == 1
    assert counted(hub.metrics) == {"sent success": 1, "recv success": 1, "latency_seconds_count": 1}
    assert [line["outcome"] for line in diary.lines if line["outcome"]] == ["acknowledged", "acknowledged"]


FAILURES = {
    "silent": (silent, "timeout", "timeout"),
    "hung up before the frame": (hang_up_before, "closed", "closed"),
    "hung up after the frame": (hang_up, "closed", "closed"),
    "reset": (reset, "closed", "closed"),
    "wrong": (says(b"NAK"), "bad_ack", "bad_ack"),
    "a part": (says(b"AC"), "bad_ack", "bad_ack"),
    "a part and then silence": (says(b"A", b"C"), "bad_ack", "bad_ack"),
    "too much": (says(b"ACKX"), "bad_ack", "bad_ack"),
    "in lower case": (says(b"ack"), "bad_ack", "bad_ack"),
    "with a line end": (says(b"ACK\n"), "bad_ack", "bad_ack"),
    "endless": (flood, "bad_ack", "bad_ack"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_asked_again_told_apart_and_counted(hub, diary, name):
    act, outcome, reason = FAILURES[name]

    async def run():
        async with bulb(act, answers) as playing:
            return playing, await hub.toggle("DEV1", "127.0.0.1", playing.port, False)

    playing, result = asyncio.run(run())

    assert (result.acknowledged, result.attempts, playing.connections) == (True, 2, 2)
    assert {frame.msg_id for frame in playing.frames} == {result.msg_id}
    assert {frame.state for frame in playing.frames} == {False}
    answered = {"recv success": 1, "latency_seconds_count": 1}
    expected = {"sent success": 2, f"recv {outcome}": 1, f"retransmit {reason}": 1, **answered}
    seen = counted(hub.metrics)
    wrong = {key: seen.pop(key) for key in list(seen) if key.startswith("decode")}
    assert seen == expected
    assert sum(wrong.values()) == (1 if outcome == "bad_ack" else 0)
    assert [line["outcome"] for line in diary.lines if line["outcome"]] == [outcome, "acknowledged", "acknowledged"]


def test_nobody_acknowledges(hub):
    async def run():
        async with bulb(hang_up) as playing:
            return playing, await hub.toggle("DEV1", "127.0.0.1", playing.port, True, 3)

    playing, result = asyncio.run(run())

    assert (result.acknowledged, result.attempts, playing.connections) == (False, 3, 3)
    assert counted(hub.metrics) == {"sent success": 3, "recv closed": 3, "retransmit closed": 2}


def test_a_refused_connection_counts_no_frame(hub, diary):
    with refusing_port() as port:
        result = asyncio.run(hub.toggle("DEV1", "127.0.0.1", port, True))

    assert (result.acknowledged, result.attempts) == (False, 2)
    assert counted(hub.metrics) == {"retransmit connection_failed": 1}
    failures = [line for line in diary.lines if line["event"] == "attempt_failed"]
    assert [(line["attempt"], line["outcome"]) for line in failures] == [(1, "refused"), (2, "refused")]
    assert "ConnectionRefusedError" in failures[0]["traceback"]


def test_an_unanswered_connection_ends_at_its_limit(hub, diary):
    with unanswered_port() as port:
        began = time.monotonic()
        result = asyncio.run(hub.toggle("DEV1", "127.0.0.1", port, True, 1))
        took = time.monotonic() - began

    assert not result.acknowledged
    assert took >= QUICK.connect_timeout
    assert counted(hub.metrics) == {}
    assert diary.lines[-1]["outcome"] == "connect_timeout"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", "no\0host"])
def test_a_host_without_address_is_a_failed_connection(hub, diary, host):
    result = asyncio.run(hub.toggle("DEV1", host, 9, True))

    assert (result.acknowledged, result.attempts) == (False, 2)
    assert counted(hub.metrics) == {"retransmit connection_failed": 1}
    # A name server that does not answer in time is a slow one.
    assert diary.lines[-1]["outcome"] in ("connect_error", "connect_timeout")


def test_a_host_may_be_a_name(hub):
    async def run():
        async with bulb(answers) as playing:
            return await hub.toggle("DEV1", "localhost", playing.port, True)

    assert asyncio.run(run()).acknowledged


class AfterTheReset(Exchange):
    """Goes on only when the other side has reset the connection."""

    async def connect(self, host, port):
        link = await super().connect(host, port)
        with pytest.raises(ConnectionResetError):
            await asyncio.get_running_loop().sock_recv(link, 1)
        return link


class NarrowLink(Exchange):
    """Buffers as little as the system lets it."""

    async def connect(self, host, port):
        link = await super().connect(host, port)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        return link


async def reset_at_once(reader, writer):
    await reset(reader, writer)


def test_a_frame_that_the_other_side_refuses_is_a_send_error(hub, diary):
    hub.exchange = AfterTheReset(QUICK)

    async def run():
        async with bulb(reset_at_once) as playing:
            return await hub.toggle("DEV1", "127.0.0.1", playing.port, True, 2)

    assert not asyncio.run(run()).acknowledged
    assert counted(hub.metrics) == {"sent error": 2, "retransmit connection_failed": 1}
    told = [line for line in diary.lines if line["direction"] == "out"]
    assert len(told) == 2
    assert all(line["raw_packet_hex"] for line in told)
    assert [line["outcome"] for line in diary.lines if line["outcome"]] == ["send_error"] * 3


def test_a_frame_that_nobody_takes_is_a_send_error_at_its_limit(hub, diary):
    hub.exchange = NarrowLink(QUICK)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        result = asyncio.run(hub.toggle("x" * 1_048_000, "127.0.0.1", listener.getsockname()[1], True, 1))

    assert not result.acknowledged
    assert result.elapsed_ms >= 1000 * QUICK.io_timeout
    assert counted(hub.metrics) == {"sent error": 1}
    assert diary.lines[-1]["outcome"] == "send_error"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectionRefusedError(), Outcome.REFUSED),
        (TimeoutError(), Outcome.CONNECT_TIMEOUT),
        (OSError(errno.ETIMEDOUT, ""), Outcome.CONNECT_TIMEOUT),
        (OSError(errno.EHOSTUNREACH, ""), Outcome.UNREACHABLE),
        (OSError(errno.ENETUNREACH, ""), Outcome.UNREACHABLE),
        (OSError(errno.EMFILE, ""), Outcome.CONNECT_ERROR),
        (ConnectionResetError(), Outcome.CONNECT_ERROR),
        (UnicodeError(), Outcome.CONNECT_ERROR),
    ],
)
def test_failures_to_connect_are_told_apart(error, outcome):
    assert _failure_to_connect(error) is outcome
    assert retransmit_reason(outcome) == "connection_failed"


def test_an_answer_byte_by_byte_is_an_answer(hub):
    async def run():
        async with bulb(says(b"A", b"C", b"K")) as playing:
            return await hub.toggle("DEV1", "127.0.0.1", playing.port, True, 1)

    assert asyncio.run(run()).acknowledged


def test_one_limit_holds_for_the_whole_reply(hub):
    async def run():
        async with bulb(says(*[b"A"] * 200)) as playing:
            began = time.monotonic()
            return await hub.toggle("DEV1", "127.0.0.1", playing.port, True, 1), time.monotonic() - began

    result, took = asyncio.run(run())
    assert not result.acknowledged
    assert took >= QUICK.io_timeout
    assert counted(hub.metrics)["recv timeout"] == 1


def test_an_endless_reply_is_refused_before_the_limit():
    hub = Hub(HubSettings(io_timeout=30.0))

    async def run():
        async with bulb(flood) as playing:
            return await hub.toggle("DEV1", "127.0.0.1", playing.port, True, 1)

    assert asyncio.run(run()).elapsed_ms < 15_000
    assert counted(hub.metrics)["decode_errors too_long"] == 1


def test_an_answer_just_in_time_counts_and_its_time_is_measured(hub):
    async def run():
        async with bulb(later(0.15)) as playing:
            return await hub.toggle("DEV1", "127.0.0.1", playing.port, True, 1)

    assert asyncio.run(run()).acknowledged
    total = hub.metrics.registry.get_sample_value("tcp_comm_packet_latency_seconds_sum", {"device_id": "DEV1"})
    assert 0.15 <= total < QUICK.io_timeout
    bounds = [
        float(sample.labels["le"])
        for family in text_string_to_metric_families(generate_latest(hub.metrics.registry).decode())
        for sample in family.samples
        if sample.name.endswith("_bucket")
    ]
    assert bounds == [*BUCKETS, float("inf")]


def test_a_repeat_is_counted_when_it_begins():
    hub = Hub(HubSettings(io_timeout=0.1, backoff_base=0.4, jitter=0.0))

    async def run():
        async with bulb(hang_up, answers) as playing:
            command = asyncio.ensure_future(hub.toggle("DEV1", "127.0.0.1", playing.port, True))
            while "recv closed" not in counted(hub.metrics):
                await asyncio.sleep(0.01)
            waiting = counted(hub.metrics), playing.connections
            await command
            return waiting

    (before, connections) = asyncio.run(run())
    assert (before, connections) == ({"sent success": 1, "recv closed": 1}, 1)
    assert counted(hub.metrics)["retransmit closed"] == 1


def test_fifty_commands_at_once_keep_apart(hub):
    async def run():
        async with bulb(answers) as playing:
            commands = [hub.toggle(f"D{n}", "127.0.0.1", playing.port, n % 2 == 0) for n in range(50)]
            return playing, await asyncio.gather(*commands)

    playing, results = asyncio.run(run())
    assert all(result.acknowledged for result in results)
    assert len({result.msg_id for result in results}) == 50
    assert {frame.device_id: frame.state for frame in playing.frames} == {f"D{n}": n % 2 == 0 for n in range(50)}


def test_every_line_has_the_fields_of_the_contract(hub, diary):
    async def run():
        async with bulb(says(b"NO"), answers) as playing:
            return playing, await hub.toggle("Küche\n", "127.0.0.1", playing.port, True)

    playing, result = asyncio.run(run())

    assert all(set(line) == FIELDS for line in diary.lines)
    assert all(line["ts"].endswith("+00:00") for line in diary.lines)
    assert {line["msg_id"] for line in diary.lines} == {result.msg_id}
    assert {line["device_id"] for line in diary.lines} == {"Küche\n"}
    assert len({line["correlation_id"] for line in diary.lines}) == 1
    out = [line for line in diary.lines if line["direction"] == "out"]
    back = [line for line in diary.lines if line["direction"] == "in"]
    assert [line["raw_packet_hex"] for line in out] == [raw.hex() for raw in playing.raw]
    assert [(line["attempt"], line["raw_packet_hex"], line["outcome"]) for line in back] == [
        (1, b"NO".hex(), "bad_ack"),
        (2, ACK.hex(), "acknowledged"),
    ]


def test_two_commands_have_two_ids_and_16_lower_case_hexadecimal_characters(hub):
    ids = {hub.new_msg_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(each) == 16 and set(each) <= set("0123456789abcdef") for each in ids)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"A", "incomplete"),
        (b"AC", "incomplete"),
        (b"NAK", "unexpected"),
        (b"ACKX", "unexpected"),
        (b"A" * MAX_REPLY, "too_long"),
    ],
)
def test_why_a_reply_is_wrong(reply, reason):
    assert decode_reason(reply) == reason


# --- waits


def test_waits_double_up_to_their_cap():
    assert [least_delay(k, 0.25, 5.0) for k in range(1, 8)] == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert least_delay(10**9, 0.25, 5.0) == 5.0
    assert least_delay(10**9, 0.0, 5.0) == 0.0
    assert least_delay(1, 0.25, 0.1) == 0.1


@given(st.integers(1, 5000), st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_wait_is_never_longer_than_its_cap_and_never_shrinks(attempt, base, cap):
    wait = least_delay(attempt, base, cap)
    assert 0 <= wait <= cap
    assert least_delay(attempt + 1, base, cap) >= wait


def test_chance_adds_between_nothing_and_the_jitter_and_differs():
    hub = Hub(HubSettings(backoff_base=1.0, jitter=0.5))
    waits = [hub.delay_after(1) for _ in range(300)]
    assert all(1.0 <= wait <= 1.5 for wait in waits)
    assert max(waits) - min(waits) > 0.25


def test_a_pause_is_never_too_short():
    async def run():
        for n in range(60):
            began = time.monotonic()
            await pause(n / 10_000)
            assert time.monotonic() - began >= n / 10_000

    asyncio.run(run())


def test_the_hub_waits_between_attempts_and_not_after_the_last():
    hub = Hub(HubSettings(backoff_base=0.1, backoff_cap=0.15, jitter=0.0))
    with refusing_port() as port:
        result = asyncio.run(hub.toggle("DEV1", "127.0.0.1", port, True, 4))
        patient = Hub(HubSettings(backoff_base=20.0, backoff_cap=20.0))
        once = asyncio.run(patient.toggle("DEV1", "127.0.0.1", port, True, 1))
    assert result.elapsed_ms >= 1000 * (0.1 + 0.15 + 0.15)
    assert once.elapsed_ms < 10_000


# --- the importable API


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"max_attempts": 0}, ValueError),
        ({"max_attempts": 1.5}, TypeError),
        ({"max_attempts": True}, TypeError),
        ({"state": 1}, TypeError),
        ({"state": "on"}, TypeError),
        ({"device_port": 0}, ValueError),
        ({"device_port": 65_536}, ValueError),
        ({"device_port": "9000"}, TypeError),
        ({"device_port": True}, TypeError),
        ({"device_host": ""}, ValueError),
        ({"device_host": None}, TypeError),
        ({"device_id": 7}, TypeError),
        ({"device_id": "\udcff"}, ValueError),
        ({"device_id": "x" * 1_048_576}, ValueError),
    ],
    ids=lambda value: str(value)[:40],
)
def test_mistakes_of_the_caller_raise(arguments, error):
    usual = {"device_id": "D", "device_host": "127.0.0.1", "device_port": 9, "state": True}
    with pytest.raises(error):
        asyncio.run(toggle_device_with_retry(**{**usual, **arguments}))


@pytest.mark.parametrize("name", ["connect_timeout", "io_timeout", "backoff_base", "backoff_cap", "jitter"])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "1", None, True])
def test_settings_are_times(name, value):
    with pytest.raises((ValueError, TypeError)):
        HubSettings(**{name: value})


@pytest.mark.parametrize("name", ["connect_timeout", "io_timeout"])
def test_a_time_limit_of_nothing_is_no_limit(name):
    with pytest.raises(ValueError, match="longer than 0 s"):
        HubSettings(**{name: 0})


def test_the_defaults_are_those_of_the_contract():
    assert HubSettings() == HubSettings(1.0, 1.5, 0.25, 5.0, 0.1)


def test_the_api_says_exactly_true_or_false_and_shows_its_counters():
    name = 'a "quoted"\nkühl\\e 灯'

    async def run():
        async with bulb(answers) as playing:
            willing = await toggle_device_with_retry(name, "127.0.0.1", playing.port, True)
        with refusing_port() as port:
            dead = await toggle_device_with_retry(name, "127.0.0.1", port, True, 2, settings=QUICK)
        return willing, dead

    assert asyncio.run(run()) == (True, False)
    port = start_metrics_server(0)
    assert start_metrics_server(0) == start_metrics_server(9) == port
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(scraped(port))
        for sample in family.samples
    }
    assert samples["tcp_comm_packet_sent_total", name, "success"] == 1
    assert samples["tcp_comm_packet_retransmit_total", name, "connection_failed"] == 1
    assert api.default_hub().metrics.serve(0) == port


def scraped(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        return response.read().decode()


def test_two_hubs_do_not_share_counters():
    one, other = HubMetrics(), HubMetrics()
    one.sent("D", success=True)
    assert (counted(one), counted(other)) == ({"sent success": 1}, {})


def test_a_taken_metrics_port_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MetricsPortError, match=str(port)):
            HubMetrics().serve(port)


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    import support.toggle.reference as package

    with pytest.raises(AttributeError, match="nonsense"):
        _ = package.nonsense


# --- the program


class Playing:
    """A bulb on a thread of its own, for programs."""

    def __init__(self, *acts: Act) -> None:
        self.acts = acts

    def __enter__(self) -> "Playing":
        ready, self._end = threading.Event(), threading.Event()

        async def run() -> None:
            self.loop = asyncio.get_running_loop()
            self.over = asyncio.Event()
            async with bulb(*self.acts) as self.bulb:
                ready.set()
                await self.over.wait()

        self.thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(10)


def run(*arguments: str, **more: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=30, cwd=ROOT, check=False, **more)


def toggling(port: int, *more: str) -> list[str]:
    return [
        "toggle",
        "--device-id=DEV1",
        "--device-host=127.0.0.1",
        f"--device-port={port}",
        "--metrics-port=0",
        *QUICK_FLAGS,
        *more,
    ]


def test_one_command_acknowledged():
    with Playing(answers) as playing:
        done = run(*toggling(playing.bulb.port, "--state=off"))

    ready, result = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert ready == {"ready": True, "metrics_port": ready["metrics_port"], "version": __version__}
    assert ready["metrics_port"] > 0
    assert set(result) == {"acknowledged", "attempts", "elapsed_ms", "msg_id"}
    assert (result["acknowledged"], result["attempts"]) == (True, 1)
    assert playing.bulb.raw == [encode(Toggle("DEV1", result["msg_id"], False))]
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(set(line) == FIELDS for line in lines)
    assert playing.bulb.raw[0].hex() in {line["raw_packet_hex"] for line in lines}


def test_one_command_not_acknowledged():
    with refusing_port() as port:
        done = run(*toggling(port, "--max-attempts=3", "--metrics-port=none"))
    ready, result = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    assert ready["metrics_port"] is None
    assert (result["acknowledged"], result["attempts"]) == (False, 3)
    assert "Traceback (most recent call last)" not in done.stderr


def test_no_log_below_its_level():
    with Playing(answers) as playing:
        done = run(*toggling(playing.bulb.port, "--log-level=error"))
    assert (done.returncode, done.stderr) == (0, "")


GOOD = ["toggle", "--device-id=D", "--device-host=127.0.0.1", "--device-port=9", "--metrics-port=none"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["flip"],
        ["toggle"],
        ["toggle", "--device-id=D"],
        ["toggle", "--device-host=h"],
        ["serve", "--device-id=D"],
        [*GOOD, "--device-port=0"],
        [*GOOD, "--device-port=70000"],
        [*GOOD, "--device-port=-1"],
        [*GOOD, "--device-port=abc"],
        [*GOOD, "--device-port=१"],
        [*GOOD, "--device-port="],
        [*GOOD, "--device-port"],
        [*GOOD, "--state=maybe"],
        [*GOOD, "--state=ON"],
        [*GOOD, "--state="],
        [*GOOD, "--max-attempts=0"],
        [*GOOD, "--max-attempts=-1"],
        [*GOOD, "--max-attempts=1.5"],
        [*GOOD, "--max-attempts=" + "9" * 5000],
        [*GOOD, "--io-timeout=0"],
        [*GOOD, "--io-timeout=-1"],
        [*GOOD, "--connect-timeout=nan"],
        [*GOOD, "--connect-timeout=inf"],
        [*GOOD, "--backoff-base=-0.1"],
        [*GOOD, "--backoff-cap=soon"],
        [*GOOD, "--jitter", "-inf"],
        [*GOOD, "--metrics-port=65536"],
        [*GOOD, "--metrics-port=NONE"],
        [*GOOD, "--metrics-host="],
        [*GOOD, "--log-level=loud"],
        [*GOOD, "--device-host="],
        [*GOOD, b"--device-id=\xff"],
        [*GOOD, "--unknown=1"],
        [*GOOD, "--device-i=D"],
        [*GOOD, "stray\nwith\nlines"],
    ],
    ids=lambda arguments: " ".join(map(str, arguments[5:] or arguments))[:40] or "nothing",
)
def test_a_mistake_is_one_line_and_code_2(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.endswith("\n")
    assert "usage" not in done.stderr.lower()
    assert len(done.stderr) < 300


@pytest.mark.parametrize("arguments", [["--help"], ["toggle", "--help"], ["serve", "-h"]])
def test_help_is_no_mistake(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "exit codes" in done.stdout


def test_the_version():
    done = run("--version")
    assert (done.returncode, done.stdout.split()[-1], done.stderr) == (0, __version__, "")


def test_a_taken_metrics_port_ends_before_the_bulb_is_contacted():
    with Playing(answers) as playing, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(*toggling(playing.bulb.port, f"--metrics-port={port}"))
        assert playing.bulb.connections == 0
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1
    assert str(port) in done.stderr


def test_a_metrics_host_that_cannot_be_had_ends_likewise():
    done = run(*toggling(9, "--metrics-host=no-such-host.invalid"))
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drops_the_command(number):
    with Playing(silent) as playing:
        program = subprocess.Popen(
            [*PROGRAM, *toggling(playing.bulb.port), "--io-timeout=60"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert json.loads(program.stdout.readline())["ready"] is True
        program.send_signal(number)
        out, err = program.communicate(timeout=20)
    assert program.returncode == 128 + number
    assert out == ""
    assert "Traceback" not in err


def test_nobody_reads_the_result():
    with Playing(answers) as playing:
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [*PROGRAM, *toggling(playing.bulb.port)], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=30
        )
        os.close(writing)
    assert done.returncode == 0
    assert "rror" not in done.stderr


def test_nobody_reads_the_help():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*PROGRAM, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=30)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_without_any_stream_still_switches():
    with Playing(answers) as playing:
        command = " ".join([*PROGRAM, *toggling(playing.bulb.port)])
        done = subprocess.run(["sh", "-c", f"exec {command} <&- >&- 2>&-"], cwd=ROOT, timeout=30, check=False)
    assert done.returncode == 0
    assert playing.bulb.raw == [encode(playing.bulb.frames[0])]


def test_a_mistake_is_found_before_the_slow_parts_are_loaded():
    text = "import sys, support.toggle.reference.cli as c; c.Program().main(['toggle']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=ROOT, timeout=30, check=True)
    assert "'argparse'" in done.stdout
    assert "'asyncio'" not in done.stdout
    assert "'prometheus_client'" not in done.stdout


# --- serve


class Serving:
    """A serving hub: lines in, lines out."""

    def __init__(self, *flags: str) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "serve", "--metrics-port=0", *QUICK_FLAGS, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self.answers: Queue[dict[str, object]] = Queue()
        self.log: list[bytes] = []
        self._threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self.ready = self.answers.get(timeout=20)

    def _read(self) -> None:
        for line in self.process.stdout:
            self.answers.put(json.loads(line))

    def __enter__(self) -> "Serving":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(20)
        for thread in self._threads:
            thread.join(20)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def write(self, line: bytes) -> None:
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def command(self, name: str, port: int, **more: object) -> None:
        fields = {"id": name, "device_id": "DEV1", "device_host": "127.0.0.1", "device_port": port, "state": "on"}
        self.write(json.dumps({**fields, **more}).encode())

    def answer(self) -> dict[str, object]:
        return self.answers.get(timeout=20)

    def end(self) -> int:
        """Close the input; the exit code once everything has been read."""
        self.process.stdin.close()
        return self.over()

    def over(self) -> int:
        code = self.process.wait(20)
        for thread in self._threads:
            thread.join(20)
        return code


def test_serve_answers_each_command_and_ends_with_its_input():
    with Playing(answers) as playing, Serving() as hub:
        assert set(hub.ready) == {"ready", "metrics_port", "version"}
        hub.command("one", playing.bulb.port)
        answer = hub.answer()
        hub.command("two", playing.bulb.port, state="off", device_id="灯")
        other = hub.answer()
        text = scraped(hub.ready["metrics_port"])
        assert hub.end() == 0

    assert set(answer) == {"id", "acknowledged", "attempts", "elapsed_ms", "msg_id"}
    assert (answer["id"], answer["acknowledged"], answer["attempts"]) == ("one", True, 1)
    assert playing.bulb.frames == [Toggle("DEV1", answer["msg_id"], True), Toggle("灯", other["msg_id"], False)]
    assert 'tcp_comm_packet_sent_total{device_id="灯",outcome="success"} 1.0' in text
    assert "_created" not in text
    assert all(set(json.loads(line)) == FIELDS for line in hub.log)


def test_commands_overtake_each_other_and_the_end_of_input_waits_for_them():
    with Playing(later(0.25)) as slow, Playing(answers) as quick, Serving("--max-attempts=3") as hub, refusing_port() as dead:
        hub.command("slow", slow.bulb.port)
        hub.command("quick", quick.bulb.port)
        hub.command("dead", dead)
        hub.command("dead once", dead, max_attempts=1)
        assert hub.end() == 0
        found = [hub.answer() for _ in range(4)]

    assert found[-1]["id"] == "slow"
    results = {answer["id"]: (answer["acknowledged"], answer["attempts"]) for answer in found}
    assert results == {"slow": (True, 1), "quick": (True, 1), "dead": (False, 3), "dead once": (False, 1)}


BAD_LINES = [
    (b"", None),
    (b"not json", None),
    (b"\xff\xfe", None),
    (b"[" * 100_000, None),
    (b"[1]", None),
    (b"{}", None),
    (b'{"id": 7}', None),
    (b'{"id": "x"}', "x"),
]
BAD_FIELDS = [
    {"id": 1},
    {"id": None},
    {"device_id": 1},
    {"device_id": "\ud800"},
    {"device_id": "x" * 1_048_576},
    {"device_host": ""},
    {"device_host": 1},
    {"device_port": 0},
    {"device_port": 65_536},
    {"device_port": "9000"},
    {"device_port": True},
    {"device_port": 9.0},
    {"state": True},
    {"state": "ON"},
    {"state": ["on"]},
    {"max_attempts": 0},
    {"max_attempts": "2"},
    {"max_attempts": True},
    {"colour": "red"},
]


def test_a_bad_line_is_answered_with_a_sentence_and_the_hub_lives_on():
    with Playing(answers) as playing, Serving() as hub:
        for line, id in BAD_LINES:
            hub.write(line)
            answer = hub.answer()
            assert set(answer) == {"id", "error"}
            assert answer["id"] == id, line[:40]
        for fields in BAD_FIELDS:
            hub.command("x", playing.bulb.port, **fields)
            answer = hub.answer()
            assert set(answer) == {"id", "error"}
            assert answer["id"] == (None if "id" in fields else "x")
            assert 5 < len(answer["error"]) < 300
            assert "\n" not in answer["error"]
        assert playing.bulb.connections == 0
        hub.command("good", playing.bulb.port)
        assert hub.answer()["acknowledged"] is True
        assert hub.end() == 0
        assert not any(b"Traceback" in line for line in hub.log)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_finishes_what_can_be_finished_and_drops_the_rest(number):
    with Playing(later(0.5)) as slow, Playing(silent) as never, Serving("--io-timeout=60") as hub:
        hub.command("slow", slow.bulb.port)
        hub.command("never", never.bulb.port)
        while slow.bulb.connections + never.bulb.connections < 2:
            time.sleep(0.005)
        hub.process.send_signal(number)
        assert hub.over() == 0
        answers = {answer["id"]: answer for answer in (hub.answer(), hub.answer())}
        assert not any(b"Traceback" in line for line in hub.log)
    assert answers["slow"]["acknowledged"] is True
    assert "ended" in answers["never"]["error"]


def test_commands_after_a_stop_signal_are_turned_away():
    with Playing(later(0.5)) as slow, Serving("--io-timeout=60") as hub:
        hub.command("slow", slow.bulb.port)
        while not slow.bulb.connections:
            time.sleep(0.005)
        hub.process.send_signal(signal.SIGTERM)
        while not any(b"hub_stopped_by_SIGTERM" in line for line in hub.log):
            time.sleep(0.005)
        hub.command("late", slow.bulb.port)
        answers = {answer["id"]: answer for answer in (hub.answer(), hub.answer())}
        assert hub.over() == 0
    assert set(answers["late"]) == {"id", "error"}
    assert answers["slow"]["acknowledged"] is True
    assert slow.bulb.connections == 1


def test_serve_ends_quietly_when_nobody_reads_its_answers():
    with Playing(answers) as playing:
        reading, writing = os.pipe()
        program = subprocess.Popen(
            [*PROGRAM, "serve", "--metrics-port=none"], stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT
        )
        os.close(writing)
        assert b"ready" in os.read(reading, 1000)
        os.close(reading)
        fields = {"id": "x", "device_id": "D", "device_host": "127.0.0.1", "device_port": playing.bulb.port, "state": "on"}
        program.stdin.write(json.dumps(fields).encode() + b"\n")
        program.stdin.flush()
        assert program.wait(20) == 0
        program.stdin.close()
        assert b"Traceback" not in program.stderr.read()
        program.stderr.close()


def test_a_slow_reader_does_not_keep_the_hub_from_ending():
    reading, writing = os.pipe()
    program = subprocess.Popen(
        [*PROGRAM, "serve", "--metrics-port=none"], stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    os.close(writing)
    assert b"ready" in os.read(reading, 1000)
    # Each bad line is answered; nobody reads, so the pipe is full long before the last.
    writer = threading.Thread(target=_write_quietly, args=(program.stdin, b"bad\n" * 20_000), daemon=True)
    writer.start()
    writer.join(5)
    program.terminate()
    assert program.wait(20) == 0
    os.close(reading)
    writer.join(20)


def _write_quietly(stream, data: bytes) -> None:
    try:
        stream.write(data)
        stream.close()
    except BrokenPipeError:
        return  # the hub has ended, as it should


@pytest.mark.parametrize("source", ["/dev/null", "file"])
def test_commands_may_come_from_a_file(tmp_path, source):
    commands = tmp_path / "commands"
    with refusing_port() as port:
        fields = {"id": "x", "device_id": "D", "device_host": "127.0.0.1", "device_port": port, "state": "on", "max_attempts": 1}
        commands.write_text(json.dumps(fields))  # and no line end
        with open(commands if source == "file" else source, "rb") as stream:
            done = run("serve", "--metrics-port=none", stdin=stream)
    assert done.returncode == 0
    assert [json.loads(line).get("acknowledged") for line in done.stdout.splitlines()[1:]] == [False] * (source == "file")


def test_more_commands_than_may_be_under_way_are_all_answered():
    patient = ("--connect-timeout=20", "--io-timeout=20")  # so many at once may keep a busy machine for a while
    with Playing(answers) as playing, Serving("--log-level=ERROR", *patient) as hub:
        for number in range(600):
            hub.command(str(number), playing.bulb.port)
        found = [hub.answer() for _ in range(600)]
        assert hub.end() == 0
    assert {answer["id"] for answer in found} == {str(number) for number in range(600)}
    assert all(answer["acknowledged"] for answer in found)
    assert len({answer["msg_id"] for answer in found}) == 600


def test_a_round_trip_waits_for_nothing_but_the_bulb():
    with Playing(answers) as playing, Serving("--log-level=ERROR") as hub:
        times = []
        for number in range(40):
            began = time.perf_counter()
            hub.command(str(number), playing.bulb.port)
            hub.answer()
            times.append(time.perf_counter() - began)
        assert hub.end() == 0
    # A delayed acknowledgement (40 ms) on either side would show in every one of them.
    assert sorted(times)[5] < 0.03
