"""The `peers` section of a profile, as models: what may stand in it, and what is said about mistakes."""

import os
import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, field_validator, model_validator

from support.kit.command_line import filled, require_known_placeholders
from support.kit.profile import Argv, CommonSection, Ready, ReadyLog, ReadyUrl, ReferenceSection
from support.peers.timings import CONTRACT, LONGEST, REFERENCE, Timings

CAPABILITIES = (
    "discovery",
    "group",
    "persistence",
    "reciprocal",
    "serial",
    "load_sharing",
    "failsafe",
    "authentication",
    "renaming",
    "full_group",
)
PLACEHOLDERS = ("{index}", "{port}", "{pty}", "{hostname}", "{workdir}")
EMULATOR_VARIABLES = ("WEB_PORT", "SERIAL_MODE", "SERIAL_TCP_PORT")
"""Names in the emulator's environment that are the suite's to set."""
CONTRACT_WORDS = ("--rapi-serial", "{pty}", "--set-config", "www_http_port={port}", "--set-config", "hostname={hostname}")
"""What follows the program in the command line that the contract fixes."""
SET_CONFIG = ("--set-config", "{key}={value}")
NATIVE_BINARY_PATH = "NATIVE_BINARY_PATH"
"""The environment variable that replaces our own node, as the first suite had it."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)

Runtime = Literal["auto", "docker", "process"]
Text = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0, le=LONGEST, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _require_known_in_env(env: dict[str, str], known: tuple[str, ...]) -> None:
    for name, value in env.items():
        try:
            require_known_placeholders([value], known)
        except ValueError as error:
            raise ValueError(f"{name} has an {error}") from error


class TimingsSection(_Strict):
    """What the nodes do where it differs from the contract, or from what our own node is told; in seconds."""

    discovery: Seconds | None = None
    heartbeat: Seconds | None = None
    allocation: Seconds | None = None

    def over(self, others: Timings) -> Timings:
        """What is said here, and `others` where nothing is."""
        return Timings(
            self.discovery or others.discovery, self.heartbeat or others.heartbeat, self.allocation or others.allocation
        )


def native_program() -> str | None:
    """The program that takes the place of our own node; NATIVE_BINARY_PATH. None where the variable is unset or empty."""
    return os.environ.get(NATIVE_BINARY_PATH) or None


def timings_of(section: TimingsSection, node: "NodeSection | None") -> Timings:
    """What these nodes do. ValueError where members would give up their controller between two allocations."""
    told = section.over(REFERENCE if node is None and native_program() is None else CONTRACT)
    if told.heartbeat < told.allocation:
        raise ValueError(
            f"the heartbeat of {told.heartbeat:g} s is shorter than the {told.allocation:g} s from one allocation to the next"
        )
    return told


class NodeSection(_Strict):
    """A node given by its command line, or by its program, which then takes the contract's. `start_timeout` in seconds."""

    argv: Argv | None = None
    binary: Text | None = None
    image: Text | None = None
    env: dict[str, str] = {}
    host: str = "127.0.0.1:{port}"
    hostname: str = "charger-{index}-{port}"
    set_config: Argv = list(SET_CONFIG)
    ready: Ready = ReadyUrl(url="http://127.0.0.1:{port}/config")
    start_timeout: float = Field(default=10.0, gt=0, allow_inf_nan=False)

    @field_validator("argv")
    @classmethod
    def _known_placeholders(cls, argv: list[str] | None) -> list[str] | None:
        require_known_placeholders(argv or (), PLACEHOLDERS)
        return argv

    @field_validator("binary")
    @classmethod
    def _is_a_path(cls, binary: str | None) -> str | None:
        if binary is not None and "{" in binary:
            raise ValueError("is a path without placeholders; argv takes them")
        return binary

    @field_validator("env")
    @classmethod
    def _known_in_env(cls, env: dict[str, str]) -> dict[str, str]:
        _require_known_in_env(env, PLACEHOLDERS)
        return env

    @field_validator("host")
    @classmethod
    def _tells_nodes_apart(cls, host: str) -> str:
        known = ("{index}", "{port}", "{hostname}")
        require_known_placeholders([host], known)
        if not any(word in host for word in known):
            raise ValueError(f"has none of {', '.join(known)}: all nodes would be reached at the same place")
        return host

    @field_validator("hostname")
    @classmethod
    def _names_nodes_apart(cls, hostname: str) -> str:
        known = ("{index}", "{port}")
        require_known_placeholders([hostname], known)
        if not any(word in hostname for word in known):
            raise ValueError(f"has neither {' nor '.join(known)}: all nodes would have the same name")
        (longest,) = filled([hostname], {"index": "0", "port": "65535"})
        if not _LABEL.fullmatch(longest):
            raise ValueError(f"is no name of a host without a domain: {hostname}")
        return hostname

    @field_validator("set_config")
    @classmethod
    def _says_key_and_value(cls, arguments: list[str]) -> list[str]:
        require_known_placeholders(arguments, ("{key}", "{value}"))
        missing = [word for word in ("{key}", "{value}") if not any(word in text for text in arguments)]
        if missing:
            raise ValueError(f"has no {' and no '.join(missing)}: the node would not know what is set")
        return arguments

    @field_validator("ready")
    @classmethod
    def _known_in_url(cls, ready: Literal["port"] | ReadyUrl | ReadyLog) -> Literal["port"] | ReadyUrl | ReadyLog:
        if isinstance(ready, ReadyUrl):
            require_known_placeholders([ready.url], ("{index}", "{port}", "{hostname}"))
        return ready

    @model_validator(mode="after")
    def _can_be_started(self) -> Self:
        if (self.argv is None) == (self.binary is None):
            raise ValueError(f"has {'neither argv nor' if self.argv is None else 'both argv and'} binary: it needs one of them")
        if not any("{port}" in text for text in (*(self.argv or CONTRACT_WORDS), *self.env.values())):
            raise ValueError("has no {port} in argv or env: the node would not know where it is to listen")
        return self


