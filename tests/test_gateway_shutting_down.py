"""The end of a gateway: our own, and ends that break a promise."""

import pytest
from gateway_parts import answered, broken, call, cut_off, meeting, reference, result, well, world_of

from support.gateway import shutting_down
from support.gateway.calls_under_way import begin_slow
from support.gateway.conditions import parse_conditions
from support.gateway.endings import require_closed
from support.gateway.party import Party
from support.gateway.setting_up import set_up_with
from support.gateway.talk import come_back, finish, let_in, require_in
from support.kit.errors import VoidError


@pytest.fixture
def ours(tmp_path):
    with world_of(reference(), tmp_path) as made:
        set_up_with(made, Party(("Ada",)), parse_conditions("that waits 1.5 s for calls when it shuts down"))
        yield made


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        let_in(made, "Ada")
        yield made


def test_what_is_under_way_is_answered_then_the_client_is_closed_then_it_ends(ours):
    begin_slow(ours, ours.client, [0.4])
    shutting_down.tell(ours)
    finish(ours, ours.under_way)
    require_closed(ours.client, 1001)
    shutting_down.require_answer_first(ours.client, ours.under_way)
    shutting_down.require_ended(ours, shutting_down.LIMIT)
    ours.audit()


def test_a_gateway_that_takes_its_time_is_told(ours, monkeypatch):
    monkeypatch.setattr(shutting_down, "MACHINE_SLACK", 0.0)
    begin_slow(ours, ours.client, [1.0])
    shutting_down.tell(ours)
    with broken("told to shut down has ended within .* s"):
        shutting_down.require_ended(ours, 0.0)


def test_a_gateway_comes_back(ours):
    first, token = ours.client, ours.gateway.token
    shutting_down.restart(ours)
    assert first.closing is not None
    assert ours.gateway.token == token
    require_in(come_back(ours, "Ada"))


def test_what_was_to_be_under_way_and_is_over_proves_nothing(world):
    world.under_way = [well()]
    with pytest.raises(VoidError, match="under way is over"):
        shutting_down.tell(world)
    assert "told to shut down" not in world.moments


def test_what_is_not_answered_before_the_end_is_told(world):
    shutting_down.require_answer_first(world.client, [well(), answered(result(), asked=call())])
    with broken("what is under way is answered before the end"):
        shutting_down.require_answer_first(world.client, [well(), cut_off()])
    with pytest.raises(VoidError, match="nothing was asked"):
        shutting_down.require_answer_first(world.client, [])
