"""Lines to a little pipeline that is right, odd, wrong or gone."""

import json
import time

import pytest
from audio_parts import broken, little, wire_of, world_of

from support.audio import silence
from support.audio.messages import chunk_message, cut, ping_message, update_message, written
from support.kit.at_end import end_everything
from support.kit.closing import NOTHING_SAID
from support.kit.patience import GivenUpError, Patience

CHUNK = bytes(range(200)) * 16


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays():
    yield
    end_everything()


@pytest.fixture(autouse=True)
def _short_silences(monkeypatch):
    """A silence of 0.5 s is one, and none of another test counts."""
    monkeypatch.setattr(silence, "ANSWER_LIMIT", 0.5)
    monkeypatch.setattr("support.audio.line.patience", Patience("mute {} times", silence.SilenceError))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("line")


numbers = iter(range(1, 1000))


@pytest.fixture
def world(folder):
    with world_of(little(), folder, number=next(numbers)) as made:
        yield made


@pytest.fixture
def line(world):
    return world.open_session().line


@pytest.fixture
def odd(folder):
    """A line to a pipeline of some manner."""
    worlds = []

    def make(manner):
        worlds.append(world_of(little(f"--manner={manner}"), folder, well=False, number=next(numbers)))
        return worlds[-1].__enter__().open_session().line

    yield make
    for one in worlds:
        one.__exit__(None, None, None)


# --- answers


def test_a_chunk_is_answered_with_its_sound_and_its_figures(line):
    line.send_chunk(CHUNK)
    answer = line.await_chunk()
    assert (answer.sequence, answer.played, answer.pcm) == (1, CHUNK, CHUNK)
    assert answer.metrics["chunks_processed"] == 1
    assert answer.sound_first
    assert 0 < answer.seconds < 5
    assert answer.sent_at < answer.audio.at <= answer.answered_at
    assert line.leftover == []


def test_chunks_are_awaited_one_after_the_other(line):
    for number in range(3):
        line.send_chunk(CHUNK[: 320 * (number + 1)])
    assert [line.await_chunk().sequence for _ in range(3)] == [1, 2, 3]
    assert [len(chunk.played) for chunk in line.chunks] == [320, 640, 960]
    assert line.unanswered == 0


def test_a_stream_is_cut_and_answered(line):
    answers = line.stream(CHUNK, 700, window=2)
    assert [len(answer.pcm) for answer in answers] == [1400, 1400, 400]
    assert b"".join(answer.pcm for answer in answers) == CHUNK


def test_a_stream_without_waiting(line):
    assert len(line.stream(CHUNK * 20, 1600, window=None)) == 20


def test_a_ping_is_answered(line):
    assert line.ping().type == "pong"
    line.send_text(ping_message())
    assert line.await_frame("pong").number == 2


def test_a_change_is_confirmed(line):
    frame = line.update("vad", {"aggressiveness": 2})
    assert (frame.type, frame.applies_from) == ("config_updated", 1)


def test_a_bad_message_is_answered_with_an_error_and_the_chunks_go_on(line):
    line.send_text(written({"type": "nothing"}))
    line.send_chunk(CHUNK)
    assert line.await_chunk().sequence == 1
    assert [frame.code for frame in line.leftover] == ["INVALID_MESSAGE"]
    assert line.await_frame("error").code == "INVALID_MESSAGE"
    assert line.leftover == []


def test_a_chunk_may_be_written_otherwise(line):
    line.send_chunk(CHUNK, chunk_message(CHUNK) + "   ")
    assert line.await_chunk().pcm == CHUNK


def test_frames_of_unknown_types_are_recorded_and_skipped(odd):
    line = odd("talkative")
    line.send_chunk(CHUNK)
    assert line.await_chunk().pcm == CHUNK
    assert line.frames[0].type == "weather"
    assert line.leftover == []


def test_figures_that_come_first_are_told(odd):
    line = odd("figures-first")
    assert not line.stream(CHUNK, 1600)[0].sound_first


# --- what breaks a promise


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        ("binary", "a binary frame"),
        ("words", "holds no JSON object: good morning"),
        ("unnumbered", "without the number of its chunk"),
        ("bad-sound", "no base64 of whole samples"),
        ("error", "nothing has given reason for: .*INVALID_AUDIO"),
    ],
)
def test_an_answer_that_is_none_is_told_at_once(odd, manner, told):
    line = odd(manner)
    begun = time.monotonic()
    with broken(told):
        line.stream(CHUNK * 3, 1600)
    assert time.monotonic() - begun < 0.4


def test_a_chunk_that_is_left_out_is_missed(odd):
    line = odd("drops-third")
    with broken(r"every chunk is answered.*\n.*nothing of the kind within .* 6 frames have come"):
        line.stream(CHUNK * 4, 1600, window=2)


