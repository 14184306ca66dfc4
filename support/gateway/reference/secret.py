"""The token: where it comes from, and what it must be. What is said about a bad one does not contain it."""

from collections.abc import Mapping
from pathlib import Path

from support.gateway.protocol import MIN_TOKEN
from support.gateway.reference.arguments import UsageError

VARIABLE = "GATEWAY_TOKEN"


def read_token(file: str | None, environment: Mapping[str, str]) -> str:
    """The token from `file` if one is given, else from the environment. UsageError for none."""
    if file is not None:
        return _from_file(file)
    if VARIABLE not in environment:
        raise UsageError(f"there is no token: give --token-file or set {VARIABLE}")
    return _without_newline(environment[VARIABLE])


def _from_file(file: str) -> str:
    try:
        text = Path(file).read_bytes().decode()
    except OSError as error:
        raise UsageError(f"cannot read the token file: {error.strerror}") from error
    except ValueError as error:
        raise UsageError("the token file is not UTF-8 text") from error
    return _without_newline(text)


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def check_token(token: str) -> None:
    """UsageError for a token that is too easy to guess, or that no client could send."""
    if len(token) < MIN_TOKEN:
        raise UsageError(f"the token has fewer than {MIN_TOKEN} characters")
    try:
        token.encode()
    except UnicodeEncodeError:
        # Without the cause: it quotes the token.
        raise UsageError("the token is not UTF-8 text") from None
