"""Settings that a scenario may ask a pipeline for: their names, their values as text, and what the contract has agreed."""

from types import MappingProxyType

TOKEN = "token"
DEFAULTS = MappingProxyType({"max_sessions": "200", "idle_timeout": "600", "max_chunk": "10", "max_frame": "16777216"})
"""The contract's: a count, seconds, seconds, bytes."""
SETTINGS = (*DEFAULTS, TOKEN)


def written(setting: str, value: str) -> str:
    """A value as it goes on a command line: one text for one value. LookupError, ValueError for what no contract knows."""
    if setting not in SETTINGS:
        raise LookupError(f"{setting!r} is no setting of a pipeline; known: {', '.join(SETTINGS)}")
    if setting == TOKEN:
        return value
    number = float(value)
    if not 0 < number < 1e12:
        raise ValueError(f"{setting} is a number above 0, not {value}")
    return str(int(number)) if number == int(number) else repr(number)
