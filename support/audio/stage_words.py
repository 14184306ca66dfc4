"""Stages of a pipeline in the words of the feature files: `a voice filter, then a limiter with threshold -6 dB`.

    chain      = stages [", in this order" | ", listed the other way round" | ", without connections"]
    stages     = "every stage" | stage {", then " stage}
    stage      = article ["disabled "] name [" with " parameter {(", " | " and " | ", and ") parameter}]
    parameter  = words number [unit] | "the least " words | "the greatest " words | band
    band       = "a " type [" of " number " dB"] [" and q " number] " at " number " Hz"

A hard-knee compressor is one with knee 0 dB and, unless it is named, makeup 0 dB. Values are in the contract's units: dB, Hz, ms.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

NAMES = {
    "voice activity detection": "vad",
    "voice filter": "voice_filter",
    "noise reduction": "noise_reduction",
    "voice enhancement": "voice_enhancement",
    "equalizer": "equalizer",
    "compressor": "compression",
    "automatic gain control": "agc",
    "loudness normalization": "lufs_normalization",
    "limiter": "limiter",
}
"""The contract's name of each stage, in the contract's order."""
STAGES = tuple(NAMES.values())
PARAMETERS: dict[str, tuple[str, ...]] = {
    "vad": ("aggressiveness", "frame_duration"),
    "voice_filter": ("low_hz", "high_hz", "order"),
    "noise_reduction": ("strength", "smoothing"),
    "voice_enhancement": ("clarity", "warmth"),
    "equalizer": ("bands",),
    "compression": ("threshold", "ratio", "knee", "attack", "release", "makeup"),
    "agc": ("target_level", "max_gain", "attack", "release"),
    "lufs_normalization": ("target_lufs", "max_peak"),
    "limiter": ("threshold", "release", "lookahead"),
}
"""The contract's. A pipeline may have more, of which nothing is known."""


class End(Enum):
    """A value that only the target knows: an end of the range that it tells for a parameter."""

    LEAST = "least"
    GREATEST = "greatest"


Value = float | int | str | End | tuple["Band", ...]


@dataclass(frozen=True)
class Band:
    """One band of an equalizer. frequency: Hz. gain: dB."""

    type: str
    frequency: float
    gain: float | None = None
    q: float | None = None

    def told(self) -> dict[str, object]:
        """As the contract has it; what was not named is left out."""
        known = {"type": self.type, "frequency": self.frequency, "gain": self.gain, "q": self.q}
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True)
class StageWish:
    """One stage as a scenario wants it, in the contract's names and units. gain_in, gain_out: dB; None is not told.

    optional: left out where the target has no such stage, instead of declining the scenario.
    """

    stage: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    enabled: bool = True
    gain_in: float | None = None
    gain_out: float | None = None
    optional: bool = False

    @property
    def bands(self) -> tuple["Band", ...]:
        """Those of an equalizer; none of any other stage."""
        return tuple(band for value in self.parameters.values() if isinstance(value, tuple) for band in value)

    def told(self) -> dict[str, object]:
        """What stands for it in a pipeline's configuration. ValueError while an end of a range is not known."""
        values: dict[str, object] = {}
        for name, value in self.parameters.items():
            if isinstance(value, End):
                raise ValueError(f"the {value.value} {name} of {self.stage} is not known yet")
            values[name] = [band.told() for band in value] if isinstance(value, tuple) else value
        gains = {"gain_in": self.gain_in, "gain_out": self.gain_out}
        return {"enabled": self.enabled, "parameters": values} | {name: gain for name, gain in gains.items() if gain is not None}


class Listing(Enum):
    """How a configuration tells the order of its stages."""

    IN_ORDER = "in this order"
    BACKWARDS = "listed the other way round"
    UNCONNECTED = "without connections"


@dataclass(frozen=True)
class Chain:
    """Stages in the order in which the sound is to meet them."""

    stages: tuple[StageWish, ...]
    listing: Listing = Listing.IN_ORDER

    def told(self, **more: object) -> dict[str, object]:
        """The pipeline's configuration; `more`: other keys of it, such as its name. ValueError for a stage that stands twice."""
        order = [wish.stage for wish in self.stages]
        if len(set(order)) != len(order):
            raise ValueError(f"a map of stages cannot have one twice: {', '.join(order)}")
        listed = reversed(self.stages) if self.listing is Listing.BACKWARDS else self.stages
        config: dict[str, object] = more | {"stages": {wish.stage: wish.told() for wish in listed}}
        if self.listing is not Listing.UNCONNECTED:
            config["connections"] = [{"source_stage_id": source, "target_stage_id": target} for source, target in pairwise(order)]
        return config


def parse_chain(text: str) -> Chain:
    """The stages, and how their order is told. ValueError for what is not known."""
    for listing in Listing:
        if text.endswith(f", {listing.value}"):
            return Chain(parse_stages(text.removesuffix(f", {listing.value}")), listing)
    return Chain(parse_stages(text))


