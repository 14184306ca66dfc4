"""Speed and memory: what is compared with what, and when a bound that depends on the machine only warns."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from gateway_parts import address, broken, instead, listening, meeting, result, world_of

from support.gateway import speed
from support.gateway.load import Answered
from support.kit.errors import DeclinedError

MB = 1_000_000


@pytest.fixture
def world(tmp_path):
    with world_of(address(), tmp_path) as made:
        made.running = SimpleNamespace(pid_tree=set)
        made.echoed, made.answered = [Answered(1000, 1.0), Answered(3000, 1.0)], [Answered(500, 1.0), Answered(1500, 1.0)]
        yield made


@pytest.fixture
def strict(tmp_path):
    with world_of(address(), tmp_path, timing_strict=True) as made:
        made.echoed, made.answered, made.timings = [Answered(2000, 1.0)], [Answered(1000, 1.0)], [0.01]
        made.memory = [50 * MB, 100 * MB]
        yield made


def test_a_rate_is_taken_over_all_parts():
    assert speed.rate([Answered(10, 1.0), Answered(90, 4.0)]) == 20.0
    assert speed.rate([]) == 0.0


def test_a_bound_that_is_kept_does_not_warn(world):
    world.timings = [0.001, 0.002, 0.9]
    speed.require_half_took(world, 10)
    speed.require_ratio(world, 0.5)
    speed.require_rate(world, 1000)
    assert world.evidence.warnings == []
    assert [(one.name, one.value, one.unit) for one in world.evidence.numbers] == [("connection and hello, median", 2.0, "ms")]


def test_a_bound_that_is_missed_warns(world):
    world.timings = [0.02]
    speed.require_half_took(world, 10)
    speed.require_ratio(world, 0.6)
    speed.require_rate(world, 1001)
    assert world.evidence.warnings == [
        "half of the clients are let in in less than 10 ms: median 20.00 ms",
        "the gateway answers at least 0.6 times as many calls as a bare echo: 0.50 times, 1,000 beside 2,000 calls/s",
        "the gateway answers at least 1,001 calls/s: 1,000 calls/s",
    ]


@pytest.mark.parametrize(
    "look",
    [lambda w: speed.require_half_took(w, 10), lambda w: speed.require_ratio(w, 0.6), lambda w: speed.require_rate(w, 1001)],
)
def test_a_bound_that_is_missed_is_broken_where_timing_is_strict(strict, look):
    with broken("seen"):
        look(strict)
    assert strict.evidence.warnings == []


def test_that_calls_are_answered_is_never_soft(world):
    speed.require_answered(world)
    world.answered = []
    with broken("calls are answered\nseen      none was"):
        speed.require_answered(world)


@pytest.mark.parametrize(
    ("memory", "told"),
    [
        ([10, 100, 100, 104], ""),
        ([10, 100, 200, 100], ""),
        ([10, 100, 90, 50], ""),
        ([10, 100, 100, 105], "the gateway's memory grows by less than 5 %: 5.0 %: 10.0, 100.0, 100.0, 105.0 MB"),
        ([10, 100, 150, 200], "the gateway's memory grows by less than 5 %: 100.0 %: 10.0, 100.0, 150.0, 200.0 MB"),
        ([10, 100, 100], "the calls are answered within 40 s: 2,000 of them: the memory was not watched to the end"),
    ],
)
def test_memory_is_flat_from_the_second_tenth_on(world, memory, told):
    world.memory = [each * MB for each in memory]
    speed.require_flat(world, 5, tenths=4)
    assert world.evidence.warnings == ([told] if told else [])


def test_the_memory_of_all_processes_counts(world):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        world.running.pid_tree = lambda: {os.getpid()}
        alone = speed.memory(world)
        world.running.pid_tree = lambda: {os.getpid(), other.pid}
        assert speed.memory(world) > alone > MB
        speed.require_memory_below(world, 100_000)
        assert world.evidence.warnings == []
        speed.require_memory_below(world, 1)
        assert world.evidence.warnings[0].startswith("the gateway takes less than 1 MB: ")
        other.communicate(b"\n")


def test_the_memory_of_a_gateway_elsewhere_is_not_known(world):
    for look in (lambda: speed.require_memory_below(world, 100), lambda: speed.call_many(world, 10, 1)):
        with pytest.raises(DeclinedError, match="not the suite's"):
            look()


def test_calls_differ_in_nothing_but_their_id(world):
    make = speed._frame(world)
    assert json.loads(make("7.l0-3")) == json.loads(world.ask.fast("7.l0-3").text)


def test_the_gateway_and_the_echo_take_turns(tmp_path):
    with meeting(tmp_path) as world:
        speed.start_echo(world)
        speed.compare(world, 0.1, window=4)
        assert len(world.answered) == len(world.echoed) == speed.ROUNDS
        assert all(part.calls > 0 for part in (*world.answered, *world.echoed))
        assert [one.name for one in world.evidence.numbers] == ["gateway", "bare echo", "gateway to bare echo"]


def test_a_doubled_answer_breaks_a_comparison(tmp_path):
    with meeting(tmp_path, instead("call_tool", result(), result())) as world, listening(lambda request: [request]) as echo:
        world.echo_url = echo
        with broken("every call is answered once"):
            speed.compare(world, 0.1)


def test_the_memory_is_read_after_each_tenth(tmp_path, monkeypatch):
    with meeting(tmp_path) as world:
        world.running.pid_tree = lambda: {os.getpid()}
        speed.call_many(world, 40, 4)
        assert [part.calls for part in world.answered] == [4] * 10
        assert len(world.memory) == 10
        speed.require_answered(world)
        monkeypatch.setattr(speed, "PATIENCE", 0.0)
        world.answered.clear()
        speed.call_many(world, 40, 4)
        assert [part.calls for part in world.answered] == [4]


def test_clients_come_and_go_and_their_times_are_kept(tmp_path):
    with meeting(tmp_path) as world:
        speed.come_and_go_timed(world, 3)
        assert len(world.timings) == 3
        assert [client.closing.code for client in world.opened] == [1000] * 3
