"""First frames of a client: one of them is proper."""

import json

import pytest

from support.gateway.openings import OPENINGS, PROPER, hello, opening
from support.gateway.protocol import SESSION_ID

TOKEN = "canary-0123456789abcdef-ñ"
NAMES = ["of 2 letters", "of 65 letters", "of no letters", "that has a dot in it", "that has a space in it", "that has an umlaut",
         "that ends in a line's end", "that is a number"]  # fmt: skip


def test_a_proper_hello():
    assert json.loads(hello(TOKEN).text) == {"op": "hello", "token": TOKEN}
    assert json.loads(hello(TOKEN, "night").text) == {"op": "hello", "token": TOKEN, "session_id": "night"}
    assert opening(PROPER, TOKEN).text == hello(TOKEN).text
    assert (hello(TOKEN).op, hello(TOKEN).request_id) == ("hello", None)


@pytest.mark.parametrize("phrase", sorted(set(OPENINGS) - {PROPER}))
def test_every_other_opening_is_not_proper(phrase):
    text = opening(phrase, TOKEN).text
    try:
        said = json.loads(text)
    except ValueError:
        return
    assert not (isinstance(said, dict) and said.get("op") == "hello" and said.get("token") == TOKEN)


@pytest.mark.parametrize("phrase", OPENINGS)
def test_an_opening_is_counted_by_its_operation_or_as_invalid(phrase):
    call = opening(phrase, TOKEN)
    try:
        said = json.loads(call.text)
    except ValueError:
        said = None
    assert call.op == (said.get("op", "invalid") if isinstance(said, dict) else "invalid")


@pytest.mark.parametrize("phrase", [phrase for phrase in OPENINGS if "the token" in phrase and "hello with the" not in phrase])
def test_who_carries_the_token_in_another_frame_carries_the_right_one(phrase):
    assert json.dumps(TOKEN)[1:-1] in opening(phrase, TOKEN).text or TOKEN in opening(phrase, TOKEN).text


def test_wrong_tokens_are_near_misses():
    told = {phrase: json.loads(opening(f"a hello with {phrase}", TOKEN).text)["token"] for phrase in (
        "the token less its last letter", "the token and one more letter", "the token in other letters' case",
    )}  # fmt: skip
    assert list(told.values()) == [TOKEN[:-1], f"{TOKEN}x", TOKEN.swapcase()]


@pytest.mark.parametrize("name", NAMES)
def test_every_named_session_is_a_bad_one(name):
    said = json.loads(opening(f"a hello with a session {name}", TOKEN).text)
    assert said["token"] == TOKEN
    assert not (isinstance(said["session_id"], str) and SESSION_ID.fullmatch(said["session_id"]))


@pytest.mark.parametrize("size", [1024, 65_537])
def test_a_hello_has_so_many_bytes_on_the_wire(size):
    call = opening(f"a hello of {size:,} bytes", TOKEN)
    assert len(call.text.encode()) == size
    assert json.loads(call.text)["token"] == TOKEN


def test_an_unknown_opening_is_told():
    with pytest.raises(ValueError, match="'a wink'"):
        opening("a wink", TOKEN)


def test_a_token_without_letters_has_another_one_in_the_place_of_its_other_case():
    said = json.loads(opening("a hello with the token in other letters' case", "1234567890123456").text)
    assert said["token"] == "123456789012345x"
