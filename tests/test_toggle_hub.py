"""Hubs as processes: small real programs that end, hang, answer and die."""

import sys
import textwrap

import pytest

from support.kit.errors import PromiseBrokenError
from support.kit.process import ProcessDiedError, ProcessNotReadyError
from support.kit.profile import ReadyLog
from support.toggle.agreement import Agreement
from support.toggle.hub import Command, HubEndedError, OneShot, ServingHub
from support.toggle.target import HubTarget

COMMAND = Command("D", "127.0.0.1", "9000", "on", "2")
PATIENCE = 10.0
SERVES = """
    import json, sys
    print("warming up", flush=True)
    print("reading hub.conf\\nready", file=sys.stderr, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        {}
"""
ANSWER = 'print(json.dumps({"id": command["id"], "acknowledged": command["state"] == "on"}), flush=True)'


def target(*, one_shot="", serving="", ready=r"^ready$", start_timeout=PATIENCE):
    argv = (sys.executable, "-c", textwrap.dedent(one_shot), "{device_id}")
    serve_argv = (sys.executable, "-c", textwrap.dedent(serving))
    return HubTarget(
        "toggle test",
        "1",
        argv,
        serve_argv,
        Agreement(),
        frozenset({"serve"}),
        ready=ReadyLog(log=ready),
        start_timeout=start_timeout,
    )


@pytest.fixture
def one_shot(tmp_path):
    hubs = []

    def start(code):
        hubs.append(OneShot(target(one_shot=code), COMMAND, {}, 20000, tmp_path / "hub.log"))
        return hubs[-1]

    yield start
    for hub in hubs:
        hub.process.stop()


@pytest.fixture
def serving(tmp_path):
    hubs = []

    def start(body, **more):
        hubs.append(ServingHub(target(serving=SERVES.format(body), **more), 2, {}, 20000, tmp_path / "hub.log", 1.0))
        return hubs[-1]

    yield start
    for hub in hubs:
        hub.process.stop()


@pytest.mark.parametrize(("code", "acknowledged"), [(0, True), (1, False)])
def test_the_exit_code_is_the_outcome(one_shot, code, acknowledged):
    outcome = one_shot(f"import sys, time; time.sleep(0.2); sys.exit({code})").outcome(PATIENCE)
    assert outcome.acknowledged is acknowledged
    assert 0.2 <= outcome.seconds < PATIENCE


def test_any_other_exit_code_is_no_outcome(one_shot):
    with pytest.raises(HubEndedError, match=r"(?s)code 7.*no such lamp"):
        one_shot("import sys; print('no such lamp', file=sys.stderr); sys.exit(7)").outcome(PATIENCE)


def test_a_hub_that_hangs_breaks_its_promise_and_is_ended(one_shot):
    hub = one_shot("import time; time.sleep(300)")
    with pytest.raises(PromiseBrokenError, match=r"within 0\.3 s"):
        hub.outcome(0.3)
    assert not hub.process.alive


def test_what_a_hub_prints_does_not_mix_with_its_log(one_shot, tmp_path):
    one_shot("import sys; print('to a script'); print('to a person', file=sys.stderr)").exit_code(PATIENCE)
    assert (tmp_path / "hub.log").read_text() == "to a person\n"


def test_a_serving_hub_answers_each_command(serving):
    hub = serving(ANSWER)
    first, second = hub.begin(COMMAND), hub.begin(Command("D", "127.0.0.1", "9000", "off", "2"))
    assert first.outcome(PATIENCE).acknowledged
    assert not second.outcome(PATIENCE).acknowledged
    assert hub.strange_lines == ["warming up"]
    hub.end()
    assert hub.process.returncode == 0


def test_an_answer_that_says_neither_is_no_outcome(serving):
    hub = serving('print(json.dumps({"id": command["id"], "error": "no such state"}), flush=True)')
    with pytest.raises(HubEndedError, match="no such state"):
        hub.begin(COMMAND).outcome(PATIENCE)


def test_a_second_answer_to_the_same_command_changes_nothing(serving):
    hub = serving(f"{ANSWER}; {ANSWER}")
    assert hub.begin(COMMAND).outcome(PATIENCE).acknowledged
    hub.end()
    assert len(hub.strange_lines) == 2


def test_a_hub_that_dies_in_the_middle_is_an_error_with_its_log(serving):
    hub = serving('sys.exit("out of lamps")')
    with pytest.raises(ProcessDiedError, match="out of lamps"):
        hub.begin(COMMAND).outcome(PATIENCE)


def test_a_serving_hub_that_says_nothing_hangs(serving):
    hub = serving("pass")
    with pytest.raises(PromiseBrokenError, match=r"within 0\.3 s"):
        hub.begin(COMMAND).outcome(0.3)


def test_a_hub_that_never_says_it_is_ready_is_an_error_with_its_log(serving):
    with pytest.raises(ProcessNotReadyError, match=r"(?s)ready"):
        serving("pass", ready="^never$", start_timeout=0.5)
