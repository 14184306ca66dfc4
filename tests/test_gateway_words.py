"""Parameter types of the steps: what they take and what they leave."""

import parse
import pytest

from support.gateway.conditions import Conditions
from support.gateway.openings import OPENINGS
from support.gateway.party import Party
from support.gateway.texts import TEXTS
from support.gateway.words import TYPES


def read(kind, text, around="{it:KIND}"):
    found = parse.parse(around.replace("KIND", kind), text, TYPES, case_sensitive=True)
    return None if found is None else found["it"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("Count", "7", 7),
        ("Count", "65,536", 65_536),
        ("Count", "4,000,000", 4_000_000),
        ("Confirmed", "confirmed", True),
        ("Confirmed", "declined", False),
        ("Way", "says goodbye", "says goodbye"),
        ("Way", "resets the link", "resets the link"),
        ("Text", "3 letters", "0.1"),
        ("Tool", "no tool", "no tool"),
        ("Mistaken", 'the slow tool for "soon"', 'the slow tool for "soon"'),
        ("Bad", "lists in lists, 100,000 deep", "lists in lists, 100,000 deep"),
        ("Conditions", "that allows 4 connections in all", Conditions({"max_connections": "4"})),
        ("Party", "5 clients", Party(count=5)),
        ("Said", "", ""),
        ("Said", "value of lamp", "value of lamp"),
    ],
)
def test_a_word_stands_for_a_value(kind, text, value):
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [("Count", "6,5"), ("Count", "six"), ("Count", "-1"), ("Way", "sings"), ("Tool", "the best tool"), ("Text", "some text"),
     ("Confirmed", "perhaps"), ("Party", "nobody"), ("Conditions", "thatched"), ("Said", 'a "quoted" word')],
)  # fmt: skip
def test_another_word_is_no_value(kind, text):
    assert read(kind, text) is None


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_has_its_word(text):
    assert read("Text", text) == TEXTS[text]


@pytest.mark.parametrize(
    "trouble",
    ["resets the connection", "resets every connection", "hangs up in its answer", "hangs up after 0.5 s", "answers with garbage",
     "answers with an error", "takes 0.4 s", "is paused", "is stopped"],
)  # fmt: skip
def test_every_trouble_has_its_word(trouble):
    assert read("Trouble", trouble) == trouble


def test_a_trouble_ends_before_the_rest_of_the_step():
    assert read("Trouble", "the provider takes 0.4 s again", "the provider {it:KIND} again") == "takes 0.4 s"
    assert read("Trouble", "the provider is paused until then", "the provider {it:KIND} until then") == "is paused"


def test_a_party_ends_before_the_conditions():
    found = parse.parse("{who:Party} of a gateway {how:Conditions}", "5 clients of a gateway without rate limits", TYPES)
    assert found["who"] == Party(count=5)
    assert "rate_session" in found["how"].settings


def test_an_unknown_condition_is_told_and_not_left_to_another_step():
    with pytest.raises(ValueError, match="no gateway is known"):
        read("Conditions", "that sings")


def test_openings_are_no_tools():
    assert all(read("Tool", phrase) is None for phrase in OPENINGS)
