"""Messages that are no good chunk, in the words of the feature files, as raw frames."""

import base64
import json
from collections.abc import Callable

CHUNK = "audio_chunk"
TIMESTAMP = 1_760_000_000_000
SOUND = bytes(range(251, 51, -1)) * 4
"""800 bytes of sound, 400 samples, whose base64 has letters of both ends of the alphabet, and padding."""

Frame = str | bytes


def chunk_frame(pcm: bytes) -> str:
    """A proper chunk of `pcm` (signed 16 bits, little-endian)."""
    return _with(data=base64.b64encode(pcm).decode())


def padded_chunk_frame(pcm: bytes, size: int) -> str:
    """A proper chunk in a frame of exactly `size` bytes: the rest is white space. ValueError where that is too small."""
    frame = chunk_frame(pcm)
    if len(frame) > size:
        raise ValueError(f"a chunk of {len(pcm)} bytes does not go into a frame of {size}")
    return frame[:-1] + " " * (size - len(frame)) + "}"


def mistake(phrase: str) -> Frame:
    """The frame that `phrase` describes. ValueError where nobody knows it."""
    if phrase not in MISTAKES:
        raise ValueError(f"no bad message is known as {phrase!r}")
    return MISTAKES[phrase]()


def _with(**fields: object) -> str:
    return json.dumps({"type": CHUNK, **fields, "timestamp": TIMESTAMP})


def _sound(change: Callable[[str], str]) -> Callable[[], str]:
    """A chunk whose base64 was changed."""
    return lambda: _with(data=change(base64.b64encode(SOUND).decode()))


def _inside(text: str) -> Callable[[], str]:
    """A chunk with `text` between two groups of four letters, where a lenient reader steps over it."""
    return _sound(lambda sound: sound[:200] + text + sound[200:])


def _raw(frame: Frame) -> Callable[[], Frame]:
    return lambda: frame


MISTAKES: dict[str, Callable[[], Frame]] = {
    "a chunk with a blank in its sound": _inside(" "),
    "a chunk with a line's end in its sound": _inside("\n"),
    "a chunk with a line's end behind its sound": _sound(lambda sound: f"{sound}\n"),
    "a chunk without its padding": _sound(lambda sound: sound.rstrip("=")),
    "a chunk with padding in its middle": _inside("===="),
    "a chunk in the letters that web addresses use": lambda: _with(data=base64.urlsafe_b64encode(b"\xfb\xff" * 300).decode()),
    "a chunk with a letter of no such alphabet": _inside("ä"),
    "a chunk with a sign of no such alphabet": _inside("!!!!"),
    "a chunk of words": lambda: _with(data="this is no sound"),
    "a chunk with half a sample at its end": lambda: _with(data=base64.b64encode(SOUND + b"\x01").decode()),
    "a chunk of 1 byte": lambda: _with(data=base64.b64encode(b"\x01").decode()),
    "a chunk with nothing for its sound": lambda: _with(data=None),
    "a chunk with a number for its sound": lambda: _with(data=12345678),
    "a chunk with a list for its sound": lambda: _with(data=[1, 2, 3]),
    "a chunk that leaves its sound out": lambda: _with(),
    "words that are no message": _raw("good morning"),
    "an empty message": _raw(""),
    "half a chunk": lambda: chunk_frame(SOUND)[:300],
    "a list around a chunk": lambda: f"[{chunk_frame(SOUND)}]",
    "a lone number": _raw("42"),
    "a message without its kind": lambda: json.dumps({"data": base64.b64encode(SOUND).decode(), "timestamp": TIMESTAMP}),
    "a message of a kind that is not": lambda: json.dumps({"type": "audio_lump", "data": base64.b64encode(SOUND).decode()}),
    "a message with a number for its kind": lambda: json.dumps({"type": 1, "data": base64.b64encode(SOUND).decode()}),
    "bytes instead of text": lambda: chunk_frame(SOUND).encode(),
}  # fmt: skip
TAKING_TURNS = tuple(phrase for phrase in MISTAKES if phrase != "bytes instead of text")
"""Those that are sent in turn where a scenario says "something bad"."""
