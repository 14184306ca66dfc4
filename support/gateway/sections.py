"""The `gateway` section of a profile, as models: what may stand in it, and what is said about mistakes."""

from collections.abc import Mapping
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, field_validator

from support.gateway import agreement
from support.gateway.protocol import MIN_TOKEN
from support.gateway.tools import ROLES, Tool, tool_of
from support.kit.profile import AddressSection, ReferenceSection, ServingSection

CAPABILITIES = (
    "metrics",
    "health",
    "breaker",
    "repeats",
    "cancel",
    "progress",
    "capacity",
    "rate",
    "shutdown",
    "logs",
)
PLACEHOLDERS = ("{port}", "{metrics_port}", "{token_file}", "{token}", "{provider_a}", "{provider_b}")

Count = Annotated[str, BeforeValidator(agreement.count)]
Seconds = Annotated[str, BeforeValidator(agreement.seconds)]
Rate = Annotated[str, BeforeValidator(agreement.rate)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _short(name: str) -> AliasChoices:
    return AliasChoices(name, name.removeprefix("max_"))


class Limits(_Strict):
    """What the gateway has agreed to where it differs from the contract's defaults: numbers or texts."""

    provider_timeout: Seconds | None = None
    hello_timeout: Seconds | None = None
    max_connections: Count | None = Field(None, validation_alias=_short("max_connections"))
    max_connections_per_address: Count | None = Field(None, validation_alias=_short("max_connections_per_address"))
    max_frame: Count | None = Field(None, validation_alias=_short("max_frame"))
    max_inflight: Count | None = Field(None, validation_alias=_short("max_inflight"))
    max_inflight_session: Count | None = Field(None, validation_alias=_short("max_inflight_session"))
    rate_session: Rate | None = None
    rate_address: Rate | None = None
    rate_global: Rate | None = None
    repeat_ttl: Seconds | None = None
    shutdown_grace: Seconds | None = None

    def by_setting(self) -> dict[str, str]:
        """What is said, by the names of the settings."""
        return self.model_dump(exclude_none=True)


class Breaker(_Strict):
    """What its circuit breakers have agreed to where it differs from the contract's defaults."""

    failures: Count | None = None
    recovery: Seconds | None = None
    successes: Count | None = None
    probes: Count | None = None

    def by_setting(self) -> dict[str, str]:
        """What is said, by the names of the settings."""
        return {f"breaker_{name}": value for name, value in self.model_dump(exclude_none=True).items()}


class ToolCall(_Strict):
    """A tool whose arguments differ from the contract's."""

    name: str = Field(min_length=1)
    arguments: dict[str, object] = {}


ToolName = Annotated[str, Field(min_length=1)]


class Tools(_Strict):
    """Which tool plays which part."""

    fast: ToolName | ToolCall | None = None
    slow: ToolName | ToolCall | None = None
    failing: ToolName | ToolCall | None = None
    provider: ToolName | ToolCall | None = None
    echo: ToolName | ToolCall | None = None
    progress: ToolName | ToolCall | None = None

    @field_validator(*ROLES)
    @classmethod
    def _can_be_asked(cls, told: str | ToolCall | None, info: object) -> str | ToolCall | None:
        if isinstance(told, ToolCall):
            tool_of(str(getattr(info, "field_name", "")), told.model_dump())
        return told

    def by_role(self) -> dict[str, Tool]:
        """The tools that are named."""
        told = {role: getattr(self, role) for role in ROLES}
        return {role: tool_of(role, one if isinstance(one, str) else one.model_dump()) for role, one in told.items() if one}


class ToolsOfAddress(Tools):
    """A gateway that runs already is known by its fast tool at least."""

    fast: ToolName | ToolCall


class ReferenceGateway(ReferenceSection):
    """Our own gateway."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)


class CommandGateway(ServingSection):
    """A gateway given by its command line."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    system: ClassVar[str] = "gateway"
    placeholders: ClassVar[tuple[str, ...]] = PLACEHOLDERS
    in_url: ClassVar[tuple[str, ...]] = ("{port}", "{metrics_port}")
    tools: Tools | None = None
    limits: Limits = Limits()
    breaker: Breaker = Breaker()

    @field_validator("settings")
    @classmethod
    def _known_settings(cls, settings: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
        unknown = sorted(set(settings) - {*agreement.SETTINGS, *agreement.NEVER_ASKED})
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}; known: {', '.join(agreement.SETTINGS)}")
        for name, arguments in settings.items():
            if not any("{value}" in argument for argument in arguments):
                raise ValueError(f"{name} has no {{value}}: the gateway would not know which value is asked for")
        return settings


class AddressGateway(AddressSection):
    """A gateway that runs already."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    url: str
    token: str
    metrics_url: str | None = Field(None, pattern=r"^https?://.+")
    health_url: str | None = Field(None, pattern=r"^https?://.+")
    tools: ToolsOfAddress
    limits: Limits = Limits()
    breaker: Breaker = Breaker()

    @field_validator("url")
    @classmethod
    def _is_a_websocket(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise ValueError("must be ws://HOST:PORT or wss://HOST:PORT, perhaps with a path")
        return url

    @field_validator("token")
    @classmethod
    def _long_enough(cls, token: str) -> str:
        if len(token) < MIN_TOKEN:
            raise ValueError(f"has {len(token)} characters: a token of the contract has {MIN_TOKEN} or more")
        return token


Section = ReferenceGateway | CommandGateway | AddressGateway
SECTION: TypeAdapter[ReferenceGateway | CommandGateway | AddressGateway] = TypeAdapter(
    Annotated[ReferenceGateway | CommandGateway | AddressGateway, Field(discriminator="kind")]
)
