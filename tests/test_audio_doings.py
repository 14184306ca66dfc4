"""What speakers, listeners and strangers do, with our own pipeline: it is green, and what was planted did take place."""

import pytest
from audio_parts import broken, world_of

from support.audio import answered, lines, mistaken, playing, setups, starting, strangers, together, too_much, turning
from support.audio.listed import note_sessions, require_more, require_state
from support.audio.pipeline_words import Conditions
from support.audio.sounds import parse_sound
from support.audio.stage_words import parse_chain
from support.audio.target import open_target
from support.kit.errors import DeclinedError

TONE = parse_sound("a tone of 1,000 Hz at -20 dBFS")
QUIET = parse_chain("an equalizer with a peak of -6 dB and q 1 at 1,000 Hz")
LOUD = parse_chain("an equalizer with a peak of 6 dB and q 1 at 1,000 Hz")


@pytest.fixture
def world(tmp_path_factory, target):
    with world_of(target, tmp_path_factory.getbasetemp(), number=1) as made:
        setups.set_up(made)
        yield made


@pytest.fixture(scope="module")
def target():
    return open_target(None, None)


def test_a_line_is_lost_in_every_way(world):
    session = setups.open_plain(world, link=True)
    playing.play_noise(world, session, 2)
    for number, way in enumerate(("is hung up", "is cut", "breaks without a word")):
        lines.lose_and_play(world, session, way, 1)
        answered.require_answers(session.take.answers, 3 + number, 3 + number)
        answered.require_exact(session.take)
    assert [line.open for line in session.lines] == [False] * 3 + [True]


def test_a_link_breaks_in_a_chunk(world):
    session = setups.open_plain(world, link=True)
    playing.play_noise(world, session, 1)
    lines.break_in_a_chunk_and_play(world, session, 1)
    lines.require_broken_in_a_chunk(world, session)
    answered.require_answers(session.take.answers, 2, 2)


def test_the_newer_of_two_lines_counts_for_us(world):
    session = setups.open_plain(world)
    playing.play_noise(world, session, 3)
    lines.meet(world, session, 2)
    lines.require_one_served(world, session)
    lines.require_untangled(world, session)
    assert not session.line.open


def test_sessions_that_are_not_there(world):
    setups.open_plain(world)
    for phrase in ("a session that never was", "a session that was stopped"):
        lines.connect_and_play(world, starting.session_id_of(world, phrase))
        lines.require_told_and_closed(world.lines[-1], "SESSION_NOT_FOUND", 4404)
        lines.require_hears_nothing(world.lines[-1])
    answered.require_going_on(world, world.session)
    with broken("refused with 422"):
        starting.require_bad_configuration(world, ["stages"])


def test_sessions_come_and_go(world):
    starting.start_and_stop_in_turn(world, 2)
    answered.require_first_chunks(world)
    require_more(world, 0)
    world.sessions.clear()
    starting.start_many_and_stop(world, 2, 1)
    require_more(world, 1)
    (session,) = world.sessions.values()
    require_state(world, session, "connected", 1.0)
    with broken("1 sessions more"):
        note_sessions(world)
        require_more(world, 1)


def test_bad_configurations(world):
    starting.start_with(world, "a cycle of 2 stages")
    starting.require_bad_configuration(world, ["connections"])
    starting.require_none_begun(world)
    starting.require_can_be_started(world)


def test_mistakes_between_chunks(world):
    setups.open_plain(world)
    mistaken.play_between_mistakes(world, 3)
    answered.require_answers(world.take.answers, 1, 3)
    mistaken.require_mistakes(world.line, 3)
    mistaken.send(world, "half a chunk")
    mistaken.require_told_only(world, ("INVALID_MESSAGE",))


def test_several_at_once(world):
    setups.open_plain_each(world, ["Ada", "Ben"], link=True)
    together.play_tones(world, {"Ada": 440, "Ben": 660}, 0.3)
    together.play_beside_a_loss(world, "Ada", 4, "Ben")
    mistaken.play_beside_mistakes(world, "Ada", 2, "Ben", 3)
    mistaken.require_mistakes(world.sessions["Ben"].line, 3)
    answered.require_answers(world.sessions["Ada"].answers, 1, 9)
    assert len(world.sessions["Ben"].lines) == 2
    for with_others, alone in together.alone(world):
        assert len(with_others.heard) == len(alone.heard)


def test_a_change_is_asked_for_half_way(world):
    session = setups.open_through(world, QUIET)
    turning.play_and_change(world, TONE, 1.0, [LOUD])
    turning.require_confirmed(session)
    turning.require_untouched_until(world, session)
    turning.require_effect(world, session, 3, 0.5)
    turning.require_difference(world, session, 11)
    with broken("left alone"):
        turning.require_untouched(world, session)
    assert world.session is session


def test_changes_to_and_fro(world):
    session = setups.open_through(world, QUIET)
    turning.play_and_turn(world, TONE, 2.4, LOUD, 2)
    turning.require_turned(session, 11)
    turning.require_no_click(world, session, 1.2)


def test_changes_that_make_no_sense(world):
    session = setups.open_through(world, parse_chain("a voice enhancement with clarity 0.2 and warmth 0.2"))
    turning.play_and_ask(world, TONE, 0.4, "clarity 1 and brilliance 1")
    mistaken.require_told(world.line, ("UNKNOWN_PARAMETER",))
    turning.require_untouched(world, session)


def test_too_much(world):
    session = setups.open_plain(world)
    too_much.play_too_long(world, 160_001)
    too_much.require_first_refused(world, "CHUNK_TOO_LONG")
    too_much.require_second(world, 1)
    too_much.send_in_message_of(world, 100_000)
    too_much.require_back(world, 2)
    too_much.play_every(world, 0.2, 0.1)
    answered.require_count(session, 4)


def test_a_speaker_who_does_not_listen(world):
    setups.open_plain(world)
    too_much.play_without_listening(world, 10, 64)
    too_much.require_stalled(world)
    too_much.require_all_after(world)


def test_a_pipeline_with_a_token(tmp_path, target):
    with world_of(target, tmp_path) as world:
        setups.set_up(world, Conditions(token=True, log=True))
        strangers.come_in_every_way(world)
        strangers.require_all_refused(world)
        strangers.require_all_turned_away(world)
        strangers.require_no_token_in_log(world)
        strangers.require_no_token_in_answers(world)
        strangers.ask_for_everything(world, ["a wrong token"])
        assert len(world.answers) == len(strangers.WISHES)
        strangers.require_all_refused(world)


def test_what_a_target_lacks_is_declined(tmp_path, target):
    with world_of(target, tmp_path) as world:
        with pytest.raises(DeclinedError, match="has 9 stages, not 10"):
            setups.set_up(world, Conditions(least_stages=10))
        assert world.running is None
