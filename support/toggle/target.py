"""Which hub is under test, how it is started and what it claims. The only module that knows reference from command.

Our reference is a command like any other: the same placeholders, the same settings, the same capabilities.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from support.kit.command_line import filled, located, program_name, require_known_placeholders, told_version, version_of
from support.kit.profile import CommandSection, ReadyLog, ReadyUrl, ReferenceSection
from support.toggle.agreement import Agreement

CAPABILITIES = ("metrics", "settings", "same_msg_id", "strict_ack", "serve", "logs")
SETTINGS = (
    "connect_timeout",
    "io_timeout",
    "backoff_base",
    "backoff_cap",
    "jitter",
    "max_attempts",
    "metrics_port",
    "log_level",
)
PER_COMMAND = ("{device_id}", "{device_host}", "{device_port}", "{state}")
PLACEHOLDERS = (*PER_COMMAND, "{max_attempts}", "{metrics_port}")


class Timeouts(BaseModel):
    """Seconds for connecting, and for the answer after the frame."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    connect: float = Field(default=1.0, gt=0)
    io: float = Field(default=1.5, gt=0)


class Backoff(BaseModel):
    """Seconds: the first wait, the longest (null: none is longest), and the most that chance adds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    base: float = Field(default=0.25, gt=0)
    cap: float | None = Field(default=5.0, gt=0)
    jitter: float = Field(default=0.1, ge=0)


class ReferenceHub(ReferenceSection):
    """Our own hub. Its time limits are shorter than the contract's defaults, so that a run is brisk."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    timeouts: Timeouts = Timeouts(connect=0.3, io=0.6)
    backoff: Backoff = Backoff(base=0.06, cap=0.24, jitter=0.06)


class CommandHub(CommandSection):
    """A hub given by its command line."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    timeouts: Timeouts = Timeouts()
    backoff: Backoff = Backoff()
    serve_argv: list[str] | None = Field(default=None, min_length=1)

    @field_validator("argv", "serve_argv")
    @classmethod
    def _known_placeholders(cls, argv: list[str] | None) -> list[str] | None:
        require_known_placeholders(argv or (), PLACEHOLDERS)
        return argv

    @field_validator("settings")
    @classmethod
    def _known_settings(cls, settings: dict[str, list[str]]) -> dict[str, list[str]]:
        unknown = sorted(set(settings) - set(SETTINGS))
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}; known: {', '.join(SETTINGS)}")
        return settings

    @field_validator("argv")
    @classmethod
    def _says_all_of_a_command(cls, argv: list[str]) -> list[str]:
        joined = " ".join(argv)
        missing = [word for word in (*PER_COMMAND, "{max_attempts}") if word not in joined]
        if missing:
            raise ValueError(f"has no {' and no '.join(missing)}: the hub would not know what it is asked for")
        return argv


SECTION: TypeAdapter[ReferenceHub | CommandHub] = TypeAdapter(Annotated[ReferenceHub | CommandHub, Field(discriminator="kind")])


@dataclass(frozen=True)
class HubTarget:
    """A hub that can be started. `name` and `version` stand in every report."""

    name: str
    version: str
    argv: tuple[str, ...]
    serve_argv: tuple[str, ...] | None
    agreement: Agreement
    capabilities: frozenset[str]
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Literal["port"] | ReadyUrl | ReadyLog = "port"
    start_timeout: float = 10.0

    @property
    def serves(self) -> bool:
        """Whether one process of this hub can take many commands."""
        return "serve" in self.capabilities and self.serve_argv is not None

    def takes(self, placeholder: str) -> bool:
        """Whether every command line in use has a place for `placeholder`, such as `{metrics_port}`."""
        lines = [self.argv, self.serve_argv] if self.serves else [self.argv]
        return all(any(placeholder in argument for argument in line or ()) for line in lines)

    def missing(self, need: str) -> str | None:
        """Why a scenario with `@needs.<need>` cannot run on this hub; None if it can. LookupError: no such need."""
        if need not in CAPABILITIES:
            raise LookupError(f"{need!r} is no capability of a hub; known: {', '.join(CAPABILITIES)}")
        if need not in self.capabilities:
            return "the target does not claim it"
        if need == "serve" and self.serve_argv is None:
            return "the profile does not say how to start the hub for many commands (serve_argv)"
        if need == "metrics" and not self.takes("{metrics_port}"):
            return "the profile's command line has no {metrics_port}"
        if need == "settings" and not {"backoff_base", "backoff_cap"} <= set(self.settings):
            return "the profile does not map the settings backoff_base and backoff_cap"
        return None

    def one_shot(self, values: Mapping[str, str], settings: Mapping[str, str]) -> list[str]:
        """The command line for one command; `values` by placeholder name without braces."""
        return filled(self.argv, values) + self._arguments(settings)

    def serve(self, values: Mapping[str, str], settings: Mapping[str, str]) -> list[str]:
        """The command line for a hub that takes commands on its standard input."""
        assert self.serve_argv is not None, "guarded by `serves`"
        return filled(self.serve_argv, values) + self._arguments(settings)

    def _arguments(self, settings: Mapping[str, str]) -> list[str]:
        return [text for name, value in settings.items() for text in filled(self.settings[name], {"value": value})]


def open_target(section: ReferenceHub | CommandHub | None, profile: Path) -> HubTarget:
    """The hub that a profile's `toggle` section describes; None means our reference."""
    if isinstance(section, CommandHub):
        return _command(section, profile)
    return _reference(section or ReferenceHub(kind="reference"))