def parse_stages(text: str) -> tuple[StageWish, ...]:
    """The stages in their order. ValueError for what is not known."""
    if text == "every stage":
        return tuple(StageWish(stage, optional=True) for stage in STAGES)
    return tuple(parse_stage(part) for part in text.split(", then "))


def parse_stage(text: str) -> StageWish:
    """One stage. ValueError for what is not known."""
    match = re.fullmatch(rf"(?:an? )?(disabled )?(hard-knee )?({'|'.join(NAMES)})(?: with (.+))?", text.strip())
    if match is None or (match[2] and match[3] != "compressor"):
        raise ValueError(f"no stage is known as {text!r}")
    wish = StageWish(NAMES[match[3]], {"knee": 0.0, "makeup": 0.0} if match[2] else {}, enabled=not match[1])
    rest = match[4] or ""
    while rest:
        wish, rest = _with_next(wish, rest)
        rest = re.sub(r"^(?:, and |, | and )", "", rest)
    return wish


def _with_next(wish: StageWish, rest: str) -> tuple[StageWish, str]:
    for pattern, take in (*_OF_ALL, *_OF_EACH[wish.stage]):
        if match := re.match(pattern + r"(?=$|, | and )", rest):
            return take(wish, match), rest[match.end() :]
    raise ValueError(f"no parameter of {wish.stage} is known as {rest!r}")


_Take = Callable[[StageWish, re.Match[str]], StageWish]
_NUMBER = r"(-?[\d,]*\d(?:\.\d+)?)"


def _number(text: str) -> float | int:
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _set(name: str, value: Callable[[re.Match[str]], Value]) -> _Take:
    return lambda wish, match: replace(wish, parameters={**wish.parameters, name: value(match)})


def _band(wish: StageWish, match: re.Match[str]) -> StageWish:
    kind, gain, q, frequency = match.groups()
    band = Band(
        BAND_TYPES[kind], _number(frequency), None if gain is None else _number(gain), None if q is None else _number(q)
    )  # fmt: skip
    before = wish.parameters.get("bands", ())
    assert isinstance(before, tuple), "bands are only set here"
    return replace(wish, parameters={**wish.parameters, "bands": (*before, band)})


def _parameter(words: str, name: str, unit: str) -> list[tuple[str, _Take]]:
    return [
        (f"{words} {_NUMBER}{unit and f' {unit}'}", _set(name, lambda match: _number(match[1]))),
        (f"the (least|greatest) {words}", _set(name, lambda match: End(match[1]))),
    ]


def _all_of(parameters: Sequence[tuple[str, str, str]]) -> list[tuple[str, _Take]]:
    return [pattern for words, name, unit in parameters for pattern in _parameter(words, name, unit)]


BAND_TYPES = {
    "peak": "peaking", "low shelf": "low_shelf", "high shelf": "high_shelf", "low pass": "low_pass", "high pass": "high_pass",
}  # fmt: skip
_OF_ALL: list[tuple[str, _Take]] = [
    (f"gain in {_NUMBER} dB", lambda wish, match: replace(wish, gain_in=_number(match[1]))),
    (f"gain out {_NUMBER} dB", lambda wish, match: replace(wish, gain_out=_number(match[1]))),
]
_TIMES = [("attack", "attack", "ms"), ("release", "release", "ms")]
_OF_EACH: dict[str, list[tuple[str, _Take]]] = {
    "vad": _all_of([("aggressiveness", "aggressiveness", ""), ("frame duration", "frame_duration", "ms")]),
    "voice_filter": _all_of([("low edge", "low_hz", "Hz"), ("high edge", "high_hz", "Hz"), ("order", "order", "")]),
    "noise_reduction": _all_of([("strength", "strength", ""), ("smoothing", "smoothing", "")]),
    "voice_enhancement": _all_of([("clarity", "clarity", ""), ("warmth", "warmth", "")]),
    "equalizer": [
        (rf"a ({'|'.join(BAND_TYPES)})(?: of {_NUMBER} dB)?(?: and q {_NUMBER})? at {_NUMBER} Hz", _band),
    ],
    "compression": _all_of(
        [("threshold", "threshold", "dB"), ("ratio", "ratio", ""), ("knee", "knee", "dB"), ("makeup", "makeup", "dB"), *_TIMES]
    ),
    "agc": _all_of([("target level", "target_level", "dB"), ("max gain", "max_gain", "dB"), *_TIMES]),
    "lufs_normalization": _all_of([("target", "target_lufs", "LUFS"), ("max peak", "max_peak", "dB")]),
    "limiter": _all_of([("threshold", "threshold", "dB"), ("release", "release", "ms"), ("lookahead", "lookahead", "ms")]),
}  # fmt: skip
