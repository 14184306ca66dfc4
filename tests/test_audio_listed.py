"""What a pipeline tells of its sessions."""

from types import SimpleNamespace

import pytest
from audio_doings import answer, session
from audio_parts import broken

from support.audio import listed
from support.kit.errors import VoidError

ONE = {"session_id": "id-1", "pipeline_id": "p", "status": "running", "connected": True, "metrics": {"chunks_processed": 2}}


def world(*entries, health=0, before=0, speakers=1):
    told = answer(active_sessions=list(entries))
    rest = SimpleNamespace(sessions=lambda: told, health=lambda: answer(sessions=health))
    sessions = {f"speaker {number}": session(session_id=f"id-{number}") for number in range(1, speakers + 1)}
    return SimpleNamespace(
        pipeline=SimpleNamespace(rest=rest), sessions=sessions, session=sessions["speaker 1"], moments={"sessions before": before}
    )


def test_a_list():
    assert list(listed.entries(world(ONE, ONE | {"session_id": "id-2", "more": 1}))) == ["id-1", "id-2"]
    for entries in ([ONE, ONE], [{}], ["id-1"], [ONE | {"session_id": 3}]):
        with broken("each session is listed once, with its id"):
            listed.entries(world(*entries))


@pytest.mark.parametrize("told", [answer(500, active_sessions=[]), answer(), answer(active_sessions={})])
def test_no_list(told):
    rest = SimpleNamespace(sessions=lambda: told)
    with broken("there is a list of sessions"):
        listed.entries(SimpleNamespace(pipeline=SimpleNamespace(rest=rest)))


def test_sessions_are_listed():
    listed.require_listed(world(ONE, {"session_id": "of others"}), 1)
    with broken("the list shows the session of the speaker\nseen +0 others"):
        listed.require_listed(world(), 1)
    for wrong in ({"status": "idle"}, {"pipeline_id": "q"}, {"status": None}):
        with broken("as running, with its pipeline's id"):
            listed.require_listed(world(ONE | wrong), 1)
    with pytest.raises(VoidError, match="1 speakers, not 2"):
        listed.require_listed(world(ONE), 2)


def test_a_session_is_not_listed():
    listed.require_not_listed(world(), session())
    with broken("does not show the session of the speaker any more"):
        listed.require_not_listed(world(ONE), session())


def test_who_is_connected():
    listed.require_state(world(ONE), session(), "connected", 0.05)
    listed.require_state(world(ONE | {"connected": False}), session(), "not connected", 0.05)
    assert listed.is_connected(world(ONE), session())
    assert not listed.is_connected(world(), session())
    for told in (False, None, "yes", 1):
        with broken("as connected"):
            listed.require_state(world(ONE | {"connected": told}), session(), "connected", 0.02)
    with broken("as not connected"):
        listed.require_state(world(), session(), "not connected", 0.02)


def test_chunks_of_sessions():
    listed.require_chunks(world(ONE), {"speaker 1": 2})
    for metrics in ({"chunks_processed": 3}, {}, None, {"chunks_processed": "2"}):
        with broken("the list tells of 2 chunks of speaker 1"):
            listed.require_chunks(world(ONE | {"metrics": metrics}), {"speaker 1": 2})


def test_health():
    listed.require_more(world(health=5, before=3), 2)
    with broken("2 sessions more than before\nseen +1 more"):
        listed.require_more(world(health=4, before=3), 2)
    for told in (None, "3", True, 2.5):
        with broken("health tells how many sessions"):
            listed.require_more(world(health=told), 2)


def test_sessions_are_noted():
    noted = world(health=7)
    listed.note_sessions(noted)
    listed.require_more(noted, 0)
