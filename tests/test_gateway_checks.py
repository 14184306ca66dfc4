"""What is promised of answers: each check lets the right frame pass and tells of each wrong one."""

import json
import math

import pytest
from gateway_parts import answered, broken, call, cut_off, failed, failure, frame, good, instead, meeting, result, well

from support.gateway import checks
from support.gateway.client import Client
from support.gateway.frames import read_frame
from support.gateway.talk import ask, let_in
from support.kit.errors import VoidError


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        let_in(made, "Ada")
        yield made


def test_a_call_that_was_cut_off_was_not_answered():
    with broken("the connection ended first"):
        checks.only_answer(cut_off())


def test_an_answer_is_a_text_frame():
    asked = call()
    asked.end(read_frame(json.dumps(result(request_id="r-1")).encode(), 0.1))
    with broken("with a text frame\nseen      a binary one"):
        checks.require_ok(asked)


# --- operation and request id


@pytest.mark.parametrize(
    "fields",
    [result(), {"op": "pong"}, {"op": "error"}, {"op": "cancel_res", "ok": False}, {"op": "list_tools_res", "tools": []}],
)
def test_the_answer_bears_its_operation_and_id(fields):
    checks.require_answered(answered(fields), fields["op"])


def test_another_operation_or_id_is_told():
    with broken("is 'pong'\nseen .* is 'ping'"):
        checks.require_answered(answered({"op": "ping"}), "pong")
    with broken("is 'r-1'\nseen .* is 'r-2'"):
        checks.require_answered(answered({"op": "pong", "request_id": "r-2"}), "pong")
    with broken("the call goes well"):
        checks.require_answered(answered(failure("TIMEOUT")), "call_tool_res")


@pytest.mark.parametrize("told", [None, 1, "R-1", " r-1", "r-1\n", ["r-1"]])
def test_the_id_is_the_same_letter_by_letter(told):
    with broken("request id is 'r-1'"):
        checks.require_own_id(answered({"op": "pong", "request_id": told}))


# --- well


def test_a_call_that_goes_well_passes():
    assert checks.require_ok(well("ñ")).output == "ñ"
    checks.require_all_ok([well(), well()])
    checks.require_output(well("ñ"), "ñ")
    checks.require_output(well(""), "")


@pytest.mark.parametrize(
    "fields",
    [result(op="error"), result(op="pong"), result(ok=False), result(ok="true"), result(ok=None), result(outputs=[]),
     result(outputs="fine"), {"op": "call_tool_res", "ok": True}, failure("TIMEOUT")],
)  # fmt: skip
def test_a_call_that_does_not_go_well_is_told(fields):
    with broken("the call goes well"):
        checks.require_ok(answered(fields))
    with broken("the call goes well"):
        checks.require_all_ok([well(), answered(fields)])


@pytest.mark.parametrize(
    "output", ["fine", {"text": "a"}, {"type": "text"}, {"type": "text", "text": 1}, {"type": "json", "text": ""}]
)
def test_an_output_that_is_no_text_is_told(output):
    with broken("every output is a text"):
        checks.require_ok(answered(result(outputs=[output])))


def test_somebody_elses_answer_is_told():
    with broken("request id"):
        checks.require_all_ok([well(), answered(result(request_id="r-2"))])
    with broken("request id"):
        checks.require_output(answered(result("a", request_id="r-2")), "a")


def test_nothing_asked_proves_nothing():
    for look in (checks.require_all_ok, lambda none: checks.require_all_failed(none, "TIMEOUT"),
                 lambda none: checks.require_before(well(), none)):  # fmt: skip
        with pytest.raises(VoidError, match="nothing was asked"):
            look([])


@pytest.mark.parametrize(
    ("text", "told"),
    [("The lamp is on", "differs at letter 15 of 15"), ("the lamp is on.", "letter 1 of"), ("", "letter 1 of"),
     ("The lamp is on. ", "letter 16 of 15"), ("x" * 200, r"\(200 letters\), which differs at letter 1 ")],
)  # fmt: skip
def test_another_text_is_told_with_the_place_where_it_differs(text, told):
    with broken(told):
        checks.require_output(well(text), "The lamp is on.")


def test_two_outputs_are_not_one():
    with broken("no single text"):
        checks.require_output(answered(result(outputs=[{"type": "text", "text": "a"}] * 2)), "a")


def test_all_texts_come_back(world):
    calls = [well("a"), well("b")]
    world.expected = dict(zip(calls, "ab", strict=True))
    checks.require_outputs(world, calls, 2)
    with broken("3 of 3 texts .*\nseen      2 of 2$"):
        checks.require_outputs(world, calls, 3)
    with broken("1 of 1 texts"):
        checks.require_outputs(world, calls, 1)


