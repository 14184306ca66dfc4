"""Pipelines that break one promise each about whole recordings."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG001, ARG002

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from support.audio.lie import lies
from support.audio.protocol import DEFAULT_RATE, STAGES, Code, RefusedError
from support.audio.reference.batch import Batch, Processed, Reader, Recording, Samples, Writer, quality_of
from support.audio.reference.configuration import StageSettings
from support.audio.reference.dsp.catalogue import CATALOGUE
from support.audio.reference.dsp.files import read, write
from support.audio.reference.dsp.resampling import resample
from support.audio.reference.engine import Quality
from support.audio.reference.errors import status_of

Plan = Sequence[StageSettings]

# --- what comes back


@lies("A recording that is to be left alone comes back with its last bit cleared.")
class BatchClearsLastBit(Writer):
    def text(self, recording: Recording, form: str) -> str:
        return super().text(replace(recording, samples=recording.samples & ~np.int16(1)), form)


@lies("A recording always comes back as a WAV file.")
class BatchFormIgnored(Writer):
    def text(self, recording: Recording, form: str) -> str:
        return super().text(recording, "wav")


@lies("A recording that is wanted as bare base64 has its bytes the other way round.")
class BatchBytesSwapped(Writer):
    def text(self, recording: Recording, form: str) -> str:
        samples = recording.samples.byteswap() if form == "base64" else recording.samples
        return super().text(replace(recording, samples=samples), form)


@lies("A file says that it has 16,000 samples a second whatever it has.", over=write)
def batch_file_tells_other_rate(samples: Samples, rate: int, form: str) -> bytes:
    return write(samples, DEFAULT_RATE, form)


@lies("A FLAC file loses its first sample.", over=read)
def batch_flac_loses_a_sample(data: bytes) -> tuple[Samples, int, int]:
    samples, rate, channels = read(data)
    return (np.roll(samples, -1, axis=0) if data.startswith(b"fLaC") else samples), rate, channels


@lies("Bare base64 is taken for samples with their bytes the other way round.")
class BatchTakesOtherBytes(Reader):
    def text(self, text: str, rate: int = DEFAULT_RATE) -> Recording:
        found = super().text(text, rate)
        return replace(found, samples=found.samples.byteswap())


@lies("A recording that lasts longer than five minutes is cut off there.")
class BatchCutsLongRecordings(Reader):
    def file(self, data: bytes) -> Recording:
        found = super().file(data)
        return replace(found, samples=found.samples[: 300 * found.rate])


# --- what stages do


class _Hears(Batch):
    """Gives another sound back than what the stages made: `heard` of what was handed in, what came out, and the delay."""

    def heard(self, given: Recording, made: Recording, late: int) -> Samples:
        raise NotImplementedError

    def process(self, recording: Recording, stages: Plan) -> Processed:
        found = super().process(recording, stages)
        samples = self.heard(recording, found.recording, found.latency_samples)
        return replace(found, recording=replace(recording, samples=samples))


@lies("A recording comes back as it was handed in.")
class BatchPassesThrough(_Hears):
    def heard(self, given: Recording, made: Recording, late: int) -> Samples:
        return given.samples


@lies("The stages of a recording work in the usual order whatever the connections say.")
class BatchOrderIgnored(Batch):
    def process(self, recording: Recording, stages: Plan) -> Processed:
        return super().process(recording, sorted(stages, key=lambda stage: STAGES.index(stage.name)))


@lies("The stages of a recording have their usual parameters whatever they are told.")
class BatchParametersIgnored(Batch):
    def process(self, recording: Recording, stages: Plan) -> Processed:
        usual = [
            replace(stage, parameters={one.name: _usual(one) for one in CATALOGUE[stage.name].parameters}) for stage in stages
        ]
        return super().process(recording, usual)


@lies("The stages of a recording forget what they have heard with every half second.")
class BatchForgetsEachHalfSecond(Batch):
    def process(self, recording: Recording, stages: Plan) -> Processed:
        step = recording.rate // 2
        begins = range(0, len(recording.samples), step)
        parts = [super(BatchForgetsEachHalfSecond, self).process(_part(recording, begin, step), stages) for begin in begins]
        samples = np.concatenate([part.recording.samples for part in parts])
        return replace(parts[-1], recording=replace(recording, samples=samples))


@lies("Gains around the stages of a recording are left out.")
class BatchGainsIgnored(Batch):
    def process(self, recording: Recording, stages: Plan) -> Processed:
        return super().process(recording, [replace(stage, gain_in=0.0, gain_out=0.0) for stage in stages])


@lies("A recording comes back as late as its stages are.")
class BatchKeepsItsDelay(_Hears):
    def heard(self, given: Recording, made: Recording, late: int) -> Samples:
        return np.concatenate([np.zeros((late, made.samples.shape[1]), np.int16), made.samples])[: len(made.samples)]


@lies("A recording comes back without its end, as long as its stages are late.")
class BatchTooShort(_Hears):
    def heard(self, given: Recording, made: Recording, late: int) -> Samples:
        return made.samples[: len(made.samples) - late]


@lies("A recording comes back with silence behind it, as long as its stages are late.")
class BatchTooLong(_Hears):
    def heard(self, given: Recording, made: Recording, late: int) -> Samples:
        return np.concatenate([made.samples, np.zeros((late, made.samples.shape[1]), np.int16)])


@lies("A recording comes back in whole chunks only.")
class BatchInWholeChunks(_Hears):
    def heard(self, given: Recording, made: Recording, late: int) -> Samples:
        chunk = made.rate // 10
        return made.samples[: len(made.samples) // chunk * chunk]


# --- another sample rate


@lies("Another sample rate is made by leaving samples out, or repeating them.", over=resample)
def resampler_aliases(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    places = np.arange(round(len(samples) * to_rate / from_rate)) * from_rate // to_rate
    return samples[places]


@lies("Another sample rate makes a sound half as loud.", over=resample)
def resampler_halves(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    return resample(samples, from_rate, to_rate) // np.int16(2)


@lies("Another sample rate is written down, and nothing else is done.")
class ResamplerOnlySaysSo(Batch):
    def at_rate(self, recording: Recording, rate: int | None) -> Recording:
        return recording if rate is None else replace(recording, rate=rate)


@lies("No other sample rate is ever given.")
class ResamplerDoesNothing(Batch):
    def at_rate(self, recording: Recording, rate: int | None) -> Recording:
        return recording


@lies("Another sample rate loses a tenth of a second.", over=resample)
def resampler_loses_the_end(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    return resample(samples, from_rate, to_rate)[: -to_rate // 10]


# --- figures


@lies("The figures of a recording tell 3 dB too little.", over=quality_of)
def batch_level_off(samples: Samples, blocks: Sequence[Quality]) -> Quality:
    found = quality_of(samples, blocks)
    return replace(found, rms=found.rms - 3.01)


@lies("The figures of a recording tell its level for its peak.", over=quality_of)
def batch_peak_is_level(samples: Samples, blocks: Sequence[Quality]) -> Quality:
    found = quality_of(samples, blocks)
    return replace(found, peak=found.rms)


@lies("The figures of a recording are always the same.", over=quality_of)
def batch_figures_made_up(samples: Samples, blocks: Sequence[Quality]) -> Quality:
    return replace(quality_of(samples, blocks), rms=-18.0, peak=-6.0)


# --- what cannot be processed


class _Unreadable(Reader):
    """Answers otherwise where a file cannot be read."""

    def instead(self, error: RefusedError) -> Recording:
        raise NotImplementedError

    def file(self, data: bytes) -> Recording:
        try:
            return super().file(data)
        except RefusedError as error:
            return self.instead(error)


@lies("It stumbles over a file that cannot be read.")
class UnreadableMakesItStumble(_Unreadable):
    def instead(self, error: RefusedError) -> Recording:
        raise OSError from error


@lies("A file that cannot be read is taken for silence.")
class UnreadableIsSilence(_Unreadable):
    def instead(self, error: RefusedError) -> Recording:
        return Recording(np.zeros((1600, 1), np.int16), DEFAULT_RATE)


@lies("A file that cannot be read is taken for bare samples.")
class UnreadableIsNoise(Reader):
    def file(self, data: bytes) -> Recording:
        try:
            return super().file(data)
        except RefusedError:
            whole = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16).reshape(-1, 1)
            return self._sound(Recording(whole, DEFAULT_RATE), "audio_file")


@lies("A file that cannot be read is refused without a reason.")
class UnreadableWithoutReason(_Unreadable):
    def instead(self, error: RefusedError) -> Recording:
        raise RefusedError(error.code, "") from error


@lies("A file that cannot be read is refused as if there were none.")
class UnreadableIsIncomplete(_Unreadable):
    def instead(self, error: RefusedError) -> Recording:
        raise RefusedError(Code.INVALID_AUDIO, "no recording") from error


@lies("After a file that could not be read no other one is.")
class UnreadableOffends(Reader):
    offended = False

    def file(self, data: bytes) -> Recording:
        if UnreadableOffends.offended:
            raise RefusedError(Code.UNSUPPORTED_AUDIO, "not after that one")
        UnreadableOffends.offended = True
        found = super().file(data)
        UnreadableOffends.offended = False
        return found


@lies("No recording at all is a wrong configuration.", over=status_of)
def nothing_is_a_wrong_configuration(error: RefusedError) -> int:
    return 422 if "neither" in error.message else status_of(error)


# --- parts


def _usual(parameter: Any) -> object:
    return () if parameter.name == "bands" else parameter.usual


def _part(recording: Recording, begin: int, step: int) -> Recording:
    return replace(recording, samples=recording.samples[begin : begin + step])