def _reference(section: ReferenceHub) -> HubTarget:
    program = (sys.executable, "-m", "support.toggle.reference")
    agreed = _agreement(section.timeouts, section.backoff)
    fixed = [
        text
        for flag, value in (
            ("--connect-timeout", agreed.connect), ("--io-timeout", agreed.reply), ("--backoff-base", agreed.base),
            ("--backoff-cap", agreed.cap), ("--jitter", agreed.jitter),
        )
        if value is not None
        for text in (flag, f"{value:g}")
    ]  # fmt: skip
    return HubTarget(
        name="toggle reference",
        version=told_version((*program, "--version"), "the hub").rpartition(" ")[2],
        argv=(
            *program, "toggle", "--device-id={device_id}", "--device-host={device_host}", "--device-port={device_port}",
            "--state={state}", "--max-attempts={max_attempts}", "--metrics-port={metrics_port}", *fixed,
        ),
        serve_argv=(*program, "serve", "--max-attempts={max_attempts}", "--metrics-port={metrics_port}", *fixed),
        agreement=agreed,
        capabilities=frozenset(CAPABILITIES if section.capabilities is None else section.capabilities),
        settings={name: (f"--{name.replace('_', '-')}", "{value}") for name in SETTINGS},
    )  # fmt: skip


def _command(section: CommandHub, profile: Path) -> HubTarget:
    capabilities, serve_argv = _claims(section)
    return HubTarget(
        name=f"toggle {program_name(section.argv, 'hub')}",
        version=version_of(section.version, profile, "the hub"),
        argv=located(section.argv, profile),
        serve_argv=located(serve_argv, profile) if serve_argv else None,
        agreement=_agreement(section.timeouts, section.backoff),
        capabilities=capabilities,
        settings=section.settings,
        env=section.env,
        ready=section.ready,
        start_timeout=section.start_timeout,
    )


def _claims(section: CommandHub) -> tuple[frozenset[str], list[str] | None]:
    if section.capabilities is not None:
        return frozenset(section.capabilities), section.serve_argv or _derived_serve(section.argv)
    unclear = {"serve"} if section.serve_argv is None else set()
    return frozenset(CAPABILITIES) - unclear, section.serve_argv


def _derived_serve(argv: Sequence[str]) -> list[str] | None:
    """`hub toggle --state {state} --metrics-port {metrics_port}` becomes `hub serve --metrics-port {metrics_port}`.

    None where the command line has no word `toggle` to replace.
    """
    if "toggle" not in argv:
        return None
    kept: list[str] = []
    for argument in argv:
        if not any(placeholder in argument for placeholder in PER_COMMAND):
            kept.append("serve" if argument == "toggle" else argument)
        elif argument in PER_COMMAND and kept and kept[-1].startswith("-"):
            kept.pop()
    return kept


def _agreement(timeouts: Timeouts, backoff: Backoff) -> Agreement:
    return Agreement(timeouts.connect, timeouts.io, backoff.base, backoff.cap, backoff.jitter)
