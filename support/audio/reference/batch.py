"""Whole recordings: in, through the stages, at another rate perhaps, and out. Runs on a worker's thread.

Channels go through chains of their own. The delay of a chain is taken away: what comes out lines up with what went in.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from support.audio.protocol import DEFAULT_RATE, FULL_SCALE, SILENCE_DBFS, Code, RefusedError, bytes_of, pcm_of, text_of
from support.audio.reference.configuration import Pipeline, StageSettings
from support.audio.reference.dsp.files import read, write
from support.audio.reference.dsp.resampling import resample
from support.audio.reference.engine import Quality, make_chain, samples_of
from support.audio.reference.figures import Account, Figures
from support.audio.reference.models import HIGHEST_RATE, LOWEST_RATE, MOST_CHANNELS
from support.audio.reference.usage import Usage

BLOCK = 4_096
"""Samples that go through a chain at once, before others are given way; what comes out does not depend on it."""
FILE_MARKS = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"FORM", b"caff", b".snd")
"""How sound files begin. What begins otherwise, and comes as base64, is PCM."""

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Recording:
    """Samples of shape (length, channels)."""

    samples: Samples
    rate: int


@dataclass(frozen=True)
class Processed:
    """What came out of a chain, how late it was within, and what it took."""

    recording: Recording
    latency_samples: int
    figures: Figures


@dataclass(frozen=True)
class Channel:
    """One channel behind its chain. seconds: what that took, and of it each stage. late: samples that were taken away."""

    samples: Samples
    seconds: float
    stage_seconds: Mapping[str, float]
    blocks: list[Quality]
    late: int


class Reader:
    """Makes recordings out of what clients hand in."""

    def file(self, data: bytes) -> Recording:
        """The recording in a sound file. RefusedError: UNSUPPORTED_AUDIO for what cannot be read, INVALID_AUDIO for no sound."""
        if not data:
            raise RefusedError(Code.INVALID_AUDIO, "the file is empty", "audio_file")
        samples, rate, channels = read(data)
        if not LOWEST_RATE <= rate <= HIGHEST_RATE or not 1 <= channels <= MOST_CHANNELS:
            raise RefusedError(Code.UNSUPPORTED_AUDIO, f"{channels} channels at {rate} Hz are not supported", "audio_file")
        return self._sound(Recording(samples.reshape(-1, channels), rate), "audio_file")

    def text(self, text: str, rate: int = DEFAULT_RATE) -> Recording:
        """The recording that base64 `text` holds: a sound file, or PCM of one channel at `rate`. RefusedError."""
        data = bytes_of(text)
        if data.startswith(FILE_MARKS):
            return self.file(data)
        return self.pcm(text, rate)

    def pcm(self, text: str, rate: int) -> Recording:
        """One channel of PCM in base64 at `rate`. RefusedError."""
        return self._sound(Recording(samples_of(pcm_of(text)).reshape(-1, 1), rate), "audio_data")

    def _sound(self, recording: Recording, field: str) -> Recording:
        if not len(recording.samples):
            raise RefusedError(Code.INVALID_AUDIO, "there is no sound in it", field)
        return recording


class Writer:
    """Turns recordings into what clients want back."""

    def text(self, recording: Recording, form: str) -> str:
        """`recording` as base64 of a wav or flac file, or of PCM with its channels interleaved."""
        if form == "base64":
            return text_of(np.ascontiguousarray(recording.samples, dtype="<i2").tobytes())
        return text_of(write(recording.samples, recording.rate, form))


class Batch:
    """Sends recordings through stages. `give_way` is called before each block: others may be in more of a hurry."""

    def __init__(self, usage: Usage, give_way: Callable[[], None]) -> None:
        self.usage = usage
        self.give_way = give_way

    def process(self, recording: Recording, stages: Sequence[StageSettings]) -> Processed:
        """`recording` through `stages`: of the same length, and in line."""
        channels = [self._channel(samples, recording.rate, stages) for samples in recording.samples.T]
        stage_seconds: defaultdict[str, float] = defaultdict(float)
        for channel in channels:
            for name, seconds in channel.stage_seconds.items():
                stage_seconds[name] += seconds
        samples = np.stack([channel.samples for channel in channels], axis=1)
        quality = quality_of(samples, [block for channel in channels for block in channel.blocks])
        seconds, late = sum(channel.seconds for channel in channels), channels[0].late
        figures = Account(self.usage).add(seconds, stage_seconds, quality, late)
        return Processed(Recording(samples, recording.rate), late, figures)

    def each(self, recording: Recording, pipeline: Pipeline) -> dict[str, Processed]:
        """What comes out of each stage that is on, by its name."""
        return {
            stage.name: self.process(recording, pipeline.stages[: index + 1])
            for index, stage in enumerate(pipeline.stages)
            if stage.enabled
        }

    def at_rate(self, recording: Recording, rate: int | None) -> Recording:
        """`recording` at `rate` samples per second; None leaves it as it is."""
        if rate is None or rate == recording.rate:
            return recording
        return Recording(resample(recording.samples, recording.rate, rate), rate)

    def _channel(self, samples: Samples, rate: int, stages: Sequence[StageSettings]) -> Channel:
        chain = make_chain(stages, rate)
        late = chain.latency_samples
        fed = np.concatenate([samples, np.zeros(late, np.int16)]) if late else np.ascontiguousarray(samples)
        heard = np.empty_like(fed)
        stage_seconds: defaultdict[str, float] = defaultdict(float)
        blocks: list[Quality] = []
        taken = 0.0
        for start in range(0, len(fed), BLOCK):
            self.give_way()
            begun = time.perf_counter()
            processed = chain.process(fed[start : start + BLOCK])
            heard[start : start + BLOCK] = processed.pcm
            taken += time.perf_counter() - begun
            blocks.append(processed.quality)
            for name, seconds in processed.stage_seconds.items():
                stage_seconds[name] += seconds
        return Channel(heard[late:], taken, stage_seconds, blocks, late)


def quality_of(samples: Samples, blocks: Sequence[Quality]) -> Quality:
    """Quality of `samples` as a whole: levels are theirs, the loudest moment is that of the `blocks` they were made in."""
    whole = samples.astype(np.float64) / FULL_SCALE
    return replace(
        blocks[0],
        rms=dbfs(float(np.sqrt(np.mean(np.square(whole))))),
        peak=dbfs(float(np.max(np.abs(whole)))),
        snr=median_of([block.snr for block in blocks]),
        lufs_momentary=max(block.lufs_momentary for block in blocks),
        clipped_samples=sum(block.clipped_samples for block in blocks),
        voice_detected=any(block.voice_detected for block in blocks),
    )


def dbfs(level: float) -> float:
    """`level` in dB re full scale, silence as it is agreed."""
    return max(SILENCE_DBFS, 20.0 * float(np.log10(level))) if level > 0.0 else SILENCE_DBFS


def median_of(values: Sequence[float]) -> float:
    """The middle one of `values`."""
    return float(np.median(np.asarray(values, dtype=np.float64)))
