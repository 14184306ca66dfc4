from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from support.kit.profile_errors import Problem, ProfileError, did_you_mean, problems_of


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Square(Strict):
    shape: Literal["square"]
    side: int


class Circle(Strict):
    shape: Literal["circle"]
    radius: int


class Handle:
    """Something that JSON Schema cannot describe."""


class Box(Strict):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    lid: Annotated[Square | Circle, Field(discriminator="shape")] | None = None
    sides: list[Square] = []
    either: int | Square = 1
    grip: Handle | None = None
    shade: Literal["dark", "light"] = "dark"
    unsafe: object = Handle()


def found(raw: Any) -> list[str]:
    adapter = TypeAdapter(Box)
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(raw)
    return [str(problem) for problem in problems_of("box", adapter, raw, caught.value)]


def test_keys_of_nested_models_are_dotted_and_their_names_known() -> None:
    assert found({"sides": [{"shape": "square", "side": 1}, {"shape": "square", "side": 1, "sid": 1}]}) == [
        "box.sides.1.sid: unknown key (did you mean side?); known: shape, side"
    ]
    assert found({"sides": [{"shape": "square"}]}) == ["box.sides.0.side: is missing"]


def test_the_member_of_a_union_is_no_part_of_the_key() -> None:
    assert found({"lid": {"shape": "circle", "radius": "x"}}) == [
        "box.lid.radius: must be a valid integer, unable to parse string as an integer, not 'x'"
    ]
    assert found({"lid": {"shape": "cube"}}) == ["box.lid.shape: unknown shape 'cube'; known: circle, square"]
    assert found({"lid": {}}) == ["box.lid.shape: is missing; known: circle, square"]
    assert found({"lid": 5}) == ["box.lid: must be a valid dictionary or object to extract fields from, not 5"]


def test_the_members_of_a_union_that_are_refused_alike_are_one_problem() -> None:
    [problem] = found({"either": "x"})
    assert problem.startswith("box.either: must be a valid integer, unable to parse string as an integer, not 'x', or ")


def test_a_wrong_word_comes_with_the_right_ones() -> None:
    assert found({"shade": "drak"}) == ["box.shade: must be 'dark' or 'light', not 'drak'"]


def test_a_long_value_is_cut() -> None:
    [problem] = found({"shade": "x" * 500})
    assert len(problem) < 120
    assert problem.endswith("...")


def test_a_model_that_no_schema_describes_still_gets_its_keys() -> None:
    assert found({"grip": 1}) == ["box.grip: must be an instance of Handle, not 1"]


def test_did_you_mean_names_a_near_one_or_none() -> None:
    assert did_you_mean("capabilitys", ["kind", "capabilities"]) == " (did you mean capabilities?)"
    assert did_you_mean("zzz", ["kind"]) == ""
    assert did_you_mean(7, ["kind"]) == ""


def test_an_error_has_a_line_for_each_problem() -> None:
    problems = [Problem("", "is empty"), Problem("a.b", "is odd", ("x", "y"))]
    error = ProfileError(Path("t/x.yaml"), problems)
    assert str(error) == "t/x.yaml: is empty\nt/x.yaml: a.b: is odd; known: x, y"
    assert (error.path, error.problems) == (Path("t/x.yaml"), tuple(problems))
    assert isinstance(error, ValueError)
