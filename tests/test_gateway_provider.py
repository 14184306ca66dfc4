"""The reference provider as a process, and the gateway's lookups of it and of providers that misbehave."""

import asyncio
import json
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager

import pytest
from gateway_program import FREE, ROOT, Client, Running, client, error_of, gateway, text_of

PROGRAM = (sys.executable, "-m", "support.gateway.reference.provider")


@contextmanager
def provider(*flags: str):
    process = subprocess.Popen((*PROGRAM, *flags), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process, json.loads(process.stdout.readline())["port"]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def port():
    with provider() as (_, port):
        yield port


def ask(port: int, sent: bytes, *, end: bool = False) -> dict[str, str]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert received.endswith(b"\n")
    assert received.count(b"\n") == 1
    return json.loads(received)


# --- the provider


@pytest.mark.parametrize("key", ["k", "x" * 256, "ünïcödé 🎉", '\n"\\', " "])
def test_a_key_has_its_value(port, key):
    assert ask(port, json.dumps({"key": key}).encode() + b"\n") == {"value": f"value of {key}"}


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"key\n", b"[]\n", b"{}\n", b'{"key":""}\n', b'{"key":1}\n', b'{"key":null}\n', b"\xff\n",
        b'{"key":"' + b"x" * 257 + b'"}\n', b"[" * 60_000 + b"\n", b'{"key":"k"}' + b" " * 1_000_000 + b"\n",
    ],
)  # fmt: skip
def test_a_bad_line_is_answered_with_an_error(port, line):
    assert set(ask(port, line)) == {"error"}


def test_a_line_that_ends_early_is_a_bad_one(port):
    assert set(ask(port, b'{"key":"k', end=True)) == {"error"}


def test_it_ends_as_asked_also_with_clients_that_stay():
    with provider() as (process, port), socket.create_connection(("127.0.0.1", port)):
        time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=2)
        assert (process.returncode, said) == (0, "")


