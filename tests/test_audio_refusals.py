"""Mistakes that are told, too much of anything, strangers, and figures for monitoring programs."""

from types import SimpleNamespace

import pytest
from audio_doings import answer, chunk, chunks, error, frame, line, take
from audio_parts import broken

from support.audio import mistaken, monitoring, strangers, too_much
from support.audio.protocol import METRICS
from support.kit.errors import VoidError

# --- mistakes


def test_a_mistake_is_told():
    mistaken.require_told(line(leftover=[error("INVALID_AUDIO")]), ("INVALID_AUDIO", "INVALID_MESSAGE"))
    with broken("told INVALID_MESSAGE"):
        mistaken.require_told(line(leftover=[error("INVALID_AUDIO")]), ("INVALID_MESSAGE",))
    for wrong in (error(message=""), error(code=""), frame("error"), frame("pong"), frame("processed_audio")):
        with broken("an error that has a code and a reason"):
            mistaken.require_told(line(leftover=[wrong]), ("INVALID_AUDIO",))


def test_a_mistake_leaves_the_line_open():
    there = line(leftover=[error()])
    mistaken.require_told_only(SimpleNamespace(line=there, lines=[there]), ("INVALID_AUDIO",))
    closed = line(leftover=[error()], code=1011)
    with broken("the line stays open after a mistake"):
        mistaken.require_told_only(SimpleNamespace(line=closed, lines=[closed]), ("INVALID_AUDIO",))
    twice = line(leftover=[error(), error()])
    with broken("nothing arrives but the answers"):
        mistaken.require_told_only(SimpleNamespace(line=twice, lines=[twice]), ("INVALID_AUDIO",))


def test_as_many_mistakes_as_were_made():
    mistaken.require_mistakes(line(leftover=[error(), error()]), 2)
    with broken("told of 1 mistakes\nseen +2, the last"):
        mistaken.require_mistakes(line(leftover=[error(), error()]), 1)
    with broken("a code and a reason"):
        mistaken.require_mistakes(line(leftover=[error(), error(message="")]), 2)


# --- too much


def test_the_first_chunk_is_refused():
    def world(*frames):
        return SimpleNamespace(line=line(frames=frames))

    too_much.require_first_refused(world(frame("weather"), error("CHUNK_TOO_LONG"), frame("metrics")), "CHUNK_TOO_LONG")
    for wrong in (error("INVALID_AUDIO"), error("CHUNK_TOO_LONG", ""), frame("processed_audio")):
        with broken("refused with CHUNK_TOO_LONG and a reason"):
            too_much.require_first_refused(world(wrong), "CHUNK_TOO_LONG")


def test_the_second_chunk_comes_back():
    too_much.require_second(SimpleNamespace(take=take(chunks(1))), 1)
    with broken("numbers 1 to 1"):
        too_much.require_second(SimpleNamespace(take=take(chunks(2))), 1)
    with broken("exactly"):
        too_much.require_second(SimpleNamespace(take=take([chunk(1, pcm=bytes(3200))])), 1)


def test_a_speaker_is_made_to_wait():
    too_much.require_stalled(SimpleNamespace(moments={"stalled": 1.0, "MiB taken": 9.0}))
    with broken("made to wait\nseen +128 MiB were taken"):
        too_much.require_stalled(SimpleNamespace(moments={"stalled": 0.0, "MiB taken": 128.0}))


def test_all_is_answered_once_the_speaker_listens():
    def world(answered, unanswered=0):
        there = line(answered=answered)
        there.unanswered, there.listen_again, there.await_chunk = unanswered, lambda: None, lambda within: None
        return SimpleNamespace(line=there)

    too_much.require_all_after(world(chunks(1, 2, 3)))
    with broken("numbers 1 to 3, in order\nseen +1, 3"):
        too_much.require_all_after(world(chunks(1, 3), unanswered=1))
    with broken("every chunk comes back as it was"):
        too_much.require_all_after(world([chunk(1, pcm=bytes(3200))]))
    with pytest.raises(VoidError):
        too_much.require_all_after(world([]))


def ending(gone_after, used=0.0):
    """A world whose sessions are listed until so many looks were taken."""
    looks = iter(range(1000))
    there = [{"session_id": "a"}, {"session_id": "b"}]
    told = lambda: answer(active_sessions=there if next(looks) < gone_after else [])  # noqa: E731
    sessions = {name: SimpleNamespace(session_id=name) for name in ("a", "b")}
    now = too_much.time.monotonic()
    return SimpleNamespace(
        pipeline=SimpleNamespace(rest=SimpleNamespace(sessions=told)), sessions=sessions,
        moments={"used from": now - used, "used to": now - used},
    )  # fmt: skip


