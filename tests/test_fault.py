import math
from typing import Any

import pytest

from support.kit.fault import PASS, Fault


def test_nothing_is_wrong_by_default() -> None:
    assert Fault() == PASS
    assert PASS.parts() == frozenset()
    assert str(PASS) == "pass"


def test_the_parts_are_what_is_wrong() -> None:
    fault = Fault(latency=0.1, cut_up_after=0, black_hole=True)
    assert fault.parts() == {"latency", "cut_up_after", "black_hole"}
    assert str(fault) == "black_hole=True, cut_up_after=0, latency=0.1"


def test_only_the_line_changes_under_a_running_connection() -> None:
    running = Fault(latency=0.1, slice=3, cut_up_after=5)
    other = Fault(jitter=0.2, bandwidth=100, black_hole=True, slice=9, cut_down_after=1)
    assert running.with_line_of(other) == Fault(jitter=0.2, bandwidth=100, black_hole=True, slice=3, cut_up_after=5)


@pytest.mark.parametrize(
    "values",
    [
        {"latency": -0.1},
        {"latency": math.nan},
        {"jitter": math.inf},
        {"bandwidth": 0},
        {"slice": 0},
        {"cut_up_after": -1},
        {"cut_down_after": -1},
        {"reset_up_after": -1},
        {"corrupt_up_at": 0},
        {"corrupt_down_at": 0},
    ],
)
def test_a_value_that_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(values))} must be . or more"):
        Fault(**values)
