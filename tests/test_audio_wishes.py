"""What scenarios wish for, in the names and ranges of the pipeline under test."""

import pytest
from audio_parts import little

from support.audio.reading import Catalogue, Parameter
from support.audio.stage_words import StageWish, parse_chain
from support.audio.wishes import beyond_its_ranges, config_of, in_own_names, own_parameters
from support.kit.errors import DeclinedError

TARGET = little(
    stages=("equalizer", "limiter", "vad"),
    parameters={
        "equalizer": {"bands": "filters", "peaking": "bell", "type": "kind", "gain": "gain_db"},
        "limiter": {"threshold": "ceiling"},
    },
)  # fmt: skip
EQUALIZER = "an equalizer with a peak of 6 dB and q 2 at 1,000 Hz and a low shelf of -3 dB at 100 Hz"


def nobody_asks() -> Catalogue:
    raise AssertionError("the ranges are not needed")


def test_parameters_bands_and_their_types_are_renamed():
    config = config_of(parse_chain(EQUALIZER), TARGET, nobody_asks)
    assert config["stages"]["equalizer"]["parameters"] == {
        "filters": [
            {"kind": "bell", "frequency": 1000, "gain_db": 6, "q": 2},
            {"kind": "low_shelf", "frequency": 100, "gain_db": -3},
        ]
    }
    assert config["connections"] == []


def test_stages_are_connected_in_their_order():
    wished = (StageWish("limiter", {"threshold": -6}), StageWish("vad", gain_in=3.0))
    config = config_of(wished, TARGET, nobody_asks)
    assert config == {
        "stages": {
            "limiter": {"enabled": True, "parameters": {"ceiling": -6}},
            "vad": {"enabled": True, "parameters": {}, "gain_in": 3.0},
        },
        "connections": [{"source_stage_id": "limiter", "target_stage_id": "vad"}],
    }


def test_every_stage_is_every_one_that_is_there():
    config = config_of(parse_chain("every stage"), TARGET, nobody_asks)
    assert list(config["stages"]) == ["vad", "equalizer", "limiter"]


def test_a_stage_that_is_missed_is_declined():
    with pytest.raises(DeclinedError, match="no agc"):
        config_of(parse_chain("an automatic gain control"), TARGET, nobody_asks)


def test_ends_of_ranges_are_the_pipelines():
    catalogue = Catalogue({"limiter": {"threshold": Parameter("threshold", -30.0, -1.0)}})
    config = config_of(parse_chain("a limiter with the greatest threshold"), TARGET, lambda: catalogue)
    assert config["stages"]["limiter"]["parameters"] == {"ceiling": -1.0}


@pytest.mark.parametrize("config", [{"stages": 5}, {}, {"stages": {"limiter": 7}}, {"stages": {"limiter": {"parameters": []}}}])
def test_a_configuration_that_makes_no_sense_goes_as_it_is(config):
    assert in_own_names(config, TARGET) == config
    assert config_of(config, TARGET, nobody_asks) == config


def test_parameters_of_a_change_are_renamed():
    assert own_parameters("limiter", {"threshold": -3, "release": 5}, TARGET) == {"ceiling": -3, "release": 5}
    assert own_parameters("vad", {"threshold": -3}, TARGET) == {"threshold": -3}


RANGES = Catalogue(
    {
        "limiter": {"threshold": Parameter("threshold", least=-20, greatest=0), "release": Parameter("release")},
        "noise_reduction": {"strength": Parameter("strength", least=0, greatest=0.5)},
    }
)


@pytest.mark.parametrize(
    ("wished", "reason"),
    [
        ("a limiter with threshold -30 dB", "threshold of limiter goes from -20 to 0 there, and the scenario asks for -30"),
        ("a limiter with threshold -20 dB and release 5 ms", None),
        ("a noise reduction with strength 0.7", None),
        ("an equalizer with a peak of 6 dB at 1,000 Hz", None),
        ("a limiter with the least threshold", None),
    ],
)
def test_a_number_beyond_a_range_that_only_the_pipeline_knows_need_not_be_taken(wished, reason):
    assert beyond_its_ranges(parse_chain(wished), RANGES) == reason
    assert beyond_its_ranges(parse_chain(wished).stages, RANGES) == reason
    assert beyond_its_ranges({"stages": {"limiter": {}}}, RANGES) is None
