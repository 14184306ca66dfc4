"""RAPI lines against the golden data, and what is no line."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.peers.protocol import Line, RapiError, State, check_of, read_line

GOLDEN = json.loads((Path(__file__).parent / "vectors" / "rapi.json").read_text(encoding="utf-8"))
WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters="^"), min_size=1, max_size=6)


@pytest.mark.parametrize("line", GOLDEN["lines"], ids=lambda line: line["line"])
def test_golden_lines_have_their_check_and_are_read(line):
    text, _, check = line["with_check"].partition("^")
    assert check_of(text) == check
    read = read_line(line["with_check"].encode())
    assert read.text == line["line"]
    assert read.written() == line["with_check"].encode() + b"\r"
    assert read_line(line["line"].encode()) == read


def unknown(text):
    return text == "$XX^24"  # a proper line of a command that does not exist: the board refuses it, not the reader


@pytest.mark.parametrize("text", [text for text in GOLDEN["refused"] if not unknown(text)])
def test_what_is_refused_is_no_line(text):
    with pytest.raises(RapiError):
        read_line(text.encode())


@pytest.mark.parametrize(
    "raw", [b"", b"$GS\n", b"$gs", b"$GS^1", b"$GS^3x", b"$GS^30 ", b"$G\xff", b"$SC " + b"9" * 300, b"$SC  6"]
)
def test_other_bytes_are_no_line_either(raw):
    with pytest.raises(RapiError):
        read_line(raw)


@given(st.from_regex(r"[A-Z]{2}", fullmatch=True), st.lists(WORD, max_size=5))
def test_what_is_written_is_read(verb, words):
    line = Line(verb, tuple(words))
    assert read_line(line.written().removesuffix(b"\r")) == line


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(raw):
    try:
        line = read_line(raw)
    except RapiError:
        return
    assert raw.startswith(line.text[:3].encode())


def test_faults_are_told_from_states():
    assert [state.name for state in State if state.faulty] == [
        "DIODE_CHECK_FAILED", "GROUND_FAULT", "NO_GROUND", "STUCK_RELAY", "SELF_TEST_FAILED", "OVER_TEMPERATURE", "OVER_CURRENT",
    ]  # fmt: skip


def test_replies_are_told_from_events_and_commands():
    assert Line("OK").is_reply
    assert Line("NK").is_reply
    assert Line("AT", ("01",)).is_event
    assert not Line("GS").is_reply
    assert not Line("GS").is_event
