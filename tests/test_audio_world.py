"""What one scenario of the audio slice remembers, what it leaves as evidence, and its end."""

import os

import numpy as np
import pytest
from audio_parts import broken, little, world_of

from support.audio import signals
from support.audio.spare import shared
from support.audio.stage_words import parse_chain
from support.audio.streaming import Playing, hear_out, play, play_together, stream
from support.kit.at_end import end_everything
from support.kit.errors import DeclinedError
from support.kit.process import ProcessDiedError
from support.kit.verdict import tell_steps

NOISE = signals.white_noise(-12, 0.5, 16_000, 1)
LATE = "--late=300"


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    end_everything()


def names(world) -> set[str]:
    return {path.name for path in world.evidence.files()}


# --- sessions


def test_a_session_is_opened_and_ended(tmp_path):
    with world_of(little(), tmp_path) as world:
        session = world.open_session(parse_chain("a voice activity detection with aggressiveness 2"), rate=48_000)
        assert session is world.session
        assert (session.pipeline_id, session.rate, session.line.open) == ("p", 48_000, True)
        assert session.config["stages"] == {"vad": {"enabled": True, "parameters": {"aggressiveness": 2}}}
        assert world.answer is session.answer
        rest = world.pipeline.rest
        tell_steps(went_well=True)
        world.audit()
        assert not session.line.open
        assert session.session_id not in rest.sessions().text


def test_sessions_are_known_by_their_speakers(tmp_path):
    with world_of(little(), tmp_path) as world:
        ada, ben = world.open_session(name="Ada"), world.open_session(name="Ben", connect=False)
        assert (world.sessions, world.session) == ({"Ada": ada, "Ben": ben}, ben)
        assert ben.lines == []
        world.connect(ben)
        assert ben.line.name == "Ben"


def test_a_session_that_is_not_begun_breaks_a_promise(tmp_path):
    with world_of(little(), tmp_path) as world, broken("right configuration is started.*\n.*422"):
        world.open_session({"stages": 7})


def test_a_stage_that_is_not_there_is_declined_before_anything_is_started(tmp_path):
    with world_of(little(), tmp_path) as world:
        with pytest.raises(DeclinedError, match="no agc"):
            world.open_session(parse_chain("an automatic gain control, then a limiter"))
        assert world.running is None
        world.open_session(parse_chain("every stage"))
        assert list(world.session.config["stages"]) == ["vad", "limiter"]


def test_the_ends_of_a_range_are_the_pipelines(tmp_path):
    target = little(parameters={"limiter": {"threshold": "ceiling"}})
    with world_of(target, tmp_path) as world:
        world.open_session(
            parse_chain("a limiter with the least threshold, then a voice activity detection with the greatest aggressiveness")
        )
        stages = world.session.config["stages"]
        assert stages["limiter"]["parameters"] == {"ceiling": -60}
        assert stages["vad"]["parameters"] == {"aggressiveness": 3}


def test_a_session_that_stays_breaks_a_promise(tmp_path):
    with broken("not listed any more"), world_of(little("--manner=keeps-sessions"), tmp_path) as world:
        world.open_session()


def test_a_pipeline_that_has_died_is_an_error_with_its_log(tmp_path):
    def die():
        with world_of(little(), tmp_path) as world:
            with broken("is answered"):
                world.pipeline.rest.raw("GET", "/die")
            world.running.running.process.wait(5)

    with pytest.raises(ProcessDiedError, match=r"(?s)exit code 9 since the scenario began.*GET /die"):
        die()


def test_a_line_that_is_cut_comes_back(tmp_path):
    with world_of(little(), tmp_path) as world:
        session = world.open_session(link=True)
        stream(world, Playing(session, NOISE[:4800]))
        assert session.link.cut() == 1
        session.line.await_closed()
        world.connect(session)
        stream(world, Playing(session, NOISE[4800:]))
        take = hear_out(world, session)
        assert [answer.sequence for answer in take.answers] == [1, 2, 3, 4, 5]
        assert np.array_equal(take.played, take.heard)
        assert len(take.played) == 8000


# --- playing


def test_what_is_late_is_heard_out_and_lined_up(tmp_path):
    with world_of(little(LATE), tmp_path) as world:
        session = world.open_session()
        assert session.latency_samples == 300
        for _ in range(2):
            take = play(world, Playing(session, NOISE))
            assert (take.latency, len(take.answers), len(take.tail)) == (300, 5, 1)
            assert np.array_equal(take.played, take.heard)
            assert take.hearing.rate == 16_000
        assert (world.played is take.played, world.heard is take.heard, len(session.takes)) == (True, True, 2)


