"""The list of stages that a pipeline tells, held against the agreement. Each `require_*` raises PromiseBrokenError."""

from support.audio.reading import Parameter
from support.audio.stage_words import parse_stage
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError

AGREED = {
    "vad": ("aggressiveness", "frame_duration"),
    "voice_filter": ("low_hz", "high_hz", "order"),
    "noise_reduction": ("strength", "smoothing"),
    "voice_enhancement": ("clarity", "warmth"),
    "equalizer": ("bands",),
    "compression": ("threshold", "ratio", "knee", "attack", "release", "makeup"),
    "agc": ("target_level", "max_gain", "attack", "release"),
    "lufs_normalization": ("target_lufs", "max_peak"),
    "limiter": ("threshold", "release", "lookahead"),
}
"""Every stage of the agreement, with its parameters."""
NO_NUMBER = ("bands",)
DURATIONS = {10, 20, 30}
"""Milliseconds of a frame that a voice is looked for in."""


def ask(world: AudioWorld) -> None:
    """Have the pipeline tell its stages. PromiseBrokenError where it does not."""
    assert world.pipeline.catalogue.stages, "what has no stages in it has been refused"


def require_whole(world: AudioWorld) -> None:
    """Every stage that the pipeline is said to have is listed, with every parameter of the agreement."""
    catalogue = world.pipeline.catalogue
    for stage in world.target.stages:
        if stage not in catalogue.stages:
            raise PromiseBrokenError(f"the pipeline tells the stage {stage}", f"it tells {', '.join(catalogue.stages)}")
        for name in AGREED[stage]:
            catalogue.of(stage, name)


def require_ranges(world: AudioWorld) -> None:
    """Each number among them has a least, a greatest and a usual value, in this order."""
    for stage in world.target.stages:
        for name in AGREED[stage]:
            if name not in NO_NUMBER:
                _require_range(stage, world.pipeline.catalogue.of(stage, name))


def require_range(world: AudioWorld, parameter: str, stage: str, least: float, greatest: float) -> None:
    """A parameter, in the words of a feature, goes from `least` to `greatest`."""
    wish = parse_stage(f"{stage} with the least {parameter}")
    ((name, _),) = wish.parameters.items()
    found = world.pipeline.catalogue.of(wish.stage, name)
    ends = (found.least, found.greatest)
    if found.choices and None in ends and all(isinstance(choice, int | float) for choice in found.choices):
        numbers = [float(choice) for choice in found.choices if isinstance(choice, int | float)]
        ends = (min(numbers), max(numbers))
    if ends != (least, greatest):
        raise PromiseBrokenError(f"{name} of {wish.stage} goes from {least:g} to {greatest:g}", f"from {ends[0]} to {ends[1]}")


def _require_range(stage: str, parameter: Parameter) -> None:
    usual = parameter.usual
    if isinstance(usual, bool) or not isinstance(usual, int | float):
        raise PromiseBrokenError(f"the pipeline tells the usual {parameter.name} of {stage}, a number", repr(usual))
    if parameter.choices:
        known = {choice for choice in parameter.choices if isinstance(choice, int | float)}
        if usual not in known or (parameter.name == "frame_duration" and known != DURATIONS):
            raise PromiseBrokenError(f"{parameter.name} of {stage} is one of those agreed", f"{usual} of {parameter.choices}")
        return
    least, greatest = parameter.least, parameter.greatest
    if least is None or greatest is None or not least <= usual <= greatest or least == greatest:
        raise PromiseBrokenError(
            f"{parameter.name} of {stage} has a least, a usual and a greatest value, in order", f"{least}, {usual}, {greatest}"
        )
