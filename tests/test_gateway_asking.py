"""The words of the feature files become requests."""

import json

import pytest

from support.gateway.asking import INVALID, Asker, request_id
from support.gateway.tools import Tool, tool_of

CONTRACT = Asker({})
OTHER = Asker(
    {
        "fast": Tool("Now"),
        "slow": tool_of("slow", {"name": "nap", "arguments": {"for": "{s}"}}),
        "echo": tool_of("echo", {"name": "grüße", "arguments": {"say": "{text}"}}),
    }
)


def said(call):
    return json.loads(call.text)


def test_every_request_has_an_id_of_its_own():
    asked = [
        CONTRACT.plain("ping"),
        CONTRACT.fast(),
        CONTRACT.slow(1.0),
        CONTRACT.cancel("q"),
        CONTRACT.incomplete("no tool named"),
    ]
    assert len({call.request_id for call in asked}) == 5
    assert all(said(call)["request_id"] == call.request_id for call in asked)


def test_a_request_keeps_the_id_that_it_is_told():
    assert said(CONTRACT.fast("r-1"))["request_id"] == "r-1"
    assert said(CONTRACT.lookup("lamp", "r-1"))["request_id"] == "r-1"


def test_calls_name_the_contracts_tools():
    assert said(CONTRACT.slow(0.3))["arguments"] == {"ms": 300}
    assert said(CONTRACT.lookup("lamp"))["arguments"] == {"key": "lamp"}
    assert said(CONTRACT.lookup("lamp", provider="b"))["arguments"] == {"key": "lamp", "provider": "b"}
    assert said(CONTRACT.steps(4, 0.1))["arguments"] == {"steps": 4, "ms": 100}
    call = CONTRACT.failing()
    assert (call.op, call.tool, said(call)["op"], said(call)["name"]) == ("call_tool", "fail", "call_tool", "fail")


def test_calls_name_the_gateways_own_tools():
    assert said(OTHER.fast())["name"] == OTHER.fast().tool == OTHER.name("fast") == "Now"
    assert said(OTHER.slow(0.3)) | {"request_id": ""} == {
        "op": "call_tool", "request_id": "", "name": "nap", "arguments": {"for": 0.3},
    }  # fmt: skip
    assert said(OTHER.failing())["name"] == "fail"


@pytest.mark.parametrize("asker", [CONTRACT, OTHER])
@pytest.mark.parametrize("size", [300, 65_536])
def test_a_frame_has_so_many_bytes_on_the_wire(asker, size):
    call, text = asker.echo_in_frame_of(size)
    assert len(call.text.encode()) == size
    assert text in said(call)["arguments"].values()


def test_other_alphabets_reach_the_wire_as_they_are():
    assert "ñ 🦐" in CONTRACT.echo("ñ 🦐").text


@pytest.mark.parametrize(
    ("phrase", "op", "more"),
    [
        ("a ping", "ping", {}),
        ("the list of tools", "list_tools", {}),
        ("the gateway's health", "health", {}),
        ("the fast tool", "call_tool", {"name": "status", "arguments": {}}),
        ("the failing tool", "call_tool", {"name": "fail", "arguments": {"message": "it was to fail"}}),
        ("the slow tool for 1.5 s", "call_tool", {"name": "sleep", "arguments": {"ms": 1500}}),
        ('the slow tool for "soon"', "call_tool", {"name": "sleep", "arguments": {"ms": "soon"}}),
        ("a tool that is not", "call_tool", {"name": "no_such_tool", "arguments": {}}),
        ("the fast tool by a name in capitals", "call_tool", {"name": "STATUS", "arguments": {}}),
        ("the echo without its text", "call_tool", {"name": "echo", "arguments": {}}),
        ("the echo with a list for its text", "call_tool", {"name": "echo", "arguments": {"text": ["lamp"]}}),
        ("the cancelling of a call that is not", "cancel", {"target": "no-such-call"}),
    ],
)
def test_each_phrase_is_one_request(phrase, op, more):
    call = CONTRACT.request(phrase)
    assert said(call) == {"op": op, "request_id": call.request_id, **more}
    assert call.op == op


def test_the_name_in_capitals_is_another_name():
    assert said(OTHER.request("the fast tool by a name in capitals"))["name"] == "nOW"


@pytest.mark.parametrize(
    "phrase",
    ["words that are no frame", "an empty frame", "half a request", "a list around a request", "a lone number",
     "lists in lists, 500 deep", "a request without an operation"],
)  # fmt: skip
def test_frames_that_name_no_operation_are_counted_as_invalid(phrase):
    assert CONTRACT.bad(phrase).op == INVALID


@pytest.mark.parametrize("phrase", ["words that are no frame", "an empty frame", "half a request"])
def test_frames_that_are_no_json(phrase):
    with pytest.raises(ValueError):
        said(CONTRACT.bad(phrase))


@pytest.mark.parametrize(
    ("phrase", "sent", "awaited"),
    [
        ("a request without a request id", None, None),
        ("a request with an empty request id", "", ""),
        ("a request id of 129 letters", "i" * 129, "i" * 129),
        ("a request with a number for its id", 7, None),
    ],
)
def test_request_ids_that_are_none(phrase, sent, awaited):
    call = CONTRACT.bad(phrase)
    assert said(call).get("request_id") == sent
    assert call.request_id == awaited
    assert call.op == said(call)["op"] == "ping"


def test_an_unknown_operation_is_counted_as_sent():
    call = CONTRACT.bad("a request for an unknown operation")
    assert call.op == said(call)["op"] == "make_coffee"


@pytest.mark.parametrize(
    ("phrase", "missing"),
    [("no tool named", {"arguments": {}}), ("a number for the tool", {"name": 7, "arguments": {}}),
     ("a list for the arguments", {"name": "status", "arguments": ["lamp"]})],
)  # fmt: skip
def test_calls_that_lack_something(phrase, missing):
    call = CONTRACT.incomplete(phrase)
    assert said(call) == {"op": "call_tool", "request_id": call.request_id, **missing}


@pytest.mark.parametrize("ask", [CONTRACT.request, CONTRACT.bad, CONTRACT.incomplete, request_id])
def test_an_unknown_phrase_is_told(ask):
    with pytest.raises(ValueError, match="'a coffee'"):
        ask("a coffee")


def test_request_ids_at_the_edges_are_allowed():
    kinds = ["1 letter", "128 letters", "letters of many alphabets", "quotation marks, slashes and spaces", "digits only"]
    assert all(1 <= len(request_id(kind)) <= 128 for kind in kinds)
    assert (len(request_id("1 letter")), len(request_id("128 letters"))) == (1, 128)
