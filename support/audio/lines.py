"""Lines that are hung up, lost and found again, and lines to sessions that are not there."""

from collections.abc import Callable

from support.audio.answered import come_back
from support.audio.frames import ChunkAnswer
from support.audio.line import Line
from support.audio.messages import ping_message
from support.audio.playing import noise, play_noise
from support.audio.protocol import Tell
from support.audio.session import Session
from support.audio.signals import to_pcm16
from support.audio.silence import ANSWER_LIMIT
from support.audio.sounds import Sound
from support.audio.streaming import Playing, hear_out, play, stream, usual_chunk
from support.audio.world import AudioWorld
from support.kit.deadline import eventually
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.fault import Fault
from support.kit.promises import require
from support.kit.proxy import Proxy

SLOWLY = Fault(bandwidth=20_000)
"""A link so slow that a chunk can be caught on its way."""
ON_ITS_WAY = 4_000
"""Bytes of a chunk that have gone over the link when it breaks: its beginning for sure, and not all of it."""
LONG = 10
"""Usual chunks that the chunk is as long as that the link breaks in."""


def lose(session: Session, way: str) -> None:
    """The line ends: `is hung up`, `is cut`, `breaks without a word`."""
    match way:
        case "is hung up":
            session.line.close()
        case "is cut":
            cut(session)
        case "breaks without a word":
            session.line.cut(reset=True)
        case _:
            raise ValueError(f"no line ends so: {way!r}")


def cut(session: Session) -> None:
    """Cut the link of the session's line. VoidError where there was nothing to cut."""
    if not _link(session).cut():
        raise VoidError(f"the link of {session.name} had no connection to cut")
    session.line.await_closed()


def lose_and_play(world: AudioWorld, session: Session, way: str, chunks: int) -> None:
    """The line ends, the speaker comes back and plays so many chunks."""
    lose(session, way)
    come_back(world, session)
    play_noise(world, session, chunks)


def break_in_a_chunk_and_play(world: AudioWorld, session: Session, chunks: int) -> None:
    """The link is cut while a chunk goes over it; then the speaker comes back and plays so many chunks."""
    link = _link(session)
    before = link.connections[-1].bytes_up
    link.use(SLOWLY)
    session.line.send_chunk(to_pcm16(noise(world, session, LONG * usual_chunk(session))))
    eventually(lambda: link.connections[-1].bytes_up, lambda up: up >= before + ON_ITS_WAY, 5.0, "a chunk is on its way")
    cut(session)
    world.moments["bytes on their way"] = link.connections[-1].bytes_up - before
    link.heal()
    come_back(world, session)
    play_noise(world, session, chunks)


def require_broken_in_a_chunk(world: AudioWorld, session: Session) -> None:
    """The link was cut when a part of a chunk had gone over it, and it was answered nothing. VoidError where it was not."""
    passed, whole = world.moments["bytes on their way"], LONG * usual_chunk(session) * 2
    if not 0 < passed < whole:
        raise VoidError(f"{passed:,.0f} bytes of {whole:,} had gone over the link when it was cut")
    if answered := session.lines[-2].leftover:
        raise PromiseBrokenError("half a chunk is answered nothing", str(answered[0]))


def play_with_a_loss(world: AudioWorld, sound: Sound, seconds: float) -> None:
    """A sound whose line is cut half way and that goes on when the speaker is back; and the same in another session, whole."""
    session = world.session
    samples = sound.render(seconds, session.rate)
    half = len(samples) // 2
    stream(world, Playing(session, samples[:half]))
    cut(session)
    come_back(world, session)
    stream(world, Playing(session, samples[half:]))
    hear_out(world, session)
    another = world.open_session(session.config, rate=session.rate, name=f"{session.name}, without trouble")
    play(world, Playing(another, samples))


# --- two lines of one session


