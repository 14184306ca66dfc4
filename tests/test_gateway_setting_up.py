"""Givens: a gateway as a scenario wants it, and the clients that are there when it begins."""

import pytest
from gateway_parts import address, broken, instead, meeting, reference, showing, world_of

from support.gateway.conditions import Conditions, parse_conditions
from support.gateway.party import Party
from support.gateway.setting_up import admit, set_up, set_up_with
from support.gateway.talk import ask
from support.kit.errors import DeclinedError


@pytest.fixture
def ours(tmp_path):
    with world_of(reference(), tmp_path) as made:
        yield made


def test_a_gateway_with_all_that_was_asked_for(ours):
    wanted = parse_conditions(
        "with a provider that answers with garbage, that keeps answers for 2 s, whose figures are known, a bare echo beside it"
    )
    set_up(ours, wanted)
    assert ours.asked == {"repeat_ttl": "2"}
    assert ours.figures is not None
    assert ours.echo_url.startswith("ws://127.0.0.1:")
    admit(ours, Party(("Ada", "Ben"), behind_links=True))
    assert ours.client.name == "Ada"
    assert set(ours.links) == {"Ada", "Ben"}
    (call,) = ask(ours, ours.client, [ours.ask.lookup("lamp")])
    assert call.answer.code == "TOOL_EXECUTION_ERROR"
    ours.provider.require_struck(1)
    assert ours.links["Ada"].connections[0].bytes_up > 0


def test_a_breaker_that_has_opened(ours):
    wanted = parse_conditions(
        "with two providers, of which the second has made its breaker open, that opens its breaker after 2 failures"
    )
    set_up_with(ours, Party(("Ada",)), wanted)
    assert ours.providers["second"].reached == 2
    assert ours.provider.reached == 0
    assert ours.reached_at_opening == {"second": 2}


def test_a_gateway_that_is_not_started_yet(ours):
    set_up(ours, parse_conditions("that is not started yet, whose token has 15 letters"))
    assert ours.running is None
    assert len(ours.token) == 15


@pytest.mark.parametrize(
    "text",
    [
        "that is not started yet",
        "whose token has 16 letters",
        "with a provider",
        "that keeps answers for 2 s",
        "without rate limits",
    ],
)
def test_a_gateway_elsewhere_is_as_it_is(tmp_path, text):
    with world_of(address(), tmp_path) as world:
        with pytest.raises(DeclinedError):
            set_up(world, parse_conditions(text))
        assert world.running is None


def test_the_figures_of_a_gateway_elsewhere_are_known(tmp_path):
    with showing(lambda: "gateway_connections_active 3\n") as url, meeting(tmp_path, metrics_url=url) as world:
        set_up(world, Conditions())
        assert world.figures.value("gateway_connections_active") == 3


def test_many_clients(tmp_path):
    with meeting(tmp_path) as world:
        admit(world, Party(count=12))
        assert len(world.group) == len(world.opened) == 12


def test_nobody_needs_to_be_there(tmp_path):
    with meeting(tmp_path) as world:
        admit(world, Party())
        assert world.opened == []


@pytest.mark.parametrize("party", [Party(("Ada",)), Party(count=2)])
def test_clients_that_are_not_let_in_are_told(tmp_path, party):
    with meeting(tmp_path, instead("hello", (1008, "no"))) as world, broken("is let in with a session"):
        admit(world, party)