def test_who_is_silent_is_given_up_after_five_times(odd):
    line = odd("silent")
    for _ in range(5):
        with broken("answers with pong"):
            line.ping(within=0.05)
    with pytest.raises(GivenUpError, match="mute 5 times"):
        line.connect()


def test_a_stream_that_does_not_get_done_is_told(odd):
    with broken("0 of 2 after 0.2 s"):
        odd("silent").stream(CHUNK * 2, 1600, within=0.2)


# --- ends


def test_a_line_is_hung_up(line):
    line.close()
    assert line.await_closed().code == 1000
    assert not line.open


@pytest.mark.parametrize("reset", [True, False])
def test_a_line_is_cut(line, reset):
    line.cut(reset=reset)
    assert line.await_closed().code == NOTHING_SAID


def test_a_line_that_stays_open_is_told(line):
    with broken("is closed.*\n.*still open after 0.05 s"):
        line.await_closed(within=0.05)


def test_whoever_waits_is_told_of_the_end(world, line):
    world.pipeline.rest.stop(world.session.session_id)
    with broken("closed with code 1000 and the reason 'stopped' instead"):
        line.ping()


def test_a_session_that_never_was_is_told(world):
    line = world.new_line("nobody", name="a stranger")
    line.connect()
    assert line.await_frame("error").code == "SESSION_NOT_FOUND"
    assert (line.await_closed().code, line.closing.reason) == (4404, "no session")


def test_what_is_sent_on_an_ended_line_is_not_answered(line):
    line.close()
    line.send_chunk(CHUNK)
    with broken("closed with code 1000"):
        line.await_chunk()


def test_nobody_there_breaks_a_promise(world, line, monkeypatch):
    monkeypatch.setattr(world.pipeline.running, "url", "http://127.0.0.1:1")
    other = world.new_line("x", name="Ben")
    with broken("takes the line of Ben"):
        other.connect()


def test_a_stranger_is_refused_with_a_status(folder):
    with world_of(little(), folder, number=next(numbers)) as world:
        world.ask_for_token()
        session = world.open_session()
        stranger = world.new_line(session.session_id, name="a stranger", headers={})
        assert stranger.try_to_connect() == 403
        assert not stranger.open
        with broken("refused with status 403"):
            stranger.connect()
        assert session.line.ping().type == "pong"
        token = world.pipeline.token
    assert token
    assert token not in wire_of(world)


# --- not listening


def test_who_does_not_listen_hears_it_all_later(line):
    line.stop_listening()
    taken = sum(line.offer_chunk(CHUNK * 100, within=0.2) for _ in range(60))
    assert 1 <= taken <= 60
    line.listen_again()
    assert [line.await_chunk(within=10).sequence for _ in range(taken)] == list(range(1, taken + 1))


# --- the trace, and how sound is cut


def test_the_trace_shows_the_frames_with_their_sound_shortened(world, line):
    line.stream(CHUNK, 1600)
    frames = [json.loads(row) for row in wire_of(world).splitlines()]
    (sent,) = [one for one in frames if "audio_chunk" in one.get("text", "")]
    assert (sent["from"], sent["to"]) == ("the speaker", "pipeline")
    assert sent["size"] > 4000 > len(sent["hex"]) / 2
    assert "letters)" in bytes.fromhex(sent["hex"]).decode()


def test_a_quiet_line_leaves_no_trace_of_its_frames(world, line):
    quiet = world.new_line(world.session.session_id, name="quiet", quiet=True)
    quiet.connect()
    quiet.ping()
    assert '"from": "quiet"' not in wire_of(world)


@pytest.mark.parametrize(
    ("lengths", "cuts"), [(1600, [1600]), (700, [700, 700, 200]), ((1, 99, 1500), [1, 99, 1500]), (5000, [1600])]
)
def test_sound_is_cut(lengths, cuts):
    chunks = cut(CHUNK, lengths)
    assert [len(chunk) // 2 for chunk in chunks] == cuts
    assert b"".join(chunks) == CHUNK


def test_lengths_that_do_not_work_out_are_refused():
    with pytest.raises(ValueError, match="99 samples do not hold 1,600"):
        cut(CHUNK, (9, 90))


def test_messages_say_what_they_are():
    assert json.loads(update_message("vad", {"a": 1})) == {"type": "update_stage", "stage_id": "vad", "parameters": {"a": 1}}
    chunk = json.loads(chunk_message(b"\0\0"))
    assert (chunk["type"], chunk["data"]) == ("audio_chunk", "AAA=")
    assert abs(chunk["timestamp"] / 1000 - time.time()) < 5
