"""Sessions that are started and stopped, and what the pipeline says to that. Each `require_*` raises PromiseBrokenError."""

import re
import uuid
from collections.abc import Sequence

from support.audio.answered import require_comes_back
from support.audio.configurations import bad_configuration
from support.audio.frames import text_in
from support.audio.listed import require_more
from support.audio.playing import play_noise
from support.audio.protocol import Code
from support.audio.rest import Answer
from support.audio.session import Session
from support.audio.setups import PLAIN, open_many, open_plain
from support.audio.wishes import in_own_names
from support.audio.world import AudioWorld
from support.kit.errors import PromiseBrokenError
from support.kit.promises import require

BAD = (Code.INVALID_CONFIG, Code.UNKNOWN_STAGE, Code.UNKNOWN_PARAMETER, Code.OUT_OF_RANGE)
"""What a bad configuration may be refused with."""
ENDS = ("source_stage_id", "target_stage_id")
"""Names of a connection's ends: they lie in the connections."""


# --- what is done


def start_with(world: AudioWorld, phrase: str) -> None:
    """Ask for a session with the bad configuration that `phrase` describes."""
    world.start_session(in_own_names(bad_configuration(phrase, world.target.stages), world.target))


def start_and_stop_in_turn(world: AudioWorld, times: int) -> None:
    """Start a session, play a chunk in it and stop it, so many times."""
    for number in range(1, times + 1):
        session = open_plain(world, name=f"speaker {number}")
        play_noise(world, session, 1)
        require_stopped(stop(world, session.session_id))


def start_many_and_stop(world: AudioWorld, count: int, gone: int) -> None:
    """Start so many sessions, and stop some of them."""
    for session in open_many(world, count)[:gone]:
        forget(world, session)


def forget(world: AudioWorld, session: Session) -> None:
    """Stop a session, which is none of the scenario's any more. PromiseBrokenError where that does not go well."""
    require_stopped(stop(world, session.session_id))
    del world.sessions[session.name]


def stop(world: AudioWorld, session_id: str) -> Answer:
    """Ask for the end of a session."""
    world.answers.append(world.pipeline.rest.stop(session_id))
    return world.answer


def session_id_of(world: AudioWorld, phrase: str) -> str:
    """The id of a session that is not there. ValueError for a phrase that nobody knows."""
    own = world.session.session_id
    match phrase:
        case "a session that never was":
            return str(uuid.uuid4())
        case "a session with the speaker's id less its last letter":
            return own[:-1]
        case "a session with the speaker's id and one more letter":
            return f"{own}0"
        case "a session that was stopped":
            return _stopped(world)
    raise ValueError(f"no session is known as {phrase!r}")


def _stopped(world: AudioWorld) -> str:
    speaking = world.speaking
    session = world.open_session(PLAIN, name="one who is gone", connect=False)
    forget(world, session)
    world.speaking = speaking
    return session.session_id


# --- what is promised


def require_running(world: AudioWorld) -> None:
    """The session was begun: it runs, under an id, and names its pipeline."""
    answer = world.session.answer
    require("the session is {}", "running", text_in(answer.fields, "status"))
    if not text_in(answer.fields, "pipeline_id"):
        raise PromiseBrokenError("the session tells its pipeline's id", str(answer))


def require_told_apart(sessions: Sequence[Session]) -> None:
    """No two have the same id."""
    ids = [session.session_id for session in sessions]
    if len(set(ids)) != len(ids):
        raise PromiseBrokenError(f"{len(ids)} sessions have {len(ids)} ids", f"{len(set(ids))}")


def require_stopped(answer: Answer) -> None:
    """The session was ended."""
    if answer.code != 200:
        raise PromiseBrokenError("a session is stopped", str(answer))


def require_refused(answer: Answer, status: int, code: str) -> None:
    """The request was refused with this status and code, and a reason."""
    problem = answer.error
    if answer.code != status or problem is None or problem.code != code or not problem.message:
        raise PromiseBrokenError(f"the answer is {status} {code} and gives a reason", str(answer))


def require_bad_configuration(world: AudioWorld, fields: Sequence[str]) -> None:
    """The configuration was refused with 422, and one of `fields` (in the contract's names) is named as what is at fault."""
    answer = world.answer
    problem = answer.error
    if answer.code != 422 or problem is None or problem.code not in BAD or not problem.message:
        raise PromiseBrokenError("a configuration that makes no sense is refused with 422, a code and a reason", str(answer))
    known = {name for field in fields for name in _spellings(world, field)}
    if not known & set(re.findall(r"[\w-]+", problem.field)):
        raise PromiseBrokenError(f"the fault is found at {' or '.join(fields)}", f"at {problem.field!r}: {answer}")


def require_none_begun(world: AudioWorld) -> None:
    """There are no sessions but those of the scenario's own speakers."""
    require_more(world, len(world.sessions))


def require_can_be_started(world: AudioWorld) -> None:
    """A session with a right configuration is begun, and what is played in it comes back."""
    require_comes_back(world, open_plain(world, name="the next speaker"), 1)


def _spellings(world: AudioWorld, field: str) -> set[str]:
    """Names under which the field may be told: the pipeline's own for it, or something that lies within it."""
    own = {names[field] for names in world.target.parameters.values() if field in names}
    return {field, *own, *(ENDS if field == "connections" else ())}
