"""What can be set about a pipeline. The defaults are those of the contract."""

from dataclasses import dataclass

from support.audio.protocol import DEFAULT_PORT, IDLE_TIMEOUT, MAX_CHUNK, MAX_FRAME, MAX_SESSIONS

MAX_BODY = 256 * 1024 * 1024
"""Bytes: ten minutes in stereo at 48 kHz, as base64, and some to spare."""


@dataclass(frozen=True)
class Settings:
    """Times are in seconds, sizes in bytes. Without a token file the token comes from the environment, if there is one."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    token_file: str | None = None
    max_sessions: int = MAX_SESSIONS
    idle_timeout: float = IDLE_TIMEOUT
    max_chunk: float = MAX_CHUNK
    max_frame: int = MAX_FRAME
    max_body: int = MAX_BODY
    log_level: str = "info"