@pytest.mark.parametrize(
    ("other", "told"),
    [(well("a"), "1 of 2; to .* which differs at letter 1 of 1"), (cut_off(), "1 of 2; no answer to"),
     (failed("TIMEOUT"), "no single text"), (answered(result("b", ok=False)), "1 of 2"),
     (answered(result("b", request_id="r-2")), "request id")],
)  # fmt: skip
def test_a_text_that_does_not_come_back_is_told(world, other, told):
    calls = [well("a"), other]
    world.expected = dict(zip(calls, "ab", strict=True))
    with broken(told):
        checks.require_outputs(world, calls, 2)


# --- failed


def test_a_call_that_fails_as_agreed_passes():
    checks.require_failed(failed("TIMEOUT"), "TIMEOUT", complete=True)
    checks.require_failed(failed("TIMEOUT"), ("CANCELLED", "TIMEOUT"))
    checks.require_all_failed([failed("TIMEOUT")] * 2, "TIMEOUT")


@pytest.mark.parametrize("code", ["INVALID_REQUEST", "VALIDATION_ERROR", "TOOL_NOT_FOUND", "OVER_CAPACITY"])
def test_what_has_not_begun_may_be_refused_as_a_bad_request(code):
    checks.require_failed(answered(failure(code, op="error")), code)
    checks.require_failed(answered({"op": "error", "error": {"code": code}}), code)


@pytest.mark.parametrize("code", ["TIMEOUT", "TOOL_EXECUTION_ERROR", "CIRCUIT_OPEN", "CANCELLED"])
def test_what_has_begun_is_answered_as_a_call(code):
    with broken("answered with call_tool_res"):
        checks.require_failed(answered(failure(code, op="error")), code)


@pytest.mark.parametrize(
    "fields",
    [result(), failure("CANCELLED"), failure("timeout"), failure("TIMEOUT", op="pong"), {**failure("TIMEOUT"), "ok": True},
     {"op": "call_tool_res", "ok": False, "error": "TIMEOUT"}, {"op": "call_tool_res", "ok": False}],
)  # fmt: skip
def test_another_outcome_is_told(fields):
    with broken("the call fails with code TIMEOUT"):
        checks.require_failed(answered(fields), "TIMEOUT")
    with broken("the call fails with code TIMEOUT"):
        checks.require_all_failed([failed("TIMEOUT"), answered(fields)], "TIMEOUT")


def test_a_failure_says_so_and_bears_the_id():
    without = {key: value for key, value in failure("TIMEOUT").items() if key != "ok"}
    with broken("says that it is not ok"):
        checks.require_failed(answered(without), "TIMEOUT")
    with broken("request id"):
        checks.require_failed(answered({**failure("TIMEOUT"), "request_id": "r-2"}), "TIMEOUT")


@pytest.mark.parametrize(
    "error", [{"message": "no"}, {"message": "", "details": {}}, {"details": {}}, {"message": 1, "details": {}}]
)
def test_a_failure_has_a_message_and_details(error):
    fields = {"op": "call_tool_res", "ok": False, "error": {"code": "TIMEOUT", **error}}
    checks.require_failed(answered(fields), "TIMEOUT")
    with broken("with a message and details"):
        checks.require_failed(answered(fields), "TIMEOUT", complete=True)


# --- refused


def test_a_refusal_says_when_to_try_again():
    checks.require_told_when(failed("OVER_CAPACITY", retry=0.5))
    checks.require_told_when(failed("OVER_CAPACITY", retry=0))
    checks.require_told_when(failed("OVER_CAPACITY", retry=2), longest=2)
    checks.require_told_when(failed("OVER_CAPACITY", retry=2), longest=1.2)
    checks.require_refused_at_once(failed("OVER_CAPACITY", retry=2), "OVER_CAPACITY")


@pytest.mark.parametrize("retry", [None, -1, True, "1", math.nan])
def test_a_refusal_that_does_not_say_when_is_told(retry):
    with broken("after how many seconds to try again"):
        checks.require_told_when(failed("OVER_CAPACITY", retry=retry))
    with broken("after how many seconds"):
        checks.require_refused_at_once(failed("OVER_CAPACITY", retry=retry), "OVER_CAPACITY")


def test_details_that_are_no_object_say_nothing():
    with broken("after how many seconds"):
        checks.require_told_when(answered(failure("OVER_CAPACITY", details="soon")))


def test_a_refusal_that_comes_late_or_asks_too_much_or_is_none_is_told():
    with broken("after at most 2 s\nseen      after 2.5 s"):
        checks.require_told_when(failed("OVER_CAPACITY", retry=2.5), longest=2)
    with broken("refused at once.*\nseen      after 1.50 s"):
        checks.require_refused_at_once(failed("OVER_CAPACITY", retry=1, after=1.5), "OVER_CAPACITY")
    with broken("fails with code OVER_CAPACITY"):
        checks.require_refused_at_once(well(), "OVER_CAPACITY")


