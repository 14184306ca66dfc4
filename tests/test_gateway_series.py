"""Longer conversations, with gateways that get them right and gateways that mix them up."""

from collections import Counter

import pytest
from gateway_parts import answered, broken, call, cut_off, good, meeting, result

from support.gateway import series
from support.gateway.checks import require_outputs
from support.gateway.talk import let_in, let_in_many


def test_texts_come_back(tmp_path):
    with meeting(tmp_path) as world:
        calls = series.give_back(world, let_in_many(world, 3), 5)
        require_outputs(world, calls, 15)
        assert len(set(world.expected.values())) == 15
        assert world.calls == calls


def test_clients_may_use_the_same_ids(tmp_path):
    with meeting(tmp_path) as world:
        calls = series.give_back(world, let_in_many(world, 2), 4, same_ids=True)
        assert set(Counter(call.request_id for call in calls).values()) == {2}
        require_outputs(world, calls, 8)


def test_a_gateway_that_gives_one_clients_text_to_another_is_told(tmp_path):
    first = {}

    def answer(request):
        if request.get("op") != "call_tool":
            return good(request)
        text = first.setdefault(request["request_id"], request["arguments"]["text"])
        return [{**result(text), "request_id": request["request_id"]}]

    with meeting(tmp_path, answer) as world:
        calls = series.give_back(world, let_in_many(world, 2), 4, same_ids=True)
        with broken("8 of 8 texts come back as they were\nseen      4 of 8; to .* which differs at letter"):
            require_outputs(world, calls, 8)


def test_a_mixed_series_has_messages_of_every_kind(tmp_path):
    with meeting(tmp_path) as world:
        clients = [let_in(world), let_in(world)]
        calls = series.mixed_series(world, clients, 32)
        series.require_all_answered(calls, 16)
        assert Counter(call.op for call in calls) == {"ping": 2, "list_tools": 2, "health": 2, "call_tool": 10}
        assert [sum(each in client.calls for each in calls) for client in clients] == [8, 8]
        assert {call.answer.code for call in calls} >= {"TOOL_NOT_FOUND", "TOOL_EXECUTION_ERROR", ""}


def test_an_odd_number_of_messages_has_a_request_without_an_answer(tmp_path):
    with meeting(tmp_path) as world, broken("0 left over\nseen .* 1 left over"):
        series.mixed_series(world, [let_in(world)], 33)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (answered({"op": "pong", "request_id": "r-2"}), "bears the request id of its request"),
        (answered({"op": "pong", "request_id": None}), "bears the request id of its request"),
        (cut_off(), "ended first"),
    ],
)
def test_a_request_that_is_not_answered_under_its_id_is_told(wrong, told):
    series.require_all_answered([answered({"op": "pong"}), answered({"op": "error"}, asked=call("ping", None))], 2)
    with broken(told):
        series.require_all_answered([answered({"op": "pong"}), wrong])
    with broken("3 requests were made\nseen      2 requests"):
        series.require_all_answered([wrong, wrong], 3)
