"""Pipelines that break one promise each about voices and noise, and about the ranges that stages tell."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from collections.abc import Mapping

import numpy as np

from support.audio.lie import lies
from support.audio.protocol import Code
from support.audio.reference.dsp.catalogue import CATALOGUE, Number, ParameterError, checked
from support.audio.reference.dsp.chain import Chain, Pcm, Processed
from support.audio.reference.dsp.stages.noise_reduction import NoiseReduction, Spectra
from support.audio.reference.dsp.stages.stage import Parameters, Samples
from support.audio.reference.dsp.stages.voice_activity import VoiceActivity

# --- voice activity


class _OtherFlag(VoiceActivity):
    """Flags otherwise."""

    def flag(self, samples: Samples) -> bool:
        raise NotImplementedError

    def process(self, samples: Samples) -> Samples:
        done = super().process(samples)
        self.voiced = self.flag(samples)
        return done


@lies("It hears voices everywhere.")
class VadAlways(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return True


@lies("It never hears a voice.")
class VadNever(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return False


@lies("It takes everything that is loud for a voice.")
class VadGoesByLevel(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return float(np.mean(samples**2)) > 10 ** (-38 / 10)


@lies("It takes nothing for a voice that is not loud.")
class VadHearsLoudVoicesOnly(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return self.voiced and float(np.mean(samples**2)) > 10 ** (-25 / 10)


@lies("It takes everything that can be heard for a voice.")
class VadGoesByFaintLevel(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return float(np.mean(samples**2)) > 10 ** (-70 / 10)


@lies("Once it has heard a voice, it hears it for ever.")
class VadNeverForgets(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        self._heard = self.voiced or getattr(self, "_heard", False)
        return self._heard


@lies("It takes silence for a voice, and a voice for silence.")
class VadInverted(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return not self.voiced


@lies("It hears the first voice and no other.")
class VadFlagsOnce(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        self._count = getattr(self, "_count", 0) + self.voiced
        return self.voiced and self._count <= 10


@lies("It hears voices in sounds of 16,000 samples a second only.")
class VadAtOneRateOnly(_OtherFlag):
    def flag(self, samples: Samples) -> bool:
        return self.voiced and self.rate == 16000


@lies("Its voice activity detection makes what is no voice silent.")
class VadSilencesPauses(VoiceActivity):
    def process(self, samples: Samples) -> Samples:
        return super().process(samples) * (1.0 if self.voiced else 0.0)


# --- noise reduction


@lies("Its noise reduction does nothing.")
class NoiseReductionDoesNothing(NoiseReduction):
    def gains(self, powers: Spectra) -> Spectra:
        return np.ones_like(powers)


@lies("Its noise reduction makes everything quieter, whatever it is.")
class NoiseReductionAttenuatesAll(NoiseReduction):
    def gains(self, powers: Spectra) -> Spectra:
        return np.full_like(powers, 1 - 0.8 * self.strength)


@lies("Its noise reduction takes steady tones away, too.")
class NoiseReductionTakesTones(NoiseReduction):
    def gains(self, powers: Spectra) -> Spectra:
        mean = np.median(powers, axis=1, keepdims=True)
        return np.asarray(super().gains(powers) * np.where(powers > 100 * mean, 1 - 0.3 * self.strength, 1.0))


@lies("Its noise reduction takes away half of what it should, in dB.")
class NoiseReductionTooWeak(NoiseReduction):
    def gains(self, powers: Spectra) -> Spectra:
        return np.asarray(np.maximum(super().gains(powers), 10 ** (-4 / 20)))


@lies("Its noise reduction has a strength of its own, also where none is wanted.")
class NoiseReductionWithoutZero(NoiseReduction):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "strength": max(0.7, parameters["strength"])})


@lies("Its noise reduction works at half its strength, and at its strongest not at all.")
class NoiseReductionEndsEarly(NoiseReduction):
    def set(self, parameters: Parameters) -> None:
        super().set({**parameters, "strength": parameters["strength"] % 1.0})


@lies("Its noise reduction works on sounds of 16,000 samples a second only.")
class NoiseReductionAtOneRateOnly(NoiseReduction):
    def gains(self, powers: Spectra) -> Spectra:
        return super().gains(powers) if self.rate == 16000 else np.ones_like(powers)


# --- ranges


@lies("It refuses the ends of the ranges that it tells.", over=checked)
def ends_refused(stage: str, parameters: Mapping[str, object]) -> dict[str, object]:
    for known in CATALOGUE[stage].parameters:
        value = parameters.get(known.name)
        if isinstance(known, Number) and known.unit in ("Hz", "ms") and value in (known.least, known.greatest):
            raise ParameterError(Code.OUT_OF_RANGE, known.name, f"{known.name} is at the end of its range")
    return checked(stage, parameters)


@lies("It loses a sample at the end of long chunks.")
class ShortensChunks(Chain):
    def process(self, pcm: Pcm) -> Processed:
        done = super().process(pcm)
        return Processed(done.pcm[:-1], done.stage_seconds, done.quality) if self._places else done
