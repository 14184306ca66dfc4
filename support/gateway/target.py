"""Which gateway is under test, how it is started or reached, and what it claims.

Our reference is a command like any other: the same placeholders, the same settings, the same capabilities.
"""

import functools
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

from support.gateway import agreement
from support.gateway.listing import listed_tools
from support.gateway.sections import (
    CAPABILITIES,
    SECTION,
    AddressGateway,
    Breaker,
    CommandGateway,
    Limits,
    ReferenceGateway,
    Section,
    Tools,
)
from support.gateway.tools import CONTRACT, Tool
from support.kit.command_line import UNKNOWN_VERSION, filled, located, program_name, told_version, version_of
from support.kit.profile import Control, ReadyLog, ReadyUrl

__all__ = ["CAPABILITIES", "NEEDS", "SECTION", "GatewayTarget", "open_target"]

TOOL_NEEDS = ("slow", "failing", "provider", "echo")
NEEDS = (*CAPABILITIES, "settings", "restart", "second_provider", *TOOL_NEEDS)
_WITH_TOOL = {"breaker": "provider", "cancel": "slow", "capacity": "slow", "progress": "progress"}
"""Capabilities that can only be seen through a tool."""
_PRESUMED = frozenset({"echo", "progress"})
"""Roles that no profile needs to name: the contract's name will do where the gateway lists it."""
REFERENCE_PROVIDER_TIMEOUT = "2"


