"""Words of the feature files that stand for values: the parameter types of the steps about sessions, chunks and figures."""

import re
from collections.abc import Callable

from parse import with_pattern

from support.audio.mistakes import MISTAKES
from support.audio.pipeline_words import PATTERN as CONDITIONS
from support.audio.pipeline_words import parse_conditions

COUNT = r"\d{1,3}(?:,\d{3})+|\d+"
WAY = r"is hung up|is cut|breaks without a word"
LENGTHS = r"[\d.]+ s(?:(?:, | and )[\d.]+ s)+"


def parse_count(text: str) -> int:
    """`65,536`: the number."""
    return int(text.replace(",", ""))


def parse_names(text: str) -> list[str]:
    """`"Ada", "Ben" and "Eve"`: the names."""
    return re.findall(r'"(\w+)"', text)


def parse_lengths(text: str) -> list[float]:
    """`0.01 s, 1 s and 0.5 s`: the seconds."""
    return [float(number) for number in re.findall(r"[\d.]+", text)]


def parse_codes(text: str) -> tuple[str, ...]:
    """`INVALID_AUDIO or INVALID_MESSAGE`: the codes."""
    return tuple(text.split(" or "))


def parse_fields(text: str) -> tuple[str, ...]:
    """`reverb, stages`: the names."""
    return tuple(text.split(", "))


def _kind(pattern: str, convert: Callable[[str], object] = str) -> Callable[[str], object]:
    typed: Callable[[str], object] = with_pattern(pattern)(lambda text: convert(text))
    return typed


TYPES: dict[str, Callable[[str], object]] = {
    "Said": _kind(r"[^\"]*"),
    "Count": _kind(COUNT, parse_count),
    "Names": _kind(r'"\w+"(?:, "\w+")* and "\w+"', parse_names),
    "Lengths": _kind(LENGTHS, parse_lengths),
    "Conditions": _kind(CONDITIONS, parse_conditions),
    "Way": _kind(WAY),
    "Mistake": _kind("|".join(re.escape(phrase) for phrase in MISTAKES)),
    "Codes": _kind(r"[A-Z_]+(?: or [A-Z_]+)*", parse_codes),
    "Fields": _kind(r"[^\"]+", parse_fields),
}
