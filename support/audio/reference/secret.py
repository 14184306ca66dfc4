"""The token: where it comes from, and what it must be. What is said about a bad one does not contain it."""

from collections.abc import Mapping
from pathlib import Path

from support.audio.reference.arguments import UsageError

VARIABLE = "AUDIO_TOKEN"
MIN_TOKEN = 16
"""Characters that a token has at least."""


def read_token(file: str | None, environment: Mapping[str, str]) -> str | None:
    """The token from `file` if one is given, else from the environment; None if there is none. UsageError."""
    if file is not None:
        return _good(_from_file(file))
    if not environment.get(VARIABLE):
        return None
    return _good(environment[VARIABLE])


def _from_file(file: str) -> str:
    try:
        return Path(file).read_bytes().decode()
    except OSError as error:
        raise UsageError(f"cannot read the token file: {error.strerror}") from error
    except ValueError:
        # Without the cause: it quotes the file.
        raise UsageError("the token file is not UTF-8 text") from None


def _good(text: str) -> str:
    token = text.removesuffix("\n").removesuffix("\r")
    if len(token) < MIN_TOKEN:
        raise UsageError(f"the token has fewer than {MIN_TOKEN} characters")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("the token has characters that cannot stand in a header: blanks, control characters or beyond ASCII")
    return token
