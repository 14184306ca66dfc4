"""Pipelines that break one promise each about stages that are tried by themselves, and about the list of stages."""

import base64
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from fastapi import Request
from pydantic import model_validator

from support.audio.lie import lies
from support.audio.protocol import DEFAULT_RATE, STAGES, Code, RefusedError
from support.audio.reference.batch import Reader, Recording
from support.audio.reference.dsp.catalogue import CATALOGUE, Number, described
from support.audio.reference.errors import NotFoundError
from support.audio.reference.models import Audio, StageConfig, StageRequest
from support.audio.reference.reading import FORMS, body_or_form
from support.audio.reference.routes import Routes, Told

NOTHING = base64.b64encode(bytes(3200)).decode()

# --- one stage


@lies("A stage that is tried does nothing.")
class TriedStageDoesNothing(StageRequest):
    @model_validator(mode="after")
    def lie(self) -> Self:
        self.stage_config = self.stage_config.model_copy(update={"enabled": False})
        return self


@lies("A stage that is tried has its usual parameters whatever it is told.")
class TriedStageParametersIgnored(StageRequest):
    @model_validator(mode="after")
    def lie(self) -> Self:
        self.stage_config = StageConfig()
        return self


@lies("A stage that is tried takes every sound for one of 16,000 samples a second.")
class TriedStageRateIgnored(StageRequest):
    @model_validator(mode="after")
    def lie(self) -> Self:
        self.sample_rate = DEFAULT_RATE
        return self


@lies("A stage that is tried makes a sound a little quieter.")
class TriedStageIsQuieter(StageRequest):
    @model_validator(mode="after")
    def lie(self) -> Self:
        self.stage_config = self.stage_config.model_copy(update={"gain_out": -1.0})
        return self


@lies("What a form says about a stage is ignored.", over=body_or_form)
async def form_loses_the_stage(request: Request, texts: tuple[str, ...]) -> object:
    fields = await body_or_form(request, texts)
    is_form = request.headers.get("content-type", "").startswith(FORMS)
    return {name: value for name, value in fields.items() if name != "stage_config"} if is_form else fields  # type: ignore[attr-defined]


@lies("No form is taken for a stage that is tried.", over=body_or_form)
async def form_refused(request: Request, texts: tuple[str, ...]) -> object:
    if request.headers.get("content-type", "").startswith(FORMS):
        raise RefusedError(Code.INVALID_MESSAGE, "no forms")
    return await body_or_form(request, texts)


class _Tells(Routes):
    """Answers otherwise when a stage is tried."""

    def told(self, answer: dict[str, Any]) -> dict[str, Any]:
        return answer

    async def stage(self, stage: str, request: Request) -> Told:
        return self.told(dict(await super().stage(stage, request)))


@lies("The answer to a stage that is tried names another one.")
class TriedStageHasAnotherName(_Tells):
    def told(self, answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"stage_name": "stage"}


@lies("The answer to a stage that is tried tells what is usual, not what it was told.")
class TriedStageTellsTheUsual(_Tells):
    def told(self, answer: dict[str, Any]) -> dict[str, Any]:
        parameters = {one.name: _usual(one) for one in CATALOGUE[answer["stage_name"]].parameters}
        return answer | {"stage_config": answer["stage_config"] | {"parameters": parameters}}


@lies("A stage that nobody knows, when it is tried, is a mistake like others.")
class UnknownStageIsAMistake(_Tells):
    async def stage(self, stage: str, request: Request) -> Told:
        try:
            return await super().stage(stage, request)
        except NotFoundError as error:
            raise RefusedError(Code.UNKNOWN_STAGE, error.message) from error


@lies("A stage that nobody knows, when it is tried, does nothing.")
class UnknownStageDoesNothing(_Tells):
    async def stage(self, stage: str, request: Request) -> Told:
        return await super().stage(stage if stage in STAGES else "vad", request)


@lies("It stumbles over a stage without a name.")
class NamelessStageMakesItStumble(_Tells):
    async def stage(self, stage: str, request: Request) -> Told:
        assert stage.strip()
        return await super().stage(stage, request)


@lies("A stage that is tried takes values beyond their range.")
class TriedStageTakesAnyValue(StageRequest):
    @model_validator(mode="after")
    def lie(self) -> Self:
        parameters = {name: _within(name, value) for name, value in self.stage_config.parameters.items()}
        self.stage_config = self.stage_config.model_copy(update={"parameters": parameters})
        return self


@lies("A stage that is tried takes parameters that nobody knows.")
class TriedStageTakesAnyName(StageRequest):
    @model_validator(mode="after")
    def lie(self) -> Self:
        known = {one.name for entry in CATALOGUE.values() for one in entry.parameters}
        kept = {name: value for name, value in self.stage_config.parameters.items() if name in known}
        self.stage_config = self.stage_config.model_copy(update={"parameters": kept})
        return self


@lies("A stage that is tried takes nothing for silence.")
class TriedStageTakesNothing(StageRequest):
    audio_data: Audio = NOTHING


@lies("A stage that is tried takes half a sample for a whole one.")
class TriedStageTakesHalfSamples(Reader):
    def pcm(self, text: str, rate: int) -> Recording:
        try:
            return super().pcm(text, rate)
        except RefusedError:
            data = base64.b64decode(text, validate=False)
            return Recording(np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16).reshape(-1, 1), rate)


# --- the list of stages


def _changed(change: Callable[[dict[str, Any]], object], stage: str, parameter: str) -> dict[str, object]:
    """The list with one parameter changed."""
    told: dict[str, Any] = described()
    for entry in told["stages"]:
        for one in entry["parameters"]:
            if (entry["name"], one["name"]) == (stage, parameter):
                change(one)
    return told


@lies("The list of stages has one of them missing.", over=described)
def list_lacks_a_stage() -> dict[str, object]:
    told: dict[str, Any] = described()
    return told | {"stages": [entry for entry in told["stages"] if entry["name"] != "agc"]}


@lies("The list of stages has one parameter missing.", over=described)
def list_lacks_a_parameter() -> dict[str, object]:
    told: dict[str, Any] = described()
    for entry in told["stages"]:
        entry["parameters"] = [one for one in entry["parameters"] if one["name"] != "smoothing"]
    return told


@lies("The list of stages tells no usual values.", over=described)
def list_lacks_usual_values() -> dict[str, object]:
    told: dict[str, Any] = described()
    for entry in told["stages"]:
        for one in entry["parameters"]:
            one.pop("default")
    return told


@lies("The list of stages tells a usual value beyond its range.", over=described)
def list_usual_beyond_range() -> dict[str, object]:
    return _changed(lambda one: one.update(default=-30), "voice_enhancement", "warmth")


@lies("The list of stages tells a range in per cent.", over=described)
def list_range_in_percent() -> dict[str, object]:
    return _changed(lambda one: one.update(maximum=100, default=50), "noise_reduction", "smoothing")


@lies("The list of stages has the ends of a range the wrong way round.", over=described)
def list_range_reversed() -> dict[str, object]:
    return _changed(lambda one: one.update(minimum=0, maximum=-60), "lufs_normalization", "target_lufs")


# --- parts


def _usual(parameter: Any) -> object:
    return () if parameter.name == "bands" else parameter.usual


def _within(name: str, value: object) -> object:
    """The nearest value in the range of a parameter of this name."""
    for entry in CATALOGUE.values():
        for one in entry.parameters:
            if isinstance(one, Number) and one.name == name and isinstance(value, int | float):
                return min(max(value, one.least), one.greatest)
    return value
