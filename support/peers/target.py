"""Which chargers are under test: how a node and its emulator are started, and what they claim.

Our own node and emulator are started like any other: the same placeholders, the same words, the same capabilities.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from support.kit import engine
from support.kit.command_line import ROOT, UNKNOWN_VERSION, filled, located, program_name, told_version, version_of
from support.kit.profile import ReadyLog, ReadyUrl, resolve_path
from support.peers.protocol import HEARTBEAT_RANGE
from support.peers.sections import (
    CAPABILITIES,
    CONTRACT_WORDS,
    NATIVE_BINARY_PATH,
    SECTION,
    CommandChargers,
    EmulatorSection,
    NodeSection,
    ReferenceChargers,
    Runtime,
    Section,
    native_program,
    timings_of,
)
from support.peers.timings import REFERENCE_STATUS, Timings

__all__ = ["CAPABILITIES", "NEEDS", "SECTION", "ChargersTarget", "open_target"]

NEEDS = (*CAPABILITIES, "settings", "restart", "image")
_OVER_THE_LINE = ("serial", "load_sharing", "failsafe")
"""Capabilities that can only be seen through the line to the board."""
_NODE = "support.peers.reference.node"
_EMULATOR = "support.peers.reference.emulator"


@dataclass(frozen=True)
class ChargersTarget:
    """Chargers that can be started. `name` and `version` stand in every report.

    What `values` holds, here and below, is `index`, `port`, `pty` and `workdir` as text; `hostname` may be left out.
    withheld: why a capability that the profile says nothing about is not claimed. emulator_argv: None where there is only
    an image. emulator_image, node_image: None for our own, which the suite builds. emulator_env: beside WEB_PORT, SERIAL_MODE
    and SERIAL_TCP_PORT. node_image_line: what a container of the node runs. ahead: two of it may run at once, so that the
    next scenario's can be started while one goes on.
    """

    name: str
    version: str
    capabilities: frozenset[str]
    timings: Timings
    node_line: tuple[str, ...]
    node_environment: Mapping[str, str]
    config_form: tuple[str, ...]
    host_form: str
    hostname_form: str
    ready: Literal["port"] | ReadyUrl | ReadyLog
    start_timeout: float
    emulator_argv: tuple[str, ...] | None
    emulator_env: Mapping[str, str]
    emulator_image: str | None
    is_reference_emulator: bool
    is_reference_node: bool
    node_image: str | None
    node_image_line: tuple[str, ...]
    runtime: Runtime
    docked_boards: bool = False
    ahead: bool = False
    withheld: Mapping[str, str] = field(default_factory=dict)

    def node_argv(self, values: Mapping[str, str]) -> list[str]:
        """The command line of a node on this machine. Its working directory is `workdir`."""
        return filled(self.node_line, self._all(values))

    def nameless_argv(self, values: Mapping[str, str]) -> list[str] | None:
        """The command line without the words that name the node; None where its environment names it, too."""
        if any("{hostname}" in text for text in self.node_environment.values()):
            return None
        kept: list[str] = []
        for word in self.node_line:
            if "{hostname}" not in word:
                kept.append(word)
            elif kept and kept[-1].startswith("-") and "=" not in kept[-1]:
                kept.pop()
        return filled(kept, self._all(values))

    def node_image_argv(self, values: Mapping[str, str]) -> list[str]:
        """The command of a container of the node; what an image of another make takes behind its own entry point."""
        return filled(self.node_image_line, self._all(values))

    def node_env(self, values: Mapping[str, str]) -> dict[str, str]:
        """What is added to the environment of a node."""
        every = self._all(values)
        return {name: filled([text], every)[0] for name, text in self.node_environment.items()}

    def set_config(self, key: str, value: str) -> list[str]:
        """The arguments behind a node's command line that set a key of its configuration."""
        return filled(self.config_form, {"key": key, "value": value})

    def host(self, values: Mapping[str, str]) -> str:
        """How other nodes are told to reach this one."""
        return filled([self.host_form], self._all(values))[0]

    def hostname(self, values: Mapping[str, str]) -> str:
        """The name that the suite gives to a node."""
        return self._all(values)["hostname"]

    def mentions(self, placeholder: str) -> bool:
        """Whether the node's command line or environment has a place for `placeholder`, such as `{pty}`."""
        return any(placeholder in text for text in (*self.node_line, *self.node_environment.values()))

    def missing(self, need: str) -> str | None:
        """Why a scenario with `@needs.<need>` cannot run on these chargers; None if it can. LookupError: no such need."""
        if need not in NEEDS:
            raise LookupError(f"{need!r} is no capability of a charger; known: {', '.join(NEEDS)}")
        if need in CAPABILITIES and need not in self.capabilities:
            return self.withheld.get(need, "the target does not claim it")
        if need in _OVER_THE_LINE and not self.mentions("{pty}"):
            return "the argv and env of the profile's node have no {pty}"
        return self._no_container() if need == "image" else None

    def _no_container(self) -> str | None:
        if self.runtime == "process":
            return "the profile's runtime is process: nothing runs in a container"
        return None if self.is_reference_node or self.node_image else "the profile's node names no image"

    def _all(self, values: Mapping[str, str]) -> dict[str, str]:
        given = dict(values)
        return {"hostname": filled([self.hostname_form], given)[0], **given}


@dataclass(frozen=True)
class _Node:
    """What a target takes from its node."""

    name: str
    line: tuple[str, ...]
    section: NodeSection
    environment: Mapping[str, str]
    image_line: tuple[str, ...] = CONTRACT_WORDS
    ours: bool = False