def test_sessions_that_nobody_uses_end():
    too_much.require_there(ending(1))
    with pytest.raises(VoidError, match="gone before"):
        too_much.require_there(ending(0))
    too_much.require_ended(ending(2, used=1.0), 1.0, 3.0)
    with broken("after 1 s and within 3 s\nseen +one ended after 0"):
        too_much.require_ended(ending(1), 1.0, 3.0)
    with broken("within 0.2 s\nseen +2 of 2 are left"):
        too_much.require_ended(ending(900), 0.0, 0.2)


# --- strangers


def test_what_strangers_have_is_not_the_token():
    token = "aB3-" * 5
    world = SimpleNamespace(pipeline=SimpleNamespace(token=token))
    phrases = [*strangers.STRANGERS, "the token and one more letter", "the token in other letters' case"]
    found = [strangers.credentials(world, phrase) for phrase in phrases]
    assert len(set(found)) == len(found)
    assert token not in found
    with pytest.raises(ValueError, match="with 'a smile'"):
        strangers.credentials(world, "a smile")


def test_every_wish_is_known():
    with pytest.raises(ValueError, match="'a coffee'"):
        strangers.ask(SimpleNamespace(target=SimpleNamespace(stages=["vad"])), None, "a coffee")


def test_strangers_are_refused():
    strangers.require_all_refused(SimpleNamespace(answers=[answer(401), answer(403)]))
    for code in (200, 404, 422, 500):
        with broken("refused with 401 or 403"):
            strangers.require_all_refused(SimpleNamespace(answers=[answer(401), answer(code)]))
    with pytest.raises(VoidError):
        strangers.require_all_refused(SimpleNamespace(answers=[]))


def test_strangers_are_turned_away():
    for fine in (line(status=401), line(status=403), line(frames=[error("UNAUTHORIZED")], code=1008)):
        strangers.require_turned_away(fine)
    with broken("turned away with 401 or 403\nseen +with 500"):
        strangers.require_turned_away(line(status=500))
    with broken("a stranger is answered nothing"):
        strangers.require_turned_away(line(frames=[frame("processed_audio")], code=1008))
    known = SimpleNamespace(lines=[line(strangers.STRANGER, status=401), line()])
    strangers.require_all_turned_away(known)
    with pytest.raises(VoidError):
        strangers.require_all_turned_away(SimpleNamespace(lines=[line()]))


def test_the_token_is_in_no_answer():
    def world(text, **fields):
        lines = [line(frames=[frame("error", **fields)])]
        return SimpleNamespace(pipeline=SimpleNamespace(token="s3cret-s3cret-s3cret"), answers=[answer(said=text)], lines=lines)

    strangers.require_no_token_in_answers(world("nothing"))
    with broken("nowhere in the pipeline's answers") as caught:
        strangers.require_no_token_in_answers(world("it is s3cret-s3cret-s3cret"))
    assert "s3cret-s3cret-s3cret" not in str(caught.value)
    with broken("nowhere in the pipeline's answers"):
        strangers.require_no_token_in_answers(world("nothing", message="s3cret-s3cret-s3cret"))


# --- monitoring

GOOD = '# HELP a_total What.\n# TYPE a_total counter\na_total 3.0\n# TYPE b gauge\nb{of="x"} 1\nb{of="y"} NaN\n'


def test_figures_in_the_agreed_form():
    monitoring.require_form(GOOD)
    monitoring.require_form("bare 1\n")


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", '{"a": 1}', f"{GOOD}a_total 4\n", f"{GOOD}# TYPE b gauge\n", "# TYPE a speed\na 1\n", "a 1,0\n", "a\n"],
)
def test_figures_in_another_form(text):
    with broken("in the form that monitoring programs have agreed on"):
        monitoring.require_form(text)


def test_figures_are_read():
    def world(code):
        asked = []
        rest = SimpleNamespace(raw=lambda method, path: asked.append((method, path)) or answer(code))
        return SimpleNamespace(pipeline=SimpleNamespace(rest=rest), answers=[]), asked

    right, asked = world(200)
    monitoring.read(right)
    assert asked == [("GET", METRICS)]
    assert len(right.answers) == 1
    with broken("reads the pipeline's figures"):
        monitoring.read(world(404)[0])