# --- bad requests


@pytest.mark.parametrize("asked", ["b-1", None, ""])
def test_a_bad_request_may_be_answered_with_its_id_or_with_none(asked):
    for told in (None, asked):
        bad = answered({"op": "error", "error": {"code": "INVALID_REQUEST"}, "request_id": told}, asked=call("ping", asked))
        checks.require_bad_request(bad, "error", "INVALID_REQUEST")


def test_a_bad_request_that_is_answered_otherwise_is_told():
    with broken("is 'error'\nseen .*'pong'"):
        checks.require_bad_request(answered({"op": "pong"}), "error", "INVALID_REQUEST")
    with broken("code is 'INVALID_REQUEST'\nseen .*'VALIDATION_ERROR'"):
        checks.require_bad_request(answered(failure("VALIDATION_ERROR", op="error")), "error", "INVALID_REQUEST")
    with broken("no request id but the caller's"):
        other = answered({**failure("INVALID_REQUEST", op="error"), "request_id": "x"}, asked=call("ping", None))
        checks.require_bad_request(other, "error", "INVALID_REQUEST")


# --- time and order


def test_an_answer_comes_before_those_of_slow_calls():
    checks.require_before(well(after=0.1), [call(), cut_off(), well(after=0.2)])
    for late in ([well(after=0.1)], [call(), well(after=0.05)]):
        with broken("before that of the slow call\nseen      0.10 s after"):
            checks.require_before(well(after=0.1), late)


def test_the_time_of_a_call_lies_between_bounds():
    checks.require_time(well(after=0.3), 0.3, 0.3)
    for after in (0.2, 0.41):
        with broken(f"after 0.3 s and within 0.4 s\nseen      after {after}"):
            checks.require_time(well(after=after), 0.3, 0.4)
    with broken("ended first"):
        checks.require_time(cut_off(), 0, 9)


@pytest.mark.parametrize(("told", "planted"), [(300, 0.3), (286, 0.3), (310, 0.3), (0.01, None), (300.5, None), (0, None)])
def test_the_answer_tells_how_long_it_took(told, planted):
    checks.require_latency(answered(result(latency_ms=told), after=0.3), planted, 5)


@pytest.mark.parametrize("told", [None, "300", True, -1])
def test_an_answer_that_tells_no_time_is_told(told):
    with broken("how many milliseconds the call took"):
        checks.require_latency(answered(result(latency_ms=told), after=0.3), 0.3, 5)


@pytest.mark.parametrize(("told", "planted"), [(0.3, 0.3), (284, 0.3), (317, 0.3), (300_000, 0.3), (317, None), (math.nan, None)])
def test_a_time_that_cannot_be_is_told(told, planted):
    with broken("the answer tells .* ms"):
        checks.require_latency(answered(result(latency_ms=told), after=0.3), planted, 5)


def test_answers_arrive_in_the_agreed_order():
    late, middle, early = (well(after=after) for after in (0.9, 0.6, 0.3))
    checks.require_order([late, middle, early], [early, middle, late])
    with broken("in the order 3, 2, 1"):
        checks.require_order([late, middle, early], [late, middle, early])


def test_slow_calls_take_the_time_they_were_told(world):
    honest, hasty = (checks.note_slow(world, world.ask.slow(0.05), 0.05) for _ in "ab")
    ask(world, world.client, [honest])
    checks.require_slow_answered(world, [honest])
    answered(result(), asked=hasty, after=0.03)
    with broken("takes 0.05 s\nseen      0.030 s"):
        checks.require_slow_answered(world, [honest, hasty])


# --- progress


def progress(*fields, at=0.05, **answer):
    made = well(**answer)
    made.progress += [frame(at, **{"op": "progress", "request_id": "r-1", **each}) for each in fields]
    return made


@pytest.mark.parametrize(
    "fields",
    [[{}, {}], [{"step": 1}, {"step": 2}], [{"progress": 0.5, "total": 1}, {"progress": 1.0, "total": 1}],
     [{"done": False}, {"done": True}], [{"step": "one"}, {"step": "two"}]],
)  # fmt: skip
def test_progress_is_told_in_order(fields):
    checks.require_progress(progress(*fields), 2)


def test_progress_that_is_not_as_agreed_is_told():
    with broken("is told 3 times\nseen .* 2 times"):
        checks.require_progress(progress({}, {}), 3)
    with broken("is told 0 times"):
        checks.require_progress(progress({}), 0)
    with broken("in order\nseen      step: 2, 1"):
        checks.require_progress(progress({"step": 2}, {"step": 1}), 2)
    with broken("in order\nseen      step: 1, 1"):
        checks.require_progress(progress({"step": 1}, {"step": 1}), 2)
    with broken("before the answer\nseen      after it"):
        checks.require_progress(progress({}, at=0.5), 1)
    with broken("request id of progress is 'r-1'"):
        checks.require_progress(progress({"request_id": None}), 1)
    with broken("the call goes well"):
        checks.require_progress(failed("TIMEOUT"), 0)


