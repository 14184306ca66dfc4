"""The wire of the audio pipeline: names, codes, limits, samples as text. The contract's words, and nothing that does anything.

Source: the pipeline's contract. Audio is base64 (RFC 4648 section 4, strict) of signed 16-bit little-endian PCM.
"""

import binascii
from enum import IntEnum, StrEnum
from typing import Final


class Code(StrEnum):
    """Codes of an error."""

    INVALID_CONFIG = "INVALID_CONFIG"
    INVALID_AUDIO = "INVALID_AUDIO"
    UNSUPPORTED_AUDIO = "UNSUPPORTED_AUDIO"
    UNKNOWN_STAGE = "UNKNOWN_STAGE"
    UNKNOWN_PARAMETER = "UNKNOWN_PARAMETER"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    SESSION_NOT_FOUND = "SESSION_NOT_FOUND"
    TOO_MANY_SESSIONS = "TOO_MANY_SESSIONS"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    CHUNK_TOO_LONG = "CHUNK_TOO_LONG"
    UNAUTHORIZED = "UNAUTHORIZED"
    """The reference's own: the contract names no code for a missing token, only the status 401."""


class Close(IntEnum):
    """Close codes of the WebSocket: RFC 6455 section 7.4.1, and the pipeline's own from 4000 on."""

    NORMAL = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL = 1011
    SESSION_NOT_FOUND = 4404
    REPLACED = 4409
    """Another socket of the same session took over. The contract is silent about it: no client may depend on it."""


class Ask(StrEnum):
    """The `type` of what a client sends."""

    PING = "ping"
    AUDIO_CHUNK = "audio_chunk"
    UPDATE_STAGE = "update_stage"


class Tell(StrEnum):
    """The `type` of what the server sends."""

    PONG = "pong"
    PROCESSED_AUDIO = "processed_audio"
    METRICS = "metrics"
    CONFIG_UPDATED = "config_updated"
    ERROR = "error"


STAGES: Final = (
    "vad",
    "voice_filter",
    "noise_reduction",
    "voice_enhancement",
    "equalizer",
    "compression",
    "agc",
    "lufs_normalization",
    "limiter",
)
"""The stages that the contract knows."""

HEALTH = "/api/health"
START = "/api/pipeline/realtime/start"
SESSIONS = "/api/pipeline/realtime/sessions"
REALTIME = "/api/pipeline/realtime"
"""Below it a session's id: the socket, and DELETE."""
PROCESS = "/api/pipeline/process"
STAGE = "/api/audio/process/stage"
"""Below it a stage's name."""
SPECTRUM = "/api/audio/analyze/fft"
LOUDNESS = "/api/audio/analyze/lufs"
CATALOGUE = "/api/audio/stages"
METRICS = "/metrics"

RATES: Final = (8_000, 16_000, 44_100, 48_000)
"""Samples per second that a session can have."""
DEFAULT_RATE: Final = 16_000
"""Samples per second unless somebody says otherwise."""
SAMPLE_BYTES = 2
FULL_SCALE = 32_768
"""The sample value of 0 dBFS."""
SILENCE_DBFS = -96.0
"""What silence reads, or lower."""
LEAST_GAIN, GREATEST_GAIN = -20.0, 20.0
"""Range of `gain_in` and `gain_out`, in dB."""
WINDOW_SIZES: Final = (512, 1_024, 2_048, 4_096, 8_192)
"""Samples that a window of the spectrum may have."""
DEFAULT_WINDOW: Final = 2_048
DEFAULT_OVERLAP = 0.5
DEFAULT_TARGET = -23.0
"""LUFS that loudness is compared with unless somebody says otherwise (EBU R128)."""

DEFAULT_PORT = 3_000
MAX_SESSIONS = 200
IDLE_TIMEOUT = 600.0
"""Seconds until a session that nobody uses ends."""
MAX_CHUNK = 10.0
"""Seconds of the longest chunk."""
MAX_FRAME = 16 * 1024 * 1024
"""Bytes of the longest frame that is read."""

_TRAILING_BITS = {1: frozenset("AEIMQUYcgkosw048"), 2: frozenset("AQgw")}
"""By the number of `=`: what the character before them may be, so that the bits that carry nothing are zero."""


class RefusedError(ValueError):
    """What a client asked for cannot be had: `code`, a sentence, and the field that is wrong where one is."""

    def __init__(self, code: Code, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def told(self) -> dict[str, str]:
        """What stands under `error` in an answer: code, message, and field if there is one."""
        field = {} if self.field is None else {"field": self.field}
        return {"code": self.code.value, "message": self.message, **field}


def bytes_of(text: str) -> bytes:
    """The bytes that base64 `text` stands for, read strictly: the alphabet of RFC 4648 section 4 and nothing between, padded,
    no bits left over. RefusedError INVALID_AUDIO."""
    try:
        decoded = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # binascii.Error, and characters outside of ASCII
        raise RefusedError(Code.INVALID_AUDIO, f"the audio is not base64: {error}") from error
    padding = -len(decoded) % 3
    if len(text) * 3 != (len(decoded) + padding) * 4:
        raise RefusedError(Code.INVALID_AUDIO, "the audio is not base64: more padding than there can be")
    if padding and text[-padding - 1] not in _TRAILING_BITS[padding]:
        raise RefusedError(Code.INVALID_AUDIO, "the audio is not base64: bits are left over")
    return decoded


def pcm_of(text: str) -> bytes:
    """The samples that base64 `text` stands for: little-endian, 16 bits each. RefusedError INVALID_AUDIO."""
    pcm = bytes_of(text)
    if len(pcm) % SAMPLE_BYTES:
        raise RefusedError(Code.INVALID_AUDIO, f"{len(pcm)} bytes are no whole samples of 16 bits")
    return pcm


def text_of(audio: bytes | memoryview) -> str:
    """`audio` in base64 on one line."""
    return binascii.b2a_base64(audio, newline=False).decode("ascii")
