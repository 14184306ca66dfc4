"""The command line's grammar, and the same settings from the environment. A mistake is one sentence, not a page of usage."""

import argparse
from collections.abc import Mapping, Sequence
from typing import NoReturn

from support.peers.protocol import CURRENT_RANGE
from support.peers.reference.emulator import __version__
from support.peers.reference.emulator.board import MIN_CURRENT
from support.peers.reference.emulator.settings import Settings

LEVELS = ("debug", "info", "warning", "error", "critical")
MODE = "tcp"
VARIABLES = {
    "host": "HOST",
    "web_port": "WEB_PORT",
    "serial_port": "SERIAL_TCP_PORT",
    "serial_mode": "SERIAL_MODE",
    "max_current": "MAX_CURRENT",
    "log_level": "LOG_LEVEL",
}
EPILOG = """Every setting can also come from the environment: HOST, WEB_PORT, SERIAL_TCP_PORT, SERIAL_MODE, MAX_CURRENT and
LOG_LEVEL. Flags win.

exit codes:
  0  ended as asked
  2  bad arguments
  3  a port cannot be had"""


class UsageError(ValueError):
    """The arguments make no sense; the text is one line."""


class OneLineParser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        """What argparse calls for a mistake."""
        raise UsageError(" ".join(message.split()))


def read_settings(argv: Sequence[str], environment: Mapping[str, str], prog: str) -> Settings:
    """The settings from the command line `argv` and the environment. UsageError; SystemExit after --help and --version."""
    parser = build_parser(prog)
    given = vars(parser.parse_args(argv))
    for field, name in VARIABLES.items():
        text = environment.get(name, "")
        if text and field not in given:
            try:
                given.update(vars(parser.parse_args([f"--{field.replace('_', '-')}={text}"])))
            except UsageError as error:
                raise UsageError(f"{name}: {error}") from error
    given.pop("serial_mode", None)
    return Settings(**given)


def build_parser(prog: str) -> OneLineParser:
    """The parser. Its result has one attribute for each flag that is given."""
    parser = OneLineParser(
        prog=prog,
        description="A power board with a vehicle in front of it: RAPI over TCP, and HTTP to control both.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    default = Settings()
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    parser.add_argument("--host", type=_host, metavar="HOST", help=f"address to listen on (default: {default.host})")
    text = "port of HTTP; 0: the system chooses (default: %d)"
    parser.add_argument("--web-port", type=_port, metavar="PORT", help=text % default.web_port)
    text = "port of RAPI; 0: the system chooses (default: %d)"
    parser.add_argument("--serial-port", type=_port, metavar="PORT", help=text % default.serial_port)
    parser.add_argument("--serial-mode", type=_mode, metavar="MODE", help=f"how RAPI is spoken: {MODE}, which is all there is")
    text = f"the most that it can offer, from {MIN_CURRENT} to {CURRENT_RANGE[1]} (default: {default.max_current})"
    parser.add_argument("--max-current", type=_current, metavar="AMPERES", help=text)
    text = f"{', '.join(LEVELS)} (default: {default.log_level})"
    parser.add_argument("--log-level", type=_level, metavar="LEVEL", help=text)
    return parser


def _whole(text: str, least: int, most: int, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{_shown(text)} is not {what}")


def _port(text: str) -> int:
    return _whole(text, 0, 65_535, "a port from 0 to 65535")


def _current(text: str) -> int:
    most = CURRENT_RANGE[1]
    return _whole(text, MIN_CURRENT, most, f"a whole number of amperes from {MIN_CURRENT} to {most}")


def _mode(text: str) -> str:
    if text != MODE:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not {MODE}, the only mode")
    return text


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is none of {', '.join(LEVELS)}")
    return text.lower()


def _host(text: str) -> str:
    if not text or not text.isascii():
        raise argparse.ArgumentTypeError(f"{_shown(text)} is no host")
    return text


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "...")
