"""What the pipeline tells of its sessions: its list and its health. Each `require_*` raises PromiseBrokenError."""

from collections.abc import Mapping

from support.audio.frames import object_in, text_in, whole_in
from support.audio.session import Session
from support.audio.world import AudioWorld
from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError, VoidError

STATES = {"connected": True, "not connected": False}
Entry = Mapping[str, object]


def entries(world: AudioWorld) -> dict[str, Entry]:
    """The list of sessions, by id. PromiseBrokenError where there is none, or one of them has no id or stands there twice."""
    answer = world.pipeline.rest.sessions()
    listed = answer.fields.get("active_sessions")
    if answer.code != 200 or not isinstance(listed, list):
        raise PromiseBrokenError("there is a list of sessions", str(answer))
    found: dict[str, Entry] = {}
    for entry in listed:
        session_id = text_in(entry, "session_id") if isinstance(entry, dict) else ""
        if not session_id or session_id in found:
            raise PromiseBrokenError("each session is listed once, with its id", repr(entry))
        found[session_id] = entry
    return found


def healthy_sessions(world: AudioWorld) -> int:
    """How many sessions the pipeline's health tells of. PromiseBrokenError where it tells none."""
    answer = world.pipeline.rest.health()
    told = whole_in(answer.fields, "sessions")
    if answer.code != 200 or told is None:
        raise PromiseBrokenError("the pipeline's health tells how many sessions there are", str(answer))
    return told


def note_sessions(world: AudioWorld) -> None:
    """Remember how many sessions there are: others may have some, too."""
    world.moments["sessions before"] = healthy_sessions(world)


def require_more(world: AudioWorld, count: int) -> None:
    """The pipeline's health tells of so many sessions more than when the scenario began."""
    more = healthy_sessions(world) - int(world.moments["sessions before"])
    if more != count:
        raise PromiseBrokenError(f"the pipeline's health tells of {count} sessions more than before", f"{more} more")


def require_listed(world: AudioWorld, count: int) -> None:
    """The list shows the sessions of all speakers, as running and under the ids of their pipelines. VoidError: not so many."""
    if len(world.sessions) != count:
        raise VoidError(f"there are {len(world.sessions)} speakers, not {count}")
    listed = entries(world)
    for session in world.sessions.values():
        entry = listed.get(session.session_id)
        if entry is None:
            raise PromiseBrokenError(f"the list shows the session of {session.name}", f"{len(listed)} others")
        if text_in(entry, "status") != "running" or text_in(entry, "pipeline_id") != session.pipeline_id:
            promised = f"the list shows the session of {session.name} as running, with its pipeline's id"
            raise PromiseBrokenError(promised, repr(dict(entry)))


def require_not_listed(world: AudioWorld, session: Session) -> None:
    """The list does not show it."""
    entry = entries(world).get(session.session_id)
    if entry is not None:
        raise PromiseBrokenError(f"the list does not show the session of {session.name} any more", repr(dict(entry)))


def require_state(world: AudioWorld, session: Session, state: str, within: float) -> None:
    """Within so many seconds the list shows it as `connected` or `not connected`."""
    wanted = STATES[state]

    def look() -> object:
        return entries(world).get(session.session_id, {}).get("connected")

    promised = f"the list shows the session of {session.name} as {state}"
    eventually(look, lambda seen: seen is wanted, within, promised, describe=lambda seen: f"connected: {seen!r}")


def is_connected(world: AudioWorld, session: Session) -> bool:
    """Whether the list shows it as connected."""
    return entries(world).get(session.session_id, {}).get("connected") is True


def require_chunks(world: AudioWorld, counts: Mapping[str, int]) -> None:
    """The list tells of so many chunks of each speaker's session."""
    listed = entries(world)
    for name, count in counts.items():
        metrics = object_in(listed.get(world.sessions[name].session_id, {}), "metrics")
        told = whole_in(metrics, "chunks_processed")
        if told != count:
            raise PromiseBrokenError(f"the list tells of {count} chunks of {name}", repr(metrics.get("chunks_processed")))
