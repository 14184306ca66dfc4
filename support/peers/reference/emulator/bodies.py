"""What a client may send in the body of a request."""

import json
import math
from collections.abc import Sequence
from typing import NoReturn


class BodyError(ValueError):
    """A body will not do; the text is for the client."""


def read_object(body: bytes) -> dict[str, object]:
    """The JSON object that `body` is. BodyError."""
    try:
        read = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BodyError("Invalid JSON") from error
    if not isinstance(read, dict):
        raise BodyError("The body is no JSON object")
    return read


def number(fields: dict[str, object], name: str, least: float, most: float) -> float:
    """The number of that name. BodyError where there is none, or it is out of the range."""
    value = fields.get(name)
    if value is None:
        raise BodyError(f"Missing required '{name}' parameter")
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most or not math.isfinite(value):
        raise BodyError(f"{name} is not a number from {least:g} to {most:g}")
    return float(value)


def whole_number(fields: dict[str, object], name: str, least: int, most: int) -> int:
    """The whole number of that name. BodyError where there is none, or it is out of the range."""
    value = number(fields, name, least, most)
    if not value.is_integer():
        raise BodyError(f"{name} is not a whole number")
    return int(value)


def one_of(fields: dict[str, object], name: str, known: Sequence[str]) -> str:
    """The text of that name. BodyError where there is none, or it is not `known`."""
    value = fields.get(name)
    if value is None:
        raise BodyError(f"Missing required '{name}' parameter")
    if not isinstance(value, str) or value not in known:
        raise BodyError(f"{name} is none of {', '.join(known)}")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
