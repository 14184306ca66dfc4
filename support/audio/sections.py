"""The `audio` section of a profile, as models: what may stand in it, and what is said about mistakes."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, TypeAdapter, field_validator

from support.audio.agreement import SETTINGS, TOKEN
from support.audio.protocol import STAGES
from support.kit.command_line import require_known_placeholders
from support.kit.profile import AddressSection, ReferenceSection, ServingSection

CAPABILITIES = ("batch", "single_stage", "analysis", "live_parameters", "reconnect", "metrics", "limits")
PLACEHOLDERS = ("{port}", "{token}", "{token_file}")
MIN_TOKEN = 4
OF_TOKEN = ("{value}", "{token}", "{token_file}")
"""Any of them tells the token to a pipeline that a scenario wants to have one."""

StageName = Literal[
    "vad", "voice_filter", "noise_reduction", "voice_enhancement", "equalizer", "compression", "agc", "lufs_normalization",
    "limiter",
]  # fmt: skip
Renames = dict[StageName, dict[str, Annotated[str, Field(min_length=1)]]]
"""Stage -> the contract's name of a parameter, or of a type of band -> what the pipeline calls it."""
Stages = Annotated[list[StageName], Field(min_length=1)]


def _every_stage() -> list[StageName]:
    return list(STAGES)


class ReferenceAudio(ReferenceSection):
    """Our own pipeline."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)


class CommandAudio(ServingSection):
    """A pipeline given by its command line."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    system: ClassVar[str] = "pipeline"
    placeholders: ClassVar[tuple[str, ...]] = PLACEHOLDERS
    stages: Stages = Field(default_factory=_every_stage)
    parameters: Renames = Field(default_factory=dict)

    @field_validator("settings")
    @classmethod
    def _known_settings(cls, settings: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
        unknown = sorted(set(settings) - set(SETTINGS))
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}; known: {', '.join(SETTINGS)}")
        for name, arguments in settings.items():
            places = OF_TOKEN if name == TOKEN else OF_TOKEN[:1]
            require_known_placeholders(arguments, places)
            if not any(place in argument for argument in arguments for place in places):
                raise ValueError(f"{name} has no {' or '.join(places)}: the pipeline would not know which value is asked for")
        return settings

    @field_validator("parameters")
    @classmethod
    def _told_apart(cls, parameters: Renames) -> Renames:
        return _each_its_own(parameters)


class AddressAudio(AddressSection):
    """A pipeline that runs already."""

    known_capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    url: str
    token: str | None = None
    stages: Stages = Field(default_factory=_every_stage)
    parameters: Renames = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _is_over_http(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise ValueError("must be http://HOST:PORT or https://HOST:PORT, perhaps with a path")
        return url

    @field_validator("token")
    @classmethod
    def _can_be_cut_out(cls, token: str | None) -> str | None:
        if token and len(token) < MIN_TOKEN:
            raise ValueError(f"has {len(token)} characters: with less than {MIN_TOKEN} it could not be cut out of the evidence")
        return token or None

    @field_validator("parameters")
    @classmethod
    def _told_apart(cls, parameters: Renames) -> Renames:
        return _each_its_own(parameters)


def _each_its_own(parameters: Renames) -> Renames:
    for stage, names in parameters.items():
        if len(set(names.values())) < len(names):
            raise ValueError(f"two names of {stage} become the same one")
    return parameters


Section = ReferenceAudio | CommandAudio | AddressAudio
SECTION: TypeAdapter[ReferenceAudio | CommandAudio | AddressAudio] = TypeAdapter(
    Annotated[ReferenceAudio | CommandAudio | AddressAudio, Field(discriminator="kind")]
)
