"""Lines that are lost, found again, doubled, and without a session."""

from types import SimpleNamespace

import numpy as np
import pytest
from audio_doings import CHUNK, chunk, chunks, error, frame, line, session
from audio_parts import broken

from support.audio import lines
from support.audio.signals import to_pcm16
from support.kit.errors import VoidError


def two(first, second):
    one = session()
    one.line = first
    return SimpleNamespace(lines=[first, second]), one


def test_one_of_two_lines_is_served():
    lines.require_one_served(*two(line(), line(code=4409)))
    lines.require_one_served(*two(line(code=1000), line()))
    with broken("is still served\nseen +the speaker: closed with code 1000.*; second: refused with status 409"):
        lines.require_one_served(*two(line(code=1000), line("second", status=409)))


@pytest.mark.parametrize(
    ("first", "second"),
    [(chunks(1, 2, 3), chunks(4, 5)), (chunks(1, 2, 3, 4, 5), []), (chunks(1, 2, 3, 6, 7), chunks(4, 5))],
)
def test_lines_that_do_not_tangle(first, second):
    lines.require_untangled(*two(line(answered=first), line(answered=second)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (chunks(1, 2, 3), chunks(1, 2)),
        (chunks(1, 2, 3), chunks(5, 6)),
        (chunks(1, 2, 3), chunks(4)),
        (chunks(2, 3, 4), chunks(5, 6)),
    ],
)
def test_numbers_that_are_given_twice_or_left_out(first, second):
    with broken("numbered from 1 to 5 at least"):
        lines.require_untangled(*two(line(answered=first), line(answered=second)))


def test_chunks_that_come_on_the_other_line():
    other = chunk(5, pcm=to_pcm16(np.zeros(1600)))
    with broken("every line hears what was played on it\nseen +chunk 5 is another one"):
        lines.require_untangled(*two(line(answered=chunks(1, 2, 3)), line(answered=[*chunks(4), other])))
    stray = line("second", answered=chunks(4, 5), leftover=[frame("processed_audio", 9)])
    with broken("every line hears what was played on it\nseen +second: "):
        lines.require_untangled(*two(line(answered=chunks(1, 2, 3)), stray))


def test_a_line_that_was_told_and_closed():
    lines.require_told_and_closed(line(frames=[error("SESSION_NOT_FOUND")], code=4404), "SESSION_NOT_FOUND", 4404)
    with broken("closed with code 4404\nseen +the line is closed with code 1000"):
        lines.require_told_and_closed(line(frames=[error("SESSION_NOT_FOUND")], code=1000), "SESSION_NOT_FOUND", 4404)
    with broken("told SESSION_NOT_FOUND before it is closed\nseen +nothing"):
        lines.require_told_and_closed(line(code=4404), "SESSION_NOT_FOUND", 4404)
    with broken("told SESSION_NOT_FOUND before"):
        lines.require_told_and_closed(line(frames=[error("INVALID_MESSAGE")], code=4404), "SESSION_NOT_FOUND", 4404)
    with broken("refused with status 403"):
        lines.require_told_and_closed(line(status=403), "SESSION_NOT_FOUND", 4404)


def test_a_line_on_which_nothing_is_heard():
    lines.require_hears_nothing(line(frames=[error()]))
    with broken("nothing is heard on the line"):
        lines.require_hears_nothing(line(frames=[error(), frame("processed_audio")]))


def test_a_link_that_broke_in_a_chunk():
    one = session()
    one.lines = [line(), line()]
    lines.require_broken_in_a_chunk(SimpleNamespace(moments={"bytes on their way": 4100.0}), one)
    for passed in (0.0, 2.0 * 16000):
        with pytest.raises(VoidError, match="bytes of 32,000 had gone"):
            lines.require_broken_in_a_chunk(SimpleNamespace(moments={"bytes on their way": passed}), one)
    one.lines = [line(leftover=[frame("processed_audio")]), line()]
    with broken("half a chunk is answered nothing"):
        lines.require_broken_in_a_chunk(SimpleNamespace(moments={"bytes on their way": 4100.0}), one)


def test_a_link_with_nothing_to_cut_proves_nothing():
    with pytest.raises(VoidError, match="no connection to cut"):
        lines.cut(session(link=SimpleNamespace(cut=lambda: 0)))


def test_a_line_ends_in_ways_that_are_known():
    with pytest.raises(ValueError, match="'is painted'"):
        lines.lose(session(), "is painted")


def test_a_chunk_that_a_slow_link_holds_is_longer_than_what_has_passed():
    assert lines.LONG * len(CHUNK) > lines.ON_ITS_WAY
