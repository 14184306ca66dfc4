"""What is set about load sharing: the `loadsharing_*` keys of the configuration, each with its range.

A change makes new settings or raises: nothing is ever half-applied.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TypeVar

from support.peers.protocol import CURRENT_RANGE, HEARTBEAT_RANGE
from support.peers.reference.node.hosts import HostError, parse_host

PREFIX = "loadsharing_"
"""What the keys of the configuration have before the names of these settings."""
SECRET_SET = f"{PREFIX}secret_set"
"""The key that tells whether there is a secret. The secret itself is never told."""
LARGEST_CIRCUIT = 10_000
"""Amperes."""
LONGEST_ROTATION = 604_800
"""Seconds: a week."""
PRIORITIES = (-100_000, 100_000)
LONGEST_TEXT = 128
"""Characters of a group's id or secret."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?")
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class SettingError(ValueError):
    """A value that a setting cannot have; the text is one sentence that names the key."""


class Role(StrEnum):
    """What a node is in its group."""

    NONE = ""
    CONTROLLER = "controller"
    MEMBER = "member"


class FailsafeMode(StrEnum):
    """What is done about those who are not heard."""

    SAFE_CURRENT = "safe_current"
    DISABLE = "disable"


Choice = TypeVar("Choice", Role, FailsafeMode)


@dataclass(frozen=True)
class LoadSharing:
    """The settings. Currents are in amperes, times in seconds."""

    enabled: bool = False
    role: Role = Role.NONE
    controller_host: str = ""
    group_id: str = ""
    group_max_current: float = 0.0
    """What the circuit allows. 0: not set, as on a member, whom its controller does not tell."""
    safety_factor: float = 1.0
    """The part of the group's current that is shared out, 0 to 1."""
    heartbeat_timeout: float = 30.0
    failsafe_mode: FailsafeMode = FailsafeMode.SAFE_CURRENT
    failsafe_safe_current: float = 6.0
    """What a member that does not hear its controller draws at most."""
    failsafe_peer_assumed_current: float = 6.0
    """What a controller reckons with for a member that it does not hear."""
    priority: int = 0
    """The lower one wins."""
    rotation_interval: float = 1800.0
    """After this time it is another's turn among equals; 0: never."""
    secret: str = field(default="", repr=False)
    """What allocations are signed with; empty: they are not."""


Value = bool | int | float | str


def with_values(now: LoadSharing, values: Mapping[str, object], shortest_heartbeat: float = HEARTBEAT_RANGE[0]) -> LoadSharing:
    """The settings after these values of a JSON object, by full key, are taken over; keys that are none are passed over.

    `shortest_heartbeat`: lowest heartbeat time in seconds. SettingError: a value is of the wrong type or out of its range, or
    the settings do not go together.
    """
    read = _Reading(values)
    return _checked(
        LoadSharing(
            enabled=read.truth("enabled", now.enabled),
            role=read.choice("role", now.role),
            controller_host=read.host("controller_host", now.controller_host),
            group_id=read.text("group_id", now.group_id),
            group_max_current=read.number("group_max_current", now.group_max_current, (0, LARGEST_CIRCUIT), "A"),
            safety_factor=read.number("safety_factor", now.safety_factor, (0, 1)),
            heartbeat_timeout=read.number(
                "heartbeat_timeout", now.heartbeat_timeout, (shortest_heartbeat, HEARTBEAT_RANGE[1]), "s"
            ),
            failsafe_mode=read.choice("failsafe_mode", now.failsafe_mode),
            failsafe_safe_current=read.number("failsafe_safe_current", now.failsafe_safe_current, CURRENT_RANGE, "A"),
            failsafe_peer_assumed_current=read.number(
                "failsafe_peer_assumed_current", now.failsafe_peer_assumed_current, CURRENT_RANGE, "A"
            ),
            priority=read.whole("priority", now.priority, PRIORITIES),
            rotation_interval=read.number("rotation_interval", now.rotation_interval, (0, LONGEST_ROTATION), "s"),
            secret=read.text("secret", now.secret),
        )
    )


