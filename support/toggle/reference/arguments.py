"""The command line's grammar. A mistake is one sentence, not a page of usage."""

import argparse
import math
from typing import NoReturn

from support.toggle.reference import __version__

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
EXIT_CODES = """exit codes:
  0  acknowledged (serve: ended as asked)
  1  not acknowledged
  2  bad arguments
  3  the metrics port cannot be had; the device was not contacted
  128+n  a single command was ended by signal n"""


class UsageError(ValueError):
    """The arguments make no sense; the text is one line."""


class OneLineParser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(" ".join(message.split()))


class _Format(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    pass


def build_parser(prog: str = "toggle-hub") -> OneLineParser:
    """The parser. Its result has `command` ("toggle" or "serve") and one attribute per flag."""
    parser = OneLineParser(
        prog=prog, description="Switches bulbs over TCP.", epilog=EXIT_CODES, formatter_class=_Format, allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="{toggle,serve}")
    toggle = _command(commands, "toggle", "send one command and end")
    toggle.add_argument("--device-id", type=_text, required=True, help="the id that the frame carries")
    toggle.add_argument("--device-host", type=_host, required=True, help="address or name of the bulb")
    toggle.add_argument("--device-port", type=_device_port, default=9000, metavar="PORT", help="1 to 65535")
    toggle.add_argument("--state", choices=("on", "off"), default="on", help="the state to reach")
    serve = _command(commands, "serve", "take commands as JSON lines on standard input until it ends")
    for each in (toggle, serve):
        _add_common(each)
    return parser


def _command(commands: "argparse._SubParsersAction[OneLineParser]", name: str, help_text: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name, help=help_text, description=help_text, epilog=EXIT_CODES, formatter_class=_Format, allow_abbrev=False
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--max-attempts", type=_attempts, default=2, metavar="N", help="at least 1")
    add("--connect-timeout", type=_limit, default=1.0, metavar="S", help="seconds to look up the host and connect")
    add("--io-timeout", type=_limit, default=1.5, metavar="S", help="seconds to send, and again to wait for the reply")
    add("--backoff-base", type=_seconds, default=0.25, metavar="S", help="seconds after the first failure; doubles")
    add("--backoff-cap", type=_seconds, default=5.0, metavar="S", help="seconds that a back-off takes at most")
    add("--jitter", type=_seconds, default=0.1, metavar="S", help="seconds that chance adds at most")
    add("--metrics-port", type=_metrics_port, default=9400, metavar="PORT", help='0: the system chooses; or "none"')
    add("--metrics-host", type=_host, default="127.0.0.1", metavar="HOST", help="address to serve metrics on")
    add("--log-level", type=str.upper, choices=LEVELS, default="INFO", metavar="LEVEL", help=", ".join(LEVELS))


def _whole(text: str, least: int, most: int, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{_shown(text)} is not {what}")


def _device_port(text: str) -> int:
    return _whole(text, 1, 65_535, "a port from 1 to 65535")


def _metrics_port(text: str) -> int | None:
    return None if text == "none" else _whole(text, 0, 65_535, 'a port from 0 to 65535, nor "none"')


def _attempts(text: str) -> int:
    return _whole(text, 1, 999_999_999, "a whole number, at least 1")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number of seconds, at least 0")
    return value


def _limit(text: str) -> float:
    value = _seconds(text)
    if not value:
        raise argparse.ArgumentTypeError("a time limit is longer than 0 s")
    return value


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
