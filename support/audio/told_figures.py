"""Whether the figures that are told of chunks are true: levels, counts and times. Each `require_*` raises PromiseBrokenError."""

from collections.abc import Collection, Sequence
from math import isfinite
from statistics import median

from support.audio.figures import agrees, measured
from support.audio.frames import ChunkAnswer
from support.kit.errors import PromiseBrokenError, VoidError

Answers = Sequence[ChunkAnswer]
ROUNDED = 0.1
"""Milliseconds by which a mean may be off because one digit was kept, twice."""
CLOCK = 1.0
"""Milliseconds by which the pipeline's clock and the speaker's may differ over a chunk."""


def number(answer: ChunkAnswer, *path: str) -> float:
    """A figure of a chunk. PromiseBrokenError where it is not there or no number."""
    value: object = answer.metrics
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise PromiseBrokenError(f"the figures of chunk {answer.sequence} tell {'.'.join(path)}, a number", repr(value))
    return float(value)


def quality(answer: ChunkAnswer, name: str) -> float:
    """A figure of what a chunk sounds like."""
    return number(answer, "quality_metrics", name)


# --- levels


def require_levels(answers: Answers, rms: float, peak: float, tolerance: float) -> None:
    """Every chunk's rms and peak are these (dBFS)."""
    for answer in some(answers):
        _require_near(answer, "rms", rms, tolerance)
        _require_near(answer, "peak", peak, tolerance)


def require_own_levels(answers: Answers, tolerance: float) -> None:
    """Every chunk's rms and peak are those of what was played in it."""
    for answer in some(answers):
        right = measured(answer.played)
        _require_near(answer, "rms", right.rms, tolerance)
        _require_near(answer, "peak", right.peak, tolerance)


def require_silent(answers: Answers, most: float) -> None:
    """Every chunk's rms is at most this (dBFS)."""
    for answer in some(answers):
        if not quality(answer, "rms") <= most:
            seen = f"{quality(answer, 'rms'):.2f} dBFS in chunk {answer.sequence}"
            raise PromiseBrokenError(f"the rms is {most:g} dBFS or lower", seen)


def require_momentary(answers: Answers, loudness: float, tolerance: float) -> None:
    """The last chunk's momentary loudness is this (LUFS, LU)."""
    seen = quality(some(answers)[-1], "lufs_momentary")
    if not abs(seen - loudness) <= tolerance:
        promised = f"the last chunk's momentary loudness is {loudness:g} LUFS ± {tolerance:g} LU"
        raise PromiseBrokenError(promised, f"{seen:.2f} LUFS")


# --- counts


def require_counted(answers: Answers, first: int, last: int) -> None:
    """Each chunk's figures tell how many there were up to it."""
    told = [number(answer, "chunks_processed") for answer in some(answers)]
    if told != list(range(first, last + 1)):
        seen = ", ".join(f"{value:g}" for value in told)
        raise PromiseBrokenError(f"the figures count the chunks, from {first} to {last}", seen)


def require_cut_off(answer: ChunkAnswer, count: int) -> None:
    """So many samples of the chunk were cut off at full scale."""
    seen = quality(answer, "clipped_samples")
    if seen != count:
        raise PromiseBrokenError(f"the figures tell of {count:,} samples that were cut off", f"{seen:,g}")


# --- times


def require_mean(answers: Answers, percent: float) -> None:
    """Each chunk's average time is the mean of the total times up to it."""
    totals: list[float] = []
    for answer in some(answers):
        totals.append(_time(answer, "total_latency"))
        wanted, seen = sum(totals) / len(totals), _time(answer, "average_latency")
        if not abs(seen - wanted) <= wanted * percent / 100 + ROUNDED:
            promised = f"the average after {len(totals)} chunks is the mean of their times, {wanted:.3f} ms, within {percent:g} %"
            raise PromiseBrokenError(promised, f"{seen:.3f} ms")


