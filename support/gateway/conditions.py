"""How a scenario wants its gateway, in the words of the feature files: `that allows 3 connections from one address, ...`."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

RATES_OFF = {"rate_session": "off", "rate_address": "off", "rate_global": "off"}
ROOM = "256"
"""Calls under way that a gateway without any limits takes."""


@dataclass
class Conditions:
    """What was asked for. Settings by the contract's names. `troubles`: of the first provider, in order."""

    settings: dict[str, str] = field(default_factory=dict)
    provider: bool = False
    second_provider: bool = False
    trouble: str | None = None
    breaker_open: str | None = None
    figures_known: bool = False
    token_length: int | None = None
    echo: bool = False
    start: bool = True


def parse_conditions(text: str) -> Conditions:
    """Every part of `text` must be known: ValueError with the rest that is not."""
    found = Conditions()
    rest = text.strip()
    while rest:
        for pattern, take in _PARTS:
            if match := pattern.match(rest):
                take(found, *(group for group in match.groups()))
                rest = re.sub(r"^(?:,? ?and |, ?| )", "", rest[match.end() :])
                break
        else:
            raise ValueError(f"no gateway is known {rest!r}")
    return found


def _whole(text: str) -> str:
    return text.replace(",", "")


def _sets(*names: str) -> Callable[..., None]:
    """The groups of a match are the values of these settings; a group that is missing sets nothing."""

    def take(found: Conditions, *values: str | None) -> None:
        for name, value in zip(names, values, strict=True):
            if value is not None:
                found.settings[name] = _whole(value)

    return take


def _rate(name: str) -> Callable[..., None]:
    def take(found: Conditions, burst: str, pace: str) -> None:
        found.settings[name] = f"{burst}/{pace}"

    return take


def _breaker(found: Conditions, failures: str, recovery: str | None, timeout: str | None) -> None:
    found.provider = True
    _sets("breaker_failures", "breaker_recovery", "provider_timeout")(found, failures, recovery, timeout)


def _gives_provider(found: Conditions, timeout: str) -> None:
    found.provider = True
    found.settings["provider_timeout"] = timeout


def _opened(found: Conditions) -> None:
    found.provider, found.breaker_open = True, "first"


def _with_provider(found: Conditions, trouble: str | None) -> None:
    found.provider, found.trouble = True, trouble


def _with_two(found: Conditions, which: str) -> None:
    found.provider = found.second_provider = True
    found.breaker_open = which


def _without_rates(found: Conditions) -> None:
    found.settings |= RATES_OFF


def _without_limits(found: Conditions) -> None:
    found.settings |= RATES_OFF | {"max_inflight": ROOM, "max_inflight_session": ROOM}


def _known_figures(found: Conditions) -> None:
    found.figures_known = True


def _token(found: Conditions, count: str) -> None:
    found.token_length = int(count)


def _beside_an_echo(found: Conditions) -> None:
    found.echo = True


def _not_started(found: Conditions) -> None:
    found.start = False


_NUMBER = r"([\d,]+)"
_SECONDS = r"([\d.]+) s\b"
_END = r"(?=,|$)"
_PARTS: list[tuple[re.Pattern[str], Callable[..., None]]] = [
    (re.compile(pattern), take)
    for pattern, take in (
        (rf"that waits {_SECONDS} for a hello", _sets("hello_timeout")),
        (rf"that allows {_NUMBER} connections? from one address", _sets("max_connections_per_address")),
        (rf"that allows {_NUMBER} connections? in all", _sets("max_connections")),
        (rf"that takes frames of up to {_NUMBER} bytes", _sets("max_frame")),
        (rf"that runs {_NUMBER} calls? of a session at a time", _sets("max_inflight_session")),
        (rf"(?:that|which) keeps answers for {_SECONDS}", _sets("repeat_ttl")),
        (rf"that waits {_SECONDS} for calls when it shuts down", _sets("shutdown_grace")),
        (r"that lets a session ask (\d+) times at once and (\d+) times? a second", _rate("rate_session")),
        (r"that lets an address ask (\d+) times at once and (\d+) times? a second", _rate("rate_address")),
        (r"that lets all together ask (\d+) times at once and (\d+) times? a second", _rate("rate_global")),
        (rf"that opens its breaker after (\d+) failures(?: for {_SECONDS})?(?: and gives a provider {_SECONDS})?", _breaker),
        (rf"that gives a provider {_SECONDS}", _gives_provider),
        (r"whose breaker has opened", _opened),
        (rf"with a provider(?: that ([^,]+?))?{_END}", _with_provider),
        (r"with two providers, of which the (first|second) has made its breaker open", _with_two),
        (r"without rate limits", _without_rates),
        (r"without any limits", _without_limits),
        (r"whose figures are known", _known_figures),
        (r"whose token has (\d+) letters", _token),
        (r"that is not started yet", _not_started),
        (r"a bare echo beside it", _beside_an_echo),
    )
]
