"""Frames against the golden vectors, and the reader against any split and any bytes."""

import itertools
import json
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.toggle import protocol
from support.toggle.protocol import (
    HEADER,
    HEADER_SIZE,
    MAGIC,
    MAX_PAYLOAD,
    VERSION,
    Frame,
    FrameReader,
    MalformedFrameError,
    Reason,
    Toggle,
    decode,
    encode,
    payload_text,
)

VECTORS = json.loads((Path(__file__).parent / "vectors" / "toggle-frames.json").read_text(encoding="utf-8"))
ORDINARY = Toggle("DEV1", "0123456789ab4def", True)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
messages = st.builds(Toggle, texts, texts, st.booleans())


def framed(payload: bytes) -> bytes:
    return HEADER.pack(MAGIC, VERSION, len(payload)) + payload


def reason_of(data: bytes, pieces: int | None = None) -> str | None:
    """Why `data`, fed in pieces of that size and then closed, is refused; None for a frame."""
    reader = FrameReader()
    try:
        for start in range(0, len(data), pieces or len(data) or 1):
            reader.feed(data[start : start + (pieces or len(data))])
        reader.eof()
    except MalformedFrameError as error:
        return error.reason
    return None


def fed(data: bytes, cuts: list[int]) -> tuple[Frame, FrameReader]:
    """`data` cut at `cuts` and fed; the frame and its reader."""
    reader, found = FrameReader(), []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        found.append(reader.feed(data[start:end]))
    (frame,) = [frame for frame in found if frame is not None]
    assert reader.eof() is frame
    return frame, reader


@pytest.mark.parametrize("case", VECTORS["frames"], ids=lambda case: case["name"])
def test_the_golden_frames_are_written_to_the_byte(case):
    fields = case["payload"]
    message = Toggle(fields["device_id"], fields["msg_id"], fields["state"])

    frame = encode(message)

    assert frame == bytes.fromhex(case["frame_hex"])
    assert len(frame) == HEADER_SIZE + case["payload_length"]
    assert payload_text(message).encode() == frame[HEADER_SIZE:]


@pytest.mark.parametrize("case", VECTORS["frames"], ids=lambda case: case["name"])
@pytest.mark.parametrize("pieces", [1, 7, 10_000])
def test_the_golden_frames_are_read(case, pieces):
    raw = bytes.fromhex(case["frame_hex"])
    frame, reader = fed(raw, list(range(0, len(raw), pieces)))

    assert frame.payload == case["payload"]
    assert frame.keys == ("opcode", "device_id", "msg_id", "state")
    assert (frame.magic, frame.version, frame.length) == (MAGIC, VERSION, case["payload_length"])
    assert frame.raw == raw
    assert frame.payload_bytes == raw[HEADER_SIZE:]
    assert frame.message == Toggle(*(case["payload"][key] for key in ("device_id", "msg_id", "state")))
    assert reader.rest == b""


@pytest.mark.parametrize("case", VECTORS["malformed"], ids=lambda case: case["name"])
@pytest.mark.parametrize("pieces", [1, 2, 3, 5, 1000])
def test_the_golden_malformed_frames_are_refused_for_their_reason(case, pieces):
    assert reason_of(bytes.fromhex(case["hex"]), pieces) == case["reason"]


def test_the_vectors_know_every_reason():
    assert {case["reason"] for case in VECTORS["malformed"]} == set(get_args(Reason))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ('{"opcode": "toggle", "device_id": "D", "msg_id": "m", "state": 1}', "schema"),
        ('{"opcode": "toggle", "device_id": "D", "msg_id": "m", "state": "on"}', "schema"),
        ('{"opcode": "toggle", "device_id": "D", "msg_id": "m", "state": null}', "schema"),
        ('{"opcode": "toggle", "device_id": "D", "msg_id": 7, "state": true}', "schema"),
        ('{"opcode": "toggle", "device_id": ["D"], "msg_id": "m", "state": true}', "schema"),
        ('{"opcode": "flip", "device_id": "D", "msg_id": "m", "state": true}', "schema"),
        ('{"opcode": ["toggle"], "device_id": "D", "msg_id": "m", "state": true}', "schema"),
        ('{"device_id": "D", "msg_id": "m", "state": true}', "schema"),
        ('"toggle"', "schema"),
        ("null", "schema"),
        ("0", "schema"),
        ("", "json"),
        (" ", "json"),
        ('{"opcode": "toggle"', "json"),
        ('{"a": 1} {"a": 2}', "json"),
        ('{"a": 1, "a": 1}', "json"),
        ('{"x": [{"state": true, "state": false}]}', "json"),
        ('{"a": NaN}', "json"),
        ('{"a": -Infinity}', "json"),
        ('{"a": 1e999}', "json"),
        ('{"a": "\\ud800"}', "json"),
        ('{"\\udfff": ["\\udfff"]}', "json"),
        ('{"a": ' + "9" * 5000 + "}", "json"),
        ("[" * 200_000, "json"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "json"),
        ("\ufeff{}", "json"),
        ("{'a': 1}", "json"),
        ('{"a": "\n"}', "json"),
    ],
    ids=lambda text: text[:30],
)
def test_odd_payloads(payload, reason):
    assert reason_of(framed(payload.encode())) == reason


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-be", "latin-1"])
def test_other_encodings_than_utf_8_are_no_json(encoding):
    payload = '{"opcode": "toggle", "device_id": "é", "msg_id": "m", "state": true}'.encode(encoding)
    assert reason_of(framed(payload)) == "json"


