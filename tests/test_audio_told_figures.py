"""Figures of chunks, true and untrue."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from support.audio import told_figures as figures
from support.audio.signals import to_pcm16
from support.kit.errors import PromiseBrokenError, VoidError


@dataclass
class Answer:
    """As much of a chunk's answer as its figures take."""

    sequence: int = 1
    metrics: dict[str, object] = field(default_factory=dict)
    sent_at: float = 0.0
    answered_at: float = 0.1
    played: bytes = b""


def quality(sequence=1, **told):
    return Answer(sequence, {"quality_metrics": told})


def timed(total, average=None, stages=None, waited=0.1, sequence=1):
    told = {"total_latency": total, "average_latency": average, "stage_latencies": stages}
    return Answer(sequence, told, answered_at=waited)


def broken(match):
    return pytest.raises(PromiseBrokenError, match=f"(?s){match}")


# --- numbers


@pytest.mark.parametrize("value", [None, True, "-3.01", [1], float("nan")])
def test_a_figure_is_a_number(value):
    with broken(r"the figures of chunk 1 tell quality_metrics\.rms, a number"):
        figures.require_levels([quality(rms=value, peak=0)], 0, 0, 0.1)


@pytest.mark.parametrize("metrics", [{}, {"quality_metrics": None}, {"quality_metrics": 3}])
def test_a_figure_is_there(metrics):
    with broken(r"quality_metrics\.rms"):
        figures.quality(Answer(1, metrics), "rms")


def test_nothing_is_promised_of_nothing():
    for look in (
        lambda: figures.require_levels([], 0, 0, 0.1),
        lambda: figures.require_own_levels([], 0.1),
        lambda: figures.require_counted([], 1, 0),
        lambda: figures.require_mean([], 1),
        lambda: figures.require_adding_up([], 10),
        lambda: figures.require_within_waiting([]),
        lambda: figures.require_stages_timed([], []),
        lambda: figures.require_silent([], -96),
        lambda: figures.require_momentary([], -23, 0.1),
        lambda: figures.require_felt([], [], 3),
    ):
        with pytest.raises(VoidError):
            look()


# --- levels


def test_levels():
    figures.require_levels([quality(rms=-3.05, peak=0.05)] * 2, -3.01, 0, 0.1)
    with broken(r"the rms of chunk 2 is -3\.01 dBFS ± 0\.1 dB\nseen      -6\.02"):
        figures.require_levels([quality(rms=-3.0, peak=0), quality(2, rms=-6.02, peak=0)], -3.01, 0, 0.1)
    with broken(r"the peak of chunk 1 is 0\.00 dBFS ± 0\.1 dB\nseen      0\.12"):
        figures.require_levels([quality(rms=-3.0, peak=0.12)], -3.01, 0, 0.1)


def test_own_levels():
    first, second = quality(rms=-6.02, peak=-6), quality(2, rms=-20, peak=-20)
    for answer, level in ((first, 0.5), (second, 0.1)):
        answer.played = to_pcm16(np.full(100, level))
    figures.require_own_levels([first, second], 0.1)
    with broken("the rms of chunk 2 is -20"):
        second.metrics = first.metrics
        figures.require_own_levels([first, second], 0.1)


def test_silence():
    figures.require_silent([quality(rms=-96), quality(rms=-120.5), quality(rms=float("-inf"))], -96)
    with broken(r"-96 dBFS or lower\nseen      -90\.30 dBFS in chunk 7"):
        figures.require_silent([quality(7, rms=-90.3)], -96)


def test_momentary_loudness():
    figures.require_momentary([quality(lufs_momentary=None), quality(2, lufs_momentary=-23.05)], -23.01, 0.1)
    with broken(r"-23\.01 LUFS ± 0\.1 LU\nseen      -20\.00 LUFS"):
        figures.require_momentary([quality(lufs_momentary=-20)], -23.01, 0.1)


# --- counts


def test_chunks_are_counted():
    counted = [Answer(1, {"chunks_processed": number}) for number in (3, 4, 5)]
    figures.require_counted(counted, 3, 5)
    with broken("from 2 to 4\nseen      3, 4, 5"):
        figures.require_counted(counted, 2, 4)
    with broken("from 3 to 6"):
        figures.require_counted(counted, 3, 6)


def test_cut_off_samples():
    figures.require_cut_off(quality(clipped_samples=1600), 1600)
    with broken("tell of 1,600 samples that were cut off\nseen      1,599"):
        figures.require_cut_off(quality(clipped_samples=1599), 1600)


# --- times


def test_the_mean():
    figures.require_mean([timed(10, 10), timed(20, 15), timed(0.6, 10.2)], 1)
    with broken(r"after 2 chunks is the mean of their times, 15\.000 ms, within 1 %\nseen      20\.000"):
        figures.require_mean([timed(10, 10), timed(20, 20)], 1)
    with broken("total_latency of chunk 1 is a time, 0 ms or more\nseen      -1"):
        figures.require_mean([timed(-1, -1)], 1)
    with broken("seen      inf"):
        figures.require_mean([timed(float("inf"), 1)], 1)


def test_stages_are_named():
    figures.require_stages_timed([timed(1, stages={"vad": 1, "limiter": 0.0})], {"limiter", "vad"})
    figures.require_stages_timed([timed(1, stages={"vad": 1, "limiter": 0.0, "rounding": 1})], {"limiter", "vad"})
    with broken("times of limiter, vad\nseen      vad, x"):
        figures.require_stages_timed([timed(1, stages={"vad": 1, "x": 1})], {"limiter", "vad"})
    with broken("tell each stage's time\nseen      None"):
        figures.require_stages_timed([timed(1)], {"vad"})
    with broken("stage_latencies.vad of chunk 1 is a time"):
        figures.require_stages_timed([timed(1, stages={"vad": -1})], {"vad"})


def test_stages_add_up():
    good, bad = timed(10, stages={"a": 4, "b": 5.2}), timed(10, stages={"a": 4, "b": 4})
    figures.require_adding_up([good, good, bad, bad], 10)
    with broken(r"within 10 %\nseen      9\.20 of 10\.00 ms; 8\.00 of 10\.00 ms; 8\.00"):
        figures.require_adding_up([good, bad, bad], 10)
    with broken("add up"):
        figures.require_adding_up([timed(0, stages={})], 10)
    with broken("add up"):
        figures.require_adding_up([timed(10, stages={"a": 11.1})], 10)


def test_no_chunk_takes_longer_than_was_waited():
    figures.require_within_waiting([timed(100.5)])
    with broken(r"chunk 4 took no more than the 100\.00 ms that were waited\nseen      102"):
        figures.require_within_waiting([timed(102, sequence=4)])


def test_what_the_stages_add():
    plain = [timed(2, waited=0.010)] * 3
    figures.require_felt([timed(92, waited=0.110)] * 3, plain, 3)
    figures.require_felt([timed(40, waited=0.110)] * 3, plain, 3)
    with broken(r"what the speaker feels, 100\.00 ms, to a factor of 3\nseen      0\.090 ms"):
        figures.require_felt([timed(0.092, waited=0.110)], [timed(0.002, waited=0.010)], 3)
    with pytest.raises(VoidError, match="too little to be felt"):
        figures.require_felt(plain, plain, 3)