class EmulatorSection(_Strict):
    """An emulator of another make: the image of a container, a program, or both. It knows its ports from its environment."""

    image: Text | None = None
    argv: Argv | None = None
    env: dict[str, str] = {}

    @field_validator("argv")
    @classmethod
    def _no_placeholders(cls, argv: list[str] | None) -> list[str] | None:
        found = re.search("|".join(map(re.escape, PLACEHOLDERS)), " ".join(argv or ()))
        if found:
            raise ValueError(f"takes no {found[0]}: the emulator is told its ports by {', '.join(EMULATOR_VARIABLES)}")
        return argv

    @field_validator("env")
    @classmethod
    def _leaves_the_suite_its_own(cls, env: dict[str, str]) -> dict[str, str]:
        taken = sorted(set(env) & set(EMULATOR_VARIABLES))
        if taken:
            raise ValueError(f"{', '.join(taken)} is set by the suite")
        return env

    @model_validator(mode="after")
    def _can_be_started(self) -> Self:
        if self.argv is None and self.image is None:
            raise ValueError("has neither image nor argv: it needs one of them")
        return self


class ReferenceChargers(ReferenceSection):
    """Our own node and emulator; NATIVE_BINARY_PATH in the environment puts another node in the place of ours."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    runtime: Runtime = "auto"
    timings: TimingsSection = TimingsSection()

    @field_validator("timings")
    @classmethod
    def _allocations_arrive_in_time(cls, timings: TimingsSection) -> TimingsSection:
        timings_of(timings, None)
        return timings


class CommandChargers(CommonSection):
    """A node of another make, an emulator of another make, or both. What is missing is ours."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    kind: Literal["command"] = "command"
    node: NodeSection | None = None
    emulator: EmulatorSection | None = None
    runtime: Runtime = "auto"
    timings: TimingsSection = TimingsSection()

    @field_validator("runtime")
    @classmethod
    def _there_is_such_an_emulator(cls, runtime: Runtime, info: ValidationInfo) -> Runtime:
        emulator = info.data.get("emulator")
        if runtime == "docker" and isinstance(emulator, EmulatorSection) and emulator.image is None:
            raise ValueError("is docker, and the emulator has no image")
        if runtime == "process" and isinstance(emulator, EmulatorSection) and emulator.argv is None:
            raise ValueError("is process, and the emulator has no argv")
        return runtime

    @field_validator("timings")
    @classmethod
    def _allocations_arrive_in_time(cls, timings: TimingsSection, info: ValidationInfo) -> TimingsSection:
        if "node" in info.data:  # else it is wrong itself, and is told
            timings_of(timings, info.data["node"])
        return timings

    @model_validator(mode="after")
    def _replaces_something(self) -> Self:
        if self.node is None and self.emulator is None:
            raise ValueError("has neither node nor emulator: kind reference is for our own")
        return self


Section = ReferenceChargers | CommandChargers
SECTION: TypeAdapter[ReferenceChargers | CommandChargers] = TypeAdapter(
    Annotated[ReferenceChargers | CommandChargers, Field(discriminator="kind")]
)
