"""The pipeline's own words for the types of bands."""

import json

import pytest
from audio_parts import little

from support.audio.band_types import WORDS, learn_words
from support.audio.rest import Answer
from support.audio.stage_words import BAND_TYPES, StageWish, parse_chain
from support.kit.errors import DeclinedError

TWO = parse_chain("an equalizer with a peak of 6 dB and q 2 at 1,000 Hz and a low shelf of -3 dB at 100 Hz").stages


class Taking:
    """Takes bands of these types, and refuses others."""

    def __init__(self, *types: str, code: int = 422) -> None:
        self.types, self.code = types, code
        self.asked: list[str] = []

    def __call__(self, band):
        self.asked.append(band.type)
        body = {"session_id": "1"} if band.type in self.types else {"error": {"code": "INVALID_CONFIG", "message": "no"}}
        return Answer(200 if band.type in self.types else self.code, body, json.dumps(body), {}, 0.0)


def test_words_are_asked_for_until_one_is_taken_and_then_known():
    target, taking = little(), Taking("bell", "low_shelf")
    learn_words(TWO, target, taking)
    assert taking.asked == ["peaking", "peak", "bell", "low_shelf"]
    assert (target.own_name("equalizer", "peaking"), target.own_name("equalizer", "low_shelf")) == ("bell", "low_shelf")
    assert target.own_name("limiter", "peaking") == "peaking"
    learn_words(TWO, target, taking)
    assert len(taking.asked) == 4


def test_what_the_profile_tells_is_not_asked_for():
    target, taking = little(parameters={"equalizer": {"peaking": "glocke", "low_shelf": "kuhschwanz"}}), Taking()
    learn_words(TWO, target, taking)
    assert taking.asked == []
    assert target.own_name("equalizer", "peaking") == "glocke"


def test_a_type_that_nobody_promised_is_declined_and_one_that_is_promised_is_left_to_the_scenario():
    target, taking = little(), Taking()
    with pytest.raises(DeclinedError, match=r"takes no low shelf: 422 .*INVALID_CONFIG"):
        learn_words(TWO, target, taking)
    assert taking.asked == [*WORDS["peaking"], *WORDS["low_shelf"]]
    assert target.own_name("equalizer", "peaking") == "peaking"


def test_another_mistake_is_no_question_of_words():
    target, taking = little(), Taking(code=503)
    learn_words(TWO, target, taking)
    assert taking.asked == ["peaking", "low_shelf"]
    assert target.band_words == {}


def test_every_type_has_words_and_stages_without_bands_none():
    assert set(WORDS) == set(BAND_TYPES.values())
    assert all(words[0] == kind for kind, words in WORDS.items())
    taking = Taking()
    learn_words((StageWish("limiter", {"threshold": -6.0}),), little(), taking)
    assert taking.asked == []
