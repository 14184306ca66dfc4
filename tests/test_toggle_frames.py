"""The judge of frames, held against the golden data and against frames that are nearly right."""

import json
import re
from pathlib import Path

import pytest

from support.kit.errors import PromiseBrokenError
from support.toggle import frames
from support.toggle.protocol import decode

VECTORS = json.loads((Path(__file__).parent / "vectors" / "toggle-frames.json").read_text(encoding="utf-8"))
FEATURES = Path(__file__).parents[1] / "features" / "toggle"
GOLDEN = [(case["name"], bytes.fromhex(case["frame_hex"])) for case in VECTORS["frames"]]


def example(raw):
    text = raw[7:].decode()
    return re.sub(r'("msg_id": ")[0-9a-f]{16}', r"\g<1>" + frames.ID_MARK, text)


def framed(text):
    payload = text.encode()
    return decode(b"\xf0\x0d\x01" + len(payload).to_bytes(4, "big") + payload)


@pytest.mark.parametrize(("name", "raw"), GOLDEN, ids=[name for name, _ in GOLDEN])
def test_golden_frames_pass(name, raw):
    frame = decode(raw)
    frames.require_header(frame, raw[:7].hex(" "))
    frames.require_text(frame, example(raw))
    frames.require_message_id(frame)


def test_the_feature_file_shows_the_golden_frames():
    feature = (FEATURES / "frame.feature").read_text(encoding="utf-8")
    for name, raw in GOLDEN:
        assert raw[:7].hex(" ") in feature, name
        if len(raw) < 300:
            assert example(raw) in feature, name


def test_the_feature_file_shows_the_malformed_bytes_and_their_reasons():
    feature = (FEATURES / "refusal.feature").read_text(encoding="utf-8")
    for case in VECTORS["malformed"]:
        assert re.search(rf"\| {case['hex']} +\| {case['reason']} +\|", feature), case["name"]


TEXT = '{"opcode": "toggle", "device_id": "D", "msg_id": "0123456789abcdef", "state": true}'
EXAMPLE = TEXT.replace("0123456789abcdef", frames.ID_MARK)


def test_the_order_of_keys_is_free():
    frames.require_text(framed('{"state": true, "msg_id": "0123456789abcdef", "device_id": "D", "opcode": "toggle"}'), EXAMPLE)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (TEXT.replace(": ", ":").replace(", ", ","), "state"),
        (TEXT.replace(": ", ":"), "state"),
        (TEXT[:-1] + ', "extra": 1}', "extra"),
        (TEXT.replace("true", "false"), "false"),
        (TEXT.replace('"D"', '"E"'), "E"),
        (TEXT + " ", "state"),
        (TEXT.replace('"D"', '"\\u0044"'), "u0044"),
    ],
)
def test_a_text_that_is_nearly_right_is_not(text, seen):
    with pytest.raises(PromiseBrokenError, match=seen):
        frames.require_text(framed(text), EXAMPLE)


def test_an_example_that_is_itself_not_as_agreed_is_refused():
    with pytest.raises(ValueError, match="not written as agreed"):
        frames.require_text(framed(TEXT), EXAMPLE.replace(", ", ","))


@pytest.mark.parametrize("message_id", ["0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", ""])
def test_other_message_ids_are_found(message_id):
    with pytest.raises(PromiseBrokenError, match="16 lower-case"):
        frames.require_message_id(framed(TEXT.replace("0123456789abcdef", message_id)))


def test_a_wrong_header_shows_both():
    with pytest.raises(PromiseBrokenError, match="f0 0d 01 00 00 00 01"):
        frames.require_header(framed(TEXT), "f0 0d 01 00 00 00 01")