def test_two_sessions_are_played_side_by_side(tmp_path):
    with world_of(little(), tmp_path) as world:
        ada, ben = world.open_session(name="Ada"), world.open_session(name="Ben", rate=8_000)
        takes = play_together(world, [Playing(ada, NOISE), Playing(ben, -NOISE, chunks=(100, 3900, 4000))])
        assert np.array_equal(takes[0].heard, -takes[1].heard)
        assert [len(answer.pcm) // 2 for answer in takes[1].answers] == [100, 3900, 4000]


def test_messages_go_out_before_a_chunk(tmp_path):
    with world_of(little(), tmp_path) as world:
        session = world.open_session()
        take = play(world, Playing(session, NOISE, before={2: ['{"type": "ping"}']}, window=None, every=0.02))
        pong = session.line.await_frame("pong")
        assert take.answers[1].audio.number < pong.number < take.answers[2].audio.number
        assert take.answers[-1].sent_at - take.answers[0].sent_at >= 0.079


def test_a_change_may_tell_another_delay(tmp_path):
    with world_of(little(LATE), tmp_path) as world:
        session = world.open_session()
        session.line.update("vad", {})
        assert session.latency_samples == 0


def test_a_chunk_that_is_refused_breaks_a_promise_in_whichever_session(tmp_path):
    with world_of(little("--manner=error"), tmp_path, well=False) as world:
        ada, ben = world.open_session(name="Ada"), world.open_session(name="Ben")
        with broken("INVALID_AUDIO"):
            play_together(world, [Playing(ada, NOISE), Playing(ben, NOISE)])


# --- evidence


def test_sounds_pictures_logs_and_figures_are_kept(tmp_path):
    with world_of(little(), tmp_path) as world:
        play(world, Playing(world.open_session(), NOISE))
    sounds = {"01-the-speaker-heard.wav", "01-the-speaker-played.wav", "01-the-speaker.svg"}
    assert names(world) == {*sounds, "metrics.txt", "pipeline.log", "wire.jsonl"}
    assert (world.evidence.folder / "01-the-speaker-heard.wav").read_bytes()[:4] == b"RIFF"
    assert "played" in (world.evidence.folder / "01-the-speaker.svg").read_text()
    assert "sessions 1" in (world.evidence.folder / "metrics.txt").read_text()


def test_not_more_sounds_are_kept_than_anybody_listens_to(tmp_path):
    with world_of(little(), tmp_path) as world:
        session = world.open_session()
        for _ in range(14):
            play(world, Playing(session, NOISE[:1600]))
    assert len([name for name in names(world) if name.endswith(".wav")]) == 24


def test_a_token_is_cut_out_of_the_log(tmp_path):
    target = little("--token-file={token_file}", "--says=the token is {token}")
    with world_of(target, tmp_path) as world:
        world.ask_for_token()
        assert world.asked == {}
        world.open_session()
        token = world.pipeline.token
        assert token in world.running.running.log.read_text()
    log = (world.evidence.folder / "pipeline.log").read_text()
    assert "the token is ***" in log
    assert token not in log


# --- settings


def test_what_is_agreed_anyway_is_not_asked_for(tmp_path):
    with world_of(little(), tmp_path) as world:
        world.ask_for({"max_sessions": "200.0", "max_chunk": "10"})
        assert world.asked == {}


def test_what_the_target_cannot_have_is_declined(tmp_path):
    with world_of(little(settings={}), tmp_path) as world:
        world.ask_for({"max_sessions": "200"})
        with pytest.raises(DeclinedError, match="max_sessions is agreed to be 200, not 3, and the profile does not map"):
            world.ask_for({"max_sessions": "3"})
        with pytest.raises(DeclinedError, match="no token"):
            world.ask_for_token()


# --- one process for many scenarios


def pid_of(tmp_path, number, settings=None, **others):
    with world_of(little(), tmp_path, number=number, **others) as world:
        world.ask_for(settings or {})
        world.open_session()
        world.pipeline.rest.raw("GET", f"/scenario-{number}")
        pid = world.running.running.process.pid
    return pid, (world.evidence.folder / "pipeline.log").read_text()


def test_scenarios_share_a_process_and_each_has_its_part_of_the_log(tmp_path):
    (first, one), (second, two) = (pid_of(tmp_path, number) for number in (1, 2))
    assert first == second
    assert "/scenario-1" in one
    assert "/scenario-1" not in two
    assert "/scenario-2" in two


def test_who_asks_for_the_same_settings_shares_one_too(tmp_path):
    wanted = [{}, {"max_sessions": "3.0"}, {"max_sessions": "3"}, {"max_sessions": "4"}, {}]
    plain, one, two, other, again = (pid_of(tmp_path, *each) for each in enumerate(wanted, 1))
    assert (plain[0], one[0]) == (again[0], two[0])
    assert len({plain[0], one[0], other[0]}) == 3
    assert "max sessions 3\n" in one[1]
    assert "max sessions 4\n" in other[1]
    with pytest.raises(ProcessLookupError):
        os.kill(one[0], 0)


def test_a_token_is_shared_and_cut_out_of_every_scenarios_evidence(tmp_path):
    tokens = set()
    for number in (1, 2):
        with world_of(little(), tmp_path, number=number) as world:
            world.ask_for_token()
            world.open_session()
            tokens.add(world.pipeline.token)
            world.pipeline.rest.raw("GET", f"/{world.pipeline.token}")
        assert "GET /***" in (world.evidence.folder / "pipeline.log").read_text()
    assert len(tokens) == 1


def test_after_a_scenario_that_was_not_green_there_is_a_new_process(tmp_path):
    first, second = (pid_of(tmp_path, number, well=number != 1)[0] for number in (1, 2))
    assert first != second
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_scenario_that_was_broken_off_takes_the_process_with_it(tmp_path):
    pids = []

    def break_off():
        with world_of(little(), tmp_path) as world:
            pids.append(world.start().running.process.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_process_that_has_ended_meanwhile_is_replaced(tmp_path):
    first = pid_of(tmp_path, 1)[0]
    os.kill(first, 9)
    shared._kept[0].pipeline.process.wait(5)
    assert pid_of(tmp_path, 2)[0] != first


def test_the_end_of_the_run_is_the_end_of_the_process_and_of_its_log(tmp_path):
    pid = pid_of(tmp_path, 1)[0]
    folder = tmp_path / "evidence" / "audio"
    assert list(folder.glob(".*.log"))
    end_everything()
    assert not list(folder.glob(".*.log"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
