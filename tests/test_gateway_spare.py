"""A gateway started ahead: as the next scenario wants it, with its logs where they belong."""

from contextlib import ExitStack

import psutil
import pytest

from support.gateway.conditions import Conditions
from support.gateway.spare import Starting, Wish, spares, take, wanted_by
from support.gateway.target import open_target
from support.kit.at_end import end_everything
from support.kit.evidence import Evidence, Redactor
from support.kit.readiness import accepts


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    return open_target(None, tmp_path_factory.mktemp("profile") / "profile.yaml")


@pytest.fixture(autouse=True)
def _none_left():
    yield
    end_everything()


@pytest.fixture
def scenario(tmp_path):
    with ExitStack() as resources:
        yield Evidence(tmp_path / "evidence", Redactor()), resources


def test_it_belongs_to_the_scenario_that_takes_it_with_logs_and_all(target, scenario, tmp_path):
    wish = Wish(target, {"max_connections": "3"}, 1)
    spares.prepare([wish], Starting(tmp_path, 4.0))
    evidence, resources = scenario
    ahead = take(wish, evidence, resources)
    ahead.gateway.wait_ready()
    (program,) = ahead.programs
    program.wait_ready(4.0)
    assert {path.name for path in evidence.folder.iterdir()} >= {"gateway.log", "provider-first.log"}
    assert list(tmp_path.glob(".next-*")) == []
    assert "--max-connections=3" in psutil.Process(ahead.gateway.process.pid).cmdline()
    pids = [ahead.gateway.process.pid, program.process.pid]
    resources.close()
    assert not any(map(psutil.pid_exists, pids))


def test_every_one_has_a_token_and_ports_of_its_own(target, scenario, tmp_path):
    wish = Wish(target, {}, 0)
    spares.prepare([wish, wish], Starting(tmp_path, 4.0))
    taken = [take(wish, *scenario) for _ in range(2)]
    assert take(wish, *scenario) is None
    assert len({ahead.gateway.token for ahead in taken}) == 2
    ports = [port for ahead in taken for port in ahead.ports]
    assert len(set(ports)) == 4
    assert not any(accepts("127.0.0.1", port) for port in ports)


def test_its_token_is_cut_out_of_the_evidence(target, scenario, tmp_path):
    wish = Wish(target, {}, 0)
    spares.prepare([wish], Starting(tmp_path, 4.0))
    evidence, _ = scenario
    ahead = take(wish, *scenario)
    written = evidence.attach("told.txt", f"the token is {ahead.gateway.token}")
    assert written.read_text() == "the token is ***"


def test_one_whose_provider_has_ended_is_not_handed_out(target, scenario, tmp_path):
    wish = Wish(target, {}, 1)
    spares.prepare([wish], Starting(tmp_path, 4.0))
    ahead = spares.take(wish, lambda _: True, scenario[1])
    ahead.programs[0].process.stop()
    assert not ahead.running


@pytest.mark.parametrize(
    ("given", "settings", "providers"),
    [
        ("a gateway", {}, 0),
        ("a connected client", {}, 0),
        ('clients "Ada" and "Ben"', {}, 0),
        ("5 clients", {}, 0),
        ("a gateway that allows 10 connections from one address", {"max_connections_per_address": "10"}, 0),
        ("a client of a gateway that opens its breaker after 5 failures", {"breaker_failures": "5"}, 1),
        ("a client behind a link, of a gateway with a provider that takes 0.3 s", {}, 1),
        ("a client of a gateway with two providers, of which the first has made its breaker open", {}, 2),
    ],
)
def test_what_a_scenario_will_want_is_read_from_its_first_step(given, settings, providers):
    wanted = wanted_by(given)
    assert isinstance(wanted, Conditions)
    assert wanted.settings == settings
    assert wanted.provider + wanted.second_provider == providers


@pytest.mark.parametrize(
    "given",
    ["a gateway that is not started yet", "a gateway whose token has 16 letters", "a bulb", "a gateway made of cheese"],
)
def test_nothing_is_started_for_scenarios_that_start_their_own(given):
    assert wanted_by(given) is None
