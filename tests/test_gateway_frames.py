"""Frames of a gateway are read whatever they hold; a call ends once."""

import asyncio
import threading

import pytest
from gateway_parts import answered, call, frame

from support.gateway.frames import Call, read_frame, written


@pytest.mark.parametrize("text", ["", "no frame", "42", "null", '["op"]', "[" * 100_000, '{"op": "pong"', "{'op': 1}", "\ud800"])
def test_a_frame_that_is_no_object_says_nothing(text):
    read = read_frame(text, 7.0)
    assert (read.text, read.at, read.op, read.request_id, read.ok, read.code, read.output) == (
        text,
        7.0,
        "",
        None,
        False,
        "",
        None,
    )
    assert not read.could_be_an_answer


def test_a_frame_says_what_it_says():
    read = frame(op="call_tool_res", request_id="r", ok=True, outputs=[{"type": "text", "text": "ñ"}])
    assert (read.op, read.request_id, read.ok, read.output, read.code) == ("call_tool_res", "r", True, "ñ", "")
    assert frame(op="error", error={"code": "TIMEOUT"}).code == "TIMEOUT"


@pytest.mark.parametrize("value", [1, None, True, [], {}])
def test_words_of_another_type_are_none(value):
    read = frame(op=value, request_id=value, error=value, outputs=value)
    assert (read.op, read.request_id, read.code, read.output) == ("", None, "", None)
    assert frame(error={"code": value}).code == ""


@pytest.mark.parametrize("value", [1, "true", None, [True]])
def test_only_true_is_ok(value):
    assert not frame(ok=value).ok


@pytest.mark.parametrize(
    "outputs",
    [[], [{"type": "text"}], [{"text": "a"}], [{"type": "image", "text": "a"}], [{"type": "text", "text": 1}], ["a"],
     [{"type": "text", "text": "a"}] * 2, {"type": "text", "text": "a"}],
)  # fmt: skip
def test_the_output_is_one_text_or_none(outputs):
    assert frame(outputs=outputs).output is None


def test_a_binary_frame_is_read_and_known_as_one():
    read = read_frame(b'{"op": "pong"}', 0.0)
    assert read.op == "pong"
    assert read.binary
    assert not read_frame('{"op": "pong"}', 0.0).binary
    assert read_frame(b"\xff\xfe", 0.0).text == "\ufffd\ufffd"


@pytest.mark.parametrize("fields", [{"op": "pong"}, {"op": "progress"}, {"op": "error"}, {"ok": False}, {"tools": []}])
def test_what_could_be_an_answer(fields):
    assert frame(**fields).could_be_an_answer


@pytest.mark.parametrize("fields", [{}, {"op": "notice"}, {"op": "notice", "ok": True}, {"request_id": "r"}, {"op": "ping"}])
def test_what_could_be_none(fields):
    assert not frame(**fields).could_be_an_answer


def test_long_frames_and_requests_are_shown_in_part():
    assert str(read_frame("x" * 300, 0.0)) == "x" * 300
    assert str(read_frame("x" * 301, 0.0)) == "x" * 300 + "... (301 letters)"
    assert str(Call("ping", None, "y" * 500)) == "y" * 120 + "... (500 letters)"
    assert str(Call("invalid", None, "")) == "an empty frame"


def test_other_alphabets_are_written_as_they_are():
    assert written({"text": "ñ 🦐"}) == '{"text": "ñ 🦐"}'


def test_only_the_first_end_of_a_call_counts():
    asked = answered({"op": "pong"}, sent_at=5.0, after=0.25)
    asked.end(frame(9.0, op="error"))
    asked.end(None)
    assert asked.answer.op == "pong"
    assert asked.seconds == 0.25


def test_a_call_without_an_answer_has_no_time():
    asked = call()
    asked.end(None)
    assert asked.over
    with pytest.raises(ValueError, match="not answered"):
        _ = asked.seconds


def test_an_end_is_awaited_by_threads_and_by_the_loop():
    asked = call()
    assert not asked.wait(0.01)
    threading.Timer(0.02, asked.end, [frame(op="pong")]).start()
    assert asked.wait(5.0)

    async def wait():
        other = call()
        asyncio.get_running_loop().call_later(0.01, other.end, None)
        async with asyncio.timeout(5):
            await other.ended()
        assert other.over

    asyncio.run(wait())


def test_calls_with_the_same_words_are_not_the_same():
    assert call() != call()
    assert len({call(), call()}) == 2
