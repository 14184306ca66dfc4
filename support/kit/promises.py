"""The plainest of promises: what was wanted is what was seen."""

from support.kit.errors import PromiseBrokenError


def require(statement: str, wanted: object, seen: object) -> None:
    """PromiseBrokenError unless `seen` equals `wanted`. `statement` has a place `{}` for either: "the bulb is {}"."""
    if seen != wanted:
        raise PromiseBrokenError(statement.format(wanted), statement.format(seen))