def from_text(now: LoadSharing, pairs: Iterable[tuple[str, str]], shortest_heartbeat: float = HEARTBEAT_RANGE[0]) -> LoadSharing:
    """The same for values that are written as text, as on a command line; of a key told twice the last counts. SettingError."""
    defaults = {PREFIX + one.name: one.default for one in fields(LoadSharing)}
    return with_values(now, {key: _from_text(text, defaults.get(key)) for key, text in pairs}, shortest_heartbeat)


def told(settings: LoadSharing) -> dict[str, Value]:
    """The settings by full key, as JSON values, without the secret: only whether there is one."""
    values = {PREFIX + one.name: _plain(getattr(settings, one.name)) for one in fields(settings) if one.name != "secret"}
    return {**values, SECRET_SET: bool(settings.secret)}


def _plain(value: Value) -> Value:
    """A whole number of amperes or seconds is told without a fraction: 30, not 30.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return str(value) if isinstance(value, str) else value


def _checked(settings: LoadSharing) -> LoadSharing:
    """Without the group's current there is nothing to compare with, except at a controller: it would share out nothing at all."""
    controls = settings.enabled and settings.role is Role.CONTROLLER
    limit = settings.group_max_current
    if settings.failsafe_safe_current > limit and (limit > 0 or controls):
        safe = f"{PREFIX}failsafe_safe_current ({settings.failsafe_safe_current:g} A)"
        raise SettingError(f"{safe} must not exceed {PREFIX}group_max_current ({limit:g} A)")
    return settings


class _Reading:
    """Reads settings from JSON values. What is not there stays as it is; what makes no sense raises SettingError."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def truth(self, name: str, now: bool) -> bool:
        """True or false, and nothing that only resembles them."""
        value = self._values.get(PREFIX + name, now)
        if not isinstance(value, bool):
            raise SettingError(f"{PREFIX}{name} must be true or false")
        return value

    def number(self, name: str, now: float, limits: tuple[float, float], unit: str = "") -> float:
        """A number within the limits."""
        value = self._values.get(PREFIX + name)
        if PREFIX + name not in self._values:
            return now
        # NaN, which Python reads from JSON, is within no limits.
        if isinstance(value, bool) or not isinstance(value, int | float) or not limits[0] <= value <= limits[1]:
            raise SettingError(f"{PREFIX}{name} must be a number from {limits[0]:g} to {limits[1]:g} {unit}".rstrip())
        return float(value)

    def whole(self, name: str, now: int, limits: tuple[int, int]) -> int:
        """A number without a fraction. JSON knows one kind of number: 2.0 is whole."""
        value = self.number(name, now, limits)
        if value != int(value):
            raise SettingError(f"{PREFIX}{name} must be a whole number")
        return int(value)

    def choice(self, name: str, now: Choice) -> Choice:
        """One of the words that there are."""
        value = self._values.get(PREFIX + name, now)
        for word in type(now):
            if value == word:
                return word
        raise SettingError(f"{PREFIX}{name} must be one of {', '.join(repr(word.value) for word in type(now))}")

    def text(self, name: str, now: str) -> str:
        """A text of one line."""
        value = self._values.get(PREFIX + name, now)
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
            raise SettingError(f"{PREFIX}{name} must be a text of at most {LONGEST_TEXT} printable characters")
        return value

    def host(self, name: str, now: str) -> str:
        """A host as peers are named by, or nothing."""
        value = self._values.get(PREFIX + name, now)
        if not isinstance(value, str):
            raise SettingError(f"{PREFIX}{name} must be a text")
        host = value.strip()
        try:
            if host:
                parse_host(host)
        except HostError as error:
            raise SettingError(f"{PREFIX}{name}: {error}") from error
        return host


def _from_text(text: str, default: object) -> Value:
    """The JSON value that `text` writes for a setting with this default; the text itself where it writes none."""
    plain = text.strip()
    if isinstance(default, bool):
        return _TRUTHS.get(plain.lower(), text)
    if isinstance(default, int | float) and _NUMBER.fullmatch(plain):
        return float(plain) if "." in plain else int(plain)
    return text
