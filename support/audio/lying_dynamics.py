"""Pipelines whose compressor, automatic gain control, loudness normalization or limiter breaks one promise."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import math

import numpy as np

from support.audio.lie import lies
from support.audio.reference.dsp.biquads import Cascade
from support.audio.reference.dsp.k_weighting import k_weighting
from support.audio.reference.dsp.stages.agc import AutomaticGain
from support.audio.reference.dsp.stages.compressor import Compressor
from support.audio.reference.dsp.stages.limiter import Limiter
from support.audio.reference.dsp.stages.loudness_normalization import LoudnessNormalization
from support.audio.reference.dsp.stages.stage import Parameters, Samples

# --- the compressor


class _ToldOtherwise(Compressor):
    """Takes other parameters than it was told."""

    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, **self.instead(parameters)})

    def instead(self, parameters: Parameters) -> dict[str, float]:
        raise NotImplementedError


@lies("Its compressor does nothing.")
class CompressorDoesNothing(Compressor):
    def process(self, samples: Samples) -> Samples:
        return samples


@lies("Its compressor limits: any ratio is as good as none.")
class CompressorRatioTooHigh(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"ratio": 1000.0}


@lies("Its compressor has a ratio of 4 whatever it is told.")
class CompressorRatioIgnored(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"ratio": 4.0}


@lies("Its compressor takes the ratio for what is left in hundredths: 4 is a little less than half.")
class CompressorRatioHalved(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"ratio": max(1.0, parameters["ratio"] / 2)}


@lies("Its compressor has a threshold of -20 dB whatever it is told.")
class CompressorThresholdIgnored(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"threshold": -20.0}


@lies("Its compressor begins 3 dB too late.")
class CompressorThresholdOff(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"threshold": parameters["threshold"] + 3.0}


@lies("Its compressor has a soft knee, also where none is wanted.")
class CompressorAlwaysSoft(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"knee": max(12.0, parameters["knee"])}


@lies("Its compressor makes up for nothing.")
class CompressorMakeupIgnored(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"makeup": 0.0}


@lies("Its compressor makes up by itself for what it takes away.")
class CompressorMakesUpByItself(_ToldOtherwise):
    def instead(self, parameters: Parameters) -> dict[str, float]:
        return {"makeup": parameters["makeup"] - parameters["threshold"] * (1 - 1 / parameters["ratio"]) / 2}


@lies("Its compressor compresses what is below its threshold, too.")
class CompressorNeverStops(Compressor):
    def reduction(self, level: Samples) -> Samples:
        return np.asarray((np.maximum(level, -60.0) - self.threshold) * (1 - 1 / self.ratio))


@lies("Its compressor expands: what is loud becomes louder.")
class CompressorExpands(Compressor):
    def reduction(self, level: Samples) -> Samples:
        return -super().reduction(level)


# --- automatic gain control


class _OtherGain(AutomaticGain):
    """Moves its gain otherwise."""

    def gain(self, gain: float) -> float:
        raise NotImplementedError

    def turn(self, power: float) -> float:
        return self.gain(super().turn(power))


@lies("Its automatic gain control does nothing.")
class AgcDoesNothing(_OtherGain):
    def gain(self, gain: float) -> float:
        return 0.0


@lies("Its automatic gain control never makes anything quieter.")
class AgcNeverAttenuates(_OtherGain):
    def gain(self, gain: float) -> float:
        return max(0.0, gain)


@lies("Its automatic gain control never makes anything louder.")
class AgcNeverAmplifies(_OtherGain):
    def gain(self, gain: float) -> float:
        return min(0.0, gain)


@lies("Its automatic gain control goes half of the way.")
class AgcGoesHalfWay(_OtherGain):
    def gain(self, gain: float) -> float:
        return gain / 2


@lies("Its automatic gain control raises as far as it likes.")
class AgcMaxGainIgnored(AutomaticGain):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "max_gain": 60.0})


@lies("Its automatic gain control brings everything to -20 dBFS, whatever it is told.")
class AgcTargetIgnored(AutomaticGain):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "target_level": -20.0})


@lies("Its automatic gain control brings peaks to the target level, not voices.")
class AgcGoesByPeaks(AutomaticGain):
    def process(self, samples: Samples) -> Samples:
        self._peak = max(getattr(self, "_peak", 0.0), float(np.max(np.abs(samples))))
        return np.asarray(samples * min(10 ** (self.target / 20) / max(self._peak, 1e-6), 10 ** (self.most / 20)))


# --- loudness normalization


class _OtherMove(LoudnessNormalization):
    """Moves its gain otherwise."""

    def move(self, gain: float) -> float:
        raise NotImplementedError

    def turn(self, power: float) -> float:
        return self.move(super().turn(power))


@lies("Its loudness normalization does nothing.")
class LoudnessDoesNothing(_OtherMove):
    def move(self, gain: float) -> float:
        return 0.0


@lies("Its loudness normalization never makes anything quieter.")
class LoudnessNeverLowers(_OtherMove):
    def move(self, gain: float) -> float:
        return max(0.0, gain)


@lies("Its loudness normalization never makes anything louder.")
class LoudnessNeverRaises(_OtherMove):
    def move(self, gain: float) -> float:
        return min(0.0, gain)


@lies("Its loudness normalization ends 1 LU too loud.")
class LoudnessALittleOff(_OtherMove):
    def move(self, gain: float) -> float:
        return gain + 1.0


@lies("Its loudness normalization brings everything to -23 LUFS, whatever it is told.")
class LoudnessTargetIgnored(LoudnessNormalization):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "target_lufs": -23.0})


@lies("Its loudness normalization goes by the level, not by what the ear makes of it.")
class LoudnessUnweighted(LoudnessNormalization):
    def __init__(self, parameters: Parameters, rate: int) -> None:
        super().__init__(parameters, rate)
        self._weighted = Cascade([])


@lies("Its loudness normalization weighs every sound as one of 16,000 samples a second.")
class LoudnessRateIgnored(LoudnessNormalization):
    def __init__(self, parameters: Parameters, rate: int) -> None:
        super().__init__(parameters, rate)
        self._weighted = k_weighting(16000)


@lies("Its loudness normalization goes by the highest peak so far.")
class LoudnessGoesByPeaks(LoudnessNormalization):
    def process(self, samples: Samples) -> Samples:
        self._peak = max(getattr(self, "_peak", 0.0), float(np.max(np.abs(samples))))
        return np.asarray(samples * 10 ** (self.target / 20) / max(self._peak, 1e-6))


@lies("Its loudness normalization takes half a minute to get there.")
class LoudnessTooSlow(LoudnessNormalization):
    def turn(self, power: float) -> float:
        now = self._now
        wanted = super().turn(power)
        self._now = now + 0.01 * (wanted - now)
        return self._now


@lies("Its loudness normalization goes over the highest peak that it was told.")
class LoudnessMaxPeakIgnored(LoudnessNormalization):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "max_peak": 60.0})


# --- the limiter


@lies("Its limiter does nothing but delay.")
class LimiterDoesNothing(Limiter):
    def peaks(self, samples: Samples) -> Samples:
        return super().peaks(samples) * 0.0


@lies("Its limiter looks at samples and not between them.")
class LimiterGoesBySamples(Limiter):
    def peaks(self, samples: Samples) -> Samples:
        whole = self._recent(samples)
        begin = (len(whole) - len(samples)) // 2
        return np.asarray(
            np.maximum(np.abs(whole[begin : begin + len(samples)]), np.abs(whole[begin + 1 : begin + 1 + len(samples)]))
        )


@lies("Its limiter cuts off what is too loud.")
class LimiterCutsOff(Limiter):
    def process(self, samples: Samples) -> Samples:
        most = 10 ** (self.threshold / 20)
        return np.asarray(np.clip(self._sound(samples), -most, most))


@lies("Its limiter does not look ahead: what comes suddenly gets through.")
class LimiterOvershoots(Limiter):
    def process(self, samples: Samples) -> Samples:
        needed = np.maximum(0.0, 20 * np.log10(np.maximum(self.peaks(samples), 1e-8)) - self.threshold)
        held = self._held(needed)
        slow = 1 - math.exp(-1 / (0.02 * self.rate))
        gains = np.empty(len(samples))
        now = getattr(self, "_slow", 0.0)
        for place, wanted in enumerate(held.tolist()):
            now = max(wanted if wanted < now else now + slow * (wanted - now), 0.0)
            gains[place] = now
        self._slow = now
        return np.asarray(self._sound(samples) * 10 ** (-gains / 20))


@lies("Its limiter ends 1 dB over its threshold.")
class LimiterThresholdOff(Limiter):
    def set(self, parameters: Parameters) -> None:
        super().set(parameters)
        self.threshold += 1.0


@lies("Its limiter has a threshold of -1 dB whatever it is told.")
class LimiterThresholdIgnored(Limiter):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "threshold": -1.0})


@lies("Its limiter has no threshold below -30 dB.")
class LimiterThresholdEndsEarly(Limiter):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "threshold": max(-30.0, parameters["threshold"])})


@lies("Its limiter makes what is quiet a little quieter, too.")
class LimiterTouchesQuiet(Limiter):
    def process(self, samples: Samples) -> Samples:
        return super().process(samples) * 0.99


@lies("Its limiter makes what is too loud silent.")
class LimiterSilencesLoud(Limiter):
    def process(self, samples: Samples) -> Samples:
        done = super().process(samples)
        return np.asarray(done * (np.max(np.abs(samples)) < 10 ** ((self.threshold + 3) / 20)))


@lies("Its limiter takes every sound to its threshold: quiet ones, too.")
class LimiterRaisesQuiet(Limiter):
    def process(self, samples: Samples) -> Samples:
        return np.asarray(super().process(samples) * 10 ** (-self.threshold / 40))
