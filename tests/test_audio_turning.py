"""Changes of stages, held against sessions that were left alone and that began so."""

from types import SimpleNamespace

import numpy as np
import pytest
from audio_doings import chunk, error, frame, session
from audio_parts import broken

from support.audio import turning
from support.audio.signals import sine, to_pcm16
from support.audio.stage_words import parse_chain
from support.kit.errors import VoidError


def confirmed(first, number=100, at=8.5, **fields):
    told = {"stage_id": "equalizer", "success": True, "applies_from_sequence": first} | fields
    return frame("config_updated", number, at, **told)


def levels(*told):
    """A session whose chunks came out at these levels (dBFS)."""
    return [chunk(number, pcm=to_pcm16(np.full(1600, 10 ** (level / 20)))) for number, level in enumerate(told, start=1)]


def changed(answers, *frames):
    return session(answers, frames=frames, stages=["equalizer"])


def beside(alone=(), so=()):
    sessions = {turning.LEFT_ALONE: session(alone), turning.BEGAN_SO: session(so)}
    return SimpleNamespace(sessions=sessions)


QUIET, LOUD = [-26] * 16, [-14] * 16
TURNED = [-26] * 8 + [-20] * 2 + [-14] * 6


# --- confirmations


def test_a_change_is_confirmed():
    for first in (9, 10, 13):
        turning.require_confirmed(changed(levels(*TURNED), confirmed(first)))
    for first in (8, 14, 1000, 0):
        with broken(f"one of the 5 chunks after number 8 on\nseen +from number {first}"):
            turning.require_confirmed(changed(levels(*TURNED), confirmed(first)))


@pytest.mark.parametrize(
    "told",
    [
        confirmed(9, success=False),
        confirmed(9, stage_id="limiter"),
        confirmed(9, stage_id=None),
        confirmed(None),
        error(number=100),
    ],
)
def test_what_is_no_confirmation(told):
    with broken("the change of the stage is confirmed"):
        turning.require_confirmed(changed(levels(*TURNED), told))


def test_as_many_as_were_asked_for():
    both = changed(levels(*TURNED), confirmed(9), confirmed(9, 101))
    turning.require_confirmed(both, 2)
    with broken("1 changes are confirmed\nseen +2"):
        turning.require_confirmed(both)
    with broken("1 changes are confirmed\nseen +0"):
        turning.require_all_confirmed(changed(levels(*TURNED)))


def test_a_change_under_way_applies_to_what_was_not_answered():
    turning.require_confirmed_under_way(changed(levels(*TURNED), confirmed(6, number=11)))
    with broken("after number 5\nseen +from number 5"):
        turning.require_confirmed_under_way(changed(levels(*TURNED), confirmed(5, number=11)))


# --- before the change


def test_nothing_is_heard_before():
    world = beside(alone=levels(*QUIET))
    turning.require_untouched_until(world, changed(levels(*TURNED), confirmed(9)))
    with broken("(?s)before chunk 11, .*chunk 9 is another one"):
        turning.require_untouched_until(world, changed(levels(*TURNED), confirmed(11)))
    with pytest.raises(VoidError, match="nothing before it"):
        turning.require_untouched_until(world, changed(levels(*TURNED), confirmed(1)))


def test_nothing_is_heard_at_all():
    turning.require_untouched(beside(alone=levels(*QUIET)), changed(levels(*QUIET)))
    with broken("left alone gives\nseen +chunk 9 is"):
        turning.require_untouched(beside(alone=levels(*QUIET)), changed(levels(*TURNED)))


# --- after the change


def test_the_effect_is_there_within_some_chunks():
    world = beside(so=levels(*LOUD))
    turning.require_effect(world, changed(levels(*TURNED), confirmed(9)), 3, 0.5)
    turning.require_effect(world, changed(levels(*TURNED), confirmed(9)), 2, 0.5)
    with broken("within 1 chunks .*-14.00 ± 0.5 dBFS\nseen +-20.00 dBFS in chunk 10"):
        turning.require_effect(world, changed(levels(*TURNED), confirmed(9)), 1, 0.5)
    with broken("-26.00 dBFS in chunk 12"):
        turning.require_effect(world, changed(levels(*QUIET), confirmed(9)), 3, 0.5)
    with broken("while the sound is played\nseen +from number 20 of 16 on"):
        turning.require_effect(world, changed(levels(*TURNED), confirmed(20)), 3, 0.5)


def test_the_last_of_two_changes_counts():
    turning.require_effect(beside(so=levels(*LOUD)), changed(levels(*TURNED), confirmed(3), confirmed(9, 101)), 3, 0.5)


def test_the_effect_is_one():
    turning.require_difference(beside(alone=levels(*QUIET)), changed(levels(*TURNED)), 12 - 0.01)
    with broken("as 11 dB at least\nseen +-26.00 dBFS became -26.00"):
        turning.require_difference(beside(alone=levels(*QUIET)), changed(levels(*QUIET)), 11)


def tone(*parts):
    """Chunks of one tone that goes on, at these factors."""
    whole = sine(433, -20, len(parts) / 10)
    return [
        chunk(number, pcm=to_pcm16(whole[1600 * (number - 1) : 1600 * number] * factor))
        for number, factor in enumerate(parts, start=1)
    ]


def test_a_click_is_a_step():
    world = beside(alone=tone(*[0.25] * 8), so=tone(*[1.0] * 8))
    turning.require_no_click(world, changed(tone(*[0.25] * 8)), 1.2)
    with broken("no step is greater than 1.2 times"):
        turning.require_no_click(world, changed(tone(*[0.25] * 4, *[1.0] * 4)), 1.2)


def test_turning_is_heard_each_time():
    told = [confirmed(first, 100 + first) for first in (3, 5, 7)]
    turning.require_turned(changed(levels(-26, -26, -14, -14, -26, -26, -14, -14), *told), 4)
    with broken("as 4 dB at least\nseen +-26.00 dBFS became -26.00"):
        turning.require_turned(changed(levels(-26, -26, -26, -26, -26, -26, -14, -14), *told), 4)


# --- what is asked for


@pytest.mark.parametrize(
    ("phrase", "change"),
    [
        ("clarity 1.01", ("equalizer", {"clarity": 1.01})),
        ("clarity 1 and warmth -2", ("equalizer", {"clarity": 1.0, "warmth": -2.0})),
        ("clarity 1 of a stage that nobody knows", ("reverb", {"clarity": 1.0})),
    ],
)
def test_changes_that_make_no_sense(phrase, change):
    found = turning.senseless_change(changed([]), phrase)
    assert found == change
    assert list(found[1]) == list(change[1]), "in the order told"


def test_a_change_that_nobody_knows():
    with pytest.raises(ValueError, match="'more of it'"):
        turning.senseless_change(changed([]), "more of it")


def test_what_a_stage_is_changed_to_is_told_in_the_pipelines_names():
    world = SimpleNamespace(target=SimpleNamespace(own_name=lambda stage, name: {"threshold": "ceiling"}.get(name, name)))
    assert turning.change_to(world, parse_chain("a limiter with threshold -6 dB")) == ("limiter", {"ceiling": -6})