def meet(world: AudioWorld, session: Session, chunks: int) -> None:
    """A second line of the session: first it plays so many chunks, then the first one does, as far as they are served."""
    first = session.line
    second = world.new_line(session.session_id, name="the second line", rate=session.rate)
    second.try_to_connect()
    for line in (second, first):
        if line.open and _served(line, line.ping):
            for _ in range(chunks):
                line.send_chunk(to_pcm16(noise(world, session, usual_chunk(session))))
                if not _served(line, line.await_chunk):
                    break


def require_one_served(world: AudioWorld, session: Session) -> None:
    """One of the two lines at least is open."""
    if not any(line.open for line in _both(world, session)):
        ends = "; ".join(f"{line.name}: {line.closing or f'refused with status {line.status}'}" for line in _both(world, session))
        raise PromiseBrokenError("one of the two lines is still served", ends)


def require_untangled(world: AudioWorld, session: Session) -> None:
    """Every chunk was answered on the line that it was played on, and the numbers of all are without holes."""
    answers: list[ChunkAnswer] = [one for line in _both(world, session) for one in line.chunks]
    answers.sort(key=lambda one: one.audio.at)
    numbers = [answer.sequence for answer in answers]
    if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < 5:
        raise PromiseBrokenError("the chunks of both lines are numbered from 1 to 5 at least, in order", f"{numbers}")
    for answer in answers:
        if answer.played != answer.pcm:
            raise PromiseBrokenError("every line hears what was played on it", f"chunk {answer.sequence} is another one")
    for line in _both(world, session):
        strays = [frame for frame in line.leftover if frame.type in (Tell.PROCESSED_AUDIO, Tell.METRICS)]
        if strays:
            raise PromiseBrokenError("every line hears what was played on it", f"{line.name}: {strays[0]}")


def _both(world: AudioWorld, session: Session) -> list[Line]:
    return [session.line, world.lines[-1]]


def _served(line: Line, ask: Callable[[], object]) -> bool:
    """Whether the line gives an answer. One that is closed, or says why it gives none, does not."""
    try:
        ask()
    except PromiseBrokenError:
        return False
    return line.open


# --- lines to sessions that are not there


def connect_and_play(world: AudioWorld, session_id: str) -> None:
    """A line to a session that is not there, and a chunk on it, whatever comes of it."""
    line = world.new_line(session_id, name="the one without a session")
    line.try_to_connect()
    if line.open:
        line.send_chunk(to_pcm16(noise(world, world.session, usual_chunk(world.session))))


def require_told_and_closed(line: Line, error: str, code: int) -> None:
    """The line was told an error with this code, and then closed with that one."""
    if line.status is not None:
        raise PromiseBrokenError(f"the line is told {error} and closed with code {code}", f"refused with status {line.status}")
    require_closed(line, code)
    told = [frame for frame in line.frames if frame.type == Tell.ERROR]
    if [frame.code for frame in told] != [error]:
        raise PromiseBrokenError(f"the line is told {error} before it is closed", ", ".join(map(str, line.frames)) or "nothing")


def require_unreachable(world: AudioWorld, session_id: str, error: str, code: int) -> None:
    """Whoever connects to the session is told this and closed."""
    line = world.new_line(session_id, name="the one without a session")
    line.try_to_connect()
    require_told_and_closed(line, error, code)


def require_closed(line: Line, code: int, within: float = ANSWER_LIMIT) -> None:
    """The line is closed with this code."""
    require("the line is closed with code {}", code, line.await_closed(within).code)


def require_hears_nothing(line: Line) -> None:
    """Neither sound nor figures came over the line."""
    heard = [frame for frame in line.frames if frame.type in (Tell.PROCESSED_AUDIO, Tell.METRICS)]
    if heard:
        raise PromiseBrokenError("nothing is heard on the line", str(heard[0]))


def ask_whether_anybody_is_there(world: AudioWorld, times: int) -> None:
    """Ask so many times at once."""
    for _ in range(times):
        world.line.send_text(ping_message())


def require_pongs(line: Line, times: int) -> None:
    """Each was answered."""
    for _ in range(times):
        line.await_frame(Tell.PONG)


def _link(session: Session) -> Proxy:
    assert session.link is not None, "only sessions behind a link say this"
    return session.link
