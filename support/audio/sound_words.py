"""Words of the feature files that stand for values: the parameter types of the steps about stages and what is heard."""

from collections.abc import Callable

from parse import with_pattern

from support.audio import changes
from support.audio.sounds import parse_sound
from support.audio.stage_words import parse_chain

NUMBER = r"-?\d[\d,]*(?:\.\d+)?"
STAGES = r"(?:an?|every) (?:(?! at either end| and one through ).)+"


def parse_number(text: str) -> float:
    """`-1,000.5` as a number."""
    return float(text.replace(",", ""))


def _kind(pattern: str, convert: Callable[[str], object]) -> Callable[[str], object]:
    typed: Callable[[str], object] = with_pattern(pattern)(lambda text: convert(text))
    return typed


TYPES: dict[str, Callable[[str], object]] = {
    "Number": _kind(NUMBER, parse_number),
    "Change": _kind(changes.PATTERN, changes.parse_change),
    "Band": _kind("presence|bass", str),
    "Stages": _kind(STAGES, parse_chain),
    "Sound": _kind(r"\S.*", parse_sound),
}
