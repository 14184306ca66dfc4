"""The reference pipeline's sockets: what frames are answered, in which order, and how connections end."""

import asyncio
import json
import socket
import struct
from contextlib import suppress

import pytest
from audio_program import ALL_STAGES, REALTIME, awaited, chunk, line, noise, pcm_of, pipeline, text_of
from websockets.exceptions import InvalidStatus

SECOND = 16_000


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with pipeline(tmp_path_factory.mktemp("pipeline")) as it:
        yield it
        assert it.process.poll() is None
        assert not [each for each in it.lines() if each["level"] in ("error", "critical")]


@pytest.fixture
def session(running):
    it = running.start()
    yield it
    running.delete(f"{REALTIME}/{it}")


@awaited
async def test_a_ping_is_answered_and_not_counted(running, session):
    async with line(running, session) as it:
        assert await it.ask({"type": "ping"}) == {"type": "pong"}
        assert (await it.play(noise(1600)))[0] == 1


@awaited
async def test_a_chunk_is_answered_with_its_sound_and_then_its_figures(running, session):
    pcm = noise(1600)
    async with line(running, session) as it:
        for number in range(1, 4):
            sequence, heard, figures = await it.play(pcm)
            assert sequence == figures["chunks_processed"] == number
            assert heard == pcm
            assert set(figures) >= {"total_latency", "average_latency", "stage_latencies", "quality_metrics", "cpu_usage"}
            assert set(figures["quality_metrics"]) == {
                "rms",
                "peak",
                "snr",
                "lufs_momentary",
                "clipped_samples",
                "voice_detected",
            }
        assert await it.silent()


@awaited
async def test_chunks_that_are_sent_without_waiting_are_answered_in_order(running, session):
    chunks = [noise(160 * (1 + number % 7), seed=number) for number in range(200)]
    async with line(running, session) as it:
        for pcm in chunks:
            await it.socket.send(chunk(pcm))
        for number, pcm in enumerate(chunks, start=1):
            sequence, heard, _ = await it.heard()
            assert (sequence, heard) == (number, pcm)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "INVALID_MESSAGE"),
        ("x", "INVALID_MESSAGE"),
        ("[]", "INVALID_MESSAGE"),
        ("3", "INVALID_MESSAGE"),
        ("null", "INVALID_MESSAGE"),
        ("{}", "INVALID_MESSAGE"),
        ('{"type": "audio_chunk"', "INVALID_MESSAGE"),
        ('{"type": 1}', "INVALID_MESSAGE"),
        ('{"type": ["ping"]}', "INVALID_MESSAGE"),
        ('{"type": null}', "INVALID_MESSAGE"),
        ('{"type": "pong"}', "INVALID_MESSAGE"),
        ('{"type": "ping", "n": NaN}', "INVALID_MESSAGE"),
        ('{"type": "ping", "n": 1e999}', "INVALID_MESSAGE"),
        ('{"type": "ping", "n": "\\ud800"}', "INVALID_MESSAGE"),
        ("[" * 100_000, "INVALID_MESSAGE"),
        ('{"type": "ping", "n": ' + "[" * 100_000 + "]" * 100_000 + "}", "INVALID_MESSAGE"),
        (b'{"type": "ping"}', "INVALID_MESSAGE"),
        (b"\x00\xff", "INVALID_MESSAGE"),
        ({"type": "audio_chunk"}, "INVALID_MESSAGE"),
        ({"type": "audio_chunk", "data": None}, "INVALID_MESSAGE"),
        ({"type": "audio_chunk", "data": 5}, "INVALID_MESSAGE"),
        ({"type": "audio_chunk", "data": ["AAA="]}, "INVALID_MESSAGE"),
        ({"type": "audio_chunk", "data": ""}, "INVALID_AUDIO"),
        ({"type": "audio_chunk", "data": "AA=="}, "INVALID_AUDIO"),
        ({"type": "audio_chunk", "data": "AAAA AAAA"}, "INVALID_AUDIO"),
        ({"type": "audio_chunk", "data": "AAA=\n"}, "INVALID_AUDIO"),
        ({"type": "audio_chunk", "data": "AAA"}, "INVALID_AUDIO"),
        ({"type": "audio_chunk", "data": "é=="}, "INVALID_AUDIO"),
        ({"type": "audio_chunk", "data": text_of(bytes(2 * (10 * SECOND + 1)))}, "CHUNK_TOO_LONG"),
        ({"type": "update_stage"}, "INVALID_MESSAGE"),
        ({"type": "update_stage", "stage_id": 3, "parameters": {}}, "INVALID_MESSAGE"),
        ({"type": "update_stage", "stage_id": "limiter", "parameters": []}, "INVALID_MESSAGE"),
        ({"type": "update_stage", "stage_id": "limiter", "parameters": {}}, "UNKNOWN_STAGE"),
        ({"type": "update_stage", "stage_id": "reverb", "parameters": {}}, "UNKNOWN_STAGE"),
    ],
    ids=lambda value: None if isinstance(value, str) and value.isupper() else ascii(value)[:60],
)  # fmt: skip
@awaited
async def test_what_is_no_good_message_is_told_and_nothing_is_counted(running, session, message, code):
    async with line(running, session) as it:
        assert await it.refused(message) == code
        assert (await it.play(noise(160)))[0] == 1
        assert await it.silent(0.02)


