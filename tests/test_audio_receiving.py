"""What comes over a line, sorted."""

import base64
import json

import pytest

from support.audio.frames import read_frame
from support.audio.receiving import Received


def came(*messages, chunks=()):
    """What was received: these messages, for so many chunks that were sent."""
    received = Received()
    for number, pcm in enumerate(chunks):
        received.will_answer_chunk(pcm, float(number))
    for number, message in enumerate(messages, 1):
        text = message if isinstance(message, str | bytes) else json.dumps(message)
        received.take(read_frame(text, 10.0 + number, number))
    return received


def sound(sequence, pcm=b"\0\0"):
    return {"type": "processed_audio", "sequence": sequence, "audio": base64.b64encode(pcm).decode()}


def figures(sequence):
    return {"type": "metrics", "sequence": sequence, "metrics": {"chunks_processed": sequence}}


def test_sounds_and_figures_are_paired_by_their_number():
    got = came(sound(1), sound(2, b"\1\0"), figures(2), figures(1), chunks=(b"aa", b"bb"))
    assert [(chunk.sequence, chunk.played, chunk.pcm) for chunk in got.chunks] == [(2, b"aa", b"\1\0"), (1, b"bb", b"\0\0")]
    assert [chunk.seconds for chunk in got.chunks] == [13.0, 13.0]
    assert (got.leftover, got.nonsense) == ([], None)


def test_what_comes_twice_or_for_no_chunk_is_left_over():
    got = came(sound(1), figures(1), sound(1), figures(1), sound(2), chunks=(b"aa",))
    assert len(got.chunks) == 1
    assert [frame.number for frame in got.leftover] == [3, 4, 5]


def test_unknown_types_are_neither_left_over_nor_nonsense():
    got = came({"type": "weather"}, {"no": "type"}, {"type": 5})
    assert (got.leftover, got.nonsense, len(got.frames)) == ([], None, 3)


def test_frames_are_found_once():
    got = came({"type": "pong"}, {"type": "error"}, {"type": "pong"})
    first = got.find("pong")
    got.mark(first)
    assert (first.number, got.find("pong").number, got.find("pong", "error").number) == (1, 3, 2)
    assert got.find("config_updated") is None


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("[]", "holds no JSON object"),
        ("null", "holds no JSON object"),
        ("{'a': 1}", "holds no JSON object"),
        (b"{}", "a binary frame"),
        ({"type": "metrics", "metrics": {}}, "without the number of its chunk"),
        ({"type": "metrics", "sequence": "1"}, "without the number of its chunk"),
        ({"type": "processed_audio", "sequence": 1.5, "audio": ""}, "without the number of its chunk"),
        ({"type": "processed_audio", "sequence": True, "audio": ""}, "without the number of its chunk"),
        ({"type": "processed_audio", "sequence": 1}, "no base64 of whole samples"),
        ({"type": "processed_audio", "sequence": 1, "audio": "AAA"}, "no base64 of whole samples"),
        ({"type": "processed_audio", "sequence": 1, "audio": "AA=="}, "no base64 of whole samples"),
        ({"type": "processed_audio", "sequence": 1, "audio": "AA\nA="}, "no base64 of whole samples"),
    ],
)
def test_nonsense_is_told_and_stays_so(message, told):
    got = came(message, {"type": "pong"}, chunks=(b"aa",))
    assert told in got.nonsense


def test_there_are_not_more_errors_than_messages_that_gave_reason_for_one():
    got = came({"type": "error"})
    assert got.unprovoked_error().number == 1
    got.may_err()
    assert got.unprovoked_error() is None
    got.may_err()
    got.take(read_frame('{"type": "pong"}', 20.0, 2))
    got.take(read_frame('{"type": "error"}', 20.0, 3))
    assert got.unprovoked_error().number == 3
