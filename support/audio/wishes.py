"""What a scenario wishes for, as the pipeline under test understands it: its stages, its names, its ranges."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from support.audio.reading import Catalogue
from support.audio.stage_words import Chain, End, StageWish, Value
from support.audio.target import AudioTarget

AGREED_RANGES = frozenset(
    {
        ("vad", "aggressiveness"), ("noise_reduction", "strength"), ("noise_reduction", "smoothing"),
        ("voice_enhancement", "clarity"), ("voice_enhancement", "warmth"), ("lufs_normalization", "target_lufs"),
    }
)  # fmt: skip
"""Parameters whose range the contract states: there is nothing to decline."""
Wished = Chain | Sequence[StageWish] | Mapping[str, object]
"""Stages in words' terms, or a configuration as it is."""


def config_of(wished: Wished, target: AudioTarget, catalogue: Callable[[], Catalogue]) -> dict[str, object]:
    """The pipeline's configuration. A mapping goes as it is. DeclinedError where the target has not all the stages.

    `catalogue` is asked only where an end of a range is wished for.
    """
    if isinstance(wished, Mapping):
        return dict(wished)
    chain = wished if isinstance(wished, Chain) else Chain(tuple(wished))
    stages = present(chain.stages, target)
    return in_own_names(replace(chain, stages=tuple(with_ends(wish, catalogue) for wish in stages)).told(), target)


def present(wishes: Iterable[StageWish], target: AudioTarget) -> tuple[StageWish, ...]:
    """Without the optional stages that the target lacks. DeclinedError where it lacks another."""
    kept = tuple(wish for wish in wishes if not wish.optional or wish.stage in target.stages)
    target.require_stages(wish.stage for wish in kept)
    return kept


def with_ends(wish: StageWish, catalogue: Callable[[], Catalogue]) -> StageWish:
    """With the ends of ranges that the pipeline tells."""

    def known(name: str, value: Value) -> Value:
        return catalogue().end(wish.stage, name, value.value) if isinstance(value, End) else value

    return replace(wish, parameters={name: known(name, value) for name, value in wish.parameters.items()})


def beyond_its_ranges(wished: Wished, catalogue: Catalogue) -> str | None:
    """Why a pipeline need not take what is wished for: a number that lies outside of the range that it tells itself, where the
    contract states none. None where there is no such number."""
    stages = wished.stages if isinstance(wished, Chain) else () if isinstance(wished, Mapping) else wished
    for wish in stages:
        for name, value in wish.parameters.items():
            told = catalogue.stages.get(wish.stage, {}).get(name)
            if (
                told is None
                or (wish.stage, name) in AGREED_RANGES
                or isinstance(value, bool)
                or not isinstance(value, int | float)
            ):
                continue
            least, greatest = told.least, told.greatest
            if least is not None and greatest is not None and not least <= value <= greatest:
                return f"{name} of {wish.stage} goes from {least:g} to {greatest:g} there, and the scenario asks for {value:g}"
    return None


def in_own_names(config: Mapping[str, object], target: AudioTarget) -> dict[str, object]:
    """A configuration in the contract's names, in the pipeline's. What has no stages stays as it is."""
    stages = config.get("stages")
    if not isinstance(stages, Mapping):
        return dict(config)
    return dict(config) | {"stages": {str(name): _stage_in_own_names(str(name), stage, target) for name, stage in stages.items()}}


def own_parameters(stage: str, parameters: Mapping[str, object], target: AudioTarget) -> dict[str, object]:
    """Parameters in the contract's names, in the pipeline's: the bands of an equalizer, too."""
    return {target.own_name(stage, name): _own_value(stage, value, target) for name, value in parameters.items()}


def _stage_in_own_names(name: str, stage: object, target: AudioTarget) -> object:
    parameters = stage.get("parameters") if isinstance(stage, Mapping) else None
    if not isinstance(stage, Mapping) or not isinstance(parameters, Mapping):
        return stage
    return dict(stage) | {"parameters": own_parameters(name, parameters, target)}


def _own_value(stage: str, value: object, target: AudioTarget) -> object:
    if not isinstance(value, list):
        return value
    return [_own_band(stage, band, target) if isinstance(band, Mapping) else band for band in value]


def _own_band(stage: str, band: Mapping[str, object], target: AudioTarget) -> dict[str, object]:
    own = {target.own_name(stage, str(name)): value for name, value in band.items()}
    kind = target.own_name(stage, "type")
    if isinstance(own.get(kind), str):
        own[kind] = target.own_name(stage, str(own[kind]))
    return own
