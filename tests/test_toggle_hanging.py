"""A hub that hangs every time is given up on, and only then."""

import pytest

from support.toggle.agreement import Agreement
from support.toggle.hanging import MOST, GivenUpError, require_worth_asking, watched
from support.toggle.hub import HangsError
from support.toggle.target import HubTarget


def target(name):
    return HubTarget("toggle test", "1", (name,), None, Agreement(), frozenset())


def hang(hub):
    with pytest.raises(HangsError), watched(hub):
        raise HangsError("an end", "nothing")


def test_a_hub_that_hangs_every_time_is_not_asked_again():
    hub = target("always")
    for _ in range(MOST):
        require_worth_asking(hub)
        hang(hub)
    with pytest.raises(GivenUpError, match="not asked again"):
        require_worth_asking(hub)
    require_worth_asking(target("another"))


def test_one_command_that_ends_starts_the_count_again():
    hub = target("sometimes")
    for _ in range(MOST - 1):
        hang(hub)
    with watched(hub):
        pass
    hang(hub)
    require_worth_asking(hub)