def test_surrogate_pairs_are_text():
    payload = b'{"opcode": "toggle", "device_id": "\\ud83d\\udca1", "msg_id": "m", "state": false}'
    assert decode(framed(payload)).message == Toggle("💡", "m", False)


def test_extra_keys_other_orders_and_floats_are_left_to_the_judge():
    payload = b'{"state":true,"x":[1.5,null],"msg_id":"any thing","opcode":"toggle","device_id":"D"}'
    frame = decode(framed(payload))

    assert frame.message == Toggle("D", "any thing", True)
    assert frame.keys == ("state", "x", "msg_id", "opcode", "device_id")
    assert frame.payload["x"] == [1.5, None]
    assert frame.payload_bytes == payload


def test_what_follows_the_frame_is_kept():
    frame, reader = encode(ORDINARY), FrameReader()

    assert reader.rest == b""
    assert reader.feed(frame + b"one") is reader.frame
    assert reader.feed(b" two") is None
    assert reader.eof() is reader.frame
    assert reader.rest == b"one two"


def test_a_length_over_the_limit_is_refused_before_any_payload():
    reader = FrameReader()
    header = HEADER.pack(MAGIC, VERSION, MAX_PAYLOAD + 1)

    assert reader.feed(header[:-1]) is None
    with pytest.raises(MalformedFrameError) as caught:
        reader.feed(header[-1:])
    assert caught.value.reason == "too_long"
    assert caught.value.seen == header


def test_a_frame_of_exactly_the_limit_passes_and_one_byte_more_cannot_be_written():
    fitting = MAX_PAYLOAD - len(payload_text(Toggle("", "m", True)))
    frame = encode(Toggle("x" * fitting, "m", True))

    assert decode(frame).length == MAX_PAYLOAD
    with pytest.raises(ValueError, match=str(MAX_PAYLOAD)):
        encode(Toggle("x" * (fitting + 1), "m", True))


def test_the_error_stays_and_says_what_was_seen():
    reader = FrameReader()
    with pytest.raises(MalformedFrameError) as caught:
        reader.feed(b"\xf0\x0e" + bytes(60))
    assert "magic" in str(caught.value)
    assert "f0 0e" in str(caught.value)
    assert "62 bytes" in str(caught.value)
    with pytest.raises(MalformedFrameError):
        reader.feed(encode(ORDINARY))
    with pytest.raises(MalformedFrameError):
        reader.eof()
    assert reader.frame is None


@pytest.mark.parametrize("data", [b"", b"\xf0", b"\xf0\x0d\x01\x00", encode(ORDINARY)[:-1]])
def test_an_early_end_is_truncated_wherever_it_comes(data):
    with pytest.raises(MalformedFrameError) as caught:
        decode(data)
    assert caught.value.reason == "truncated"
    assert caught.value.seen == data


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (Toggle(1, "m", True), TypeError),
        (Toggle("D", None, True), TypeError),
        (Toggle("D", "m", 1), TypeError),
        (Toggle("\ud800", "m", True), ValueError),
        (Toggle("D", "\udcff", True), ValueError),
    ],
)
def test_what_no_frame_can_carry_is_refused_by_the_writer(message, error):
    with pytest.raises(error):
        encode(message)


@given(messages, st.lists(st.integers(min_value=0)), st.binary(max_size=20))
def test_any_split_of_any_frame_reads_the_same(message, cuts, rest):
    raw = encode(message)
    whole = decode(raw)

    frame, reader = fed(raw + rest, [*cuts, len(raw)])

    assert frame == whole
    assert frame.message == message
    assert frame.raw == raw
    assert reader.rest == rest


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(framed), st.text(max_size=80).map(str.encode).map(framed)))
@example(HEADER.pack(MAGIC, VERSION, 2**32 - 1))
def test_any_bytes_are_a_frame_or_malformed_and_nothing_else_whatever_the_split(data):
    reasons = {reason_of(data, pieces) for pieces in (None, 1, 2, 9)}
    assert len(reasons) == 1
    assert reasons <= {None, *get_args(Reason)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(json_values | st.fixed_dictionaries({"opcode": st.just("toggle"), "device_id": json_values, "msg_id": json_values}))
def test_any_json_is_a_frame_or_malformed_and_nothing_else(value):
    assert reason_of(framed(json.dumps(value).encode())) in ("json", "schema")


@given(messages, st.data())
def test_a_flipped_bit_never_crashes_the_reader(message, data):
    raw = bytearray(encode(message))
    place = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[place // 8] ^= 1 << place % 8
    assert reason_of(bytes(raw)) in (None, *get_args(Reason))


def test_the_constants_are_those_of_the_contract():
    assert protocol.MAGIC.hex() == "f00d"
    assert (protocol.VERSION, protocol.HEADER_SIZE, protocol.OPCODE) == (1, 7, "toggle")
    assert (protocol.ACK, protocol.MAX_REPLY, protocol.MAX_PAYLOAD) == (b"ACK", 65_536, 1_048_576)
