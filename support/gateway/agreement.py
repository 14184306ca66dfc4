"""What a gateway has agreed to: the names of the contract's settings, their defaults, and how their values are written."""

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

OFF = "off"
"""A rate that limits nothing."""

DEFAULTS: Mapping[str, str | None] = MappingProxyType(
    {
        "provider_timeout": None,  # the contract names the setting and no value
        "breaker_failures": "5",
        "breaker_recovery": "60",
        "breaker_successes": "2",
        "breaker_probes": "3",
        "hello_timeout": "15",
        "max_connections": "1000",
        "max_connections_per_address": "10",
        "max_frame": "33554432",
        "max_inflight": "24",
        "max_inflight_session": "8",
        "rate_session": "50/5",
        "rate_address": "100/10",
        "rate_global": "1000/100",
        "repeat_ttl": "300",
        "shutdown_grace": "5",
    }
)
"""Setting -> value: seconds, counts, bytes of a frame, and `BURST/PER_SECOND` or `off`. None: only the gateway knows."""

SETTINGS = tuple(DEFAULTS)
NEVER_ASKED = ("host", "port", "metrics_port", "token_file", "provider", "log_level")
"""The contract's other settings: a profile may map them, no scenario asks for them."""
RATES = ("rate_session", "rate_address", "rate_global")
COUNTS = (
    "breaker_failures",
    "breaker_successes",
    "breaker_probes",
    "max_connections",
    "max_connections_per_address",
    "max_frame",
    "max_inflight",
    "max_inflight_session",
)
_RATE = re.compile(r"(?P<burst>\d+)\s*/\s*(?P<per_second>\d+(?:\.\d+)?)", re.ASCII)


def count(value: object) -> str:
    """A whole number from 1 on, as text. ValueError for anything else."""
    number = _number(value)
    if number is None or number < 1 or number != int(number):
        raise ValueError(f"must be a whole number from 1 on, not {value!r}")
    return str(int(number))


def seconds(value: object) -> str:
    """A number above 0, as text. ValueError for anything else."""
    number = _number(value)
    if number is None or number <= 0:
        raise ValueError(f"must be a number of seconds above 0, not {value!r}")
    return str(int(number)) if number == int(number) else repr(number)


def rate(value: object) -> str:
    """`BURST/PER_SECOND` with both above 0, or `off`, which YAML reads as false. ValueError for anything else."""
    if value is False or (isinstance(value, str) and value.strip().lower() == OFF):
        return OFF
    found = _RATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or int(found["burst"]) < 1 or float(found["per_second"]) <= 0:
        raise ValueError(f"must be BURST/PER_SECOND such as 50/5, or off, not {value!r}")
    return f"{int(found['burst'])}/{seconds(found['per_second'])}"


def written(setting: str, value: object) -> str:
    """The value as one text, however it was written: `2`, `2.0` and `"2"` are the same.

    ValueError for a value that the setting cannot have, LookupError for a setting that the contract does not know.
    """
    require_known(setting)
    form: Callable[[object], str] = rate if setting in RATES else count if setting in COUNTS else seconds
    return form(value)


def require_known(setting: str) -> None:
    """LookupError for a setting that the contract does not know."""
    if setting not in DEFAULTS:
        raise LookupError(f"unknown setting {setting}; known: {', '.join(SETTINGS)}")


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
