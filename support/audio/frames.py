"""What the pipeline says on a line: frames as they came, read liberally, and the chunks that they answer."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from support.audio.protocol import SAMPLE_BYTES, Tell

KNOWN_TYPES = frozenset(tell.value for tell in Tell)
SHOWN = 300
"""Letters of a frame that a report shows."""


@dataclass(frozen=True)
class Frame:
    """A frame from the pipeline. `fields` is its object, empty where it is none. `at`: seconds, monotonic clock.

    number: its place among the frames of its line, from 1. text: its beginning, for people. binary: it came as a binary frame,
    which no answer may be. is_object: it holds one JSON object.
    """

    number: int
    text: str
    fields: Mapping[str, object]
    at: float
    binary: bool = False
    is_object: bool = True

    @property
    def type(self) -> str:
        """What kind of frame it is, empty where it does not say."""
        return text_in(self.fields, "type")

    @property
    def is_known(self) -> bool:
        """Whether the contract knows frames of this kind."""
        return self.type in KNOWN_TYPES

    @property
    def sequence(self) -> int | None:
        """The number of the chunk that it is about."""
        return whole_in(self.fields, "sequence")

    @property
    def applies_from(self) -> int | None:
        """The number of the first chunk that a change applies to."""
        return whole_in(self.fields, "applies_from_sequence")

    @property
    def latency_samples(self) -> int:
        """The delay that it tells, in samples; 0 where it tells none."""
        return latency_in(self.fields)

    @property
    def error(self) -> Mapping[str, object]:
        """The object under `error`, empty where there is none."""
        return object_in(self.fields, "error")

    @property
    def code(self) -> str:
        """The code of an error, empty where it has none."""
        return text_in(self.error, "code")

    @property
    def metrics(self) -> Mapping[str, object]:
        """The figures of a chunk, empty where there are none."""
        return object_in(self.fields, "metrics")

    @cached_property
    def pcm(self) -> bytes | None:
        """The sound in it: PCM16. None where it is missing, no strict base64, or half a sample."""
        audio = self.fields.get("audio")
        if not isinstance(audio, str):
            return None
        try:
            pcm = base64.b64decode(audio, validate=True)
        except (binascii.Error, ValueError):
            return None
        return None if len(pcm) % SAMPLE_BYTES else pcm

    def __str__(self) -> str:
        return self.text


def read_frame(data: str | bytes, at: float, number: int) -> Frame:
    """The frame, whatever it holds."""
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text):,} letters)"
    is_object = isinstance(fields, dict)
    return Frame(number, shown, fields if is_object else {}, at, binary=isinstance(data, bytes), is_object=is_object)


@dataclass(frozen=True)
class ChunkAnswer:
    """A chunk that was answered with its sound and its figures. Times are seconds on the monotonic clock.

    sequence: its number, as the pipeline tells it. played, pcm: PCM16, what went in and what came out. audio, figures: the
    frames.
    """

    sequence: int
    played: bytes
    pcm: bytes
    metrics: Mapping[str, object]
    sent_at: float
    audio: Frame
    figures: Frame

    @property
    def answered_at(self) -> float:
        """When the second of the two frames had come."""
        return max(self.audio.at, self.figures.at)

    @property
    def seconds(self) -> float:
        """From the sending to the whole answer."""
        return self.answered_at - self.sent_at

    @property
    def sound_first(self) -> bool:
        """Whether the sound came before its figures."""
        return self.audio.number < self.figures.number

    @property
    def quality(self) -> Mapping[str, object]:
        """The figures about the sound, empty where there are none."""
        return object_in(self.metrics, "quality_metrics")


def number_in(fields: Mapping[str, object], name: str) -> float | None:
    """A number, minus infinity also as text. None for all that is no number."""
    found = fields.get(name)
    if isinstance(found, str) and found.lower() in ("-inf", "-infinity"):
        return float("-inf")
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def whole_in(fields: Mapping[str, object], name: str) -> int | None:
    """A whole number, perhaps told as 3.0. None for anything else."""
    found = number_in(fields, name)
    return int(found) if found is not None and found == found // 1 and abs(found) < 1e15 else None


def text_in(fields: Mapping[str, object], name: str) -> str:
    """A text, empty where there is none."""
    found = fields.get(name)
    return found if isinstance(found, str) else ""


def object_in(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    """An object, empty where there is none."""
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def objects_in(fields: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """The objects of a list, empty where there is none; what else is in it is skipped."""
    found = fields.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def latency_in(fields: Mapping[str, object]) -> int:
    """`latency_samples`, at the top or in the metrics; 0 where it is missing or no whole number from 0 up."""
    found = whole_in(fields, "latency_samples")
    if found is None:
        found = whole_in(object_in(fields, "metrics"), "latency_samples")
    return found if found is not None and found > 0 else 0
