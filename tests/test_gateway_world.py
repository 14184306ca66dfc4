"""What one scenario of the gateway slice remembers, and its end."""

import re
import socket

import pytest
from gateway_parts import TOKEN, address, broken, good, instead, listening, meeting, reference, world_of

from support.gateway.agreement import DEFAULTS
from support.gateway.running import GatewayUnreachableError
from support.gateway.talk import connect, let_in
from support.kit.canary import new_token
from support.kit.errors import DeclinedError
from support.kit.process import ProcessDiedError


@pytest.fixture
def world(tmp_path):
    with world_of(address(), tmp_path) as made:
        yield made


@pytest.fixture
def ours(tmp_path):
    with world_of(reference(), tmp_path) as made:
        yield made


@pytest.mark.parametrize("length", [1, 15, 16, 40, 200])
def test_a_token_has_so_many_letters_and_is_nobody_elses(length):
    assert len(new_token(length)) == length
    assert length < 16 or new_token(length) != new_token(length)


# --- settings


def test_what_is_agreed_is_the_targets_until_the_scenario_asks_for_more(ours):
    assert ours.agreed("max_inflight") == 24
    ours.ask_for({"max_inflight": "2", "repeat_ttl": "0.5"})
    assert (ours.agreed("max_inflight"), ours.agreed("repeat_ttl")) == (2, 0.5)
    assert dict(ours.plan().settings) == {"max_inflight": "2", "repeat_ttl": "0.5"}


def test_a_gateway_elsewhere_is_not_given_other_settings(world):
    world.ask_for({"max_inflight": DEFAULTS["max_inflight"]})
    with pytest.raises(DeclinedError, match="max_inflight"):
        world.ask_for({"max_inflight": "2"})


def test_what_only_the_gateway_knows_is_not_agreed(world):
    with pytest.raises(DeclinedError, match="provider_timeout"):
        world.agreed("provider_timeout")


# --- providers


def test_a_gateway_elsewhere_has_providers_of_its_own(world):
    with pytest.raises(DeclinedError):
        world.add_provider("first")
    assert world.providers == {}


def test_the_plan_names_providers_and_places_where_nobody_listens(ours):
    provider = ours.add_provider("second")
    plan = ours.plan()
    assert plan.provider_b == provider.address
    assert provider.name == "b"
    host, _, port = plan.provider_a.partition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1.0)
    assert plan.token == ours.token
    assert plan.token not in repr(plan)


# --- clients


def test_clients_are_known_by_name_or_are_among_many(world):
    ada, other = world.new_client("Ada"), world.new_client()
    assert world.clients == {"Ada": ada}
    assert world.client is ada
    assert other.name == "client 2"
    assert [client.number for client in world.opened] == [1, 2]


def test_the_last_cancelling_counts(world):
    first, second = world.ask.cancel("a"), world.ask.cancel("b")
    world.cancelling = first
    world.cancelling = second
    assert world.cancelling is second


# --- bounds


def test_a_bound_that_is_missed_warns_or_is_broken(world, tmp_path):
    world.fall_short("quick", "slow")
    assert world.evidence.warnings == ["quick: slow"]
    with world_of(address(), tmp_path, timing_strict=True) as strict, broken("quick\nseen      slow"):
        strict.fall_short("quick", "slow")


# --- start and end


def test_the_end_of_a_scenario_leaves_nothing_behind(tmp_path):
    with world_of(reference(), tmp_path) as world:
        provider = world.add_provider("first")
        world.start()
        client = let_in(world)
        pids = world.gateway.pid_tree()
        world.audit()
    assert client.closing.code in (1000, 1001)
    assert pids
    assert world.gateway.pid_tree() == set()
    for url in (world.gateway.url.removeprefix("ws://"), provider.address):
        host, _, port = url.partition(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=1.0)


def test_clients_that_get_no_goodbye_do_not_hold_up_the_end(tmp_path):
    with meeting(tmp_path, instead("ping", (1001, "bye"))) as world:
        for _ in range(3):
            let_in(world)
        connect(world)
    assert all(client.closing is not None for client in world.opened)


def test_a_gateway_that_has_died_is_told_by_the_audit(ours):
    ours.start()
    ours.gateway.process.terminate()
    ours.gateway.process.wait(10.0)
    with pytest.raises(ProcessDiedError, match="at the end of the scenario"):
        ours.audit()


def test_a_gateway_elsewhere_that_is_gone_is_told(tmp_path):
    with listening(good) as url, world_of(address(url), tmp_path) as world:
        world.start()
        world.audit()
    with world_of(address(url, start_timeout=0.02), tmp_path) as gone, pytest.raises(GatewayUnreachableError):
        gone.start()


def test_what_has_not_started_needs_no_audit(world):
    world.audit()


def test_the_token_is_cut_out_of_the_evidence(tmp_path):
    with meeting(tmp_path) as world:
        let_in(world)
        path = world.evidence.attach("told.txt", f"the token is {TOKEN}")
        assert path.read_text() == "the token is ***"
    wire = next(path for path in world.evidence.files() if path.name.startswith("wire"))
    assert TOKEN not in wire.read_text()
    assert TOKEN.encode().hex() not in wire.read_text()


def test_a_world_does_not_show_its_token(ours):
    assert not re.search(ours.token, repr(ours))


def test_a_gateway_that_is_to_refuse_its_start(ours):
    ours.token = "short"
    assert ours.run_to_end(5.0) != 0
    ours.token = new_token()
    with broken("refuses to start within"):
        ours.run_to_end(0.1)
