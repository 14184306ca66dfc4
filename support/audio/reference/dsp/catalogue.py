"""Every stage with its parameters: names, kinds, ranges, units and defaults. Nothing that processes is loaded here."""

from collections.abc import Mapping
from dataclasses import dataclass

from support.audio.protocol import GREATEST_GAIN, LEAST_GAIN, Code

MOST_BANDS = 16
SHOWN = 40
"""Letters of a client's text that a message repeats."""


class ParameterError(ValueError):
    """A parameter that cannot be: `code`, the name of the parameter in `field`, and a sentence."""

    def __init__(self, code: Code, field: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Number:
    """A number from `least` to `greatest`, in `unit`. whole: it has no fraction."""

    name: str
    least: float
    greatest: float
    usual: float
    unit: str = ""
    whole: bool = False

    def checked(self, value: object) -> float | int:
        """The value. ParameterError."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ParameterError(Code.INVALID_CONFIG, self.name, f"{self.name} is a number, not {shown(value)}")
        if not self.least <= value <= self.greatest:  # NaN does not lie there either
            what = f"{self.name} goes from {self.least:g} to {self.greatest:g}{self.unit and ' ' + self.unit}"
            raise ParameterError(Code.OUT_OF_RANGE, self.name, f"{what}, and {shown(value)} does not lie there")
        if self.whole and value != int(value):
            raise ParameterError(Code.INVALID_CONFIG, self.name, f"{self.name} is a whole number, not {value:g}")
        return int(value) if self.whole else float(value)

    def described(self) -> dict[str, object]:
        """For the list of stages."""
        kind = "integer" if self.whole else "number"
        return {
            "name": self.name,
            "type": kind,
            "minimum": self.least,
            "maximum": self.greatest,
            "unit": self.unit,
            "default": self.usual,
        }


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    name: str
    values: tuple[object, ...]
    usual: object
    unit: str = ""

    def checked(self, value: object) -> object:
        """The value. ParameterError."""
        for one in self.values:
            if value == one and not isinstance(value, bool):
                return one
        known = ", ".join(map(str, self.values))
        raise ParameterError(Code.OUT_OF_RANGE, self.name, f"{self.name} is one of {known}, not {shown(value)}")

    def described(self) -> dict[str, object]:
        """For the list of stages."""
        kind = "choice" if isinstance(self.usual, str) else "integer"
        told: dict[str, object] = {"name": self.name, "type": kind, "choices": list(self.values), "unit": self.unit}
        numbers = [value for value in self.values if isinstance(value, int)]
        if numbers:
            told |= {"minimum": min(numbers), "maximum": max(numbers)}
        return told | {"default": self.usual}


BAND = (
    Choice("type", ("peaking", "low_shelf", "high_shelf", "low_pass", "high_pass"), "peaking"),
    Number("frequency", 20, 20_000, 1000, "Hz"),
    Number("gain", -24, 24, 0, "dB"),
    Number("q", 0.1, 20, 0.707),
)


@dataclass(frozen=True)
class Bands:
    """A list of an equalizer's bands. What a band leaves out has its default."""

    name: str = "bands"

    def checked(self, value: object) -> tuple[dict[str, object], ...]:
        """The bands. ParameterError, whose field tells which one."""
        if not isinstance(value, list | tuple) or len(value) > MOST_BANDS:
            raise ParameterError(Code.INVALID_CONFIG, self.name, f"{self.name} is a list of at most {MOST_BANDS} bands")
        return tuple(self._band(index, band) for index, band in enumerate(value))

    def described(self) -> dict[str, object]:
        """For the list of stages."""
        return {"name": self.name, "type": "bands", "items": [part.described() for part in BAND], "unit": "", "default": []}

    def _band(self, index: int, band: object) -> dict[str, object]:
        place = f"{self.name}[{index}]"
        if not isinstance(band, Mapping):
            raise ParameterError(Code.INVALID_CONFIG, place, "a band has a type, a frequency, a gain and a q")
        try:
            return _checked(BAND, band)
        except ParameterError as error:
            raise ParameterError(error.code, f"{place}.{error.field}", error.message) from error


Parameter = Number | Choice | Bands


@dataclass(frozen=True)
class Entry:
    """A stage."""

    about: str
    parameters: tuple[Parameter, ...]


CATALOGUE: dict[str, Entry] = {
    "vad": Entry(
        "Tells speech from silence and steady noise; leaves the sound alone.",
        (Choice("aggressiveness", (0, 1, 2, 3), 2), Choice("frame_duration", (10, 20, 30), 20, "ms")),
    ),
    "voice_filter": Entry(
        "Keeps the band of a voice.",
        (
            Number("low_hz", 20, 2000, 300, "Hz"),
            Number("high_hz", 1000, 20_000, 3400, "Hz"),
            Number("order", 1, 8, 4, whole=True),
        ),
    ),
    "noise_reduction": Entry(
        "Lowers steady noise between and under other sound.",
        (Number("strength", 0, 1, 0.7), Number("smoothing", 0, 1, 0.5)),
    ),
    "voice_enhancement": Entry(
        "Raises the presence of a voice; raises or lowers its bass.",
        (Number("clarity", 0, 1, 0.5), Number("warmth", -1, 1, 0.2)),
    ),
    "equalizer": Entry("Raises and lowers bands.", (Bands(),)),
    "compression": Entry(
        "Makes what is loud less so.",
        (
            Number("threshold", -60, 0, -20, "dB"),
            Number("ratio", 1, 20, 4),
            Number("knee", 0, 24, 6, "dB"),
            Number("attack", 0.1, 200, 5, "ms"),
            Number("release", 10, 2000, 100, "ms"),
            Number("makeup", 0, 24, 0, "dB"),
        ),
    ),
    "agc": Entry(
        "Brings voices to one level.",
        (
            Number("target_level", -60, 0, -20, "dBFS"),
            Number("max_gain", 0, 40, 20, "dB"),
            Number("attack", 10, 2000, 100, "ms"),
            Number("release", 10, 5000, 500, "ms"),
        ),
    ),
    "lufs_normalization": Entry(
        "Brings the programme to a loudness (ITU-R BS.1770-4).",
        (Number("target_lufs", -60, 0, -23, "LUFS"), Number("max_peak", -20, 0, -1, "dBFS")),
    ),
    "limiter": Entry(
        "Lets no true peak over a threshold.",
        (
            Number("threshold", -40, 0, -1, "dBTP"),
            Number("release", 10, 1000, 100, "ms"),
            Number("lookahead", 1, 10, 5, "ms"),
        ),
    ),
}


def shown(value: object) -> str:
    """A client's value as a message repeats it. What is too long to be written out is not."""
    if isinstance(value, int) and value.bit_length() > SHOWN:
        return "a number of very many digits"
    return f"{value:g}" if isinstance(value, float) else repr(value)[:SHOWN]


def checked(stage: str, parameters: Mapping[str, object]) -> dict[str, object]:
    """All parameters of a stage that there is, defaults for those that are not among `parameters`. ParameterError."""
    return _checked(CATALOGUE[stage].parameters, parameters)


def described() -> dict[str, object]:
    """Every stage, for a client that wants to know."""
    stages = [
        {"name": name, "description": entry.about, "parameters": [parameter.described() for parameter in entry.parameters]}
        for name, entry in CATALOGUE.items()
    ]
    gain = {"minimum": LEAST_GAIN, "maximum": GREATEST_GAIN, "unit": "dB", "default": 0}
    return {"stages": stages, "gain": gain}


def _checked(known: tuple[Parameter, ...], told: Mapping[str, object]) -> dict[str, object]:
    names = [parameter.name for parameter in known]
    for name in told:
        if name not in names:
            raise ParameterError(Code.UNKNOWN_PARAMETER, name[:SHOWN], f"no such parameter; there are {', '.join(names)}")
    return {one.name: one.checked(told[one.name]) if one.name in told else _usual(one) for one in known}


def _usual(parameter: Parameter) -> object:
    return () if isinstance(parameter, Bands) else parameter.checked(parameter.usual)
