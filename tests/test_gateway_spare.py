"""A gateway started ahead: fresh, with its log where it belongs, and gone when nobody takes it."""

from contextlib import ExitStack
from dataclasses import replace

import psutil
import pytest

from support.gateway.spare import MOST, Spares
from support.gateway.target import open_target
from support.kit.at_end import end_everything
from support.kit.evidence import Evidence, Redactor
from support.kit.readiness import accepts


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    return open_target(None, tmp_path_factory.mktemp("profile") / "profile.yaml")


@pytest.fixture
def spares():
    found = Spares()
    yield found
    end_everything()


@pytest.fixture
def scenario(tmp_path):
    with ExitStack() as resources:
        yield Evidence(tmp_path / "evidence", Redactor()), resources


def test_there_is_none_at_first(spares, target, scenario):
    assert spares.take(target, *scenario) is None


def test_it_is_ready_soon_and_belongs_to_the_scenario_that_takes_it(spares, target, scenario, tmp_path):
    spares.prepare(target, tmp_path, 4.0)
    ahead = spares.take(target, *scenario)
    ahead.gateway.wait_ready()
    evidence, resources = scenario
    assert (evidence.folder / "gateway.log").exists()
    assert not ahead.log.exists()
    pid = ahead.gateway.process.pid
    resources.close()
    assert not psutil.pid_exists(pid)


def test_every_one_has_a_token_and_ports_of_its_own_and_none_is_handed_out_twice(spares, target, scenario, tmp_path):
    spares.prepare(target, tmp_path, 4.0)
    spares.prepare(target, tmp_path, 4.0)
    taken = [spares.take(target, *scenario) for _ in range(MOST)]
    assert spares.take(target, *scenario) is None
    assert len({ahead.gateway.token for ahead in taken}) == MOST
    ports = [port for ahead in taken for port in ahead.ports]
    assert len(set(ports)) == 2 * MOST
    assert not any(accepts("127.0.0.1", port) for port in ports)


def test_its_token_is_cut_out_of_the_evidence(spares, target, scenario, tmp_path):
    spares.prepare(target, tmp_path, 4.0)
    evidence, _ = scenario
    ahead = spares.take(target, *scenario)
    written = evidence.attach("told.txt", f"the token is {ahead.gateway.token}")
    assert written.read_text() == "the token is ***"


def test_one_that_has_ended_meanwhile_is_not_handed_out(spares, target, scenario, tmp_path):
    spares.prepare(target, tmp_path, 4.0)
    for ahead in spares._ahead:
        ahead.gateway.stop()
    assert spares.take(target, *scenario) is None
    assert list(tmp_path.glob(".next-*")) == []


def test_those_of_another_target_are_ended(spares, target, scenario, tmp_path):
    spares.prepare(target, tmp_path, 4.0)
    pids = [ahead.gateway.process.pid for ahead in spares._ahead]
    other = replace(target, name="another")
    assert spares.take(other, *scenario) is None
    spares.prepare(other, tmp_path, 4.0)
    assert not any(map(psutil.pid_exists, pids))


def test_they_go_with_the_run_when_nobody_takes_them(spares, target, tmp_path):
    spares.prepare(target, tmp_path, 4.0)
    pids = [ahead.gateway.process.pid for ahead in spares._ahead]
    end_everything()
    assert len(pids) == MOST
    assert not any(map(psutil.pid_exists, pids))
    assert list(tmp_path.glob(".next-*")) == []
