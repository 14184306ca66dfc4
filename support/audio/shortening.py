"""Sound in messages, as a wire trace shows it: a trace with all of it would be read by nobody."""

import re

SHOWN = 4096
"""Bytes of a message that a trace shows at most, its sounds shortened."""
KEPT = 48
"""Letters of a sound that are shown."""
_SOUND = re.compile(rb"[A-Za-z0-9+/=]{200,}")


def shortened(data: bytes) -> bytes:
    """The message with long runs of base64 shortened, and cut off where it still is long."""
    short = _SOUND.sub(_beginning, data)
    if len(short) <= SHOWN:
        return short
    return short[:SHOWN] + f"... ({len(short) - SHOWN:,} bytes more)".encode()


def _beginning(match: re.Match[bytes]) -> bytes:
    return match[0][:KEPT] + f"...({len(match[0]):,} letters)".encode()
