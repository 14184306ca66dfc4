"""Chunks that were answered as promised, and others."""

from types import SimpleNamespace

import numpy as np
import pytest
from audio_doings import CHUNK, chunk, chunks, frame, line, session, take
from audio_parts import broken

from support.audio import answered
from support.audio.signals import to_pcm16
from support.kit.errors import VoidError

OTHER = to_pcm16(np.full(1600, -0.25))


def test_what_is_heard_is_what_was_played():
    answered.require_exact(take(chunks(1, 2)))
    with broken("sample 1,601 of 3,200 is -0.25000 instead of 0.25000"):
        answered.require_exact(take([chunk(1), chunk(2, pcm=OTHER)]))
    with broken("hears 3,200 samples\nseen +3,199 samples"):
        answered.require_exact(take([chunk(1), chunk(2, pcm=CHUNK[:-2])]))
    with pytest.raises(VoidError):
        answered.require_exact(take([]))


def test_it_is_so_in_every_session():
    answered.require_exact_each([session(chunks(1)), session(chunks(1, 2))])
    with broken("exactly what was played"):
        answered.require_exact_each([session(chunks(1)), session([chunk(1, pcm=OTHER)])])


def test_a_sound_that_gets_too_loud_somewhere_or_nowhere():
    def scaled(played, heard):
        return take([chunk(1, pcm=to_pcm16(np.array(heard)), played=to_pcm16(np.array(played)))])

    answered.require_scaled_or_cut(scaled([0.1, -0.1], [0.3981, -0.3981]), 12)
    answered.require_scaled_or_cut(scaled([0.1, -0.7], [0.3981, -1.0]), 12)
    with broken("12 dB"):
        answered.require_scaled_or_cut(scaled([0.1, -0.7], [0.3981, 0.8]), 12)
    with broken("12 dB"):
        answered.require_scaled_or_cut(scaled([0.1, -0.1], [0.1, -0.1]), 12)


def test_answers_are_in_order():
    answered.require_answers(chunks(4, 5, 6), 4, 6)
    for wrong, seen in ((chunks(4, 5), "4, 5"), (chunks(4, 6, 5), "4, 6, 5"), (chunks(4, 5, 5), "4, 5, 5"), ([], "none")):
        with broken(f"numbers 4 to 6, in order\nseen +{seen}"):
            answered.require_answers(wrong, 4, 6)
    with broken(r"1, 2, .*30, \.\.\. \(40 in all\)"):
        answered.require_answers(chunks(*range(1, 41)), 1, 50)


def test_each_session_has_numbers_of_its_own():
    world = SimpleNamespace(sessions={"Ada": session(chunks(1, 2)), "Ben": session(chunks(1, 2))})
    answered.require_answers_each(world, 1, 2)
    world.sessions["Ben"] = session(chunks(3, 4))
    with broken("numbers 1 to 2, in order\nseen +3, 4"):
        answered.require_answers_each(world, 1, 2)


def test_the_sound_comes_first():
    with broken("the figures of chunk 1 come first"):
        answered.require_answers([chunk(1, sound=2, figures=1)], 1, 1)


def test_sounds_and_figures_may_lie_apart_but_keep_their_order():
    answered.require_answers([chunk(1, sound=1, figures=3), chunk(2, sound=2, figures=4)], 1, 2)
    with broken("the figures of the chunks come in their order\nseen +as frames 4, 3"):
        answered.require_answers([chunk(1, sound=1, figures=4), chunk(2, sound=2, figures=3)], 1, 2)
    with broken("the sounds of the chunks come in their order"):
        answered.require_answers([chunk(1, sound=2, figures=3), chunk(2, sound=1, figures=4)], 1, 2)


def test_a_chunk_comes_back_as_long_as_it_was():
    with broken("comes back with 3,200 bytes of sound\nseen +3,198"):
        answered.require_answers([chunk(1, pcm=CHUNK[2:])], 1, 1)


def test_nothing_else_comes():
    answered.require_nothing_else(SimpleNamespace(lines=[line(), line()]))
    with broken("nothing arrives but the answers"):
        answered.require_nothing_else(SimpleNamespace(lines=[line(), line(leftover=[frame("pong")])]))


def test_figures_tell_of_chunks():
    answered.require_count(session([chunk(1, chunks_processed=1), chunk(2, chunks_processed=2.0)]), 2)
    for told in (3, "2", None, True):
        with broken("the figures tell of 2 chunks"):
            answered.require_count(session([chunk(2, chunks_processed=told)]), 2)
    with broken("tell of 2 chunks\nseen +None"):
        answered.require_count(session(), 2)
    sessions = {name: session([chunk(1, chunks_processed=count)]) for name, count in (("Ada", 1), ("Ben", 2))}
    with broken("tell of 1 chunks\nseen +2"):
        answered.require_count_each(SimpleNamespace(sessions=sessions), 1)


def test_the_first_chunk_of_every_session():
    world = SimpleNamespace(sessions={"Ada": session(chunks(1)), "Ben": session(chunks(1))})
    answered.require_first_chunks(world)
    world.sessions["Ben"] = session(chunks(2))
    with broken("numbers 1 to 1"):
        answered.require_first_chunks(world)


def test_sessions_that_are_not_as_many_prove_nothing():
    with pytest.raises(VoidError, match="2 speakers, not 3"):
        answered.require_all_going_on(SimpleNamespace(sessions={"Ada": session(), "Ben": session()}), 3)
