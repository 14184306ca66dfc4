"""Target profiles: `targets/*.yaml` into pydantic models, or a message that says what is wrong and where."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from support.kit.command_line import require_known_placeholders
from support.kit.profile_errors import Problem, ProfileError, did_you_mean, problems_of
from support.kit.profile_yaml import expand, read_yaml

__all__ = [
    "AddressSection",
    "CommandSection",
    "CommonSection",
    "Control",
    "Profile",
    "ProfileError",
    "ReadyLog",
    "ReadyUrl",
    "ReferenceSection",
    "SectionType",
    "ServingSection",
    "load_profile",
    "resolve_path",
]

SectionType = type[BaseModel] | TypeAdapter[Any]
"""What describes a section: one model, or a TypeAdapter of a union of models told apart by `kind`."""

Argv = Annotated[list[str], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CommonSection(_Strict):
    """Keys of every section. A slice that sets `known_capabilities` refuses all others."""

    known_capabilities: ClassVar[frozenset[str] | None] = None

    capabilities: list[str] | None = None
    version: str | Argv | None = None

    @field_validator("capabilities")
    @classmethod
    def _only_known(cls, claimed: list[str] | None) -> list[str] | None:
        known = cls.known_capabilities
        for name in claimed or ():
            if known is not None and name not in known:
                hint = did_you_mean(name, known)
                raise ValueError(f"unknown capability {name!r}{hint}; known: {', '.join(sorted(known))}")
        return claimed


class ReferenceSection(CommonSection):
    """The reference system."""

    kind: Literal["reference"] = "reference"


class ReadyUrl(_Strict):
    """Ready when `url` answers 200."""

    url: str = Field(pattern=r"^https?://.+")

    @field_validator("url")
    @classmethod
    def _has_a_port_that_exists(cls, url: str) -> str:
        try:
            port = urlsplit(re.sub(r"{\w+}", "1", url)).port  # {port} is filled in later
        except ValueError as error:
            raise ValueError(f"{url} has no port from 1 to 65535: {error}") from error
        if port == 0:
            raise ValueError(f"{url} has no port from 1 to 65535")
        return url


class ReadyLog(_Strict):
    """Ready when a line of the log matches the regular expression `log`."""

    log: str

    @field_validator("log")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


def _ready_form(value: object) -> str | None:
    if isinstance(value, Mapping):
        return next((f"{{{form}}}" for form in ("url", "log") if form in value), None)
    if isinstance(value, ReadyUrl | ReadyLog):
        return "{url}" if isinstance(value, ReadyUrl) else "{log}"
    return "port" if value == "port" else None


Ready = Annotated[
    Annotated[Literal["port"], Tag("port")] | Annotated[ReadyUrl, Tag("{url}")] | Annotated[ReadyLog, Tag("{log}")],
    Discriminator(
        _ready_form,
        custom_error_type="ready_form",
        custom_error_message="must be port, {url: address} or {log: regular expression}",
    ),
]


class CommandSection(CommonSection):
    """A program that the suite starts. `start_timeout` in seconds."""

    kind: Literal["command"] = "command"
    argv: Argv
    env: dict[str, str] = {}
    ready: Ready = "port"
    start_timeout: float = Field(default=10.0, gt=0, allow_inf_nan=False)
    settings: dict[str, list[str]] = {}


class ServingSection(CommandSection):
    """A program that the suite starts and tells where to listen. A slice says what it is, and which placeholders there are.

    system: the noun for it. placeholders: of `argv` and `env`; `{port}` must stand in `argv`. in_url: those of the address at
    which it tells that it is ready.
    """

    system: ClassVar[str]
    placeholders: ClassVar[tuple[str, ...]]
    in_url: ClassVar[tuple[str, ...]] = ("{port}",)

    @field_validator("argv")
    @classmethod
    def _says_its_port(cls, argv: list[str]) -> list[str]:
        require_known_placeholders(argv, cls.placeholders)
        if not any("{port}" in argument for argument in argv):
            raise ValueError(f"has no {{port}}: the {cls.system} would not know where it is to listen")
        return argv

    @field_validator("env")
    @classmethod
    def _known_placeholders(cls, env: dict[str, str]) -> dict[str, str]:
        for name, value in env.items():
            try:
                require_known_placeholders([value], cls.placeholders)
            except ValueError as error:
                raise ValueError(f"{name} has an {error}") from error
        return env

    @field_validator("ready")
    @classmethod
    def _known_in_url(cls, ready: Ready) -> Ready:
        if isinstance(ready, ReadyUrl):
            require_known_placeholders([ready.url], cls.in_url)
        return ready


class Control(_Strict):
    """Programs by which the suite may start, stop or restart a system that runs already."""

    start: Argv | None = None
    stop: Argv | None = None
    restart: Argv | None = None


class AddressSection(CommonSection):
    """A system that runs already."""

    kind: Literal["address"] = "address"
    control: Control = Control()


class Profile:
    """A profile that was read and found right."""

    def __init__(self, path: Path, sections: Mapping[str, BaseModel]) -> None:
        self.path = path
        self._sections = dict(sections)

    def section(self, name: str) -> BaseModel | None:
        """The validated section, None where the profile has none: then the slice uses its reference."""
        return self._sections.get(name)


def load_profile(path: Path, sections: Mapping[str, SectionType]) -> Profile:
    """Read `path`; `sections` says which it may have, and what is in them. ProfileError lists all that is wrong."""
    raw = read_yaml(path)
    expanded = expand(path, raw)
    problems = [
        Problem(name, f"unknown section{did_you_mean(name, sections)}", tuple(sorted(sections)))
        for name in raw
        if name not in sections
    ]
    models: dict[str, BaseModel] = {}
    for name, kind in sections.items():
        if name not in raw:
            continue
        adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
        if not isinstance(raw[name], dict):
            problems.append(Problem(name, f"must be keys and values, not {raw[name]!r}"))
            continue
        try:
            models[name] = adapter.validate_python(expanded[name])
        except ValidationError as error:
            problems += problems_of(name, adapter, raw[name], error)
    if problems:
        raise ProfileError(path, problems)
    return Profile(path, models)


def resolve_path(profile: Path, text: str) -> Path:
    """A path that a profile names: absolute, or relative to the profile's folder. `~` is the user's home."""
    return profile.absolute().parent / Path(text).expanduser()
