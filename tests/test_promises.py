"""The plainest of promises."""

import pytest

from support.kit.errors import PromiseBrokenError
from support.kit.promises import require


@pytest.mark.parametrize("value", [0, 1.0, "on", None, True, ("a", 1), [1]])
def test_what_was_wanted_is_what_was_seen(value):
    require("the lamp is {}", value, value)


@pytest.mark.parametrize(("wanted", "seen"), [(1, 2), ("on", "On"), (None, 0), ([1], [1, 1]), ("1", 1)])
def test_a_difference_is_told_in_the_same_words(wanted, seen):
    with pytest.raises(PromiseBrokenError) as caught:
        require("the lamp is {!r}", wanted, seen)
    assert (caught.value.promised, caught.value.seen) == (f"the lamp is {wanted!r}", f"the lamp is {seen!r}")


def test_what_was_seen_may_hold_braces():
    with pytest.raises(PromiseBrokenError, match=r"the lamp is \{dark\}"):
        require("the lamp is {}", "{lit}", "{dark}")
