"""Changes of levels in words."""

import re
from math import inf, nan

import pytest

from support.audio.changes import PATTERN, parse_change
from support.kit.errors import PromiseBrokenError

WORDS = {
    "rises by 6 dB ± 0.5 dB": (5.5, 6.5),
    "falls by 12 dB ± 0.5 dB": (-12.5, -11.5),
    "rises by at least 1 dB": (1.0, inf),
    "rises by at most 6.5 dB": (-inf, 6.5),
    "falls by at least 12 dB": (-inf, -12.0),
    "falls by at most 1 dB": (-1.0, inf),
    "stays within 0.5 dB": (-0.5, 0.5),
}


@pytest.mark.parametrize(("text", "limits"), WORDS.items())
def test_words(text, limits):
    change = parse_change(text)
    assert (change.least, change.most) == limits
    for limit in limits:
        if limit not in (inf, -inf):
            change.require("it", -20.0, -20.0 + limit)
            outside = 0.01 if limit == change.most else -0.01
            with pytest.raises(PromiseBrokenError, match="became"):
                change.require("it", -20.0, -20.0 + limit + outside)


def test_silence_has_fallen_and_what_is_no_number_has_done_nothing():
    parse_change("falls by at least 12 dB").require("it", -20.0, -inf)
    for text in WORDS:
        with pytest.raises(PromiseBrokenError):
            parse_change(text).require("it", -20.0, nan)
    with pytest.raises(PromiseBrokenError):
        parse_change("stays within 0.5 dB").require("it", -20.0, -inf)


def test_it_is_told_as_it_was_said():
    with pytest.raises(PromiseBrokenError) as told:
        parse_change("rises by 6 dB ± 0.5 dB").require("the tone of 1,000 Hz", -20.0, -20.0)
    assert told.value.promised == "the tone of 1,000 Hz rises by 6 dB ± 0.5 dB"
    assert told.value.seen == "-20.00 dBFS became -20.00 dBFS, +0.00 dB"


@pytest.mark.parametrize("text", ["rises by 6 dB", "stays", "rises within 1 dB", "falls by -3 dB ± 1 dB", ""])
def test_other_words_are_refused(text):
    with pytest.raises(ValueError, match="no change"):
        parse_change(text)


def test_the_pattern_has_no_groups():
    assert re.compile(PATTERN).groups == 0
    assert all(re.fullmatch(PATTERN, text) for text in WORDS)
