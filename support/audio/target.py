"""Which pipeline is under test, how it is started or reached, and what it claims.

Our reference is a command like any other: the same placeholders, the same settings, the same capabilities.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from support.audio.agreement import DEFAULTS, TOKEN, written
from support.audio.protocol import STAGES
from support.audio.sections import CAPABILITIES, SECTION, AddressAudio, CommandAudio, ReferenceAudio, Section
from support.kit.command_line import UNKNOWN_VERSION, filled, located, program_name, told_version, version_of
from support.kit.errors import DeclinedError
from support.kit.profile import ReadyLog, ReadyUrl

__all__ = ["CAPABILITIES", "EQUALIZER", "NEEDS", "SECTION", "AudioTarget", "open_target"]

NEEDS = (*CAPABILITIES, "settings")
EQUALIZER = "equalizer"
REFERENCE_START = 20.0
"""Seconds: on a busy machine the numeric libraries take long to load."""


@dataclass(frozen=True)
class AudioTarget:
    """A pipeline that can be started, or that runs already. `name` and `version` stand in every report.

    stages: those it has, by the contract's names. parameters: stage -> the contract's name of a parameter or of a type of band ->
    its own. settings: setting -> arguments that change it. withheld: why a capability that the profile says nothing about is not
    claimed. token: of one that runs already. band_words: its words for types of bands of which the profile says nothing, as they
    become known.
    """

    name: str
    version: str
    kind: Literal["command", "address"]
    capabilities: frozenset[str]
    stages: tuple[str, ...] = STAGES
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ready: Literal["port"] | ReadyUrl | ReadyLog = "port"
    start_timeout: float = 10.0
    url: str | None = None
    token: str | None = field(default=None, repr=False)
    band_words: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def launches(self) -> bool:
        """Whether the suite starts this pipeline."""
        return self.kind == "command"

    @property
    def has_token(self) -> bool:
        """Whether nobody gets in without a token, whatever a scenario asks for."""
        return self.token is not None or self.mentions("{token}") or self.mentions("{token_file}")

    def mentions(self, placeholder: str) -> bool:
        """Whether the command line or the environment has a place for `placeholder`."""
        return any(placeholder in text for text in (*self.argv, *self.env.values()))

    def can(self, setting: str, value: str) -> str | None:
        """None if the pipeline can be had with this setting, else the reason why not.

        LookupError and ValueError for a setting, or a value of it, that the contract does not know.
        """
        wanted = written(setting, value)
        if setting == TOKEN:
            return None if self.has_token or setting in self.settings else "the profile has no token, and maps no setting for one"
        if wanted == DEFAULTS[setting] or setting in self.settings:
            return None
        known = f"{setting} is agreed to be {DEFAULTS[setting]}, not {wanted}, and"
        if not self.launches:
            return f"{known} a pipeline that runs already is not given other settings"
        return f"{known} the profile does not map this setting"

    def require_stages(self, stages: Iterable[str]) -> None:
        """DeclinedError where it has not all of these."""
        missing = [stage for stage in stages if stage not in self.stages]
        if missing:
            raise DeclinedError(f"the profile's stages have no {', no '.join(missing)}")

    def own_name(self, stage: str, name: str) -> str:
        """What the pipeline calls a parameter, or a type of band, of this stage; as the contract does where nobody has said."""
        words = self.band_words if stage == EQUALIZER else {}
        return self.parameters.get(stage, {}).get(name) or words.get(name, name)

    def contract_name(self, stage: str, name: str) -> str:
        """The contract's name of what the pipeline calls so."""
        return next((known for known, own in self.parameters.get(stage, {}).items() if own == name), name)

    def command_line(self, values: Mapping[str, str], settings: Mapping[str, str]) -> list[str]:
        """The command line; `values` by placeholder name without braces. Settings that are not mapped are left out."""
        mapped = [
            text
            for name, value in settings.items()
            if name in self.settings
            for text in filled(self.settings[name], {**values, "value": value})
        ]
        return filled(self.argv, values) + mapped

    def environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """What is added to the environment."""
        return {name: filled([text], values)[0] for name, text in self.env.items()}

    def missing(self, need: str) -> str | None:
        """Why a scenario with `@needs.<need>` cannot run on this pipeline; None if it can. LookupError: no such need."""
        if need not in NEEDS:
            raise LookupError(f"{need!r} is no capability of an audio pipeline; known: {', '.join(NEEDS)}")
        if need in CAPABILITIES and need not in self.capabilities:
            return self.withheld.get(need, "the target does not claim it")
        return self._no_means(need)

    def _no_means(self, need: str) -> str | None:
        """Why a capability, claimed or not, cannot be seen by what the profile says."""
        if need == "settings" and not self.settings:
            return "the profile maps no settings"
        if need == "limits" and not {"max_sessions", "idle_timeout"} & set(self.settings):
            return "the profile's settings map neither max_sessions nor idle_timeout"
        return None


def open_target(section: Section | None, profile: Path) -> AudioTarget:
    """The pipeline that a profile's `audio` section describes; None means our reference."""
    match section:
        case CommandAudio():
            return _command(section, profile)
        case AddressAudio():
            return _address(section, profile)
        case _:
            return _reference(section or ReferenceAudio(kind="reference"))


def _reference(section: ReferenceAudio) -> AudioTarget:
    program = (sys.executable, "-m", "support.audio.reference")
    settings: dict[str, Sequence[str]] = {name: (f"--{name.replace('_', '-')}={{value}}",) for name in DEFAULTS}
    return _claiming(
        section.capabilities,
        AudioTarget(
            name="audio reference",
            version=told_version((*program, "--version"), "the audio pipeline").rpartition(" ")[2] or UNKNOWN_VERSION,
            kind="command",
            capabilities=frozenset(CAPABILITIES),
            argv=(*program, "--port={port}"),
            env={"AUDIO_TOKEN": ""},  # one that is meant for another pipeline
            settings=settings | {TOKEN: ("--token-file={token_file}",)},
            start_timeout=REFERENCE_START,
        ),
    )


def _command(section: CommandAudio, profile: Path) -> AudioTarget:
    target = AudioTarget(
        name=f"audio {program_name(section.argv, 'pipeline')}",
        version=version_of(section.version, profile, "the audio pipeline"),
        kind="command",
        capabilities=frozenset(CAPABILITIES),
        stages=tuple(section.stages),
        parameters={str(stage): names for stage, names in section.parameters.items()},
        argv=located(section.argv, profile),
        env=section.env,
        settings=section.settings,
        ready=section.ready,
        start_timeout=section.start_timeout,
    )
    return _claiming(section.capabilities, target)


def _address(section: AddressAudio, profile: Path) -> AudioTarget:
    target = AudioTarget(
        name=f"audio {urlsplit(section.url).netloc.rpartition('@')[2]}",
        version=version_of(section.version, profile, "the audio pipeline"),
        kind="address",
        capabilities=frozenset(CAPABILITIES),
        stages=tuple(section.stages),
        parameters={str(stage): names for stage, names in section.parameters.items()},
        url=section.url,
        token=section.token,
    )
    return _claiming(section.capabilities, target)


def _claiming(claimed: Iterable[str] | None, target: AudioTarget) -> AudioTarget:
    """The target with what it claims: where it says nothing, all that the profile gives the means to see."""
    if claimed is not None:
        return replace(target, capabilities=frozenset(claimed))
    reasons = {name: reason for name in CAPABILITIES if (reason := target.missing(name)) is not None}
    return replace(target, capabilities=frozenset(CAPABILITIES) - set(reasons), withheld=reasons)