@dataclass(frozen=True)
class GatewayTarget:
    """A gateway that can be started, or that runs already. `name` and `version` stand in every report.

    agreed: setting -> value, None where only the gateway knows. settings: setting -> arguments that change it. tools: by
    role. presumed: roles of `tools` that the profile does not name; they are there if `listed` says so, which asks the
    gateway once (None: it would not tell). withheld: why a capability that the profile says nothing about is not
    claimed. provider_names: what the gateway calls the providers a and b. ahead: two of it may run at once, so that the next
    scenario's can be started while one goes on.
    """

    name: str
    version: str
    kind: Literal["command", "address"]
    capabilities: frozenset[str]
    ahead: bool = False
    agreed: Mapping[str, str | None] = field(default_factory=lambda: agreement.DEFAULTS)
    tools: Mapping[str, Tool] = field(default_factory=lambda: CONTRACT)
    presumed: frozenset[str] = frozenset()
    withheld: Mapping[str, str] = field(default_factory=dict)
    listed: Callable[[], frozenset[str] | None] = field(default=lambda: None, compare=False, repr=False)
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ready: Literal["port"] | ReadyUrl | ReadyLog = "port"
    start_timeout: float = 10.0
    provider_names: tuple[str, str] = ("a", "b")
    url: str | None = None
    token: str | None = field(default=None, repr=False)
    metrics_url: str | None = None
    health_url: str | None = None
    control: Control = field(default_factory=Control)

    @property
    def launches(self) -> bool:
        """Whether the suite starts this gateway."""
        return self.kind == "command"

    def mentions(self, placeholder: str) -> bool:
        """Whether the command line or the environment has a place for `placeholder`, such as `{metrics_port}`."""
        return any(placeholder in text for text in (*self.argv, *self.env.values()))

    def can(self, setting: str, value: str) -> str | None:
        """None if the gateway can be had with this setting, else the reason why not.

        LookupError and ValueError for a setting, or a value of it, that the contract does not know.
        """
        wanted, agreed = agreement.written(setting, value), self.agreed[setting]
        if wanted == agreed or setting in self.settings:
            return None
        known = "is not known" if agreed is None else f"is agreed to be {agreed}"
        if not self.launches:
            return f"{setting} {known}, not {wanted}, and a gateway that runs already is not given other settings"
        return f"{setting} {known}, not {wanted}, and the profile does not map this setting"

    def command_line(self, values: Mapping[str, str], settings: Mapping[str, str]) -> list[str]:
        """The command line; `values` by placeholder name without braces. Settings that are not mapped are left out."""
        mapped = [
            text
            for name, value in settings.items()
            if name in self.settings
            for text in filled(self.settings[name], {"value": value})
        ]
        return filled(self.argv, values) + mapped

    def environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """What is added to the environment."""
        return {name: filled([text], values)[0] for name, text in self.env.items()}

    def missing(self, need: str) -> str | None:
        """Why a scenario with `@needs.<need>` cannot run on this gateway; None if it can. LookupError: no such need."""
        if need not in NEEDS:
            raise LookupError(f"{need!r} is no capability of a gateway; known: {', '.join(NEEDS)}")
        if need in CAPABILITIES and need not in self.capabilities:
            return self.withheld.get(need, "the target does not claim it")
        return self._no_means(need) or (self._no_tool(_WITH_TOOL[need]) if need in _WITH_TOOL else None)

    def _no_tool(self, role: str) -> str | None:
        """Why no tool plays this part; None if one does. May ask the gateway, once."""
        tool = self.tools.get(role)
        if tool is None:
            return f"the profile's tools name none for {role}"
        listed = self.listed() if role in self.presumed else None
        return (
            None
            if listed is None or tool.name in listed
            else f"the profile's tools name none for {role}, and the gateway lists no {tool.name}"
        )

    def _no_means(self, need: str) -> str | None:
        """Why a capability, claimed or not, cannot be seen by what the profile says."""
        match need:
            case "metrics" | "health":
                return self._no_place_for_http(need)
            case "breaker" | "provider":
                return self._no_provider("{provider_a}")
            case "second_provider":
                return self._no_provider("{provider_b}")
            case "rate":
                return self._no_rate()
            case "shutdown":
                return self._no_way_to_end()
            case "restart":
                return self._no_way_to_restart()
            case "logs":
                return None if self.launches else "the suite does not see the log of a gateway that runs already"
            case "settings":
                return None if self.settings else "the profile maps no settings"
            case "slow" | "failing" | "echo":
                return self._no_tool(need)
        return None

    def _no_place_for_http(self, need: str) -> str | None:
        if self.launches:
            return None if self.mentions("{metrics_port}") else "the profile's argv and env have no {metrics_port}"
        url = self.metrics_url if need == "metrics" else self.health_url
        return None if url else f"the profile has no {need}_url"

    def _no_provider(self, place: str) -> str | None:
        if not self.launches:
            return "a gateway that runs already asks providers of its own, not the suite's"
        if not self.mentions(place):
            return f"the profile's argv and env have no {place}"
        if no_tool := self._no_tool("provider"):
            return no_tool
        if place == "{provider_b}" and not self.tools["provider"].takes("provider"):
            return f"the arguments of the tool {self.tools['provider'].name} have no {{provider}}"
        return None

    def _no_rate(self) -> str | None:
        limited = any(self.agreed[name] != agreement.OFF for name in agreement.RATES)
        mapped = any(name in self.settings for name in agreement.RATES)
        return None if limited or mapped else "the profile's limits have no rate_session, rate_address or rate_global"

    def _no_way_to_end(self) -> str | None:
        back = self.control.start or self.control.restart
        return None if self.launches or (self.control.stop and back) else "the profile's control has no stop, or no way to start"

    def _no_way_to_restart(self) -> str | None:
        way = self.control.restart or (self.control.stop and self.control.start)
        return None if self.launches or way else "the profile's control has neither restart nor stop and start"


def open_target(section: Section | None, profile: Path) -> GatewayTarget:
    """The gateway that a profile's `gateway` section describes; None means our reference."""
    match section:
        case CommandGateway():
            target = _command(section, profile)
        case AddressGateway():
            target = _address(section, profile)
        case _:
            target = _reference(section or ReferenceGateway(kind="reference"))
    return replace(target, listed=functools.cache(functools.partial(listed_tools, target)))


