"""Pipelines that break one promise each about how stages are laid one after the other."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from support.audio.lie import lies
from support.audio.reference.configuration import Configurator
from support.audio.reference.dsp.chain import Chain, Pcm, Place, Processed, StagePlan, factor
from support.audio.reference.dsp.history import Delay
from support.audio.reference.dsp.stages.agc import AutomaticGain
from support.audio.reference.dsp.stages.compressor import Compressor
from support.audio.reference.dsp.stages.filters import Equalizer, VoiceEnhancement, VoiceFilter
from support.audio.reference.dsp.stages.limiter import Limiter
from support.audio.reference.dsp.stages.loudness_normalization import LoudnessNormalization
from support.audio.reference.dsp.stages.noise_reduction import NoiseReduction
from support.audio.reference.dsp.stages.stage import Parameters, Samples, Stage
from support.audio.reference.models import PipelineConfig

# --- nothing to do


@lies("It gives back whatever it is given.")
class PassThrough(Chain):
    def process(self, pcm: Pcm) -> Processed:
        return replace(super().process(pcm), pcm=pcm)

    @property
    def latency_samples(self) -> int:
        return 0


@lies("A stage that is off acts all the same.")
class DisabledStageActs(Chain):
    def __init__(self, stages: Sequence[StagePlan], rate: int) -> None:
        super().__init__([replace(plan, enabled=True) for plan in stages], rate)


@lies("The gains of a stage that is off act all the same.")
class DisabledGainsAct(Chain):
    def __init__(self, stages: Sequence[StagePlan], rate: int) -> None:
        super().__init__(stages, rate)
        self._gain = factor(sum(plan.gain_in + plan.gain_out for plan in stages if not plan.enabled))

    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        return super().rounded(samples * self._gain)

    def process(self, pcm: Pcm) -> Processed:
        done = super().process(pcm)
        return done if self._places else replace(done, pcm=self.rounded(pcm / 32768)[0])


@lies("One stage that is off turns off all that come behind it.")
class DisabledStageCutsTheChain(Chain):
    def __init__(self, stages: Sequence[StagePlan], rate: int) -> None:
        off = next((place for place, plan in enumerate(stages) if not plan.enabled), len(stages))
        super().__init__([plan if place < off else replace(plan, enabled=False) for place, plan in enumerate(stages)], rate)


@lies("It moves a sound by one step where nothing is to be done.")
class PlainSessionsAreNotExact(Chain):
    def process(self, pcm: Pcm) -> Processed:
        done = super().process(pcm)
        return done if self._places else replace(done, pcm=np.maximum(pcm, -32767) & ~1)


# --- gains


class _OtherGains(Place):
    """Has other gains than it was told."""

    def __init__(self, plan: StagePlan, rate: int) -> None:
        before, after = self.gains(plan)
        super().__init__(replace(plan, gain_in=before, gain_out=after), rate)

    def gains(self, plan: StagePlan) -> tuple[float, float]:
        raise NotImplementedError


@lies("It ignores gains.")
class GainIgnored(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return 0.0, 0.0


@lies("It gives twice the gain in dB.")
class GainDoubled(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return 2 * plan.gain_in, 2 * plan.gain_out


@lies("It takes a gain for one of power: 6 dB become 3.")
class GainOfPower(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return plan.gain_in / 2, plan.gain_out / 2


@lies("It ignores the gain behind a stage.")
class GainOutIgnored(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return plan.gain_in, 0.0


@lies("It applies both gains before the stage.")
class BothGainsBefore(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return plan.gain_in + plan.gain_out, 0.0


@lies("It applies both gains behind the stage.")
class BothGainsBehind(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return 0.0, plan.gain_in + plan.gain_out


@lies("No gain is greater than 12 dB.")
class GainsEndEarly(_OtherGains):
    def gains(self, plan: StagePlan) -> tuple[float, float]:
        return min(plan.gain_in, 12.0), min(plan.gain_out, 12.0)


@lies("What is too loud is turned over instead of cut off.")
class WrapsOnClipping(Chain):
    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        _, clipped = super().rounded(samples)
        return np.rint(samples * 32768).astype(np.int64).astype(np.int16), clipped


# --- order


@lies("It ignores connections: stages come as they are listed.")
class ConnectionsIgnored(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        super().order(config, stages)
        return list(stages)


@lies("Without connections its stages come in an order of its own.")
class ListingIgnored(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        ordered = super().order(config, stages)
        return ordered if config.connections else sorted(ordered)


@lies("Its stages come in an order of its own, whatever the connections say.")
class OrderOfItsOwn(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        return sorted(super().order(config, stages))


@lies("It follows the connections from their ends.")
class ConnectionsBackwards(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        ordered = super().order(config, stages)
        return ordered[::-1] if config.connections else ordered


@lies("It follows the first connection and no other.")
class OnlyOneConnectionCounts(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        super().order(config, stages)
        return super().order(config.model_copy(update={"connections": config.connections[:1]}), stages)


# --- chunks


class _Forgets(Stage):
    """Begins anew with each chunk."""

    def set(self, parameters: Parameters) -> None:
        self._told = parameters
        super().set(parameters)

    def process(self, samples: Samples) -> Samples:
        self.__init__(self._told, self.rate)  # type: ignore[misc]
        return super().process(samples)


@lies("Its voice filter begins anew with each chunk.")
class VoiceFilterForgets(_Forgets, VoiceFilter):
    """As _Forgets."""


@lies("Its noise reduction begins anew with each chunk.")
class NoiseReductionForgets(_Forgets, NoiseReduction):
    """As _Forgets."""


@lies("Its voice enhancement begins anew with each chunk.")
class EnhancementForgets(_Forgets, VoiceEnhancement):
    """As _Forgets."""


@lies("Its equalizer begins anew with each chunk.")
class EqualizerForgets(_Forgets, Equalizer):
    """As _Forgets."""


@lies("Its compressor begins anew with each chunk.")
class CompressorForgets(_Forgets, Compressor):
    """As _Forgets."""


@lies("Its automatic gain control begins anew with each chunk.")
class AgcForgets(_Forgets, AutomaticGain):
    """As _Forgets."""


@lies("Its loudness normalization begins anew with each chunk.")
class LoudnessForgets(_Forgets, LoudnessNormalization):
    """As _Forgets."""


@lies("Its limiter begins anew with each chunk.")
class LimiterForgets(_Forgets, Limiter):
    """As _Forgets."""


@lies("Its automatic gain control takes one gain for a chunk, however long.")
class AgcGoesByChunks(AutomaticGain):
    def process(self, samples: Samples) -> Samples:
        done = super().process(samples)
        gain = np.sqrt(np.mean(done**2) / max(float(np.mean(samples**2)), 1e-20))
        return np.asarray(samples * gain)


# --- once more


@lies("It adds a faint noise, another one each time.")
class NeverTheSame(Chain):
    def __init__(self, stages: Sequence[StagePlan], rate: int) -> None:
        super().__init__(stages, rate)
        self._dice = np.random.default_rng()

    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        return super().rounded(samples + self._dice.uniform(-1, 1, len(samples)) / 32768)


# --- delays


@lies("It tells of no delay.")
class LatencyNotTold(Chain):
    @property
    def latency_samples(self) -> int:
        return 0


@lies("It tells the delay of its slowest stage for that of all.")
class LatencyOfOneStage(Chain):
    @property
    def latency_samples(self) -> int:
        return max((place.live.stage.latency for place in self._places), default=0)


@lies("It tells one sample too few of the delay.")
class LatencyOneOff(Chain):
    @property
    def latency_samples(self) -> int:
        return max(0, super().latency_samples - 1)


@lies("Its voice filter delays the sound by 5 ms, and does not tell.")
class VoiceFilterIsLate(VoiceFilter):
    def process(self, samples: Samples) -> Samples:
        if not hasattr(self, "_late"):
            self._late = Delay(round(0.005 * self.rate))
        return self._late(super().process(samples))


@lies("Its compressor delays the sound by a sample, and does not tell.")
class CompressorIsLate(Compressor):
    def process(self, samples: Samples) -> Samples:
        if not hasattr(self, "_late"):
            self._late = Delay(1)
        return self._late(super().process(samples))
