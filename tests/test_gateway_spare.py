"""A gateway started ahead: fresh, with its log where it belongs, and gone when nobody takes it."""

from contextlib import ExitStack

import psutil
import pytest

from support.gateway.spare import Spares
from support.gateway.target import open_target
from support.kit.at_end import end_everything
from support.kit.evidence import Evidence, Redactor
from support.kit.readiness import accepts

TOKEN = "a-token-that-is-long-enough"


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
    spares.prepare(target, TOKEN, tmp_path, 4.0)
    ahead = spares.take(target, *scenario)
    ahead.gateway.wait_ready()
    evidence, resources = scenario
    assert ahead.gateway.token == TOKEN
    assert (evidence.folder / "gateway.log").exists()
    assert list(tmp_path.glob(".next-*")) == []
    assert spares.take(target, *scenario) is None
    pid = ahead.gateway.process.pid
    resources.close()
    assert not psutil.pid_exists(pid)


def test_the_provider_ports_are_held_and_nobody_listens_there(spares, target, scenario, tmp_path):
    spares.prepare(target, TOKEN, tmp_path, 4.0)
    ahead = spares.take(target, *scenario)
    assert len(set(ahead.ports)) == 2
    assert not any(accepts("127.0.0.1", port) for port in ahead.ports)


def test_one_that_waits_is_not_started_twice(spares, target, scenario, tmp_path):
    spares.prepare(target, TOKEN, tmp_path, 4.0)
    spares.prepare(target, "another-token-that-is-long", tmp_path, 4.0)
    assert spares.take(target, *scenario).gateway.token == TOKEN


def test_one_that_has_ended_meanwhile_is_not_handed_out(spares, target, scenario, tmp_path):
    spares.prepare(target, TOKEN, tmp_path, 4.0)
    spares._ahead.gateway.stop()
    assert spares.take(target, *scenario) is None
    assert list(tmp_path.glob(".next-*")) == []


def test_it_goes_with_the_run_when_nobody_takes_it(spares, target, tmp_path):
    spares.prepare(target, TOKEN, tmp_path, 4.0)
    pid = spares._ahead.gateway.process.pid
    end_everything()
    assert not psutil.pid_exists(pid)
    assert list(tmp_path.glob(".next-*")) == []
