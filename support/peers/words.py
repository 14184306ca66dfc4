"""Words of the feature files that stand for values: the parameter types of the chargers' steps."""

import re
from collections.abc import Callable

from parse import with_pattern

from support.peers.board import FAULTS
from support.peers.garage import WAYS_BACK
from support.peers.setups import parse_setup

CHARGERS = r"(?:a charger|\d+ chargers|a member|a group of)\b(?!.*private network).*"


def _kind(pattern: str, convert: Callable[[str], object] = str) -> Callable[[str], object]:
    typed: Callable[[str], object] = with_pattern(pattern)(lambda text: convert(text))
    return typed


def parse_currents(text: str) -> list[float]:
    """`20 A, then 9 A`: the amperes."""
    return [float(part.removesuffix(" A")) for part in text.split(", then ")]


def parse_counts(text: str) -> list[int]:
    """`4, 1 and 2`: the numbers."""
    return [int(number) for number in re.findall(r"\d+", text)]


TYPES: dict[str, Callable[[str], object]] = {
    "Told": _kind(r"[^\"]*"),
    "Chargers": _kind(CHARGERS, parse_setup),
    "Which": _kind("first|last"),
    "Order": _kind("put to sleep|disabled|enabled"),
    "Fault": _kind("|".join(FAULTS)),
    "BoardState": _kind("asleep|disabled|charging|connected"),
    "LineFault": _kind("was cut|swallowed everything|cut|swallows everything"),
    "Counts": _kind(r"\d+(?:, \d+)* and \d+", parse_counts),
    "Currents": _kind(r"[\d.]+ A(?:, then [\d.]+ A)+", parse_currents),
    "Change": _kind(r"(?:add|remove) the host \"[^\"]*\""),
    "Fate": _kind("is cut off|is paused|is killed"),
    "WayBack": _kind("|".join(WAYS_BACK)),
    "Least": _kind("least|most"),
}