def test_it_complains_in_one_line(port):
    for flags, code in (("--port=x",), 2), ((f"--port={port}",), 3), (("--nothing",), 2):
        done = subprocess.run((*PROGRAM, *flags), cwd=ROOT, capture_output=True, text=True, timeout=5, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (code, 1)


# --- lookups


class Stub:
    """A provider that does as it is told, and how often it was connected to."""

    def __init__(self) -> None:
        self.connections = 0
        self.open = 0
        self.act = "value"
        self.port = 0
        self.asked: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            self.asked.append(await reader.readline())
            if self.act == "hang":
                await reader.read()
            elif self.act == "reset":
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            elif self.act == "flood":
                while not writer.is_closing():
                    writer.write(b"x" * 100_000)
                    await writer.drain()
            else:
                writer.write({"value": b'{"value": "v", "more": 1}\n', "slow": b""}.get(self.act, self.act.encode()))
                await writer.drain()
        except ConnectionError:
            return  # the gateway's business
        finally:
            self.open -= 1
            writer.transport.abort() if self.act == "reset" else writer.close()


@asynccontextmanager
async def stub():
    it = Stub()
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    try:
        yield it
    finally:
        server.close()


def with_stubs(tmp_path, work, *flags: str) -> None:
    """Run `work(client, running, a, b)` with a gateway that has the providers a (default) and b."""

    async def run():
        async with stub() as a, stub() as b:
            addresses = (f"--provider=a=127.0.0.1:{a.port}", f"--provider=b=127.0.0.1:{b.port}")
            with gateway(tmp_path, *addresses, "--provider-timeout=0.3", *FREE, *flags) as running:
                async with client(running.url) as it:
                    await work(it, running, a, b)

    asyncio.run(run())


def lookups(it: Client):
    """Lookups with request ids of their own."""
    numbers = iter(range(10_000))

    async def lookup(**arguments: object) -> dict[str, object]:
        return await it.call(f"n{next(numbers)}", "lookup", **{"key": "k", **arguments})

    return lookup


def test_a_lookup_gives_the_providers_value(tmp_path, port):
    async def work(running: Running):
        async with client(running.url) as it:
            for key in ("k", "ünï 🎉\n", "x" * 256):
                answer = await it.call(key[:5], "lookup", key=key)
                assert text_of(answer) == f"value of {key}"

    with gateway(tmp_path, f"--provider=main=127.0.0.1:{port}") as running:
        asyncio.run(work(running))


def test_each_call_is_a_connection_of_its_own_with_one_line(tmp_path):
    async def work(it, running, a, b):
        lookup = lookups(it)
        for _ in range(3):
            assert text_of(await lookup(key="é")) == "v"
        assert text_of(await lookup(provider="b")) == "v"
        assert (a.connections, b.connections) == (3, 1)
        assert [json.loads(line) for line in a.asked] == [{"key": "é"}] * 3

    with_stubs(tmp_path, work)


def test_whatever_goes_wrong_is_an_error_or_a_timeout_and_counted(tmp_path):
    async def work(it, running, a, b):
        lookup = lookups(it)
        for act in ('{"error": "öh"}\n', '{"error": null}\n', "{}\n", '{"value": 1}\n', "garbage\n", "[]\n",
                    '{"value": "v"}', "", "reset", "flood", "[" * 9999 + "\n"):  # fmt: skip
            a.act = act
            answer = await lookup()
            assert error_of(answer) == "TOOL_EXECUTION_ERROR", act
            assert answer["error"]["details"] == {"provider": "a"}
        a.act = "hang"
        began = time.monotonic()
        assert error_of(await lookup()) == "TIMEOUT"
        assert 0.3 <= time.monotonic() - began < 0.5
        scraped = await running.scrape()
        assert scraped["provider_calls_total error a"] == 11
        assert scraped["provider_calls_total timeout a"] == 1
        assert scraped["tool_calls_total timeout lookup"] == 1
        assert a.connections == 12

    with_stubs(tmp_path, work, "--breaker-failures=100")


def test_a_provider_that_is_not_there_is_an_error(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it:
            assert error_of(await it.call("r", "lookup", key="k")) == "TOOL_EXECUTION_ERROR"

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with gateway(tmp_path, f"--provider=a=127.0.0.1:{bound.getsockname()[1]}") as running:
            asyncio.run(work(running))


def test_the_breaker_opens_refuses_probes_and_closes(tmp_path):
    async def state(it: Client, name: str = "a") -> dict[str, object]:
        return (await it.ask(op="health", request_id="h"))["breakers"][name]

    async def work(it, running, a, b):
        lookup = lookups(it)
        a.act = "hang"
        assert error_of(await lookup()) == "TIMEOUT"
        a.act = "garbage\n"
        assert error_of(await lookup()) == "TOOL_EXECUTION_ERROR"
        for mistake in ({"key": ""}, {"key": 1}, {"provider": "x"}, {"more": 1}):
            assert error_of(await lookup(**mistake)) == "VALIDATION_ERROR"
        assert await state(it) == {"state": "closed", "failures": 2}
        await lookup()
        assert (await state(it))["state"] == "open"
        seen = a.connections
        for _ in range(20):
            began = time.perf_counter()
            answer = await lookup()
            assert time.perf_counter() - began < 0.05
            assert error_of(answer) == "CIRCUIT_OPEN"
            assert answer["error"]["details"]["provider"] == "a"
            assert 0 < answer["error"]["details"]["retry_after_s"] <= 0.5
        assert a.connections == seen
        assert text_of(await lookup(provider="b")) == "v"
        assert (await running.scrape()).items() >= {
            "breaker_state a open": 1, "breaker_state a closed": 0, "breaker_state a half_open": 0,
            "breaker_state b open": 0, "breaker_state b closed": 1, "breaker_state b half_open": 0,
            "breaker_transitions_total closed a open": 1, "provider_calls_total ok b": 1,
            "provider_calls_total error a": 2, "tool_calls_total circuit_open lookup": 20,
        }.items()  # fmt: skip
        await asyncio.sleep(0.5)
        # Probes: two at a time, of which one is cancelled and makes room for another.
        a.act = "hang"
        await it.begin("p1", "lookup", key="k")
        await it.begin("p2", "lookup", key="k")
        await it.begin("p3", "lookup", key="k")
        refused = await it.next()
        assert (refused["request_id"], error_of(refused)) == ("p3", "CIRCUIT_OPEN")
        assert (await state(it))["state"] == "half_open"
        await it.send(op="cancel", request_id="c", target="p1")
        await it.begin("p4", "lookup", key="k")
        await asyncio.sleep(0.1)
        assert a.open == 2, "the cancelled call has closed its connection"
        assert error_of(await it.next()) == "CANCELLED"
        assert (await it.next())["ok"] is True
        assert [error_of(await it.next()) for _ in range(2)] == ["TIMEOUT", "TIMEOUT"]
        assert (await state(it))["state"] == "open"
        await asyncio.sleep(0.5)
        a.act = "value"
        text_of(await lookup())
        assert (await state(it))["state"] == "half_open"
        text_of(await lookup())
        assert await state(it) == {"state": "closed", "failures": 0}

    with_stubs(tmp_path, work, "--breaker-failures=3", "--breaker-recovery=0.5", "--breaker-probes=2")


def test_a_call_cancelled_before_its_first_step_gives_its_probe_back(tmp_path):
    async def work(it, running, a, b):
        a.act = "garbage\n"
        await lookups(it)()
        await asyncio.sleep(0.2)
        a.act = "value"
        for number in range(5):
            await it.begin(f"r{number}", "lookup", key="k")
            await it.send(op="cancel", request_id="c", target=f"r{number}")
            assert {(await it.next())["op"] for _ in range(2)} == {"call_tool_res", "cancel_res"}
        text_of(await it.call("last", "lookup", key="k"))

    with_stubs(tmp_path, work, "--breaker-failures=1", "--breaker-recovery=0.1", "--breaker-probes=1")


def test_a_stored_value_needs_no_provider(tmp_path):
    async def work(it, running, a, b):
        first = await it.call("r", "lookup", key="k")
        assert await it.call("r", "lookup", key="k") == {**first, "from_cache": True}
        await asyncio.gather(*(it.begin("j", "lookup", key="k") for _ in range(3)))
        assert len({json.dumps(await it.next()) for _ in range(3)}) <= 2
        assert a.connections == 2

    with_stubs(tmp_path, work)