def _reference(section: ReferenceGateway) -> GatewayTarget:
    program = (sys.executable, "-m", "support.gateway.reference")
    return _claiming(
        section.capabilities,
        GatewayTarget(
            name="gateway reference",
            version=told_version((*program, "--version"), "the gateway").rpartition(" ")[2] or UNKNOWN_VERSION,
            kind="command",
            ahead=True,
            capabilities=frozenset(CAPABILITIES),
            agreed=_agreed(Limits(provider_timeout=REFERENCE_PROVIDER_TIMEOUT), Breaker()),
            argv=(
                *program, "--port={port}", "--metrics-port={metrics_port}", "--token-file={token_file}",
                "--provider=a={provider_a}", "--provider=b={provider_b}",
            ),
            settings={name: (f"--{name.replace('_', '-')}={{value}}",) for name in agreement.SETTINGS},
        ),
    )  # fmt: skip


def _command(section: CommandGateway, profile: Path) -> GatewayTarget:
    tools, presumed = _tools(section.tools)
    target = GatewayTarget(
        name=f"gateway {program_name(section.argv, 'gateway')}",
        version=version_of(section.version, profile, "the gateway"),
        kind="command",
        capabilities=frozenset(CAPABILITIES),
        agreed=_agreed(section.limits, section.breaker),
        tools=tools,
        presumed=presumed,
        argv=located(section.argv, profile),
        env=section.env,
        settings=section.settings,
        ready=section.ready,
        start_timeout=section.start_timeout,
        provider_names=_provider_names((*section.argv, *section.env.values())),
    )
    return _claiming(section.capabilities, target)


def _address(section: AddressGateway, profile: Path) -> GatewayTarget:
    tools, presumed = _tools(section.tools)
    control = section.control
    target = GatewayTarget(
        name=f"gateway {urlsplit(section.url).netloc.rpartition('@')[2]}",
        version=version_of(section.version, profile, "the gateway"),
        kind="address",
        capabilities=frozenset(CAPABILITIES),
        agreed={**_agreed(section.limits, section.breaker), **_rates_off_unless(section.limits.by_setting())},
        tools=tools,
        presumed=presumed,
        url=section.url,
        token=section.token,
        metrics_url=section.metrics_url,
        health_url=section.health_url,
        control=Control(
            **{way: list(located(argv, profile)) for way, argv in control if argv is not None},
        ),
    )
    return _claiming(section.capabilities, target)


def _claiming(claimed: Iterable[str] | None, target: GatewayTarget) -> GatewayTarget:
    """The target with what it claims: where it says nothing, all that the profile gives the means to see.

    Whether the gateway lists a tool is not asked here, but when a scenario needs it.
    """
    if claimed is None:
        asking_nobody = replace(target, presumed=frozenset())
        reasons = {name: reason for name in CAPABILITIES if (reason := asking_nobody.missing(name)) is not None}
        target = replace(target, capabilities=frozenset(CAPABILITIES) - set(reasons), withheld=reasons)
    else:
        target = replace(target, capabilities=frozenset(claimed))
    if "rate" in target.capabilities:
        return target
    return replace(target, agreed=MappingProxyType({**target.agreed, **dict.fromkeys(agreement.RATES, agreement.OFF)}))


def _agreed(limits: Limits, breaker: Breaker) -> Mapping[str, str | None]:
    return MappingProxyType({**agreement.DEFAULTS, **limits.by_setting(), **breaker.by_setting()})


def _rates_off_unless(said: Mapping[str, str]) -> dict[str, str]:
    return {name: said.get(name, agreement.OFF) for name in agreement.RATES}


def _tools(told: Tools | None) -> tuple[Mapping[str, Tool], frozenset[str]]:
    """The tools by role, and which of them the profile does not name."""
    if told is None:
        return CONTRACT, frozenset()
    named = told.by_role()
    taken = {role: tool for role, tool in CONTRACT.items() if role == "fast" or role in _PRESUMED}
    return MappingProxyType({**taken, **named}), _PRESUMED - set(named)


def _provider_names(texts: Sequence[str]) -> tuple[str, str]:
    """What stands before `={provider_a}` and `={provider_b}`."""

    def name(place: str, otherwise: str) -> str:
        pattern = re.compile(r"(?:^|[\s=,;])(\w[\w.-]*)=" + re.escape(place))
        return next((found[1] for text in texts if (found := pattern.search(text))), otherwise)

    return name("{provider_a}", "a"), name("{provider_b}", "b")
