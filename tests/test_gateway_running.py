"""Gateways as processes and at addresses: a small real program is launched, awaited, restarted and ended."""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.gateway.agreement import DEFAULTS
from support.gateway.listing import listed_tools
from support.gateway.running import GatewayUnreachableError, Plan, run_to_end, start_gateway
from support.gateway.target import GatewayTarget
from support.kit.control import ControlError
from support.kit.deadline import eventually
from support.kit.errors import DeclinedError, PromiseBrokenError
from support.kit.evidence import Evidence, Redactor
from support.kit.ports import lease_port
from support.kit.process import ProcessDiedError, ProcessNotReadyError
from support.kit.profile import Control, ReadyLog, ReadyUrl
from support.kit.readiness import accepts

LITTLE = str(Path(__file__).with_name("little_gateway.py"))
TOKEN = "canary-0123456789abcdef"


def plan(token=TOKEN, **settings) -> Plan:
    return Plan(settings, token, "127.0.0.1:1", "127.0.0.1:2")


PLAN = plan()
PATIENCE = 3.0


def launched(*more: str, token=("--token-file={token_file}",), **others) -> GatewayTarget:
    argv = (sys.executable, LITTLE, "--port={port}", *token, *more)
    return GatewayTarget("gateway little", "1", "command", frozenset({"metrics"}), argv=argv, **others)


@pytest.fixture
def evidence(tmp_path):
    return Evidence(tmp_path / "evidence", Redactor())


@pytest.fixture
def resources():
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def start(evidence, resources):
    def begin(target, wanted=PLAN):
        return start_gateway(target, wanted, evidence, resources, PATIENCE)

    return begin


def logged(evidence) -> str:
    return (evidence.folder / "gateway.log").read_text()


# Launched


