"""The reference gateway's memory: flat while it works, small while a thousand clients are quiet."""

import asyncio
import json
import os
import sys

import psutil
import pytest
from websockets.asyncio.client import connect

from support.gateway.load import Load, run_load
from support.kit.loop import LoopThread
from support.kit.process import ManagedProcess

TOKEN = "a-token-that-is-long-enough"
OFF = ["--rate-session=off", "--rate-address=off", "--rate-global=off", "--max-inflight=256", "--max-inflight-session=256"]


@pytest.fixture
def gateway(tmp_path):
    printed = []
    argv = [sys.executable, "-m", "support.gateway.reference", "--port=0", "--metrics-port=none", *OFF]
    argv += ["--max-connections=1100", "--max-connections-per-address=1100"]
    with ManagedProcess.start(
        argv, name="gateway", log=tmp_path / "log", env={**os.environ, "GATEWAY_TOKEN": TOKEN}, on_line=printed.append
    ) as process:
        process.wait_ready(lambda: bool(printed), 20.0, "the gateway to be ready")
        yield process, f"ws://127.0.0.1:{json.loads(printed[0])['port']}"


def megabytes(process):
    return psutil.Process(process.pid).memory_info().rss / 1e6


def call(request_id):
    return f'{{"op":"call_tool","request_id":"{request_id}","name":"status","arguments":{{}}}}'


def test_it_does_not_grow_with_the_calls_of_a_session(gateway):
    process, url = gateway
    seen = []
    with LoopThread() as loop:
        for tenth in range(10):
            load = Load(call, "call_tool_res", TOKEN, window=64, count=10_000, prefix=f"{tenth}.", session="one")
            assert loop.call(run_load(url, load), 120.0).calls == 10_000
            seen.append(megabytes(process))
    assert seen[-1] < seen[1] * 1.05, seen


def test_a_thousand_quiet_clients_take_little(gateway):
    process, url = gateway

    async def stay():
        clients = [await connect(url, compression=None, ping_interval=None, proxy=None) for _ in range(1000)]
        for client in clients:
            await client.send(json.dumps({"op": "hello", "token": TOKEN}))
        answers = [json.loads(await client.recv()) for client in clients]
        taken = await asyncio.to_thread(megabytes, process)
        for client in clients:
            client.transport.abort()
        return sum(answer["ok"] for answer in answers), taken

    with LoopThread() as loop:
        let_in, taken = loop.call(stay(), 120.0)
    assert let_in == 1000
    assert taken < 150, taken
