"""The command line's grammar, and the same settings from the environment. A mistake is one sentence, not a page of usage."""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import NoReturn

from support.audio.reference import __version__
from support.audio.reference.settings import Settings

LEVELS = ("debug", "info", "warning", "error", "critical")
PREFIX = "AUDIO_"
EPILOG = """Every setting can also come from the environment: --idle-timeout from AUDIO_IDLE_TIMEOUT, and so on. Flags win.
A token comes from --token-file or from AUDIO_TOKEN, and has at least 16 characters. Without one everybody is let in.

exit codes:
  0  ended as asked
  2  bad arguments, or a token that will not do
  3  the port cannot be had
  128+n  ended at once by a second signal n"""


class UsageError(ValueError):
    """The arguments make no sense; the text is one line."""


class OneLineParser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        """What argparse calls for a mistake."""
        raise UsageError(" ".join(message.split()))

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: None = None
    ) -> argparse.Namespace:
        """As argparse does it; but what is not known is not repeated: it may be a token."""
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            flags = [each.partition("=")[0] for each in unknown if each.startswith("--")]
            raise UsageError(f"unrecognized arguments: {' '.join(flags) or len(unknown)}")
        return options


def read_settings(argv: Sequence[str], environment: Mapping[str, str], prog: str) -> Settings:
    """The settings from the command line `argv` and the environment. UsageError; SystemExit after --help and --version."""
    parser = build_parser(prog)
    given = vars(parser.parse_args(argv))
    from_environment: dict[str, object] = {}
    for field in fields(Settings):
        name = PREFIX + field.name.upper()
        text = environment.get(name, "")
        if text and field.name not in given:
            try:
                read = parser.parse_args([f"--{field.name.replace('_', '-')}={text}"])
            except UsageError as error:
                raise UsageError(f"{name}: {error}") from error
            from_environment.update(vars(read))
    return Settings(**{**from_environment, **given})


def build_parser(prog: str) -> OneLineParser:
    """The parser. Its result has one attribute, named as in Settings, for each flag that is given."""
    parser = OneLineParser(
        prog=prog,
        description="Processes sound: live over WebSocket, whole recordings and analysis over HTTP, all on one port.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    defaults = Settings()

    def add(name: str, kind: Callable[[str], object], metavar: str, text: str) -> None:
        default = getattr(defaults, name)
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=kind, metavar=metavar, help=f"{text} (default: {'none' if default is None else default})")

    add("host", _host, "HOST", "address to listen on")
    add("port", _port, "PORT", "0: the system chooses")
    add("token_file", _text, "FILE", "file that holds the token")
    add("max_sessions", _count, "N", "sessions at a time")
    add("idle_timeout", _limit, "S", "seconds until a session that nobody uses ends")
    add("max_chunk", _limit, "S", "seconds of the longest chunk")
    add("max_frame", _count, "BYTES", "bytes of the longest frame that is read")
    add("max_body", _count, "BYTES", "bytes of the longest request that is read")
    add("log_level", _level, "LEVEL", ", ".join(LEVELS))
    return parser


def _whole(text: str, least: int, most: int, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{_shown(text)} is not {what}")


def _port(text: str) -> int:
    return _whole(text, 0, 65_535, "a port from 0 to 65535")


def _count(text: str) -> int:
    return _whole(text, 1, 999_999_999_999, "a whole number, at least 1")


def _limit(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number of seconds, more than 0")
    return value


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is none of {', '.join(LEVELS)}")
    return text.lower()


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not UTF-8 text") from error
    return text


def _host(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("the host is empty")
    return _text(text)


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "...")
