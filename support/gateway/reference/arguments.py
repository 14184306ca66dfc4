"""The command line's grammar, and the same settings from the environment. A mistake is one sentence, not a page of usage."""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import NoReturn

from support.gateway.reference import __version__
from support.gateway.reference.settings import ProviderAddress, Rate, Settings

LEVELS = ("debug", "info", "warning", "error", "critical")
PREFIX = "GATEWAY_"
EPILOG = """Every setting can also come from the environment: --breaker-recovery from GATEWAY_BREAKER_RECOVERY, and so on;
--provider from GATEWAY_PROVIDER, several separated by commas. Flags win.
The token comes from --token-file or from GATEWAY_TOKEN. It has at least 16 characters.

exit codes:
  0  ended as asked
  2  bad arguments, or no good token
  3  a port cannot be had
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
        flag = "provider" if field.name == "providers" else field.name
        name = PREFIX + flag.upper()
        text = environment.get(name, "")
        if text and field.name not in given:
            texts = text.split(",") if flag == "provider" else [text]
            try:
                read = parser.parse_args([f"--{flag.replace('_', '-')}={each}" for each in texts])
            except UsageError as error:
                raise UsageError(f"{name}: {error}") from error
            from_environment.update(vars(read))
    chosen = {**from_environment, **given}
    providers = tuple(chosen.pop("providers", ()))
    names = [provider.name for provider in providers]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"argument --provider: {min(doubled)!a} is named twice")
    return Settings(providers=providers, **chosen)


def build_parser(prog: str) -> OneLineParser:
    """The parser. Its result has one attribute, named as in Settings, for each flag that is given."""
    parser = OneLineParser(
        prog=prog,
        description="Serves tools over WebSocket to clients that know a token.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"{prog} {__version__}")
    defaults = Settings()

    def add(name: str, kind: Callable[[str], object], metavar: str, text: str) -> None:
        default = getattr(defaults, name)
        said = "off" if default is None and name.startswith("rate_") else "none" if default is None else f"{default}"
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=kind, metavar=metavar, help=f"{text} (default: {said})")

    add("host", _host, "HOST", "address to listen on, for metrics, too")
    add("port", _port, "PORT", "0: the system chooses")
    add("metrics_port", _metrics_port, "PORT", 'for /metrics and /health; 0: the system chooses; or "none"')
    add("token_file", _text, "FILE", "file that holds the token")
    parser.add_argument(
        "--provider",
        dest="providers",
        action="append",
        type=_provider,
        metavar="NAME=HOST:PORT",
        help="a provider to look up values at; repeatable, the first is the default",
    )
    add("provider_timeout", _limit, "S", "seconds for a whole provider call")
    add("breaker_failures", _count, "N", "failures in a row that open a provider's breaker")
    add("breaker_recovery", _limit, "S", "seconds until an open breaker lets a probe pass")
    add("breaker_successes", _count, "N", "successes that close a half-open breaker")
    add("breaker_probes", _count, "N", "calls admitted at a time while half-open")
    add("hello_timeout", _limit, "S", "seconds that a client may take to say hello")
    add("max_connections", _count, "N", "connections in all")
    add("max_connections_per_address", _count, "N", "connections from one address")
    add("max_frame", _count, "BYTES", "bytes of the longest frame that is read")
    add("max_inflight", _count, "N", "calls in flight in all")
    add("max_inflight_session", _count, "N", "calls in flight of one session")
    add("rate_session", _rate, "BURST/PER_S", 'requests of one session; or "off"')
    add("rate_address", _rate, "BURST/PER_S", 'requests from one address; or "off"')
    add("rate_global", _rate, "BURST/PER_S", 'requests in all; or "off"')
    add("repeat_ttl", _seconds, "S", "seconds that answers are kept for repeats")
    add("shutdown_grace", _seconds, "S", "seconds that calls in flight have left after a stop signal")
    add("log_level", _level, "LEVEL", ", ".join(LEVELS))
    return parser


def _whole(text: str, least: int, most: int, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{_shown(text)} is not {what}")


def _port(text: str) -> int:
    return _whole(text, 0, 65_535, "a port from 0 to 65535")


def _metrics_port(text: str) -> int | None:
    return None if text == "none" else _whole(text, 0, 65_535, 'a port from 0 to 65535, nor "none"')


def _count(text: str) -> int:
    return _whole(text, 1, 999_999_999_999, "a whole number, at least 1")


def _seconds(text: str) -> float:
    value = _number(text)
    if value is None or value < 0:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number of seconds, at least 0")
    return value


def _limit(text: str) -> float:
    value = _number(text)
    if value is None or value <= 0:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not a number of seconds, more than 0")
    return value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _rate(text: str) -> Rate | None:
    if text == "off":
        return None
    burst, slash, per_second = text.partition("/")
    speed = _number(per_second)
    if not slash or not (burst.isascii() and burst.isdigit() and 1 <= len(burst) <= 12 and int(burst)) or not speed or speed < 0:
        raise argparse.ArgumentTypeError(f'{_shown(text)} is not BURST/PER_SECOND (as 50/5, both more than 0), nor "off"')
    return Rate(int(burst), speed)


def _provider(text: str) -> ProviderAddress:
    name, _, address = text.strip().partition("=")
    host, _, port = address.rpartition(":")
    if not name or not host or not port.isascii() or not port.isdigit() or len(port) > 5 or not 1 <= int(port) <= 65_535:
        raise argparse.ArgumentTypeError(f"{_shown(text)} is not NAME=HOST:PORT")
    return ProviderAddress(_text(name), _text(host.removeprefix("[").removesuffix("]")), int(port))


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
