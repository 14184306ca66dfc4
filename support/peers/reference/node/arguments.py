"""The command line's grammar. A mistake is one sentence, not a page of usage."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from support.peers.protocol import HEARTBEAT_RANGE
from support.peers.reference.node import __version__

LEVELS = ("debug", "info", "warning", "error", "critical")
EPILOG = """All state is in the working directory: config.json, peers.json, device_id, station.json.

exit codes:
  0  ended as asked
  2  bad arguments
  3  the port cannot be had"""


class UsageError(ValueError):
    """The arguments make no sense; the text is one line."""


@dataclass(frozen=True)
class Options:
    """What the command line says. Times are in seconds; no serial line is an empty string."""

    serial: str = ""
    config: tuple[tuple[str, str], ...] = ()
    interface: str = "127.0.0.1"
    discovery_interval: float = 10.0
    allocation_interval: float = 5.0
    shortest_heartbeat: float = HEARTBEAT_RANGE[0]
    status_interval: float = 1.0
    log_level: str = "info"


class OneLineParser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and leave."""

    def error(self, message: str) -> NoReturn:
        """What argparse calls for a mistake."""
        raise UsageError(" ".join(message.split()))


def read_options(argv: Sequence[str], prog: str) -> Options:
    """The options of the command line `argv`. UsageError; SystemExit after --help and --version."""
    given = vars(build_parser(prog).parse_args(argv))
    return Options(config=tuple(given.pop("config", ())), **given)


def build_parser(prog: str) -> OneLineParser:
    """The parser. Its result has one attribute, named as in Options, for each flag that is given."""
    parser = OneLineParser(
        prog=prog,
        description="The network side of a charger: REST, WebSocket, mDNS and load sharing; a power board at a serial line.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    own = Options()
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    parser.add_argument("--rapi-serial", dest="serial", metavar="DEVICE", help="where the power board speaks RAPI")
    parser.add_argument(
        "--set-config",
        dest="config",
        action="append",
        type=_pair,
        metavar="KEY=VALUE",
        help="repeatable: www_http_port, hostname, loadsharing_...; what is not known is passed over",
    )
    told = "address (or name of an interface) to listen and to advertise on; 0.0.0.0: all"
    parser.add_argument("--interface", type=_text, metavar="ADDR", help=f"{told} (default: {own.interface})")
    for name, text in (
        ("discovery_interval", "seconds between two looks for others"),
        ("allocation_interval", "seconds between two allocations of a controller"),
        ("shortest_heartbeat", "lowest value of loadsharing_heartbeat_timeout, in seconds"),
        ("status_interval", "seconds between two questions for the power board's state"),
    ):
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=_seconds, metavar="S", help=f"{text} (default: {getattr(own, name):g})")
    parser.add_argument("--log-level", type=_level, metavar="LEVEL", help=f"{', '.join(LEVELS)} (default: {own.log_level})")
    return parser


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not KEY=VALUE")
    return key.strip(), value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.01 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number of seconds from 0.01 to 86400")
    return value


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is none of {', '.join(LEVELS)}")
    return text.lower()


def _text(text: str) -> str:
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError(f"{_shown(text)} is no address")
    return text


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "...")