@awaited
async def test_a_message_may_come_in_parts(running, session):
    pcm = noise(1600)
    text = chunk(pcm)
    async with line(running, session) as it:
        await it.socket.send([text[:10], text[10:1000], "", text[1000:]])
        assert (await it.heard())[:2] == (1, pcm)


@awaited
async def test_text_that_is_no_utf8_closes_as_the_protocol_wants(running, session):
    async with line(running, session) as it:
        await it.socket.send(b'{"type": "ping", "n": "\xff"}', text=True)
        assert await it.closed() == 1007


@awaited
async def test_the_longest_chunk_and_one_sample(running, session):
    longest = noise(10 * SECOND)
    async with line(running, session) as it:
        assert (await it.play(longest))[:2] == (1, longest)
        assert (await it.play(pcm_of([-32768])))[:2] == (2, pcm_of([-32768]))


@awaited
async def test_a_frame_of_16_mib_is_read_and_a_longer_one_closes(running, session):
    limit = 16 * 1024 * 1024
    text = chunk(noise(1600))
    async with line(running, session) as it:
        await it.socket.send(text + " " * (limit - len(text)))
        assert (await it.heard())[0] == 1
        sending = asyncio.ensure_future(it.socket.send(text + " " * (limit - len(text) + 1)))
        assert await it.closed() == 1009
        await asyncio.wait([sending])
        sending.exception()
    async with line(running, session) as it:
        assert (await it.play(noise(1600)))[0] == 2


# --- sessions and their sockets


@awaited
async def test_who_has_no_session_is_told_so(running):
    async with line(running, "no-such-session") as it:
        assert await it.next() == {
            "type": "error", "error": {"code": "SESSION_NOT_FOUND", "message": "there is no such session"}
        }  # fmt: skip
        assert await it.closed() == 4404


@pytest.mark.parametrize("path", ["/", "/api/health", REALTIME, f"{REALTIME}/a/b"])
@awaited
async def test_elsewhere_there_is_nothing_to_connect_to(running, path):
    from websockets.asyncio.client import connect

    with pytest.raises(InvalidStatus) as caught:
        await connect(f"ws{running.url[4:]}{path}", proxy=None)
    assert caught.value.response.status_code == 404
    assert json.loads(caught.value.response.body)["error"]["code"] == "INVALID_MESSAGE"


@awaited
async def test_a_session_outlives_its_socket(running, session):
    async with line(running, session) as it:
        await it.play(noise(1600))
        assert running.sessions()[session]["connected"] is True
    for _ in range(100):
        if not running.sessions()[session]["connected"]:
            break
        await asyncio.sleep(0.01)
    assert running.sessions()[session]["connected"] is False
    async with line(running, session) as it:
        sequence, _, figures = await it.play(noise(1600))
        assert sequence == figures["chunks_processed"] == 2


@awaited
async def test_the_newer_of_two_sockets_takes_over(running, session):
    async with line(running, session) as old, line(running, session) as new:
        assert await old.closed() == 4409
        assert (await new.play(noise(1600)))[0] == 1
        assert running.sessions()[session]["connected"] is True


