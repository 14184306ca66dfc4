"""From what a client wants a pipeline to be to the stages in their order, every mistake named with its field."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.audio.protocol import STAGES, Code, RefusedError
from support.audio.reference.dsp.catalogue import ParameterError, checked
from support.audio.reference.models import PipelineConfig, StageConfig
from support.audio.reference.ordering import in_order


@dataclass(frozen=True)
class StageSettings:
    """A stage that makes sense. Gains in dB; every parameter has a value."""

    name: str
    enabled: bool
    gain_in: float
    gain_out: float
    parameters: dict[str, object]


@dataclass(frozen=True)
class Pipeline:
    """Stages in processing order."""

    pipeline_id: str
    stages: Sequence[StageSettings]


class Configurator:
    """Makes pipelines out of configurations."""

    def pipeline(self, config: PipelineConfig) -> Pipeline:
        """The pipeline that `config` asks for. RefusedError with the field."""
        plans = {name: self.stage(name, stage, f"stages.{name}") for name, stage in config.stages.items()}
        order = self.order(config, list(plans))
        return Pipeline(config.pipeline_id or f"pipeline-{uuid.uuid4()}", [plans[name] for name in order])

    def stage(self, name: str, config: StageConfig, field: str) -> StageSettings:
        """One stage; `field` is where its configuration stands. RefusedError."""
        if name not in STAGES:
            raise RefusedError(Code.UNKNOWN_STAGE, f"there is no stage {shortened(name)}", shortened(field))
        parameters = self.parameters(name, config.parameters, f"{field}.parameters")
        return StageSettings(name, config.enabled, config.gain_in, config.gain_out, parameters)

    def parameters(self, stage: str, parameters: Mapping[str, object], field: str) -> dict[str, object]:
        """All parameters of `stage`, defaults for those that are not among `parameters`. RefusedError."""
        try:
            return checked(stage, parameters)
        except ParameterError as error:
            raise within(error, field) from error

    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        """`stages` in processing order. RefusedError for a connection that dangles, and for a cycle."""
        edges = [(each.source_stage_id, each.target_stage_id) for each in config.connections]
        for index, ends in enumerate(edges):
            for which, end in zip(("source_stage_id", "target_stage_id"), ends, strict=True):
                if end not in stages:
                    what = f"there is no stage {shortened(end)} in this pipeline"
                    raise RefusedError(Code.INVALID_CONFIG, what, f"connections[{index}].{which}")
        return in_order(stages, edges)


def within(error: ParameterError, field: str) -> RefusedError:
    """`error`, its field seen from outside of the parameters that stand at `field`."""
    return RefusedError(error.code, error.message, f"{field}.{error.field}" if error.field else field)


def shortened(text: str) -> str:
    """A client's text as it may be repeated."""
    return text if len(text) <= 80 else text[:77] + "..."
