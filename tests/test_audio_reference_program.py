"""The reference pipeline as a program: its arguments, its token, its log, its start and its end."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import time

import pytest
import requests
from audio_program import PLAIN, PROGRAM, REALTIME, ROOT, START, TOKEN, awaited, environment, line, noise, pipeline, text_of
from websockets.exceptions import InvalidStatus


def run_program(*arguments, token=None, **variables):
    command, variables = [*PROGRAM, *arguments], environment(token, **variables)
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=20, check=False)


# --- arguments and token


def test_it_tells_its_version_and_its_flags():
    assert re.fullmatch(r"audio-pipeline \d+\.\d+\.\d+\n", run_program("--version").stdout)
    told = run_program("--help").stdout
    for flag in (
        "--host",
        "--port",
        "--token-file",
        "--max-sessions",
        "--idle-timeout",
        "--max-chunk",
        "--max-frame",
        "--log-level",
    ):
        assert flag in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port=x"], "argument --port: 'x' is not a port from 0 to 65535"),
        (["--port=65536"], "argument --port: '65536' is not a port from 0 to 65535"),
        (["--max-sessions=0"], "argument --max-sessions: '0' is not a whole number, at least 1"),
        (["--idle-timeout=0"], "argument --idle-timeout: '0' is not a number of seconds, more than 0"),
        (["--idle-timeout=nan"], "argument --idle-timeout: 'nan' is not a number of seconds, more than 0"),
        (["--max-chunk=-1"], "argument --max-chunk: '-1' is not a number of seconds, more than 0"),
        (["--log-level=loud"], "argument --log-level: 'loud' is none of debug, info, warning, error, critical"),
        (["--host="], "argument --host: the host is empty"),
        (["--sessions=3"], "unrecognized arguments: --sessions"),
        (["a-token-that-is-none"], "unrecognized arguments: 1"),
        (["--token-file=/no/such/file"], "cannot read the token file: No such file or directory"),
    ],
)
def test_a_mistake_is_one_sentence(arguments, told):
    ended = run_program(*arguments)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"audio-pipeline: {told}\n")


@pytest.mark.parametrize(
    "token", ["short", "x" * 15, "a token with blanks in it", "a-token-of-söme-length", "a-token\tof-some-length"]
)
def test_a_token_that_will_not_do_is_refused_and_not_repeated(token, tmp_path):
    file = tmp_path / "token"
    file.write_text(token)
    for ended in (run_program("--port=0", token=token), run_program("--port=0", f"--token-file={file}")):
        assert ended.returncode == 2
        assert token not in ended.stderr
        assert ended.stderr.startswith("audio-pipeline: the token has ")


def test_settings_come_from_the_environment_too_and_flags_win(tmp_path):
    with pipeline(tmp_path, "--max-sessions=1", AUDIO_MAX_SESSIONS="2") as running:
        running.start()
        assert running.post(START, json={"pipeline_config": PLAIN}).status_code == 503
    assert run_program(AUDIO_IDLE_TIMEOUT="x").stderr.startswith(
        "audio-pipeline: AUDIO_IDLE_TIMEOUT: argument --idle-timeout: 'x'"
    )


def test_a_port_that_cannot_be_had_is_said_so():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run_program(f"--port={taken.getsockname()[1]}")
    assert ended.returncode == 3
    assert re.fullmatch(r"audio-pipeline: cannot listen on 127\.0\.0\.1:\d+: .+\n", ended.stderr)


# --- who may come in

EVERYTHING = [
    ("POST", START),
    ("GET", "/api/pipeline/realtime/sessions"),
    ("DELETE", f"{REALTIME}/x"),
    ("POST", "/api/pipeline/process"),
    ("POST", "/api/audio/process/stage/limiter"),
    ("POST", "/api/audio/analyze/fft"),
    ("POST", "/api/audio/analyze/lufs"),
    ("GET", "/api/audio/stages"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/nothing"),
]
STRANGERS = {
    "nothing": None,
    "no token": "",
    "a scheme": "Bearer",
    "an empty token": "Bearer ",
    "another token": "Bearer another-token-of-length",
    "less": f"Bearer {TOKEN[:-1]}",
    "more": f"Bearer {TOKEN}x",
    "another case": f"Bearer {TOKEN.upper()}",
    "another scheme": f"Basic {TOKEN}",
    "the bare token": TOKEN,
    "bytes": b"Bearer \xff\xfe\xfd",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with pipeline(tmp_path_factory.mktemp("guarded"), "--log-level=debug", token=TOKEN) as it:
        yield it


@pytest.mark.parametrize("given", STRANGERS.values(), ids=STRANGERS)
def test_strangers_are_turned_away_everywhere(guarded, given):
    headers = {} if given is None else {"Authorization": given}
    for method, path in EVERYTHING:
        answer = requests.request(method, guarded.url + path, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED"), path
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert requests.get(f"{guarded.url}/api/health", headers=headers, timeout=10).status_code == 200
    assert guarded.sessions() == {}


@awaited
async def test_strangers_are_turned_away_from_sockets(guarded):
    session = guarded.start()
    for token in ("another-token-of-length", TOKEN[:-1], TOKEN.upper()):
        with pytest.raises(InvalidStatus) as caught:
            async with line(guarded, session, token):
                pass
        assert caught.value.response.status_code == 401
    async with line(guarded, session) as it:
        assert (await it.play(noise(160)))[0] == 1
    guarded.delete(f"{REALTIME}/{session}")


def test_the_scheme_may_be_in_any_case_and_two_headers_are_none(guarded):
    assert requests.get(f"{guarded.url}/metrics", headers={"Authorization": f"bearer {TOKEN}"}, timeout=10).status_code == 200
    with socket.create_connection(("127.0.0.1", guarded.ready["port"])) as connection:
        given = f"Authorization: Bearer {TOKEN}\r\n" * 2
        connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: x\r\n{given}\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 401 ")


def test_the_token_is_not_in_the_log_wherever_a_client_puts_it(tmp_path):
    with pipeline(tmp_path, "--log-level=debug", token=TOKEN) as running:
        running.get(f"/{TOKEN}?token={TOKEN}")
        running.post(START, json={"pipeline_config": {"pipeline_id": TOKEN, "name": TOKEN}})
        running.post(START, json={TOKEN: TOKEN})
        assert TOKEN in running.http.headers["Authorization"]
        asyncio.run(wrong_socket(running))
        running.stop()
        assert running.process.wait(5) == 0
        assert TOKEN not in running.log.read_text()
        assert "[token]" in running.log.read_text()


async def wrong_socket(running):
    async with line(running, f"{TOKEN}?token={TOKEN}") as it:
        assert await it.closed() == 4404


def test_a_token_file_may_end_with_a_line(tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    with pipeline(tmp_path, f"--token-file={file}") as running:
        assert running.get("/metrics").status_code == 401
        assert running.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


# --- start and end


def test_it_says_in_one_line_that_it_is_ready_and_answers_then(tmp_path):
    with pipeline(tmp_path) as running:
        assert running.ready["ready"] is True
        assert requests.get(f"{running.url}/api/health", timeout=5).json()["status"] == "ok"
        [started] = [each for each in running.lines() if each["event"] == "server_started"]
        assert started["port"] == running.ready["port"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@awaited
async def test_a_signal_ends_it_and_sockets_are_told(tmp_path, number):
    with pipeline(tmp_path) as running:
        session = running.start()
        async with line(running, session) as it:
            await it.play(noise(1600))
            begun = time.monotonic()
            running.stop(number)
            assert await it.closed() in (1001, 1012)
        assert await asyncio.to_thread(running.process.wait, 5) == 0
        assert time.monotonic() - begun < 5
        assert running.lines()[-1]["event"] == "server_ended"


def test_it_ends_in_time_whatever_is_under_way(tmp_path):
    with pipeline(tmp_path) as running:
        session = running.start()
        deaf = socket.create_connection(("127.0.0.1", running.ready["port"]))
        deaf.sendall(
            f"GET {REALTIME}/{session} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        half = socket.create_connection(("127.0.0.1", running.ready["port"]))
        half.sendall(
            b"POST /api/audio/analyze/lufs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )
        assert running.get("/api/health").status_code == 200
        running.stop()
        assert running.process.wait(5) == 0
        deaf.close()
        half.close()


# --- limits


def test_there_are_at_most_so_many_sessions(tmp_path):
    with pipeline(tmp_path, "--max-sessions=3") as running:
        ids = [running.start() for _ in range(3)]
        refused = running.post(START, json={"pipeline_config": PLAIN})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "TOO_MANY_SESSIONS")
        assert set(running.sessions()) == set(ids)
        assert running.delete(f"{REALTIME}/{ids[0]}").status_code == 200
        assert running.start() not in ids


@awaited
async def test_a_session_that_nobody_uses_ends(tmp_path):
    with pipeline(tmp_path, "--idle-timeout=2") as running:
        begun = time.monotonic()
        unused, used, silent = (running.start() for _ in range(3))
        async with line(running, used) as it, line(running, silent) as mute:
            sequence = 0
            while unused in running.sessions() or silent in running.sessions():
                sequence += 1
                assert (await it.play(noise(160)))[0] == sequence
                await asyncio.sleep(0.1)
                assert time.monotonic() - begun < 30
            assert time.monotonic() - begun > 2
            assert await mute.closed() == 1000
            assert set(running.sessions()) == {used}
        assert running.scrape()["sessions_ended_total idle"] == 2


@awaited
async def test_chunks_and_frames_can_be_limited_more(tmp_path):
    with pipeline(tmp_path, "--max-chunk=0.5", "--max-frame=40000") as running:
        session = running.start()
        async with line(running, session) as it:
            assert (await it.play(noise(8000)))[0] == 1
            assert await it.refused({"type": "audio_chunk", "data": text_of(noise(8001))}) == "CHUNK_TOO_LONG"
            await it.socket.send(json.dumps({"type": "ping", "more": "x" * 40_000}))
            assert await it.closed() == 1009


def test_a_body_can_be_limited(tmp_path):
    with pipeline(tmp_path, "--max-body=10000") as running:
        body = {"audio_data": text_of(noise(5000))}
        told = running.post("/api/audio/analyze/lufs", json=body)
        assert (told.status_code, told.json()["error"]["code"]) == (413, "INVALID_MESSAGE")
        untold = running.post(
            "/api/audio/analyze/lufs", data=iter([json.dumps(body).encode()]), headers={"Content-Type": "application/json"}
        )
        assert untold.status_code == 413
        assert running.get("/api/health").status_code == 200