def require_stages_timed(answers: Answers, stages: Collection[str]) -> None:
    """Each chunk's figures tell the time of each of these stages."""
    for answer in some(answers):
        told = stage_times(answer)
        if not set(stages) <= set(told):
            promised = f"the figures of chunk {answer.sequence} tell the times of {', '.join(sorted(stages))}"
            raise PromiseBrokenError(promised, ", ".join(sorted(told)))


def require_adding_up(answers: Answers, percent: float) -> None:
    """The stages' times of half of the chunks or more add up to the total.

    Of half: where the machine takes the processor away between two stages, neither of them has used that time.
    """
    totals = [_time(answer, "total_latency") for answer in some(answers)]
    sums = [sum(stage_times(answer).values()) for answer in answers]
    fit = [total > 0 and abs(added - total) <= total * percent / 100 for added, total in zip(sums, totals, strict=True)]
    if sum(fit) * 2 < len(fit):
        seen = "; ".join(f"{added:.2f} of {total:.2f} ms" for added, total in zip(sums, totals, strict=True))
        raise PromiseBrokenError(f"the stages' times add up to the total within {percent:g} %", seen)


def require_within_waiting(answers: Answers) -> None:
    """No chunk took longer in the pipeline than the speaker waited for it."""
    for answer in some(answers):
        told, waited = _time(answer, "total_latency"), _waited(answer)
        if not told <= waited + CLOCK:
            promised = f"chunk {answer.sequence} took no more than the {waited:.2f} ms that were waited"
            raise PromiseBrokenError(promised, f"{told:.2f} ms")


def require_felt(worked: Answers, plain: Answers, factor: float) -> None:
    """What the stages add to a chunk is told as the speaker feels it: waiting with them less waiting without, to a factor.

    `plain`: the same chunks in a session that does nothing. VoidError where the stages cannot be felt.
    """
    told = median(_time(each, "total_latency") for each in some(worked))
    told -= median(_time(each, "total_latency") for each in some(plain))
    felt = median(map(_waited, worked)) - median(map(_waited, plain))
    if not felt > CLOCK:
        raise VoidError(f"the stages add {felt:.2f} ms to a chunk, which is too little to be felt")
    if not felt / factor <= told <= felt * factor:
        promised = f"the figures tell what the speaker feels, {felt:.2f} ms, to a factor of {factor:g}"
        raise PromiseBrokenError(promised, f"{told:.3f} ms")


def stage_times(answer: ChunkAnswer) -> dict[str, float]:
    """Milliseconds that each stage took. PromiseBrokenError where one is no time."""
    told = answer.metrics.get("stage_latencies")
    if not isinstance(told, dict):
        raise PromiseBrokenError(f"the figures of chunk {answer.sequence} tell each stage's time", repr(told))
    return {str(name): _time(answer, "stage_latencies", str(name)) for name in told}


def some(answers: Answers) -> Answers:
    """The chunks that something is promised of. VoidError where there are none."""
    if not answers:
        raise VoidError("no chunk was answered, so nothing can be promised of its figures")
    return answers


def _time(answer: ChunkAnswer, *path: str) -> float:
    told = number(answer, *path)
    if not (isfinite(told) and told >= 0):
        raise PromiseBrokenError(f"{'.'.join(path)} of chunk {answer.sequence} is a time, 0 ms or more", f"{told:g}")
    return told


def _waited(answer: ChunkAnswer) -> float:
    return (answer.answered_at - answer.sent_at) * 1000


def _require_near(answer: ChunkAnswer, name: str, wanted: float, tolerance: float) -> None:
    seen = quality(answer, name)
    if not agrees(seen, wanted, tolerance):
        promised = f"the {name} of chunk {answer.sequence} is {wanted:.2f} dBFS ± {tolerance:g} dB"
        raise PromiseBrokenError(promised, f"{seen:.2f} dBFS")
