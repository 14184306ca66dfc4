"""How a level is to change, in the words of the feature files: `rises by 6 dB ± 0.5 dB`, `falls by at least 12 dB`."""

import re
from dataclasses import dataclass
from math import inf, isnan

from support.kit.errors import PromiseBrokenError

_DIGITS = r"\d+(?:\.\d+)?"
_NUMBER = rf"({_DIGITS})"
PATTERN = (
    rf"(?:rises|falls) by {_DIGITS} dB ± {_DIGITS} dB"
    rf"|(?:rises|falls) by at (?:least|most) {_DIGITS} dB|stays within {_DIGITS} dB"
)
"""What `parse_change` knows, as a regular expression without groups."""


@dataclass(frozen=True)
class Change:
    """A level in dB minus what it was is to lie between `least` and `most`. words: as it was said."""

    words: str
    least: float
    most: float

    def require(self, what: str, before: float, after: float) -> None:
        """PromiseBrokenError unless `what` changes so from `before` to `after` (both dBFS; silence is -inf)."""
        change = after - before
        if isnan(change) or not self.least <= change <= self.most:
            raise PromiseBrokenError(f"{what} {self.words}", f"{before:.2f} dBFS became {after:.2f} dBFS, {change:+.2f} dB")


def parse_change(text: str) -> Change:
    """ValueError for words that are not known."""
    if match := re.fullmatch(rf"(rises|falls) by {_NUMBER} dB ± {_NUMBER} dB", text):
        by, off = _signed(match[1], match[2]), float(match[3])
        return Change(text, by - off, by + off)
    if match := re.fullmatch(rf"(rises|falls) by at (least|most) {_NUMBER} dB", text):
        by = _signed(match[1], match[3])
        upwards = (match[1] == "rises") == (match[2] == "least")
        return Change(text, by, inf) if upwards else Change(text, -inf, by)
    if match := re.fullmatch(rf"stays within {_NUMBER} dB", text):
        return Change(text, -float(match[1]), float(match[1]))
    raise ValueError(f"no change of a level is known as {text!r}")


def _signed(direction: str, number: str) -> float:
    return float(number) if direction == "rises" else -float(number)
