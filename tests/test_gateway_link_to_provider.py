"""The suite's provider and its link, met by a plain TCP client: every trouble really strikes."""

import asyncio
import json
import socket
import time
from contextlib import ExitStack

import pytest
from gateway_parts import PATIENCE, broken

from support.gateway.provider import Provider, ProviderProgram
from support.kit.deadline import eventually
from support.kit.errors import VoidError
from support.kit.loop import the_loop
from support.kit.wire import WireLog

VALUE = {"value": "value of lamp"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("provider")
    with ExitStack() as resources:
        wire = WireLog(folder / "wire.jsonl")
        resources.callback(wire.close)
        provider = Provider(the_loop(), ProviderProgram("a", folder / "log", resources), wire, resources)
        provider.wait_ready(PATIENCE)
        yield provider


@pytest.fixture
def provider(running):
    yield running
    running.heal()


def look_up(provider, within=5.0):
    """The answer's bytes: what there is of them, when the connection ends well."""
    host, _, port = provider.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=within) as connection:
        connection.sendall(b'{"key": "lamp"}\n')
        return b"".join(iter(lambda: connection.recv(4096), b""))


def times(provider, count):
    """How often it is reached from now on."""
    since = provider.reached

    def require():
        provider.require_reached(count, since=since)

    return require


def test_a_provider_answers_and_counts(provider):
    once = times(provider, 1)
    assert json.loads(look_up(provider)) == VALUE
    once()


@pytest.mark.parametrize("trouble", ["resets every connection", "resets the connection"])
def test_a_reset(provider, trouble):
    provider.plant(trouble)
    once = times(provider, 1)
    with pytest.raises(ConnectionResetError):
        look_up(provider)
    provider.require_struck(1)
    once()


def test_a_hang_up_in_the_answer(provider):
    provider.plant("hangs up in its answer")
    assert look_up(provider) == json.dumps(VALUE).encode()[:3]
    provider.require_struck(1)


def test_garbage(provider):
    provider.plant("answers with garbage")
    with pytest.raises(ValueError):
        json.loads(look_up(provider))
    provider.require_struck(1)


def test_an_error(provider):
    provider.plant("answers with an error")
    assert set(json.loads(look_up(provider))) == {"error"}
    provider.require_struck(1)


def test_a_slow_answer(provider):
    provider.plant("takes 0.1 s")
    began = time.monotonic()
    assert json.loads(look_up(provider)) == VALUE
    assert time.monotonic() - began >= 0.1
    provider.require_struck(1)


def test_a_late_hang_up(provider):
    provider.plant("hangs up after 0.1 s")
    began = time.monotonic()
    assert look_up(provider) == json.dumps(VALUE).encode()[:3]
    assert time.monotonic() - began >= 0.1
    provider.require_struck(1)


def test_a_pause(provider):
    provider.plant("is paused")
    once = times(provider, 1)
    with pytest.raises(TimeoutError):
        look_up(provider, within=0.1)
    provider.require_struck(1)
    once()
    provider.heal()
    assert json.loads(look_up(provider)) == VALUE


def test_a_stop(provider):
    provider.plant("is stopped")
    with pytest.raises(ConnectionRefusedError):
        look_up(provider)
    never = times(provider, 0)
    never()
    provider.heal()
    assert json.loads(look_up(provider)) == VALUE


def test_only_the_next_ones_are_reset(provider):
    provider.reset_next(2)
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            look_up(provider)
    assert json.loads(look_up(provider)) == VALUE
    provider.require_struck(2)


@pytest.mark.parametrize("trouble", ["resets every connection", "answers with garbage", "takes 5 s", "hangs up in its answer"])
def test_whatever_the_trouble_was_it_is_well_again(provider, trouble):
    provider.plant(trouble)
    provider.heal()
    assert json.loads(look_up(provider)) == VALUE


def test_healing_ends_the_rest_of_the_resets(provider):
    provider.reset_next(5)
    provider.heal()
    assert json.loads(look_up(provider)) == VALUE


# --- what must have happened


def test_a_trouble_that_struck_too_seldom_is_void(provider):
    provider.plant("resets the connection")
    with pytest.raises(VoidError, match="was to strike 1 times and struck 0 times"):
        provider.require_struck(1)
    with pytest.raises(ConnectionResetError):
        look_up(provider)
    with pytest.raises(VoidError, match="2 times and struck 1 times"):
        provider.require_struck(2)


def test_a_trouble_that_struck_too_often_is_told(provider):
    provider.plant("answers with garbage")
    for _ in range(2):
        look_up(provider)
    with broken("trouble is met 1 times\nseen      2 times"):
        provider.require_struck(1)


def test_what_was_met_before_the_trouble_does_not_count(provider):
    provider.plant("answers with garbage")
    look_up(provider)
    provider.plant("answers with an error")
    with pytest.raises(VoidError):
        provider.require_struck(1)


def test_without_a_trouble_nothing_struck(provider):
    provider.reset_next(0)
    look_up(provider)
    provider.require_struck(0)
    with pytest.raises(VoidError):
        provider.require_struck(1)


def test_a_pause_that_nobody_met_is_void(provider):
    look_up(provider)
    provider.plant("is paused")
    with pytest.raises(VoidError):
        provider.require_struck(1)


def test_an_unknown_trouble_is_told(provider):
    with pytest.raises(ValueError, match="'sings'"):
        provider.plant("sings")


# --- how often it is reached


def test_another_number_of_connections_is_told(provider, monkeypatch):
    monkeypatch.setattr("support.gateway.provider.SETTLING", 0.05)
    never, twice = times(provider, 0), times(provider, 2)
    never()
    look_up(provider)
    with broken("'a' is reached 0 times\nseen      1 times"):
        never()
    with broken("'a' is reached 2 times\nseen      1 times"):
        twice()
    look_up(provider)
    twice()


def test_a_connection_that_follows_is_told(provider):
    never = times(provider, 0)
    threaded = the_loop().spawn(late(provider))
    with broken("'a' is reached 0 times\nseen      1 times"):
        never()
    threaded.result(5.0)


async def late(provider):
    await asyncio.sleep(0.03)
    host, _, port = provider.address.partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    await asyncio.sleep(0.2)
    writer.close()


def test_a_provider_ends_with_its_scenario(tmp_path):
    wire = WireLog(tmp_path / "wire.jsonl")
    with ExitStack() as resources:
        provider = Provider(the_loop(), ProviderProgram("b", tmp_path / "log", resources), wire, resources)
        provider.wait_ready(PATIENCE)
        address = provider.address.partition(":")
        provider.plant("is paused")
    wire.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address[0], int(address[2])), timeout=1.0)
    eventually(lambda: provider._program.process.alive, lambda alive: not alive, 5.0, "it has ended")
