"""The answer to a question for a loudness, read liberally and judged strictly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from support.kit.errors import PromiseBrokenError

NAMES = {
    "integrated loudness": "integrated",
    "momentary loudness": "momentary",
    "short-term loudness": "short_term",
    "loudness range": "loudness_range",
    "true peak": "true_peak_dbtp",
}
"""What each figure is called in the features and in an answer."""
NOTHING = ("-inf", "-infinity", "-Infinity")
"""Words for the loudness of silence, which JSON has no number for."""


@dataclass(frozen=True)
class Loudness:
    """What was told."""

    told: Mapping[str, object]

    @classmethod
    def of(cls, body: object) -> "Loudness":
        """PromiseBrokenError where it is no object."""
        if not isinstance(body, dict):
            raise PromiseBrokenError("a loudness is told as figures with names", str(body)[:80])
        return cls(body)

    def value(self, name: str) -> float | None:
        """A figure by its name in the features; None where there is none. PromiseBrokenError where it is missing or no number."""
        key = NAMES.get(name, name)
        if key not in self.told:
            raise PromiseBrokenError(f"the {name} is told as {key}", f"only {', '.join(self.told)} are told")
        value = self.told[key]
        if value is None or (isinstance(value, str) and value in NOTHING):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PromiseBrokenError(f"the {name} is a number", repr(value))
        return None if value == -math.inf else float(value)

    def require(self, name: str, value: float, over: float, under: float, unit: str) -> None:
        """PromiseBrokenError unless a figure is `value`, at most `over` above and `under` below it."""
        seen = self.value(name)
        if seen is None or not value - under <= seen <= value + over:
            within = f"± {over:g}" if over == under else f"at most {over:g} over and {under:g} under,"
            shown = "there is none" if seen is None else f"{seen:.2f} {unit}"
            raise PromiseBrokenError(f"the {name} is {value:g} {unit} {within}", shown)

    def require_none(self, name: str) -> None:
        """PromiseBrokenError where there is such a figure."""
        seen = self.value(name)
        if seen is not None:
            raise PromiseBrokenError(f"there is no {name}", f"it is {seen:g}")

    def require_gain(self, gain: float, tolerance: float) -> None:
        """PromiseBrokenError unless so much is lacking to the target, in dB."""
        seen = self.value("gain_adjustment_db")
        if seen is None or not abs(seen - gain) <= tolerance:
            raise PromiseBrokenError(f"{gain:g} dB ± {tolerance:g} dB are lacking to the target", f"{seen!r} dB are told")

    def require_compliance(self, compliant: bool) -> None:
        """PromiseBrokenError unless this is the verdict."""
        seen = self.told.get("compliant")
        if seen is not compliant:
            raise PromiseBrokenError(f"it is told as {'' if compliant else 'not '}compliant", f"compliant is {seen!r}")
