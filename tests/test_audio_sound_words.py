"""Values in the words of feature files about stages and sounds."""

import re

import pytest
from parse import Parser

from support.audio import sound_words
from support.audio.changes import parse_change
from support.audio.sound_words import TYPES
from support.audio.stage_words import parse_chain


def read(pattern: str, text: str):
    return Parser(pattern, TYPES).parse(text)


@pytest.mark.parametrize(("text", "number"), [("1,000", 1000.0), ("-5.8", -5.8), ("0", 0.0), ("12,345,678", 12345678.0)])
def test_numbers(text, number):
    assert read("at {level:Number} dBFS", f"at {text} dBFS")["level"] == number


@pytest.mark.parametrize("text", ["-", "1.", "a", ""])
def test_what_is_no_number(text):
    assert read("at {level:Number} dBFS", f"at {text} dBFS") is None


def test_a_tone_and_its_change():
    found = read("the tone of {frequency:Number} Hz {change:Change}", "the tone of 1,000 Hz rises by 6 dB ± 0.5 dB")
    assert (found["frequency"], found["change"]) == (1000.0, parse_change("rises by 6 dB ± 0.5 dB"))


def test_the_change_of_one_step_is_not_taken_for_another():
    lower = "the tone of 1,000 Hz is at least 6 dB lower in the second"
    assert read("the tone of {frequency:Number} Hz {change:Change}", lower) is None


@pytest.mark.parametrize(
    "text", ["a voice filter, then a limiter with threshold -6 dB, without connections", "every stage", "an equalizer"]
)
def test_stages(text):
    assert read("a session through {chain:Stages}", f"a session through {text}")["chain"] == parse_chain(text)


def test_two_sessions_are_not_taken_for_one():
    text = "a session through a limiter with the least threshold and one through a limiter"
    assert read("a session through {chain:Stages}", text) is None
    found = read("a session through {first:Stages} and one through {second:Stages}", text)
    assert found["second"] == parse_chain("a limiter")
    assert read("a session through {chain:Stages}", "a session through a limiter at either end of each range") is None


def test_a_sound_and_its_length():
    found = read("plays {sound:Sound} for {seconds:g} s", "plays a tone of 100 Hz at -20 dBFS and silence for 6 s")
    assert (str(found["sound"]), found["seconds"]) == ("a tone of 100 Hz at -20 dBFS and silence", 6.0)


def test_no_pattern_has_groups_of_its_own():
    assert all(re.compile(kind.pattern).groups == 0 for kind in TYPES.values())


def test_bands():
    assert sound_words.TYPES["Band"]("bass") == "bass"
