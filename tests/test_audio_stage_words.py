"""The grammar of stages in feature files."""

import re
from pathlib import Path

import pytest

from support.audio.stage_words import (
    PARAMETERS,
    STAGES,
    Band,
    Chain,
    End,
    Listing,
    StageWish,
    parse_chain,
    parse_stage,
    parse_stages,
)  # fmt: skip

MINE = ("chain", "dynamics", "filters", "loudness_stage", "noise_and_voice")
ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("a voice filter", StageWish("voice_filter")),
        ("a disabled limiter", StageWish("limiter", enabled=False)),
        ("a voice filter with low edge 300 Hz and high edge 3,400 Hz",
            StageWish("voice_filter", {"low_hz": 300, "high_hz": 3400})),
        ("a voice activity detection with aggressiveness 3 and frame duration 30 ms",
            StageWish("vad", {"aggressiveness": 3, "frame_duration": 30})),
        ("a noise reduction with strength 0.7, gain in 6 dB and gain out -6 dB",
            StageWish("noise_reduction", {"strength": 0.7}, gain_in=6, gain_out=-6)),
        ("a hard-knee compressor with threshold -20 dB, ratio 4, and makeup 6 dB",
            StageWish("compression", {"knee": 0.0, "makeup": 6, "threshold": -20, "ratio": 4})),
        ("an automatic gain control with target level -20 dB and max gain 20 dB",
            StageWish("agc", {"target_level": -20, "max_gain": 20})),
        ("a loudness normalization with target -23 LUFS and max peak -1.5 dB",
            StageWish("lufs_normalization", {"target_lufs": -23, "max_peak": -1.5})),
        ("a limiter with the least threshold and the greatest lookahead",
            StageWish("limiter", {"threshold": End.LEAST, "lookahead": End.GREATEST})),
        ("an equalizer with a peak of 6 dB and q 1.5 at 1,000 Hz and a low shelf of -6 dB at 200 Hz",
            StageWish("equalizer", {"bands": (Band("peaking", 1000, 6, 1.5), Band("low_shelf", 200, -6))})),
        ("an equalizer with a low pass at 1,000 Hz and gain in 3 dB",
            StageWish("equalizer", {"bands": (Band("low_pass", 1000),)}, gain_in=3)),
    ],
)  # fmt: skip
def test_one_stage(text, wish):
    assert parse_stages(text) == (wish,)


def test_several_stages_keep_their_order():
    wishes = parse_stages("a limiter with threshold -6 dB, then a voice filter")
    assert [wish.stage for wish in wishes] == ["limiter", "voice_filter"]


def test_every_stage_is_whatever_there_is():
    wishes = parse_stages("every stage")
    assert [wish.stage for wish in wishes] == list(STAGES)
    assert all(wish.optional and wish.enabled for wish in wishes)


@pytest.mark.parametrize(
    "text",
    [
        "a reverb",
        "a limiter with ratio 4",
        "a limiter with threshold -6 Hz",
        "a limiter with threshold -6 dBm",
        "a hard-knee limiter",
        "a limiter then a voice filter",
        "an equalizer with a peak of 6 dB",
        "a limiter with threshold -6 dB nonsense",
        "",
    ],
)
def test_what_is_not_known_is_refused(text):
    with pytest.raises(ValueError, match="is known as"):
        parse_stages(text)


def config(text: str) -> dict[str, object]:
    return parse_chain(text).told()


BOTH = "a voice filter, then a limiter with threshold -6 dB"
LISTED = {
    "voice_filter": {"enabled": True, "parameters": {}},
    "limiter": {"enabled": True, "parameters": {"threshold": -6}},
}
CONNECTED = [{"source_stage_id": "voice_filter", "target_stage_id": "limiter"}]


@pytest.mark.parametrize(
    ("how", "order", "connections"),
    [
        ("", ["voice_filter", "limiter"], CONNECTED),
        (", in this order", ["voice_filter", "limiter"], CONNECTED),
        (", listed the other way round", ["limiter", "voice_filter"], CONNECTED),
        (", without connections", ["voice_filter", "limiter"], None),
    ],
)
def test_the_order_is_told_as_wanted(how, order, connections):
    told = config(BOTH + how)
    assert told["stages"] == LISTED
    assert list(told["stages"]) == order
    assert told.get("connections") == connections


def test_what_is_told_of_a_stage():
    (wish,) = parse_stages("a disabled equalizer with a peak of 6 dB at 1,000 Hz, gain in 6 dB and gain out -3.5 dB")
    bands = [{"type": "peaking", "frequency": 1000, "gain": 6}]
    assert wish.told() == {"enabled": False, "parameters": {"bands": bands}, "gain_in": 6, "gain_out": -3.5}


def test_a_chain_without_stages_has_no_connections():
    assert Chain(()).told(name="plain") == {"name": "plain", "stages": {}, "connections": []}


def test_ends_of_ranges_must_be_known_before_they_are_told():
    with pytest.raises(ValueError, match="the least threshold of limiter is not known"):
        config("a limiter with the least threshold")


def test_a_stage_cannot_stand_twice():
    with pytest.raises(ValueError, match="twice"):
        config("a limiter, then a limiter with threshold -6 dB")


EVERY_PARAMETER = """
a voice activity detection with aggressiveness 1 and frame duration 10 ms
a voice filter with low edge 300 Hz, high edge 3,400 Hz and order 4
a noise reduction with strength 1 and smoothing 0.5
a voice enhancement with clarity 1 and warmth -1
an equalizer with a peak of 6 dB at 1,000 Hz
a compressor with threshold -20 dB, ratio 4, knee 6 dB, attack 5 ms, release 100 ms and makeup 3 dB
an automatic gain control with target level -20 dB, max gain 20 dB, attack 5 ms and release 100 ms
a loudness normalization with target -23 LUFS and max peak -1 dB
a limiter with threshold -1 dB, release 100 ms and lookahead 5 ms
"""


def test_every_parameter_of_the_contract_has_words():
    wishes = [parse_stage(line) for line in EVERY_PARAMETER.strip().splitlines()]
    assert {wish.stage: tuple(wish.parameters) for wish in wishes} == PARAMETERS
    assert tuple(PARAMETERS) == STAGES


def test_every_listing_has_words():
    assert {parse_chain(f"a limiter, {each.value}").listing for each in Listing} == set(Listing)


def test_the_features_say_nothing_that_is_not_known():
    """All stages that a feature names outright, without a row's word in them."""
    said = [
        found[1]
        for path in (ROOT / "features" / "audio" / f"{name}.feature" for name in MINE)
        for found in re.finditer(r"Given a session (?:at [\d,]+ Hz )?through ([^<\n]+)\n", path.read_text(encoding="utf-8"))
        if " one through " not in found[1]
    ]
    assert said
    for each in said:
        parse_chain(each)