def test_progress_is_told_as_it_happens():
    checks.require_progress_ahead(progress({}, {}, at=0.2, after=0.4))
    with broken("in the first half of the call\nseen      after 0.250 s of 0.400 s"):
        checks.require_progress_ahead(progress({}, at=0.25, after=0.4))
    with broken("none was"):
        checks.require_progress_ahead(well())
    with broken("ended first"):
        checks.require_progress_ahead(cut_off())


# --- cancelling, repeats, tools


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_cancelling_is_confirmed_or_declined(confirmed):
    answer = answered({"op": "cancel_res", "ok": confirmed})
    checks.require_cancel(answer, confirmed)
    with broken(f"confirmed is {not confirmed}\nseen .* is {confirmed}"):
        checks.require_cancel(answer, not confirmed)
    with broken("confirmed is .*\nseen .* is None"):
        checks.require_cancel(answered({"op": "cancel_res"}), confirmed)
    with broken("'cancel_res'"):
        checks.require_cancel(answered({"op": "error", "ok": confirmed}), confirmed)
    with broken("request id"):
        checks.require_cancel(answered({"op": "cancel_res", "ok": confirmed, "request_id": "r-2"}), confirmed)


def test_a_stored_answer_says_so_and_a_fresh_one_does_not():
    checks.require_stored(answered(result(from_cache=True)), True)
    checks.require_stored(well(), False)
    checks.require_stored(answered(result(from_cache=False)), False)
    with broken("stored is True\nseen .* False"):
        checks.require_stored(well(), True)
    with broken("stored is False\nseen .* True"):
        checks.require_stored(answered(result(from_cache=True)), False)


TOOL = {"name": "status", "description": "How it is.", "inputSchema": {"type": "object"}}


def listing(*tools):
    return answered({"op": "list_tools_res", "tools": list(tools)})


def test_tools_are_listed():
    checks.require_tools(listing(TOOL))
    checks.require_tools(listing(TOOL, {**TOOL, "name": "echo"}), {"echo"})


@pytest.mark.parametrize(
    "tool",
    ["status", {**TOOL, "name": ""}, {**TOOL, "name": None}, {**TOOL, "description": ""}, {**TOOL, "inputSchema": "object"},
     {key: TOOL[key] for key in ("name", "description")}],
)  # fmt: skip
def test_a_tool_that_is_not_described_is_told(tool):
    with broken("every tool has a name, a description"):
        checks.require_tools(listing({**TOOL, "name": "echo"}, tool))


def test_a_list_of_tools_that_is_none_or_lacks_or_repeats_one_is_told():
    for fields in ({}, {"tools": []}, {"tools": {"status": TOOL}}):
        with broken("there is a list of tools"):
            checks.require_tools(answered({"op": "list_tools_res", **fields}))
    with broken("no tool is listed twice"):
        checks.require_tools(listing(TOOL, TOOL))
    with broken("echo, fail is among the tools\nseen      status"):
        checks.require_tools(listing(TOOL), {"fail", "echo", "status"})


# --- with a gateway


def test_nothing_else_arrives_from_a_right_gateway(world):
    ask(world, world.client, [world.ask.plain("ping")])
    checks.require_nothing_else(world)
    checks.require_still_usable(world, ask(world, world.client, [world.ask.fast()]))


@pytest.mark.parametrize(
    "said",
    [
        [{"op": "pong"}, {"op": "pong"}],
        [{"op": "pong"}, 0.05, {"op": "pong"}],
        [{"op": "pong"}, {"op": "pong", "request_id": "x"}],
    ],
)
def test_a_second_answer_is_told_also_when_it_comes_a_little_later(tmp_path, said):
    with meeting(tmp_path, instead("ping", *said)) as world:
        client = let_in(world)
        ask(world, client, [world.ask.plain("ping")])
        with broken('nothing arrives but the answers\nseen      .*"op": "pong"'):
            checks.require_nothing_else(world)


def test_a_call_of_the_fast_tool_that_fails_is_told(tmp_path):
    def answer(request):
        return [{**failure("TIMEOUT"), "request_id": request["request_id"]}] if request["op"] == "call_tool" else good(request)

    with meeting(tmp_path, answer) as world:
        client: Client = let_in(world)
        call = world.ask.fast()
        client.send([call])
        with broken("the call goes well"):
            checks.require_still_usable(world, [call])
