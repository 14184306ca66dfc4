"""Words of the feature files about sessions, chunks and pipelines."""

import re

import pytest

from support.audio.mistakes import MISTAKES
from support.audio.pipeline_words import PATTERN, Conditions, parse_conditions
from support.audio.words import TYPES


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("Count", "16,777,216", 16777216),
        ("Count", "25", 25),
        ("Names", '"Ada" and "Ben"', ["Ada", "Ben"]),
        ("Names", '"Ada", "Ben" and "Eve"', ["Ada", "Ben", "Eve"]),
        ("Lengths", "0.01 s, 1 s and 0.5 s", [0.01, 1.0, 0.5]),
        ("Lengths", "0.5 s and 0.0005 s", [0.5, 0.0005]),
        ("Codes", "INVALID_AUDIO or INVALID_MESSAGE", ("INVALID_AUDIO", "INVALID_MESSAGE")),
        ("Fields", "reverb, stages", ("reverb", "stages")),
        ("Way", "is cut", "is cut"),
        ("Conditions", "that takes at most 3 sessions", Conditions({"max_sessions": "3"})),
    ],
)
def test_words_and_their_values(kind, text, value):
    convert = TYPES[kind]
    assert re.fullmatch(convert.pattern, text)
    assert convert(text) == value


@pytest.mark.parametrize(
    ("kind", "text"), [("Count", "1,00"), ("Names", '"Ada"'), ("Lengths", "0.5 s"), ("Way", "is lost"), ("Mistake", "a chunk")]
)
def test_what_is_no_such_word(kind, text):
    assert not re.fullmatch(TYPES[kind].pattern, text)


def test_every_mistake_is_a_word():
    assert all(re.fullmatch(TYPES["Mistake"].pattern, phrase) for phrase in MISTAKES)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("that ends a session that nobody uses after 1.5 s", Conditions({"idle_timeout": "1.5"})),
        ("with a token", Conditions(token=True)),
        ("with a token, whose log can be read", Conditions(token=True, log=True)),
        ("with at least 4 stages", Conditions(least_stages=4)),
        ("that has a noise reduction", Conditions(stages=("noise_reduction",))),
    ],
)
def test_pipelines(text, conditions):
    assert re.fullmatch(PATTERN, text)
    assert parse_conditions(text) == conditions


@pytest.mark.parametrize("text", ["that is good", "with a token of gold", "that takes at most many sessions"])
def test_pipelines_that_nobody_knows(text):
    with pytest.raises(ValueError, match="known"):
        parse_conditions(text)
