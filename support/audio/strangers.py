"""Those who come without the token, and where the token must not be. Each `require_*` raises PromiseBrokenError."""

import base64
import json
from collections.abc import Sequence

from support.audio.answered import require_exact
from support.audio.frames import Frame
from support.audio.line import Line
from support.audio.playing import noise, play_noise
from support.audio.protocol import Tell
from support.audio.rest import Answer, Rest
from support.audio.running import LaunchedPipeline
from support.audio.setups import PLAIN, open_plain
from support.audio.signals import silence, to_pcm16, to_wav
from support.audio.streaming import usual_chunk
from support.audio.world import AudioWorld
from support.kit.canary import new_token
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.evidence import Redactor

TURNED_AWAY = (401, 403)
"""Statuses of HTTP that say so (RFC 9110 sections 15.5.2 and 15.5.4)."""
SECOND = 1.0
"""Seconds of sound that a stranger wants to have worked on."""
CLOSING = 5.0
"""Seconds within which a line that was let in after all is closed."""
SHOWN = 200
"""Letters of a log before and after a token that was found there."""
STRANGER = "the stranger"
WISHES = (
    "start a session", "list the sessions", "stop the speaker's session", "process a file", "have one stage process",
    "have a spectrum analysed", "have a loudness analysed",
)  # fmt: skip
STRANGERS = ("no token", "a wrong token", "an empty token", "the token less its last letter")


def credentials(world: AudioWorld, phrase: str) -> str | None:
    """What a stranger has in the token's place; None for nothing. ValueError for a phrase that nobody knows."""
    token = world.pipeline.token or ""
    known = {
        "no token": None,
        "a wrong token": new_token(),
        "an empty token": "",
        "the token less its last letter": token[:-1],
        "the token and one more letter": f"{token}x",
        "the token in other letters' case": token.swapcase(),
    }
    if phrase not in known:
        raise ValueError(f"no stranger is known with {phrase!r}")
    return known[phrase]


def ask_for_everything(world: AudioWorld, phrases: Sequence[str], wishes: Sequence[str] = WISHES) -> None:
    """Strangers with each of these ask for one thing after the other. From then on the world's answers are theirs."""
    strangers = [world.pipeline.rest.with_token(credentials(world, phrase)) for phrase in phrases]
    world.answers[:] = [ask(world, stranger, wish) for stranger in strangers for wish in wishes]


def ask(world: AudioWorld, stranger: Rest, wish: str) -> Answer:
    """Ask for one of the WISHES. ValueError for one that nobody knows."""
    sound = silence(SECOND)
    text = {"audio_data": base64.b64encode(to_pcm16(sound)).decode(), "sample_rate": 16000}
    match wish:
        case "start a session":
            return stranger.start(PLAIN.told())
        case "list the sessions":
            return stranger.sessions()
        case "stop the speaker's session":
            return stranger.stop(world.session.session_id)
        case "process a file":
            return stranger.process(PLAIN.told(), audio=to_wav(sound, 16000))
        case "have one stage process":
            return stranger.stage(world.target.stages[0], text)
        case "have a spectrum analysed":
            return stranger.spectrum(text)
        case "have a loudness analysed":
            return stranger.loudness(text)
    raise ValueError(f"no wish is known as {wish!r}")


def connect_each(world: AudioWorld, phrases: Sequence[str]) -> None:
    """One stranger after the other connects to the speaker's session, as connect() has it."""
    for phrase in phrases:
        connect(world, phrase)


def connect(world: AudioWorld, phrase: str) -> None:
    """A stranger connects to the speaker's session and plays a chunk, if that is possible."""
    session = world.session
    token = credentials(world, phrase)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    line = world.new_line(session.session_id, name=STRANGER, headers=headers)
    line.try_to_connect()
    if line.open:
        line.send_chunk(to_pcm16(noise(world, session, usual_chunk(session))))


def come_in_every_way(world: AudioWorld) -> None:
    """Speakers and strangers come and go, over both ways, with and without the token."""
    session = open_plain(world)
    require_exact(play_noise(world, session, 1))
    connect_each(world, STRANGERS)
    ask_for_everything(world, STRANGERS, WISHES[:2])
    session.line.close()


# --- what is promised


def require_all_refused(world: AudioWorld) -> None:
    """Every request was refused for want of the token."""
    if not world.answers:
        raise VoidError("no stranger has asked for anything")
    for answer in world.answers:
        if answer.code not in TURNED_AWAY:
            raise PromiseBrokenError("a stranger's request is refused with 401 or 403", str(answer))


def require_all_turned_away(world: AudioWorld) -> None:
    """Every stranger's line was."""
    lines = [line for line in world.lines if line.name == STRANGER]
    if not lines:
        raise VoidError("no stranger has connected")
    for line in lines:
        require_turned_away(line)


def require_turned_away(line: Line) -> None:
    """The upgrade was refused, or the line was closed; either way the stranger was answered no chunk."""
    if line.status is not None:
        if line.status not in TURNED_AWAY:
            raise PromiseBrokenError("a stranger is turned away with 401 or 403", f"with {line.status}")
        return
    if not _served(line):
        line.await_closed(CLOSING)
    if served := _served(line):
        raise PromiseBrokenError("a stranger is answered nothing", str(served[0]))


def _served(line: Line) -> list[Frame]:
    """What was answered on it, mistakes aside."""
    return [frame for frame in line.frames if frame.is_known and frame.type != Tell.ERROR]


def require_no_token_in_log(world: AudioWorld) -> None:
    """The token is not in what the pipeline has written: plain, escaped, in base64 or in hex."""
    running = world.pipeline.running
    assert isinstance(running, LaunchedPipeline), "the Given has declined all others"
    _require_without(world, running.log.read_text(encoding="utf-8", errors="replace"), "the pipeline's log")


def require_no_token_in_answers(world: AudioWorld) -> None:
    """It is in no answer over HTTP, and in no frame of a line."""
    frames: list[Frame] = [frame for line in world.lines for frame in line.frames]
    told = [answer.text + json.dumps(dict(answer.headers)) for answer in world.answers]
    told += [json.dumps(dict(frame.fields)) for frame in frames]
    _require_without(world, "\n".join(told), "the pipeline's answers")


def _require_without(world: AudioWorld, text: str, where: str) -> None:
    finder = Redactor()
    finder.add(world.pipeline.token or "")
    cleaned = finder.apply(text.encode()).decode("utf-8", "replace")
    if cleaned != text:
        at = next(index for index, (one, other) in enumerate(zip(text, cleaned, strict=False)) if one != other)
        raise PromiseBrokenError(f"the token is nowhere in {where}", f"there: {cleaned[max(0, at - SHOWN) : at + SHOWN]}")
