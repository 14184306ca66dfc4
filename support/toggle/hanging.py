"""A hub that hangs every time is not asked for ever: a run against it would take an hour and tell nothing new.

Each hang is a broken promise of its own scenario. After `MOST` in a row the later scenarios end at once with an error that says
so; a single command that comes to an end, well or not, starts the count again.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from support.kit.errors import InfrastructureError
from support.toggle.hub import HangsError
from support.toggle.target import HubTarget

MOST = 5
_in_a_row: Counter[tuple[str, ...]] = Counter()


class GivenUpError(InfrastructureError):
    """The hub hung too often to be asked again."""


def require_worth_asking(target: HubTarget) -> None:
    """GivenUpError where the hub's last `MOST` commands all hung."""
    if _in_a_row[target.argv] >= MOST:
        raise GivenUpError(f"the hub hung in the last {MOST} commands and is not asked again in this run")


@contextmanager
def watched(target: HubTarget) -> Iterator[None]:
    """Count a hang inside, or start the count again."""
    try:
        yield
    except HangsError:
        _in_a_row[target.argv] += 1
        raise
    _in_a_row[target.argv] = 0
