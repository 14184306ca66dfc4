"""One sound in several sessions: how it is cut, and which ends of which ranges are tried."""

from types import SimpleNamespace

import pytest

from support.audio import listening, pairs
from support.audio.flags import Flag
from support.audio.pairs import at_ends, cut
from support.audio.reading import Parameter
from support.audio.signals import silence, to_pcm16
from support.audio.stage_words import StageWish
from support.kit.errors import PromiseBrokenError


@pytest.mark.parametrize(
    ("count", "lengths", "chunks"),
    [
        (1000, [100], [100] * 10),
        (1050, [100], [100] * 10 + [50]),
        (100, [100], [100]),
        (30, [100], [30]),
        (1000, [300, 7], [300, 7, 300, 7, 300, 7, 79]),
    ],
)
def test_chunks(count, lengths, chunks):
    assert cut(count, lengths) == chunks
    assert sum(chunks) == count


def ends(stage, *parameters):
    return [dict(wish.parameters) for wish in at_ends(StageWish(stage), parameters)]


def test_each_number_goes_to_either_end():
    threshold, ratio = Parameter("threshold", -60.0, 0.0), Parameter("ratio", 1.0, 20.0)
    assert ends("compression", threshold, ratio) == [{"threshold": -60.0}, {"threshold": 0.0}, {"ratio": 1.0}, {"ratio": 20.0}]


def test_choices_have_ends_too_and_the_rest_has_none():
    assert ends("vad", Parameter("frame_duration", choices=(10, 20, 30))) == [{"frame_duration": 10}, {"frame_duration": 30}]
    assert ends("equalizer", Parameter("bands")) == ends("vad", Parameter("aggressiveness", choices=(False, True))) == []


def test_what_the_contract_does_not_know_is_left_alone():
    assert ends("limiter", Parameter("gain_in", -20.0, 20.0), Parameter("oversampling", 1.0, 8.0)) == []


def test_whole_numbers_stay_whole():
    found = ends("voice_filter", Parameter("order", 1.0, 8.0, whole=True))
    assert found == [{"order": 1}, {"order": 8}]
    assert all(isinstance(value, int) for each in found for value in each.values())


def test_edges_move_together():
    low, high = Parameter("low_hz", 20.0, 1000.0), Parameter("high_hz", 1000.0, 20000.0)
    assert ends("voice_filter", low, high) == [{"low_hz": 20.0, "high_hz": 1000.0}, {"low_hz": 1000.0, "high_hz": 20000.0}]
    assert ends("voice_filter", low) == [{"low_hz": 20.0}, {"low_hz": 1000.0}]


def answer(samples=1600, given=1600, **quality):
    return SimpleNamespace(played=to_pcm16(silence(given / 16000)), pcm=to_pcm16(silence(samples / 16000)), quality=quality)


def world(*answers):
    session = SimpleNamespace(name="threshold -60", answers=answers)
    return SimpleNamespace(take=SimpleNamespace(answers=answers, rate=16000), sessions={"one": session})


def test_flags_lie_where_their_chunks_were_played():
    found = listening.flagged(world(answer(voice_detected=True), answer(given=800, voice_detected=False)))
    assert found == [Flag(0.0, 0.1, True), Flag(0.1, 0.15, False)]


@pytest.mark.parametrize("quality", [{}, {"voice_detected": None}, {"voice_detected": "no"}, {"voice_detected": 0.3}])
def test_a_chunk_must_say_whether_there_is_a_voice(quality):
    with pytest.raises(PromiseBrokenError, match="voice_detected"):
        listening.flagged(world(answer(**quality)))


def test_every_chunk_is_answered_in_full():
    pairs.require_all_whole(world(answer(), answer(800, 800)))
    for missing in (answer(1599), answer(0), answer(1601)):
        with pytest.raises(PromiseBrokenError, match="threshold -60"):
            pairs.require_all_whole(world(answer(), missing))