def open_target(section: Section | None, profile: Path) -> ChargersTarget:
    """The chargers that a profile's `peers` section describes; None means our reference.

    InfrastructureError where a program that is to tell its version does not.
    """
    section = section or ReferenceChargers(kind="reference")
    told, emulator = (section.node, section.emulator) if isinstance(section, CommandChargers) else (None, None)
    timings = timings_of(section.timings, told)
    node = _node(told, timings, profile)
    docked = _in_containers(section.runtime, emulator)
    claimed, withheld = _claims(section.capabilities, ours=node.ours)
    return ChargersTarget(
        name=node.name + (f" with {_emulator_name(emulator)}" if emulator else "") + (", boards in containers" if docked else ""),
        version=_version(section, node, profile),
        capabilities=claimed,
        withheld=withheld,
        timings=timings,
        node_line=node.line,
        node_environment=node.environment,
        config_form=tuple(node.section.set_config),
        host_form=node.section.host,
        hostname_form=node.section.hostname,
        ready=node.section.ready,
        start_timeout=node.section.start_timeout,
        emulator_argv=_emulator_argv(emulator, profile),
        emulator_env=_our_environment() if emulator is None else _placed(emulator.env, profile),
        emulator_image=emulator.image if emulator else None,
        is_reference_emulator=emulator is None,
        is_reference_node=node.ours,
        node_image=node.section.image,
        node_image_line=node.image_line,
        runtime=section.runtime,
        docked_boards=docked,
        ahead=node.ours and emulator is None,
    )


def _node(told: NodeSection | None, timings: Timings, profile: Path) -> _Node:
    if told is not None:
        folders = (profile.absolute().parent, Path.cwd())
        line = (_program(told.binary, *folders), *CONTRACT_WORDS) if told.binary else _placed_line(told.argv or [], profile)
        return _Node(f"charger {program_name(line, 'node')}", line, told, _placed(told.env, profile))
    native = native_program()
    if native is not None:
        line, section = (_program(native, Path.cwd()), *CONTRACT_WORDS), NodeSection(argv=list(CONTRACT_WORDS))
        return _Node(f"charger {Path(native).name} of {NATIVE_BINARY_PATH}", line, section, {})
    return _our_node(timings)


def _our_node(timings: Timings) -> _Node:
    words = (
        "--rapi-serial={pty}", "--set-config=www_http_port={port}", "--set-config=hostname={hostname}",
        f"--discovery-interval={timings.discovery:g}", f"--allocation-interval={timings.allocation:g}",
        f"--shortest-heartbeat={min(timings.heartbeat, HEARTBEAT_RANGE[0]):g}", f"--status-interval={REFERENCE_STATUS:g}",
    )  # fmt: skip
    line = (sys.executable, "-m", _NODE, *words)
    section = NodeSection(argv=list(line))
    return _Node("charger reference", line, section, _our_environment(), ("python3", "-m", _NODE, *words), ours=True)


def _our_environment() -> dict[str, str]:
    """A node's working directory is its own, so our packages are not found by being there.

    Nobody speaks TLS: without certificates the HTTP library need not read all of the machine's at each start.
    """
    places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {"PYTHONPATH": places, "SSL_CERT_FILE": os.devnull}


def _version(section: Section, node: _Node, profile: Path) -> str:
    if section.version is not None or not node.ours:
        return version_of(section.version, profile, "the node")
    return told_version((sys.executable, "-m", _NODE, "--version"), "the node").rpartition(" ")[2] or UNKNOWN_VERSION


def _claims(claimed: list[str] | None, *, ours: bool) -> tuple[frozenset[str], Mapping[str, str]]:
    if claimed is not None:
        return frozenset(claimed), {}
    if ours:
        return frozenset(CAPABILITIES), {}
    reason = "the profile does not claim it, and the systems this suite was first written for have none"
    beyond = dict.fromkeys(("authentication", "renaming"), reason)
    return frozenset(CAPABILITIES) - set(beyond), beyond


def _in_containers(runtime: Runtime, emulator: EmulatorSection | None) -> bool:
    """Whether boards run in containers: where an engine answers, unless the profile says otherwise."""
    if runtime == "process" or (emulator is not None and emulator.image is None):
        return False
    only_way = emulator is not None and emulator.argv is None
    return runtime == "docker" or only_way or engine.missing() is None


def _emulator_name(emulator: EmulatorSection) -> str:
    return emulator.image.rpartition("/")[2] if emulator.image else program_name(emulator.argv or (), "emulator")


def _emulator_argv(emulator: EmulatorSection | None, profile: Path) -> tuple[str, ...] | None:
    if emulator is None:
        return (sys.executable, "-m", _EMULATOR)
    return _placed_line(emulator.argv, profile) if emulator.argv else None


def _program(path: str, *folders: Path) -> str:
    """The file that `path` names in the first of `folders` that has it; else a bare name comes from PATH."""
    wanted = Path(path).expanduser()
    found = [folder / wanted for folder in folders if (folder / wanted).is_file()]
    return str(next(iter(found), wanted.absolute() if "/" in path else wanted))


def _placed_line(argv: list[str], profile: Path) -> tuple[str, ...]:
    """The command line, with a program that is the same from every working directory."""
    program, *rest = located(argv, profile)
    return (_from_here(program), *rest)


def _from_here(program: str) -> str:
    """A relative path means the folder that the run was started in. A bare name comes from PATH."""
    return str(Path(program).absolute()) if "/" in program and "{" not in program else program


def _placed(env: Mapping[str, str], profile: Path) -> dict[str, str]:
    """The same, with values such as `../lib` that name something beside the profile turned into its path."""

    def placed(value: str) -> str:
        path = resolve_path(profile, value).resolve() if value in (".", "..") or value.startswith(("./", "../")) else None
        return str(path) if path is not None and path.exists() else value

    return {name: placed(value) for name, value in env.items()}
