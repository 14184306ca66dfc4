import pickle
from collections.abc import Iterator

import pytest

from support.kit.errors import (
    DeadlineExceededError,
    DeclinedError,
    InfrastructureError,
    PromiseBrokenError,
    VoidError,
    set_where,
)


@pytest.fixture(autouse=True)
def nowhere() -> Iterator[None]:
    set_where(None)
    yield
    set_where(None)


def test_a_broken_promise_reads_as_two_lines() -> None:
    error = PromiseBrokenError("the bulb is on within 2 s", "still off")
    assert str(error) == "promised  the bulb is on within 2 s\nseen      still off"
    assert (error.promised, error.seen) == ("the bulb is on within 2 s", "still off")


def test_the_place_is_a_third_line() -> None:
    set_where("TGL-11, toggle reference")
    assert str(PromiseBrokenError("a", "b")) == "promised  a\nseen      b\nwhere     TGL-11, toggle reference"


def test_an_empty_place_is_no_line() -> None:
    set_where("")
    assert str(PromiseBrokenError("a", "b")) == "promised  a\nseen      b"


def test_the_place_is_that_of_the_moment_it_broke() -> None:
    set_where("TGL-11")
    error = PromiseBrokenError("a", "b")
    set_where("TGL-12")
    assert str(error).endswith("where     TGL-11")


def test_a_broken_promise_survives_pickling() -> None:
    set_where("TGL-11")
    error = PromiseBrokenError("a", "b")
    set_where(None)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy)) == (PromiseBrokenError, str(error))


def test_failures_and_errors_are_kept_apart() -> None:
    assert issubclass(PromiseBrokenError, AssertionError)
    assert not issubclass(PromiseBrokenError, InfrastructureError)
    for kind in (InfrastructureError, VoidError, DeadlineExceededError, DeclinedError):
        assert issubclass(kind, InfrastructureError)
        assert issubclass(kind, RuntimeError)
        assert not issubclass(kind, AssertionError)
