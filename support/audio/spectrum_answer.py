"""The answer to a question for a spectrum, read liberally and judged strictly."""

import math
from dataclasses import dataclass
from itertools import pairwise

from support.kit.errors import PromiseBrokenError

AXIS_TOLERANCE = 0.01
"""Hz by which a frequency may be told rounded."""
ON_STEP = 0.01
"""Part of a step by which a tone may lie beside its place and still read its level there."""
LOBE = 3
"""Steps on either side of a tone that belong to it."""
HANN_BANDWIDTH = 1.5
SILENT = -96.0
"""dBFS that no magnitude of silence is over."""


@dataclass(frozen=True)
class Spectrum:
    """frequencies: Hz. magnitudes: dBFS, a full-scale sine on one of them reads 0. peak, centroid: Hz."""

    frequencies: tuple[float, ...]
    magnitudes: tuple[float, ...]
    peak: float
    centroid: float

    @classmethod
    def of(cls, body: object) -> "Spectrum":
        """PromiseBrokenError where something of it is missing or is no number."""
        told = body if isinstance(body, dict) else {}
        frequencies, magnitudes = _numbers(told, "frequencies"), _numbers(told, "magnitudes")
        if len(frequencies) != len(magnitudes) or len(frequencies) < 2:
            raise PromiseBrokenError(
                "a spectrum has a magnitude for each frequency", f"{len(magnitudes)} for {len(frequencies)} frequencies"
            )
        silent = max(magnitudes) <= SILENT
        return cls(
            frequencies, magnitudes, _number(told, "peak_frequency", silent), _number(told, "spectral_centroid", silent)
        )  # fmt: skip

    @property
    def step(self) -> float:
        """Hz from one frequency to the next."""
        return self.frequencies[1] - self.frequencies[0]

    def reads(self, frequency: float) -> float:
        """The level of a tone in dBFS: what stands at its place, or, between two, the power of its lobe over the equivalent
        noise bandwidth of a Hann window, which is 1.5 steps wherever the tone lies (Harris, Proc. IEEE 66, 1978)."""
        steps = (frequency - self.frequencies[0]) / self.step
        place = round(steps)
        if abs(steps - place) < ON_STEP:
            return self.magnitudes[place]
        lobe = self.magnitudes[max(0, place - LOBE) : place + LOBE + 1]
        return 10 * math.log10(sum(10 ** (magnitude / 10) for magnitude in lobe) / HANN_BANDWIDTH)

    def require_peak(self, frequency: float, tolerance: float) -> None:
        """PromiseBrokenError where the peak, as told or as the magnitudes show it, is somewhere else."""
        highest = self.frequencies[self.magnitudes.index(max(self.magnitudes))]
        for what, seen in (("the peak is told", self.peak), ("the highest magnitude stands", highest)):
            if not abs(seen - frequency) <= tolerance:
                raise PromiseBrokenError(f"{what} at {frequency:,g} Hz ± {tolerance:g} Hz", f"at {seen:,.2f} Hz")

    def require_axis(self, rate: int, step: float) -> None:
        """PromiseBrokenError unless it goes from 0 Hz to half the sample rate in steps of `step` Hz."""
        promised = f"a spectrum goes from 0 Hz to {rate / 2:,g} Hz in steps of {step:g} Hz"
        first, last = self.frequencies[0], self.frequencies[-1]
        if abs(first) > AXIS_TOLERANCE or abs(last - rate / 2) > AXIS_TOLERANCE:
            raise PromiseBrokenError(promised, f"it goes from {first:g} Hz to {last:,g} Hz")
        for number, (lower, upper) in enumerate(pairwise(self.frequencies)):
            if abs(upper - lower - step) > AXIS_TOLERANCE:
                raise PromiseBrokenError(promised, f"step {number + 1} goes from {lower:g} Hz to {upper:g} Hz")

    def require_reading(self, frequency: float, level: float, tolerance: float) -> None:
        """PromiseBrokenError unless a tone reads `level` dBFS."""
        seen = self.reads(frequency)
        if not abs(seen - level) <= tolerance:
            raise PromiseBrokenError(f"the tone of {frequency:,g} Hz reads {level:g} dBFS ± {tolerance:g} dB", f"{seen:.2f} dBFS")

    def require_nothing_over(self, level: float) -> None:
        """PromiseBrokenError where a magnitude is above `level` dBFS."""
        highest = max(self.magnitudes)
        if highest > level:
            place = self.frequencies[self.magnitudes.index(highest)]
            raise PromiseBrokenError(f"no magnitude is above {level:g} dBFS", f"{highest:.1f} dBFS at {place:,.1f} Hz")

    def require_centroid(self, frequency: float, tolerance: float) -> None:
        """PromiseBrokenError where the centroid is told somewhere else."""
        if not abs(self.centroid - frequency) <= tolerance:
            raise PromiseBrokenError(f"the centroid is at {frequency:,g} Hz ± {tolerance:g} Hz", f"at {self.centroid:,.1f} Hz")


def _number(told: dict[str, object], key: str, silent: bool) -> float:
    """Silence has no peak and no centroid: null is no number then, but may be told."""
    value = told.get(key)
    if silent and key in told and value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PromiseBrokenError(f"a spectrum tells its {key} as a number", f"{key} is {value!r}")
    return float(value)


def _numbers(told: dict[str, object], key: str) -> tuple[float, ...]:
    """A list of numbers; nothing at all may be told as null."""
    values = told.get(key)
    if not isinstance(values, list):
        raise PromiseBrokenError(f"a spectrum tells its {key} as a list", f"{key} is {str(values)[:60]}")
    wrong = [value for value in values if value is not None and (isinstance(value, bool) or not isinstance(value, int | float))]
    if wrong:
        raise PromiseBrokenError(f"all {key} are numbers", f"one is {wrong[0]!r}")
    return tuple(-math.inf if value is None else float(value) for value in values)
