"""The reference gateway as a process, over real sockets: connections, requests, calls, figures and its end."""

import asyncio
import json
import signal
import socket
import struct
import subprocess
import time

import pytest
from gateway_program import FREE, PROGRAM, ROOT, TOKEN, Running, client, environment, error_of, gateway, stranger, text_of

SESSION_IDS = ["ab", "x" * 65, "a b c", "äöü", "a.b", "", 12345, None, ["abc"], "abc\n"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A gateway for tests that leave nothing behind which another would notice."""
    with gateway(tmp_path_factory.mktemp("gateway"), *FREE, "--max-connections-per-address=100") as running:
        yield running


def run(work) -> None:
    asyncio.run(work)


async def eventually(seen, promised, seconds: float = 2.0) -> None:
    """Wait until what is seen is what was promised."""
    end = time.monotonic() + seconds
    while (found := await seen()) != promised:
        assert time.monotonic() < end, f"promised {promised}, seen {found}"
        await asyncio.sleep(0.01)


# --- hello


def test_hello_is_acknowledged_with_a_session_id(shared):
    async def work():
        async with stranger(shared.url) as one, stranger(shared.url) as two:
            first = await one.ask(op="hello", token=TOKEN)
            second = await two.ask(op="hello", token=TOKEN, session_id="My-session_1", extra=[1])
        assert first == {"op": "hello_ack", "ok": True, "session_id": first["session_id"]}
        assert len(first["session_id"]) >= 20
        assert second == {"op": "hello_ack", "ok": True, "session_id": "My-session_1"}

    run(work())


@pytest.mark.parametrize(
    ("first", "error", "code"),
    [
        ('{"op":"hello","token":"a-token-of-some-length-e"}', "unauthorized", 4003),
        ('{"op":"hello"}', "unauthorized", 4003),
        ('{"op":"hello","token":17}', "unauthorized", 4003),
        ('{"op":"hello","token":"","session_id":"!"}', "unauthorized", 4003),
        (json.dumps({"op": "hello", "token": TOKEN[:-1]}), "unauthorized", 4003),
        (json.dumps({"op": "hello", "token": TOKEN + "x"}), "unauthorized", 4003),
        (json.dumps({"op": "hello", "token": TOKEN.upper()}), "unauthorized", 4003),
        *((json.dumps({"op": "hello", "token": TOKEN, "session_id": id}), "invalid_session_id", 4000) for id in SESSION_IDS),
        ("hello", "invalid_hello", 4000),
        ("", "invalid_hello", 4000),
        ("[1]", "invalid_hello", 4000),
        ('"hello"', "invalid_hello", 4000),
        ('{"op":"hello"', "invalid_hello", 4000),
        ('{"op":NaN}', "invalid_hello", 4000),
        ("[" * 100_000, "invalid_hello", 4000),
        (json.dumps({"op": "hello", "token": TOKEN}).encode(), "invalid_hello", 4000),
        (json.dumps({"op": "ping", "request_id": "r", "token": TOKEN}), "missing_hello", 4001),
        (json.dumps({"type": "hello", "token": TOKEN}), "missing_hello", 4001),
        (json.dumps({"jsonrpc": "2.0", "method": "initialize", "id": 1, "params": {"token": TOKEN}}), "missing_hello", 4001),
        ("{}", "missing_hello", 4001),
        ('{"op":["hello"]}', "missing_hello", 4001),
        ('{"op":"call_tool","x":1e999}', "missing_hello", 4001),
        ('{"a":"\\ud800"}', "missing_hello", 4001),
    ],
)
def test_anything_else_is_refused_with_its_word_and_its_code(shared, first, error, code):
    async def work():
        async with stranger(shared.url) as it:
            assert await it.raw(first) == {"op": "hello_ack", "ok": False, "error": error}
            assert await it.closed() == (code, error)

    run(work())


def test_silence_is_closed_after_the_hello_timeout_without_a_frame(tmp_path):
    async def work(running: Running):
        async with stranger(running.url) as it, client(running.url) as greeted:
            began = time.monotonic()
            assert await it.closed() == (4002, "hello timeout")
            assert 0.3 <= time.monotonic() - began < 0.8
            await asyncio.sleep(0.2)
            assert (await greeted.ask(op="ping", request_id="r"))["op"] == "pong"

    with gateway(tmp_path, "--hello-timeout=0.4") as running:
        run(work(running))


# --- limits of connections


def test_the_connection_beyond_a_limit_is_closed_and_slots_are_free_at_once(tmp_path):
    async def work(running: Running):
        async with client(running.url), client(running.url):
            async with stranger(running.url) as it:
                code, reason = await it.closed()
                assert code == 1008
                assert "address" in reason
            scraped = await running.scrape()
            assert scraped["connections_total"] == 3
            assert scraped["connections_active"] == 2
            assert scraped["connections_rejected_total address"] == 1
        for _ in range(20):
            async with client(running.url), client(running.url):
                await asyncio.sleep(0)
        for first in ("x", "{}"):
            async with stranger(running.url) as it:
                await it.raw(first)
                async with client(running.url), client(running.url):
                    await it.closed()
        await eventually(lambda: active(running), 0)

    with gateway(tmp_path, "--max-connections-per-address=2", *FREE) as running:
        run(work(running))


def test_a_cancelled_call_is_answered_to_all_who_joined_it(shared):
    async def work():
        async with client(shared.url, "joined-cancel") as one, client(shared.url, "joined-cancel") as two:
            await one.begin("r", "sleep", ms=5000)
            await asyncio.sleep(0.05)
            await two.begin("r", "sleep", ms=5000)
            await two.send(op="cancel", request_id="c", target="r")
            assert error_of(await one.next()) == "CANCELLED"
            assert {(await two.next())["op"] for _ in range(2)} == {"call_tool_res", "cancel_res"}

    run(work())


async def active(running: Running) -> float:
    return (await running.scrape())["connections_active"]


def test_a_client_that_vanishes_or_only_starts_to_close_gives_its_slot_back(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it:
            sock = it.socket.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            it.socket.transport.abort()
        await eventually(lambda: active(running), 0)
        async with client(running.url) as it:
            # A close frame (masked, code 1000) from a client that keeps its end of the TCP connection open.
            it.socket.transport.write(bytes([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8]))
            await eventually(lambda: active(running), 0)
            async with client(running.url):
                assert await active(running) == 1

    with gateway(tmp_path, "--max-connections=1") as running:
        run(work(running))


def test_the_limit_in_all_is_told_apart(tmp_path):
    async def work(running: Running):
        async with client(running.url), client(running.url), client(running.url):
            async with stranger(running.url) as it:
                assert (await it.closed())[0] == 1008
            assert (await running.scrape())["connections_rejected_total total"] == 1

    with gateway(tmp_path, "--max-connections=3") as running:
        run(work(running))


# --- requests


def test_each_request_is_answered_with_its_op_and_its_id(shared):
    async def work():
        async with client(shared.url) as it:
            assert await it.ask(op="ping", request_id="é" * 128) == {"op": "pong", "request_id": "é" * 128}
            tools = await it.ask(op="list_tools", request_id="2")
            assert {"op", "request_id", "tools"} == set(tools)
            assert [tool["name"] for tool in tools["tools"]] == ["status", "echo", "sleep", "fail", "progress", "lookup"]
            for tool in tools["tools"]:
                assert set(tool) == {"name", "description", "inputSchema"}
                assert tool["inputSchema"]["type"] == "object"
                assert tool["description"]
            assert await it.ask(op="cancel", request_id="3", target="x") == {"op": "cancel_res", "request_id": "3", "ok": False}

    run(work())


BAD_FRAMES = [
    ("not JSON", None),
    ("", None),
    ("[]", None),
    ("null", None),
    ("[" * 200_000, None),
    ('{"op":"ping","request_id":' + "9" * 10_000 + "}", None),
    ('{"op":"call_tool","request_id":"r","name":"sleep","arguments":{"ms":' + "9" * 10_000 + "}}", "r"),
    ('{"op":"call_tool","request_id":"r","name":"sleep","arguments":{"ms":1e999}}', "r"),
    ('{"op":"call_tool","request_id":"r","name":"echo","arguments":{"text":"\\udfff"}}', "r"),
    ('{"op":"ping","request_id":"\\udfff"}', None),
    ('{"op":"ping","request_id":"r","x":NaN}', None),
    ('{"op":"ping"}', None),
    ('{"op":"ping","request_id":""}', None),
    ('{"op":"ping","request_id":7}', None),
    ('{"op":"ping","request_id":null}', None),
    ('{"op":"ping","request_id":"' + "x" * 129 + '"}', None),
    ('{"request_id":"r"}', "r"),
    ('{"op":"sing","request_id":"r"}', "r"),
    ('{"op":{},"request_id":"r"}', "r"),
    ('{"op":"PING","request_id":"r"}', "r"),
    ('{"op":"call_tool","request_id":"r"}', "r"),
    ('{"op":"call_tool","request_id":"r","name":1}', "r"),
    ('{"op":"call_tool","request_id":"r","name":"echo","arguments":"text"}', "r"),
    ('{"op":"call_tool","request_id":"r","name":"status","arguments":null}', "r"),
    ('{"op":"cancel","request_id":"r"}', "r"),
    ('{"op":"cancel","request_id":"r","target":5}', "r"),
    (b'{"op":"ping","request_id":"r"}', None),
]


def test_a_bad_frame_is_answered_and_the_connection_stays_open(shared):
    async def work():
        async with client(shared.url) as it:
            for frame, request_id in [*BAD_FRAMES, (json.dumps({"op": "hello", "token": TOKEN, "request_id": "r"}), "r")]:
                answer = await it.raw(frame)
                assert answer["op"] == "error", frame[:80]
                assert error_of(answer) == "INVALID_REQUEST"
                assert answer["error"]["message"]
                assert answer["error"]["details"] == {}
                assert answer.get("request_id") == request_id, frame[:80]
            assert (await it.ask(op="ping", request_id="r"))["op"] == "pong"

    run(work())


def test_odd_but_legal_json_is_understood(shared):
    async def work():
        async with client(shared.url) as it:
            assert (await it.raw('\n {"op":"x","op":"ping","request_id":"a","request_id":"b","z":{"z":[]}}\t'))[
                "request_id"
            ] == "b"
            assert (await it.raw('{"op":"\\u0070ing","request_id":"\\u0000"}'))["request_id"] == "\0"

    run(work())


def test_a_frame_as_long_as_allowed_is_read_and_one_byte_more_is_too_big(tmp_path):
    async def work(running: Running):
        def frame(length: int) -> str:
            text = json.dumps({"op": "ping", "request_id": "r", "pad": ""})
            return text[:-2] + "x" * (length - len(text)) + text[-2:]

        async with client(running.url) as it:
            assert (await it.raw(frame(5000)))["op"] == "pong"
            await it.socket.send(frame(5001))
            assert (await it.closed())[0] == 1009
        await eventually(lambda: active(running), 0)

    with gateway(tmp_path, "--max-frame=5000") as running:
        run(work(running))


# --- tools


@pytest.mark.parametrize("text", ["", " a\n\t ", "ünïcödé 🎉 \u2028\0\x7f", '"\\', "e\u0301", "x" * 3_000_000])
def test_echo_gives_the_text_back(shared, text):
    async def work():
        async with client(shared.url) as it:
            answer = await it.call("r", "echo", text=text)
            assert text_of(answer) == text
            assert isinstance(answer["latency_ms"], float)

    run(work())


def test_arguments_that_make_no_sense_are_named(shared):
    cases = [
        ("echo", {}, "text"),
        ("echo", {"text": 1}, "text"),
        ("echo", {"text": "a", "more": 1}, "more"),
        ("status", {"x": None}, "x"),
        ("sleep", {"ms": -1}, "ms"),
        ("sleep", {"ms": 60_001}, "ms"),
        ("sleep", {"ms": 1.5}, "ms"),
        ("sleep", {"ms": True}, "ms"),
        ("sleep", {"ms": "5"}, "ms"),
        ("progress", {"steps": 0, "ms": 0}, "steps"),
        ("progress", {"steps": 1}, "ms"),
        ("fail", {"message": None}, "message"),
        ("lookup", {"key": ""}, "key"),
        ("lookup", {"key": "x" * 257}, "key"),
        ("lookup", {"key": "k", "provider": "nobody"}, "provider"),
        ("lookup", {"key": "k", "provider": 3}, "provider"),
    ]

    async def work():
        async with client(shared.url) as it:
            for tool, arguments, field in cases:
                answer = await it.call("r", tool, **arguments)
                assert (answer["op"], answer["request_id"]) == ("call_tool_res", "r")
                assert error_of(answer) == "VALIDATION_ERROR", (tool, arguments)
                assert answer["error"]["details"]["field"] == field

    run(work())


def test_failures_have_their_codes(shared):
    async def work():
        async with client(shared.url) as it:
            failed = await it.call("r", "fail", message="öh no")
            assert failed["error"] == {"code": "TOOL_EXECUTION_ERROR", "message": "öh no", "details": {}}
            assert failed["ok"] is False
            assert error_of(await it.call("r", "shout")) == "TOOL_NOT_FOUND"
            assert error_of(await it.call("r", "lookup", key="k")) == "TOOL_EXECUTION_ERROR"
            assert text_of(await it.ask(op="call_tool", request_id="s", name="status"))

    run(work())


def test_a_slow_call_blocks_nothing_on_its_connection(shared):
    async def work():
        async with client(shared.url) as it:
            began = time.monotonic()
            await it.begin("slow", "sleep", ms=300)
            assert (await it.ask(op="ping", request_id="p"))["op"] == "pong"
            text_of(await it.call("fast", "status"))
            assert time.monotonic() - began < 0.2
            answer = await it.next()
            assert answer["request_id"] == "slow"
            assert 300 <= answer["latency_ms"] < 400
            assert 0.3 <= time.monotonic() - began < 0.5

    run(work())


def test_progress_comes_in_order_before_the_answer(shared):
    async def work():
        async with client(shared.url) as it:
            await it.begin("r", "progress", steps=4, ms=10)
            frames = [await it.next() for _ in range(5)]
            assert frames[:4] == [{"op": "progress", "request_id": "r", "step": k, "steps": 4} for k in (1, 2, 3, 4)]
            text_of(frames[4])
            assert frames[4]["latency_ms"] >= 40

    run(work())


# --- cancel


def test_a_cancelled_call_ends_as_such_and_frees_its_place_at_once(shared):
    async def work():
        async with client(shared.url) as it, client(shared.url) as other:
            for number in range(8):
                await it.begin(str(number), "sleep", ms=5000)
            assert error_of(await it.call("9", "status")) == "OVER_CAPACITY"
            assert (await other.ask(op="cancel", request_id="c", target="3"))["ok"] is False
            # In one go: by the time of the next call the place is free.
            await it.send(op="cancel", request_id="c", target="3")
            await it.begin("10", "sleep", ms=1)
            answers = {answer["request_id"]: answer for answer in [await it.next() for _ in range(3)]}
            assert answers["c"] == {"op": "cancel_res", "request_id": "c", "ok": True}
            assert error_of(answers["3"]) == "CANCELLED"
            text_of(answers["10"])
            assert (await it.ask(op="cancel", request_id="d", target="3"))["ok"] is False
            assert await it.silent()
            # Nothing is left of it: the same id runs again.
            assert "from_cache" not in await it.call("3", "sleep", ms=1)

    run(work())


# --- repeats


def test_a_repeat_in_flight_joins_and_runs_nothing(shared):
    async def work():
        before = await shared.scrape()
        async with client(shared.url, "repeats-1") as one, client(shared.url, "repeats-1") as two:
            await one.begin("r", "progress", steps=2, ms=100)
            await one.begin("r", "progress", steps=2, ms=100)
            await asyncio.sleep(0.05)
            await two.begin("r", "progress", steps=2, ms=100)
            frames = [await one.next() for _ in range(4)]
            assert [frame["op"] for frame in frames] == ["progress", "progress", "call_tool_res", "call_tool_res"]
            assert frames[2] == frames[3]
            others = [await two.next() for _ in range(3)]
            assert others == frames[:3]
            assert "from_cache" not in others[2]
            assert await one.silent()
            cached = await one.call("r", "progress", steps=2, ms=100)
            assert cached == {**frames[2], "from_cache": True}
        after = await shared.scrape()
        assert after["repeats_total joined"] - before.get("repeats_total joined", 0) == 2
        assert after["repeats_total cached"] - before.get("repeats_total cached", 0) == 1
        key = "tool_calls_total ok progress"
        assert after[key] - before.get(key, 0) == 1

    run(work())


def test_an_answer_lost_with_its_connection_is_there_after_a_reconnect(shared):
    async def work():
        async with client(shared.url) as it:
            await it.begin("r", "sleep", ms=150)
            name = it.session_id
        async with client(shared.url, name) as back:
            joined = await back.call("r", "sleep", ms=150)
            assert "from_cache" not in joined
        async with client(shared.url, name) as again:
            assert (await again.call("r", "sleep", ms=150)) == {**joined, "from_cache": True}
        async with client(shared.url) as stranger_to_it:
            assert "from_cache" not in await stranger_to_it.call("r", "sleep", ms=0)

    run(work())


def test_only_good_answers_are_stored(shared):
    async def work():
        async with client(shared.url) as it:
            for _ in range(2):
                assert "from_cache" not in await it.call("f", "fail", message="m")
                assert "from_cache" not in await it.call("v", "echo")
                assert "from_cache" not in await it.call("t", "nothing")
            assert "from_cache" not in await it.call("f", "echo", text="x")
            assert (await it.call("f", "echo", text="y"))["outputs"][0]["text"] == "x"

    run(work())


def test_a_stored_answer_expires(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it:
            text_of(await it.call("r", "status"))
            assert (await it.call("r", "status"))["from_cache"] is True
            await asyncio.sleep(0.35)
            assert "from_cache" not in await it.call("r", "status")

    with gateway(tmp_path, "--repeat-ttl=0.3") as running:
        run(work(running))


# --- capacity and rates


def test_calls_beyond_capacity_are_refused_at_once_and_repeats_need_none(tmp_path):
    async def work(running: Running):
        async with client(running.url) as one, client(running.url) as two:
            for number in range(2):
                await one.begin(str(number), "sleep", ms=400)
            await one.begin("0", "sleep", ms=400)
            await two.begin("0", "sleep", ms=400)
            for it, id, who in ((one, "2", "session"), (two, "1", "all")):
                began = time.monotonic()
                answer = await it.call(id, "status")
                assert time.monotonic() - began < 0.1
                assert error_of(answer) == "OVER_CAPACITY", who
                assert answer["error"]["details"]["retry_after_s"] > 0
                assert answer["request_id"] == id
            assert sorted([(await one.next())["request_id"] for _ in range(3)]) == ["0", "0", "1"]
            text_of(await two.next())
            text_of(await one.call("2", "status"))

    with gateway(tmp_path, "--max-inflight=3", "--max-inflight-session=2", *FREE) as running:
        run(work(running))


def test_requests_beyond_a_rate_are_refused_with_their_id(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it, client(running.url) as other:
            assert [(await it.ask(op="ping", request_id=str(n)))["op"] for n in range(3)] == ["pong"] * 3
            limited = await it.ask(op="ping", request_id="4")
            assert (limited["op"], limited["request_id"], error_of(limited)) == ("error", "4", "OVER_CAPACITY")
            call = await it.call("5", "echo", text="x")
            assert (call["op"], call["request_id"], error_of(call)) == ("call_tool_res", "5", "OVER_CAPACITY")
            wait = call["error"]["details"]["retry_after_s"]
            assert 0 < wait <= 0.25
            assert (await other.ask(op="ping", request_id="1"))["op"] == "pong"
            await asyncio.sleep(wait)
            text_of(await it.call("5", "echo", text="x"))
            scraped = await running.scrape()
            assert scraped["tool_calls_total over_capacity echo"] == 1

    with gateway(tmp_path, "--rate-session=3/4") as running:
        run(work(running))


# --- figures


def test_every_message_is_counted(tmp_path):
    async def work(running: Running):
        assert await running.scrape() == {"connections_total": 0, "connections_active": 0, "auth_failures_total": 0}
        async with stranger(running.url) as it:
            await it.ask(op="hello", token="wrong")
        async with stranger(running.url) as it:
            await it.raw("?")
        async with client(running.url, "counted") as it, client(running.url) as other:
            await it.ask(op="ping", request_id="1")
            await it.ask(op="sing", request_id="2")
            await it.ask(op="ping")
            await it.raw("?")
            await it.raw(b"{}")
            await it.ask(op="list_tools", request_id="3")
            await it.call("4", "echo", text="x")
            await it.call("4", "echo", text="x")
            await it.call("5", "sleep", ms=100)
            await it.call("6", "fail", message="x")
            await it.call("7", "what")
            await it.call("8", "sleep", ms=-1)
            await it.begin("9", "sleep", ms=5000)
            await it.ask(op="cancel", request_id="10", target="9")
            await it.next()
            await other.ask(op="ping", request_id="1")
            health = await it.ask(op="health", request_id="h")
            assert health["session"].items() >= {"messages_received": 15, "messages_sent": 15}.items()
            assert 24 < health["session"]["mean_latency_ms"] < 30, "four calls ran, one of them for 100 ms"
            assert health["connections"] == 2
            assert health["breakers"] == {}
            assert (await other.ask(op="health", request_id="h"))["session"]["messages_received"] == 3
            scraped = await running.scrape()
        sums = {name: scraped.pop(name) for name in list(scraped) if name.startswith("tool_latency_seconds_sum")}
        assert 0.1 <= sums["tool_latency_seconds_sum sleep"] < 0.105
        assert scraped == {
            "connections_total": 4,
            "connections_active": 2,
            "auth_failures_total": 1,
            **{f"messages_received_total {op}": n for op, n in received.items()},
            **{f"messages_sent_total {op}": n for op, n in sent.items()},
            "tool_calls_total ok echo": 1,
            "tool_calls_total ok sleep": 1,
            "tool_calls_total validation_error sleep": 1,
            "tool_calls_total cancelled sleep": 1,
            "tool_calls_total tool_execution_error fail": 1,
            "tool_calls_total tool_not_found unknown": 1,
            "tool_latency_seconds_count echo": 1,
            "tool_latency_seconds_count sleep": 2,
            "tool_latency_seconds_count fail": 1,
            "repeats_total cached": 1,
        }

    received = {"hello": 3, "invalid": 3, "ping": 3, "list_tools": 1, "call_tool": 7, "cancel": 1, "health": 2}
    sent = {"hello_ack": 4, "pong": 2, "error": 4, "list_tools_res": 1, "call_tool_res": 7, "cancel_res": 1, "health_res": 2}
    with gateway(tmp_path, *FREE) as running:
        run(work(running))


def test_http_tells_metrics_and_health_and_nothing_else(shared):
    status, text = shared.http("/health")
    assert (status, json.loads(text)["status"]) == (200, "ok")
    assert set(json.loads(text)) == {"status", "version", "uptime_s", "connections"}
    status, text = shared.http("/metrics")
    assert status == 200
    assert "_created" not in text
    assert shared.http("/")[0] == 404


# --- logs


def test_the_log_is_json_lines_without_the_token_and_without_single_calls(tmp_path):
    async def work(running: Running):
        name = "x" * 64
        async with client(running.url, name) as it:
            await it.call("r", "echo", text="secret text")
            await it.raw("secret text")
        async with stranger(running.url) as it:
            await it.ask(op="hello", token=TOKEN + "!")
        _, writer = await asyncio.open_connection("127.0.0.1", running.ready["port"])
        writer.write(b"GET /" + TOKEN.encode() + b" NONSENSE\r\n" + TOKEN.encode() + b"\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()

    for level, told in (("info", False), ("debug", True)):
        with gateway(tmp_path, f"--log-level={level}") as running:
            run(work(running))
            running.stop()
            assert running.process.wait(6) == 0
            lines = running.lines()
            text = running.log.read_text()
        assert {"ts", "level", "event"} <= set.intersection(*(set(line) for line in lines))
        assert TOKEN not in text
        assert json.dumps(TOKEN)[1:-1] not in text
        assert "secret text" not in text
        assert ("call_answered" in text) is told
        events = [line["event"] for line in lines]
        for event in ("gateway_started", "connection_opened", "session_entered", "hello_refused", "gateway_ended"):
            assert event in events


# --- the end


def test_a_stop_answers_what_is_in_flight_and_then_closes(tmp_path):
    async def work(running: Running):
        with socket.create_connection(("127.0.0.1", running.ready["metrics_port"])):
            await stop(running)

    async def stop(running: Running):
        async with client(running.url) as busy, client(running.url) as idle, stranger(running.url) as silent:
            await busy.begin("r", "sleep", ms=500)
            await asyncio.sleep(0.05)
            running.stop()
            began = time.monotonic()
            assert await silent.closed() == (1001, "shutting down")
            assert time.monotonic() - began < 0.3
            assert error_of(await busy.call("new", "status")) == "OVER_CAPACITY"
            status, text = await asyncio.to_thread(running.http, "/health")
            assert (status, json.loads(text)["status"]) == (503, "shutting_down")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", running.ready["port"])
            text_of(await busy.next())
            assert await busy.closed() == await idle.closed() == (1001, "shutting down")
        assert running.process.wait(2) == 0
        assert time.monotonic() - began < 1
        assert {line["level"] for line in running.lines()} == {"info"}

    with gateway(tmp_path) as running:
        run(work(running))


def test_what_still_runs_when_the_grace_is_over_is_cancelled(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it, client(running.url) as stuck:
            await stuck.begin("s", "sleep", ms=20_000)
            stuck.socket.transport.pause_reading()
            await it.begin("r", "sleep", ms=20_000)
            await asyncio.sleep(0.05)
            running.stop(signal.SIGINT)
            began = time.monotonic()
            assert error_of(await it.next()) == "CANCELLED"
            assert await it.closed() == (1001, "shutting down")
            assert 0.8 < time.monotonic() - began < 1.3
            assert await asyncio.to_thread(running.process.wait, 3) == 0
            stuck.socket.transport.abort()

    with gateway(tmp_path, "--shutdown-grace=1") as running:
        run(work(running))


def test_a_call_that_nobody_waits_for_does_not_hold_up_the_end(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it, client(running.url) as other:
            await it.begin("r", "sleep", ms=20_000)
            await other.begin("r", "sleep", ms=300)
            await it.socket.close()
            running.stop()
            text_of(await other.next())
            assert await asyncio.to_thread(running.process.wait, 2) == 0

    with gateway(tmp_path) as running:
        run(work(running))


def test_a_second_signal_ends_it_at_once(tmp_path):
    async def work(running: Running):
        async with client(running.url) as it:
            await it.begin("r", "sleep", ms=20_000)
            await asyncio.sleep(0.05)
            running.stop()
            await asyncio.sleep(0.1)
            running.stop()
            assert await asyncio.to_thread(running.process.wait, 1) == 128 + signal.SIGTERM

    with gateway(tmp_path) as running:
        run(work(running))


# --- the command line


def complaint(*flags: str, code: int, **variables: str | None) -> str:
    done = subprocess.run(
        (*PROGRAM, "--port=0", "--metrics-port=none", *flags),
        cwd=ROOT, env=environment(**variables), capture_output=True, text=True, timeout=10, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_token_that_will_not_do_is_refused_without_telling_it(tmp_path):
    assert "15fifteen" not in complaint(code=2, token="15fifteen15char")
    assert "no token" in complaint(code=2, token=None)
    short = tmp_path / "token"
    short.write_text("too-short-a-one\n")
    assert "too-short" not in complaint(f"--token-file={short}", code=2)
    complaint("--token-file=/nowhere/at/all", code=2)
    assert "very-secret" not in complaint("--token=very-secret-token", code=2)


@pytest.mark.parametrize(
    "flag",
    [
        "--port=70000", "--port=x", "--metrics-port=no", "--provider=a", "--provider=a=b:0", "--provider-timeout=0",
        "--breaker-failures=0", "--breaker-recovery=nan", "--rate-session=5", "--rate-global=5/0", "--rate-address=0/5",
        "--hello-timeout=-1", "--log-level=loud", "--max-frame=", "--repeat-ttl=-1", "--nothing", "--por=1",
    ],
)  # fmt: skip
def test_bad_arguments_are_one_line(flag, capsys, monkeypatch):
    from support.gateway.reference.cli import Program

    monkeypatch.setenv("GATEWAY_TOKEN", TOKEN)
    assert Program().main([flag]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_settings_come_from_the_environment_and_flags_win():
    from support.gateway.reference.arguments import UsageError, read_settings
    from support.gateway.reference.settings import ProviderAddress, Rate, Settings

    assert read_settings([], {}, "p") == Settings()
    given = {"GATEWAY_BREAKER_RECOVERY": "2.5", "GATEWAY_PORT": "1", "GATEWAY_PROVIDER": "a=h:1,b=::1:2", "GATEWAY_TOKEN": "x"}
    settings = read_settings(["--port=9", "--rate-session=7/0.5", "--rate-global=off", "--metrics-port=none"], given, "p")
    assert (settings.port, settings.breaker_recovery, settings.metrics_port) == (9, 2.5, None)
    assert (settings.rate_session, settings.rate_global) == (Rate(7, 0.5), None)
    assert settings.providers == (ProviderAddress("a", "h", 1), ProviderAddress("b", "::1", 2))
    assert read_settings(["--provider=c=h:3"], given, "p").providers == (ProviderAddress("c", "h", 3),)
    with pytest.raises(UsageError, match=r"^GATEWAY_MAX_FRAME: "):
        read_settings([], {"GATEWAY_MAX_FRAME": "much"}, "p")
    with pytest.raises(UsageError, match="named twice"):
        read_settings(["--provider=a=h:1", "--provider=a=h:2"], {}, "p")


def test_a_port_that_is_taken_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in complaint(f"--port={port}", code=3)
        assert str(port) in complaint(f"--metrics-port={port}", code=3)


def test_the_token_file_and_no_metrics(tmp_path):
    async def work(running: Running):
        assert running.ready["metrics_port"] is None
        async with client(running.url) as it:
            text_of(await it.call("r", "status"))

    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    with gateway(tmp_path, f"--token-file={file}", "--metrics-port=none", token="another-token-altogether") as running:
        run(work(running))


def test_version_and_help():
    for flag, part in (("--version", "tool-gateway 0.1.0\n"), ("--help", "--max-connections-per-address N")):
        done = subprocess.run((*PROGRAM, flag), cwd=ROOT, capture_output=True, text=True, timeout=5, check=True)
        assert part in done.stdout
