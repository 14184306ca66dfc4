"""Pipelines that break one promise each about figures: levels, counts, times."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import json
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from support.audio.lie import lies
from support.audio.reference.dialogue import Answers, Dialogue, Frame
from support.audio.reference.dsp.chain import Chain, Pcm
from support.audio.reference.dsp.quality import Meter, Quality, Samples, decibels
from support.audio.reference.figures import Account, Figures
from support.audio.reference.metrics import ServerMetrics

Ints = NDArray[np.int16]

# --- levels


@lies("Its rms is that of a sine: a full-scale one reads 0.")
class RmsOffByThreeDecibels(Meter):
    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        return replace(told, rms=told.rms + 3.01)


@lies("Its rms is told as a power, without the root.")
class RmsWithoutItsRoot(Meter):
    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        return replace(told, rms=2 * told.rms)


@lies("Its rms is that of all chunks so far.")
class RmsOfAllSoFar(Meter):
    squares = 0.0
    count = 0

    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        self.squares += float(np.sum(np.square(pcm / 32768)))
        self.count += len(pcm)
        return replace(told, rms=decibels(math.sqrt(self.squares / self.count)))


@lies("Its peak is the greatest so far.")
class PeakIsHeld(Meter):
    held = -120.0

    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        self.held = max(self.held, told.peak)
        return replace(told, peak=self.held)


@lies("Its peak is that of the upper half of the wave.")
class PeakOfTheUpperHalf(Meter):
    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        return replace(told, peak=decibels(max(0.0, float(np.max(pcm)) / 32768)))


@lies("It tells its levels as factors of full scale.")
class LevelsAsFactors(Meter):
    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        return replace(told, rms=10 ** (told.rms / 20), peak=10 ** (told.peak / 20))


@lies("No level is lower than -90 dBFS.")
class SilenceIsTooLoud(Meter):
    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        told = super().measure(pcm, clipped, voiced)
        return replace(told, rms=max(told.rms, -90.0), peak=max(told.peak, -90.0))


@lies("Its loudness is not weighted as an ear does it.")
class LoudnessOfChunksUnweighted(Meter):
    def momentary(self, samples: Samples) -> float:
        return decibels(math.sqrt(float(np.mean(np.square(samples)))))


@lies("Its loudness is that of two channels: 3 LU too much.")
class LoudnessOfTwoChannels(Meter):
    def momentary(self, samples: Samples) -> float:
        return super().momentary(samples) + 3.01


@lies("Its levels are always the same.")
class LevelsMadeUp(Meter):
    def measure(self, pcm: Ints, clipped: int, voiced: bool) -> Quality:
        return Quality(-23.01, -20.0, 20.0, -23.01, 0, True)


# --- counts


@lies("Its figures count bad chunks, too.")
class BadChunksCounted(Dialogue):
    bad = 0

    def answer(self, frame: Frame | None) -> Answers:
        answers = super().answer(frame)
        self.bad += answers[0]["type"] == "error"
        for answer in answers:
            figures = answer.get("metrics")
            if isinstance(figures, dict):
                answer["metrics"] = figures | {"chunks_processed": figures["chunks_processed"] + self.bad}
        return answers


class _Figures(Account):
    """Tells other figures than it has."""

    def other(self, told: Figures) -> dict[str, object]:
        raise NotImplementedError

    def add(self, seconds: float, stages: Mapping[str, float], quality: Quality, latency_samples: int) -> Figures:
        told = super().add(seconds, stages, quality, latency_samples)
        told.update(self.other(told))  # type: ignore[typeddict-item]
        return told


@lies("Its figures count chunks from 0.")
class ChunksFromNought(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        return {"chunks_processed": told["chunks_processed"] - 1}


@lies("Its figures count no further than 20.")
class CountsNoFurtherThanTwenty(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        return {"chunks_processed": min(20, told["chunks_processed"])}


@lies("It tells of no sample that was cut off.")
class CutsNotCounted(Chain):
    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        return super().rounded(samples)[0], 0


@lies("It counts a chunk that was cut off somewhere as one.")
class CutChunksCounted(Chain):
    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        pcm, cut = super().rounded(samples)
        return pcm, min(cut, 1)


@lies("It counts only what is cut off at the upper end.")
class CutsOfTheUpperHalf(Chain):
    def rounded(self, samples: Samples) -> tuple[Pcm, int]:
        return super().rounded(samples)[0], int(np.count_nonzero(samples > 1))


# --- times


@lies("The average is the last time.")
class AverageIsTheLast(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        return {"average_latency": told["total_latency"]}


@lies("The average weighs the last time as much as all before.")
class AverageOfAverages(_Figures):
    average: float | None = None

    def other(self, told: Figures) -> dict[str, object]:
        last = told["total_latency"]
        self.average = last if self.average is None else (self.average + last) / 2
        return {"average_latency": self.average}


@lies("It tells times in seconds.")
class TimesInSeconds(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        stages = {stage: taken / 1000 for stage, taken in told["stage_latencies"].items()}
        total, average = told["total_latency"] / 1000, told["average_latency"] / 1000
        return {"total_latency": total, "average_latency": average, "stage_latencies": stages}


@lies("It tells the time of all chunks for that of one.")
class TimesOfAllChunks(_Figures):
    so_far = 0.0

    def other(self, told: Figures) -> dict[str, object]:
        self.so_far += told["total_latency"]
        return {"total_latency": self.so_far}


@lies("It tells 50 ms too much.")
class TimesTooLong(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        return {"total_latency": told["total_latency"] + 50, "average_latency": told["average_latency"] + 50}


@lies("It says that everything took a millisecond.")
class TimesMadeUp(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        stages = {stage: 1 / len(told["stage_latencies"]) for stage in told["stage_latencies"]}
        return {"total_latency": 1.0, "average_latency": 1.0, "stage_latencies": stages}


@lies("It tells times of stages in seconds.")
class StageTimesInSeconds(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        return {"stage_latencies": {stage: taken / 1000 for stage, taken in told["stage_latencies"].items()}}


@lies("It forgets the time of the last stage.")
class LastStageHasNoTime(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        return {"stage_latencies": dict(list(told["stage_latencies"].items())[:-1])}


@lies("Each stage's time is that of all stages up to it.")
class StageTimesAddUpTwice(_Figures):
    def other(self, told: Figures) -> dict[str, object]:
        added, stages = 0.0, {}
        for stage, taken in told["stage_latencies"].items():
            added += taken
            stages[stage] = added
        return {"stage_latencies": stages}


# --- what monitoring programs see


@lies("It tells its figures to monitoring programs as JSON.")
class MonitoringInJson(ServerMetrics):
    def text(self) -> bytes:
        return json.dumps({"audio_chunks_total": self.chunks}).encode()


@lies("It tells monitoring programs of one series twice.")
class MonitoringSeriesTwice(ServerMetrics):
    def text(self) -> bytes:
        return super().text() + b"audio_chunks_total 0.0\n"


@lies("It tells monitoring programs of no figure.")
class MonitoringOfNothing(ServerMetrics):
    def text(self) -> bytes:
        return b"# nothing to tell\n"


@lies("It tells monitoring programs numbers with commas.")
class MonitoringWithCommas(ServerMetrics):
    def text(self) -> bytes:
        return super().text().replace(b".0\n", b",0\n")