def test_it_is_spawned_first_and_awaited_later(start, evidence):
    gateway = start(launched("--metrics-port={metrics_port}"))
    assert gateway.url.startswith("ws://127.0.0.1:")
    gateway.wait_ready()
    assert accepts("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    assert gateway.metrics_url is not None
    assert gateway.metrics_url.endswith("/metrics")
    assert gateway.health_url == gateway.metrics_url.replace("/metrics", "/health")
    assert accepts("127.0.0.1", int(gateway.metrics_url.split(":")[2].partition("/")[0]))
    assert gateway.process is not None
    assert gateway.process.pid in gateway.pid_tree()
    assert (gateway.token, gateway.require_alive("now")) == (TOKEN, None)
    assert "listens" in logged(evidence)


def test_without_a_port_for_figures_there_are_none(start):
    gateway = start(launched())
    assert (gateway.metrics_url, gateway.health_url) == (None, None)


def test_settings_and_providers_are_told(start, evidence):
    target = launched("--provider=x={provider_a}", settings={"hello_timeout": ("--hello-timeout", "{value}")})
    start(target, Plan({"hello_timeout": "0.5"}, TOKEN, "127.0.0.1:7", "")).wait_ready()
    assert "hello timeout 0.5, providers ['x=127.0.0.1:7']" in logged(evidence)


def test_a_setting_that_is_agreed_already_need_not_be_mapped(start, evidence):
    start(launched(), plan(hello_timeout="15.0")).wait_ready()
    assert "hello timeout 15," in logged(evidence)


def test_a_setting_that_cannot_be_had_is_declined(start):
    with pytest.raises(DeclinedError, match=r"^hello_timeout is agreed to be 15, not 1, and the profile does not map this"):
        start(launched(), plan(hello_timeout="1"))


def test_the_token_is_in_a_file_for_the_gateway_alone_that_goes_with_it(start, resources, evidence):
    gateway = start(launched())
    gateway.wait_ready()
    file = next(Path(word.partition("=")[2]) for word in gateway.process.argv if word.startswith("--token-file="))
    assert file.read_text() == TOKEN
    assert "mode 0o600" in logged(evidence)
    assert evidence.folder not in file.parents
    resources.close()
    assert not file.parent.exists()


def environment_of(pid):
    """Empty until the program has taken the place of the process that starts it."""
    return eventually(Path(f"/proc/{pid}/environ").read_text, bool, 10.0, "the process has an environment")


def test_the_token_is_in_the_environment_only_where_the_profile_says_nothing_else(start, monkeypatch):
    monkeypatch.delenv("GATEWAY_TOKEN", raising=False)
    silent, told = start(launched(token=())), start(launched(token=(), env={"MINE": "{token}"}))
    environments = [environment_of(one.process.pid) for one in (silent, told)]
    assert f"GATEWAY_TOKEN={TOKEN}" in environments[0]
    assert f"MINE={TOKEN}" in environments[1]
    assert "GATEWAY_TOKEN" not in environments[1]


def test_the_token_is_cut_out_of_the_log_when_the_evidence_is_closed(start, evidence, resources):
    start(launched("--says", "token {token}")).wait_ready()
    resources.close()
    assert TOKEN in logged(evidence)
    evidence.close()
    assert TOKEN not in logged(evidence)
    assert evidence.attach("note.txt", f"it is {TOKEN}").read_text() == "it is ***"


def test_a_program_that_ends_first_is_an_error_with_its_log(start):
    gateway = start(launched("--ends", "7", "--says", "no seats left"))
    with pytest.raises(ProcessDiedError, match=r"(?s)ended with exit code 7 before it was ready.*no seats left"):
        gateway.wait_ready()


def test_a_program_that_never_listens_is_an_error(start):
    gateway = start(launched("--deaf", start_timeout=0.2))
    with pytest.raises(ProcessNotReadyError, match="the gateway to accept connections on port"):
        gateway.wait_ready()


@pytest.mark.parametrize("ready", [ReadyLog(log="^listens$"), ReadyUrl(url="http://127.0.0.1:{metrics_port}/health")])
def test_it_is_ready_as_the_profile_says(start, ready):
    gateway = start(launched("--metrics-port={metrics_port}", ready=ready))
    gateway.wait_ready()
    gateway.require_alive("now")


def test_it_is_asked_to_end_and_awaited(start):
    gateway = start(launched())
    gateway.wait_ready()
    gateway.ask_to_end()
    assert gateway.wait_ended(5) == 0
    gateway.require_alive("after it was asked to end")
    gateway.stop()


def test_one_that_does_not_end_breaks_its_promise(start):
    gateway = start(launched("--stays"))
    gateway.wait_ready()
    gateway.ask_to_end()
    with pytest.raises(PromiseBrokenError, match=r"(?s)told to shut down has ended within 0\.3 s.*still runs after 0\.3 s"):
        gateway.wait_ended(0.3)


def test_one_that_dies_is_told(start):
    gateway = start(launched())
    gateway.wait_ready()
    os.kill(gateway.process.pid, 9)
    gateway.process.wait(5)
    with pytest.raises(ProcessDiedError, match="was ended by SIGKILL since the first call"):
        gateway.require_alive("the first call")


def test_a_restart_keeps_port_token_and_log(start, evidence):
    gateway = start(launched(ready=ReadyLog(log="^listens$")))
    gateway.wait_ready()
    url, pid = gateway.url, gateway.process.pid
    gateway.restart()
    assert (gateway.url, gateway.token) == (url, TOKEN)
    assert gateway.process.pid != pid
    assert logged(evidence).count("listens") == 2
    gateway.require_alive("the restart")


def test_after_a_restart_it_is_needed_again(start):
    gateway = start(launched())
    gateway.wait_ready()
    gateway.ask_to_end()
    gateway.wait_ended(5)
    gateway.restart()
    gateway.ask_to_end()
    assert gateway.wait_ended(5) == 0


def test_the_end_of_a_scenario_is_quick(start, resources):
    gateway = start(launched("--stays"))
    gateway.wait_ready()
    begun = time.monotonic()
    resources.close()
    assert time.monotonic() - begun < 2.0
    assert not gateway.process.alive


# Refusing to start


def test_one_that_refuses_to_start_tells_its_code(evidence, resources):
    assert run_to_end(launched(), plan("short"), evidence, resources, within=10) == 2
    assert "refuses to start" in logged(evidence)


def test_a_short_token_is_no_secret_that_is_cut_out_everywhere(evidence, resources):
    run_to_end(launched("--says", "too short"), plan("short"), evidence, resources, within=10)
    evidence.close()
    assert "too short" in logged(evidence)


def test_one_that_starts_all_the_same_breaks_its_promise(evidence, resources):
    with pytest.raises(PromiseBrokenError, match=r"(?s)the gateway refuses to start within 1\.5 s.*runs and accepts connections"):
        run_to_end(launched(), PLAN, evidence, resources, within=1.5)


def test_one_that_hangs_instead_breaks_its_promise_too(evidence, resources):
    with pytest.raises(PromiseBrokenError, match="it still runs"):
        run_to_end(launched("--deaf"), PLAN, evidence, resources, within=0.5)


# At an address


class Service:
    """The little gateway as somebody else runs it, with programs to start and stop it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        (folder / "token").write_text(TOKEN)
        pid = folder / "pid"
        run = f"exec {sys.executable} {LITTLE} --port {port} --token-file {folder}/token"
        listens = f"for i in $(seq 500); do (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && exit 0; sleep 0.02; done; exit 1"
        (folder / "start.sh").write_text(f"setsid bash -c 'echo $$ > {pid}; {run}' > {folder}/log 2>&1 &\n{listens}\n")
        (folder / "stop.sh").write_text(f"kill $(cat {pid})\n")
        self.start, self.stop = ["bash", str(folder / "start.sh")], ["bash", str(folder / "stop.sh")]
        subprocess.run(self.start, check=True)

    def target(self, **control) -> GatewayTarget:
        return GatewayTarget(
            "gateway there", "1", "address", frozenset(),
            url=f"ws://127.0.0.1:{self.port}", token=TOKEN, control=Control(**control), agreed=DEFAULTS, start_timeout=1.0,
        )  # fmt: skip


@pytest.fixture
def service(tmp_path):
    with lease_port() as lease:
        made = Service(tmp_path, lease.port)
        yield made
        subprocess.run(made.stop, check=False, stderr=subprocess.DEVNULL)


def test_a_gateway_that_runs_already_is_only_talked_to(service, start, resources):
    gateway = start(service.target())
    gateway.wait_ready()
    assert (gateway.url, gateway.token, gateway.process) == (f"ws://127.0.0.1:{service.port}", TOKEN, None)
    assert gateway.pid_tree() == set()
    gateway.require_alive("now")
    resources.close()
    assert accepts("127.0.0.1", service.port)


def test_its_own_token_is_cut_out_of_the_evidence(service, start, evidence):
    start(service.target(), plan("another-token-0123456"))
    assert evidence.attach("note.txt", f"it is {TOKEN}").read_text() == "it is ***"


def test_it_is_ended_by_its_control_and_started_again_afterwards(service, start, resources):
    gateway = start(service.target(start=service.start, stop=service.stop))
    gateway.ask_to_end()
    assert gateway.wait_ended(5) is None
    assert not accepts("127.0.0.1", service.port)
    gateway.require_alive("after it was asked to end")
    resources.close()
    assert accepts("127.0.0.1", service.port)


def test_it_is_restarted_by_stop_and_start_or_by_restart(service, start):
    gateway = start(service.target(start=service.start, stop=service.stop))
    gateway.restart()
    gateway.require_alive("the restart")
    both = start(service.target(restart=["bash", "-c", f"{' '.join(service.stop)}; sleep 0.3; {' '.join(service.start)}"]))
    both.restart()
    both.require_alive("the restart")


def test_one_whose_stop_does_not_end_it_breaks_its_promise(service, start):
    gateway = start(service.target(stop=["true"], restart=["true"]))
    gateway.ask_to_end()
    with pytest.raises(PromiseBrokenError, match=f"127.0.0.1:{service.port} still accepts connections"):
        gateway.wait_ended(0.3)


def test_a_control_that_fails_is_an_error(service, start):
    gateway = start(service.target(restart=["bash", "-c", "echo no such unit; exit 5"]))
    with pytest.raises(ControlError, match=r"(?s)control\.restart ended with exit code 5; .*no such unit"):
        gateway.restart()
    gateway._ended = False  # what failed here fails again in the clean-up, which is not the point


def test_nobody_at_the_address_is_an_error(start):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    target = GatewayTarget(
        "gateway gone", "1", "address", frozenset(), url=f"ws://127.0.0.1:{port}", token=TOKEN, start_timeout=0.05
    )
    gateway = start(target)
    with pytest.raises(GatewayUnreachableError, match=rf"^no gateway at 127\.0\.0\.1:{port} within 0\.15 s$"):
        gateway.wait_ready()
    with pytest.raises(GatewayUnreachableError, match="since the hello"):
        gateway.require_alive("since the hello")


def test_the_suite_does_not_start_what_runs_already(evidence, resources, service):
    with pytest.raises(DeclinedError, match="not started by the suite"):
        run_to_end(service.target(), PLAN, evidence, resources, 1)


# What it lists


def test_a_gateway_is_asked_which_tools_it_lists():
    assert listed_tools(launched("--tools", "a,b")) == {"a", "b"}


def test_one_that_runs_already_is_asked_too(service):
    assert listed_tools(service.target()) == {"status", "echo", "sleep"}
    assert accepts("127.0.0.1", service.port)


def test_one_that_does_not_come_up_lists_nothing_that_is_known(caplog):
    assert listed_tools(launched("--ends", "1")) is None
    assert "gateway little does not list its tools: ProcessDiedError" in caplog.text
