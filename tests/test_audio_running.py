"""Pipelines as processes and at addresses."""

import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from audio_parts import LITTLE, little

from support.audio.running import AttachedPipeline, LaunchedPipeline, PipelineUnreachableError
from support.audio.target import AudioTarget
from support.kit.ports import lease_port
from support.kit.process import ManagedProcess, ProcessDiedError, ProcessNotReadyError
from support.kit.profile import ReadyLog, ReadyUrl
from support.kit.readiness import accepts

PATIENCE = 3.0
TOKEN = "canary-0123456789abcdef"


@pytest.fixture
def launch(tmp_path):
    with ExitStack() as resources:
        yield lambda target, **settings: LaunchedPipeline(target, settings, tmp_path / "pipeline.log", resources, PATIENCE)


def test_it_is_spawned_first_and_awaited_later(launch):
    pipeline = launch(little())
    pipeline.wait_ready()
    assert accepts(*pipeline.address)
    assert pipeline.url == f"http://127.0.0.1:{pipeline.address[1]}"
    assert pipeline.process.pid in pipeline.pid_tree()
    assert (pipeline.token, pipeline.running) == (None, True)
    pipeline.require_alive("now")


@pytest.mark.parametrize("ready", [ReadyLog(log="^ready or not$"), ReadyUrl(url="http://127.0.0.1:{port}/api/health")])
def test_it_is_ready_as_the_profile_says(launch, ready):
    launch(little("--says", "ready or not\nhere I come", ready=ready)).wait_ready()


def test_settings_and_tokens_are_told(launch, tmp_path):
    pipeline = launch(little(), max_sessions="3", token=TOKEN)
    pipeline.wait_ready()
    assert "max sessions 3" in pipeline.log.read_text()
    file = next(Path(word.partition("=")[2]) for word in pipeline.process.argv if word.startswith("--token-file="))
    assert (file.read_text(), oct(file.stat().st_mode & 0o777)) == (TOKEN, "0o600")
    assert pipeline.token == TOKEN
    assert tmp_path not in file.parents


def test_a_pipeline_that_always_has_a_token_gets_one_that_nobody_else_has(launch):
    one, other = (launch(little("--says={token}")) for _ in range(2))
    assert one.token is not None
    assert one.token != other.token
    assert f"--says={one.token}" in one.process.argv


def test_a_program_that_ends_first_is_an_error_with_its_log(launch):
    with pytest.raises(ProcessDiedError, match=r"(?s)ended with exit code 7 before it was ready.*no seats left"):
        launch(little("--ends=7", "--says=no seats left")).wait_ready()


def test_a_program_that_never_listens_is_an_error(launch):
    target = AudioTarget("audio deaf", "1", "command", frozenset(), argv=("sleep", "600"), start_timeout=0.1)
    with pytest.raises(ProcessNotReadyError, match="the pipeline to accept connections on port"):
        launch(target).wait_ready()


def test_one_that_dies_is_told(launch):
    pipeline = launch(little())
    os.kill(pipeline.process.pid, 9)
    pipeline.process.wait(5)
    assert not pipeline.running
    with pytest.raises(ProcessDiedError, match="was ended by SIGKILL since the first chunk"):
        pipeline.require_alive("the first chunk")


# --- at an address


def there(port: int, **others) -> AttachedPipeline:
    target = AudioTarget(
        "audio there", "1", "address", frozenset(), url=f"http://127.0.0.1:{port}/", start_timeout=0.05, **others
    )  # fmt: skip
    return AttachedPipeline(target, PATIENCE)


def test_a_pipeline_that_runs_already_is_only_talked_to(tmp_path):
    with lease_port() as lease:
        argv = [sys.executable, LITTLE, f"--port={lease.port}"]
        with ManagedProcess.start(argv, name="theirs", log=tmp_path / "log") as process:
            process.wait_ready(lambda: accepts("127.0.0.1", lease.port), 30, "listening")
            pipeline = there(lease.port, token=TOKEN)
            pipeline.wait_ready()
            pipeline.require_alive("now")
            assert (pipeline.url, pipeline.token) == (f"http://127.0.0.1:{lease.port}", TOKEN)
            assert (pipeline.process, pipeline.pid_tree()) == (None, set())


def test_nobody_at_the_address_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PipelineUnreachableError, match=rf"^no pipeline at 127\.0\.0\.1:{port} within 0\.15 s$"):
        there(port).wait_ready()
    with pytest.raises(PipelineUnreachableError, match="since the first chunk"):
        there(port).require_alive("the first chunk")


@pytest.mark.parametrize(
    ("url", "address"),
    [("http://pipe.example", ("pipe.example", 80)), ("https://pipe.example/x", ("pipe.example", 443)), ("http://h:8", ("h", 8))],
)
def test_an_address_has_a_host_and_a_port(url, address):
    assert AttachedPipeline(AudioTarget("a", "1", "address", frozenset(), url=url), 1.0).address == address
