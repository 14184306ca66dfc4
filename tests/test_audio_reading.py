"""What a pipeline tells of its stages, in all the ways in which it can be told."""

import pytest
from audio_parts import broken, little

from support.audio.reading import read_catalogue
from support.kit.errors import DeclinedError

RENAMED = little(parameters={"limiter": {"threshold": "ceiling"}})


def read(body):
    return read_catalogue(body, RENAMED)


@pytest.mark.parametrize(
    "about",
    [
        {"minimum": -60, "maximum": 0},
        {"min": -60.0, "max": 0},
        {"min_value": -60, "max_value": 0},
        {"range": [-60, 0]},
        {"range": {"min": -60, "max": 0}},
        {"limits": [-60, 0]},
        [-60, 0],
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_a_range_is_read(about, listed):
    parameters = {"ceiling": about}
    if listed and isinstance(about, dict):
        parameters = [{"name": "ceiling", **about}]
    for stages in ({"limiter": {"parameters": parameters}}, [{"name": "limiter", "params": parameters}]):
        for body in (stages, {"stages": stages}):
            found = read(body).of("limiter", "threshold")
            assert (found.least, found.greatest, found.is_number) == (-60, 0, True)
            assert read(body).end("limiter", "threshold", "least") == -60
            assert read(body).end("limiter", "threshold", "greatest") == 0


def test_everything_else_of_a_parameter_is_read():
    parameters = {
        "frame_duration": {"type": "choice", "choices": [10, 20, 30], "default": 20, "unit": "ms"},
        "aggressiveness": {"type": "integer", "minimum": 0.0, "maximum": 3.0, "default": 1},
        "odd": 5,
    }
    stage = read({"stages": [{"name": "vad", "parameters": parameters}, "limiter"]}).stages["vad"]
    assert (stage["frame_duration"].choices, stage["frame_duration"].usual, stage["frame_duration"].unit) == (
        (10, 20, 30),
        20,
        "ms",
    )
    assert not stage["frame_duration"].is_number
    assert stage["aggressiveness"].whole
    assert stage["odd"].usual == 5


def test_the_end_of_a_whole_number_is_one():
    catalogue = read({"vad": {"parameters": {"aggressiveness": {"type": "int", "min": 0.0, "max": 3.0}}}})
    assert repr(catalogue.end("vad", "aggressiveness", "greatest")) == "3"


@pytest.mark.parametrize("body", [None, {}, [], {"stages": {}}, {"error": 5}, "no"])
def test_no_stages_break_a_promise(body):
    with broken("an answer with no stages in it"):
        read(body)


def test_a_parameter_that_is_not_told_breaks_a_promise():
    catalogue = read({"vad": {"parameters": {"a": {}, "b": {}}}})
    with broken("tells strength of vad.*\n.*it tells a, b"):
        catalogue.of("vad", "strength")
    with broken("it tells nothing"):
        catalogue.of("agc", "strength")


def test_a_parameter_without_a_range_is_declined():
    with pytest.raises(DeclinedError, match="no least value of a of vad"):
        read({"vad": {"parameters": {"a": {"max": 4}}}}).end("vad", "a", "least")
