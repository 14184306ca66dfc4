"""Sessions that are started, stopped and refused, and what is said to that."""

from types import SimpleNamespace

import pytest
from audio_doings import answer, session
from audio_parts import broken

from support.audio import starting
from support.audio.session import Session


def bad(status=422, code="INVALID_CONFIG", message="no", field="stages.limiter.gain_in"):
    return answer(status, error={"code": code, "message": message, "field": field})


def world(told, **names):
    return SimpleNamespace(answer=told, target=SimpleNamespace(parameters=names))


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (["gain_in"], "stages.limiter.gain_in"),
        (["gain_in"], "gain_in"),
        (["gain_in"], "/stages/limiter/gain_in"),
        (["reverb", "stages"], "stages.reverb"),
        (["reverb", "stages"], "stages"),
        (["connections"], "connections[0].target_stage_id"),
        (["connections"], "target_stage_id"),
        (["threshold"], "stages.limiter.parameters.ceiling"),
    ],
)
def test_the_fault_is_found(field, told):
    starting.require_bad_configuration(world(bad(field=told), limiter={"threshold": "ceiling"}), field)


@pytest.mark.parametrize("told", ["", "stages.limiter", "gain_input", "a.gain", None, 3])
def test_the_fault_is_not_found(told):
    with broken("the fault is found at gain_in"):
        starting.require_bad_configuration(world(bad(field=told)), ["gain_in"])


@pytest.mark.parametrize(
    "told",
    [bad(400), bad(200), bad(code="SESSION_NOT_FOUND"), bad(code=""), bad(message=""), answer(422), answer(422, error="gain_in")],
)
def test_a_refusal_that_is_none(told):
    with broken("refused with 422, a code and a reason"):
        starting.require_bad_configuration(world(told), ["gain_in"])


def test_refusals():
    starting.require_refused(bad(404, "SESSION_NOT_FOUND"), 404, "SESSION_NOT_FOUND")
    for told in (bad(200, "SESSION_NOT_FOUND"), bad(404), bad(404, "SESSION_NOT_FOUND", ""), answer(404)):
        with broken("404 SESSION_NOT_FOUND and gives a reason"):
            starting.require_refused(told, 404, "SESSION_NOT_FOUND")


def test_a_session_that_runs():
    def told(**fields):
        return SimpleNamespace(session=SimpleNamespace(answer=answer(**fields)))

    starting.require_running(told(status="running", pipeline_id="p"))
    with broken("the session is running"):
        starting.require_running(told(status="starting", pipeline_id="p"))
    with broken("its pipeline's id"):
        starting.require_running(told(status="running"))


def test_sessions_that_are_told_apart():
    starting.require_told_apart([session(session_id="a"), session(session_id="b")])
    with broken("2 sessions have 2 ids\nseen +1"):
        starting.require_told_apart([session(session_id="a"), session(session_id="a")])


def test_a_session_that_is_stopped():
    starting.require_stopped(answer(200))
    with broken("a session is stopped"):
        starting.require_stopped(answer(500))


def test_ids_of_sessions_that_are_not_there():
    there = Session("the speaker", "abc-1", "p", {}, 16000, answer())
    world = SimpleNamespace(session=there)
    assert starting.session_id_of(world, "a session with the speaker's id less its last letter") == "abc-"
    assert starting.session_id_of(world, "a session with the speaker's id and one more letter") == "abc-10"
    never = {starting.session_id_of(world, "a session that never was") for _ in range(2)}
    assert len(never) == 2
    with pytest.raises(ValueError, match="'a good session'"):
        starting.session_id_of(world, "a good session")
