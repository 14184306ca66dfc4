"""Configurations that make no sense."""

import pytest

from support.audio.configurations import bad_configuration
from support.audio.stage_words import STAGES
from support.kit.errors import DeclinedError


def edges(phrase: str) -> list[tuple[object, object]]:
    connections = bad_configuration(phrase, STAGES)["connections"]
    return [(each["source_stage_id"], each["target_stage_id"]) for each in connections]


def test_a_stage_that_nobody_knows():
    (name,) = bad_configuration("a stage that nobody knows", STAGES)["stages"]
    assert name not in STAGES


@pytest.mark.parametrize("count", [1, 2, 3])
def test_cycles(count):
    phrase = f"a cycle of {count} stage{'s' if count > 1 else ''}"
    names = list(STAGES[:count])
    assert edges(phrase) == list(zip(names, [*names[1:], names[0]], strict=True))
    assert list(bad_configuration(phrase, STAGES)["stages"]) == names


def test_a_cycle_beside_a_chain():
    one, two, three, four = STAGES[:4]
    assert edges("a cycle beside an honest chain") == [(one, two), (three, four), (four, three)]


@pytest.mark.parametrize(
    ("phrase", "side"),
    [("a connection from a stage that is not there", 0), ("a connection to a stage that is not there", 1)],
)
def test_dangling_ends(phrase, side):
    config = bad_configuration(phrase, STAGES)
    missing = [edge for edge in edges(phrase) if edge[side] not in config["stages"]]
    assert len(missing) == 1
    assert missing[0][side] in STAGES, "a stage that is known, but not in this pipeline"
    assert missing[0][1 - side] in config["stages"]


def test_gains():
    (stage,) = bad_configuration("a gain out of -20.5 dB", STAGES)["stages"].values()
    assert stage == {"enabled": True, "parameters": {}, "gain_out": -20.5}
    (stage,) = bad_configuration("a gain in that is a word", STAGES)["stages"].values()
    assert isinstance(stage["gain_in"], str)


def test_a_stage_in_words():
    config = bad_configuration("a noise reduction with strength 1.01", STAGES)
    assert config["stages"]["noise_reduction"]["parameters"] == {"strength": 1.01}


def test_a_target_with_few_stages_declines():
    with pytest.raises(DeclinedError, match="has 2 stages, and this takes 3"):
        bad_configuration("a cycle of 3 stages", ["vad", "limiter"])


def test_what_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'a wild guess'"):
        bad_configuration("a wild guess", STAGES)
