"""A hub that hangs every time is not asked for ever: see `support.kit.patience`. A hang is a `HangsError`."""

from contextlib import AbstractContextManager

from support.kit.patience import MOST, GivenUpError, Patience
from support.toggle.hub import HangsError
from support.toggle.target import HubTarget

__all__ = ["MOST", "GivenUpError", "require_worth_asking", "watched"]

_patience = Patience("the hub hung in the last {} commands", silence=HangsError)


def require_worth_asking(target: HubTarget) -> None:
    """GivenUpError where the hub's last `MOST` commands all hung."""
    _patience.require_left(target.argv)


def watched(target: HubTarget) -> AbstractContextManager[None]:
    """Count a hang inside, or start the count again."""
    return _patience.counted(target.argv)