@awaited
async def test_what_is_under_way_is_answered_once_when_another_socket_takes_over(running, session):
    long, short = noise(5 * SECOND), noise(1600)
    async with line(running, session) as old:
        for _ in range(4):
            await old.socket.send(chunk(long))
        first = (await old.heard())[0]
        async with line(running, session) as new:
            sequence = (await new.play(short))[0]
            answered = [first]
            while (answer := await anything(old)) is not None:
                if answer["type"] == "processed_audio":
                    answered.append(answer["sequence"])
            assert answered == list(range(1, sequence))
            assert await old.closed() == 4409


async def anything(it):
    from websockets.exceptions import ConnectionClosed

    try:
        return await it.next()
    except ConnectionClosed:
        return None


@awaited
async def test_stopping_a_session_closes_its_socket(running, session):
    async with line(running, session) as it:
        await it.play(noise(1600))
        answer = await asyncio.to_thread(running.delete, f"{REALTIME}/{session}")
        assert (answer.status_code, answer.json()["status"]) == (200, "stopped")
        assert answer.json()["metrics"]["chunks_processed"] == 1
        assert await it.closed() == 1000


@awaited
async def test_three_sessions_never_mix(running):
    ids = [running.start() for _ in range(3)]

    async def stream(number):
        async with line(running, ids[number]) as it:
            for count in range(1, 31):
                pcm = noise(1600, seed=100 * number + count)
                assert (await it.play(pcm))[:2] == (count, pcm)

    await asyncio.gather(*(stream(number) for number in range(3)))
    for each in ids:
        running.delete(f"{REALTIME}/{each}")


@awaited
async def test_a_session_with_every_stage_is_the_same_however_it_is_cut(running):
    whole, cut = running.start(ALL_STAGES), running.start(ALL_STAGES)
    pcm = noise(SECOND, level=3_000)
    async with line(running, whole) as one, line(running, cut) as other:
        _, expected, _ = await one.play(pcm)
        heard = b""
        for start in range(0, len(pcm), 3200):
            heard += (await other.play(pcm[start : start + 3200]))[1]
            if start == 16_000:
                await other.socket.close()
                async with line(running, cut) as again:
                    heard += (await again.play(pcm[start + 3200 : start + 6400]))[1]
                break
    assert heard == expected[: len(heard)]
    for each in (whole, cut):
        running.delete(f"{REALTIME}/{each}")


# --- those who do not read, and those who go without a word


def raw(running, session):
    """A socket that has shaken hands and reads nothing by itself."""
    connection = socket.create_connection(("127.0.0.1", running.ready["port"]))
    connection.sendall(
        f"GET {REALTIME}/{session} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 ")
    return connection


def framed(text):
    data = text.encode()
    return b"\x81" + struct.pack("!BQ", 0x80 | 127, len(data)) + bytes(4) + data


def test_who_does_not_read_is_not_read_from(running, session):
    message = framed(chunk(noise(10 * SECOND)))
    with raw(running, session) as connection:
        connection.settimeout(1.5)
        taken = 0
        with suppress(TimeoutError):
            while taken < 128 * 1024 * 1024:
                connection.sendall(message)
                taken += len(message)
        assert taken < 64 * 1024 * 1024
        counted = running.sessions()[session]["metrics"]["chunks_processed"]
        assert counted <= taken // len(message) + 1
        assert running.get("/api/health").status_code == 200


def test_a_socket_that_is_reset_leaves_its_session(running, session):
    connection = raw(running, session)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(framed(chunk(noise(1600)))[:500])
    connection.close()
    asyncio.run(play_one(running, session))


async def play_one(running, session):
    async with line(running, session) as it:
        assert (await it.play(noise(1600)))[0] == 1


def test_a_handshake_that_is_none_is_refused(running, session):
    with socket.create_connection(("127.0.0.1", running.ready["port"])) as connection:
        connection.settimeout(5)
        connection.sendall(
            f"GET {REALTIME}/{session} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".encode()
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
    with socket.create_connection(("127.0.0.1", running.ready["port"])) as connection:
        connection.settimeout(5)
        connection.sendall(
            f"POST {REALTIME}/{session} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".encode()
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")
