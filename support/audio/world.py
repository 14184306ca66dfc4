"""Everything that one scenario of the audio slice remembers, and the one place where it is ended."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from support.audio.agreement import DEFAULTS, TOKEN, written
from support.audio.band_types import learn_words
from support.audio.desk import Desk
from support.audio.frames import objects_in, text_in
from support.audio.keeping import Keeper
from support.audio.line import Line
from support.audio.pipeline import Pipeline
from support.audio.protocol import DEFAULT_RATE
from support.audio.rest import REFUSED, Answer, Rest
from support.audio.running import AttachedPipeline, LaunchedPipeline, RunningPipeline
from support.audio.session import Session, Take
from support.audio.signals import Samples
from support.audio.spare import Wish, shared, written_since
from support.audio.stage_words import Band, Chain, StageWish
from support.audio.target import EQUALIZER, AudioTarget
from support.audio.wishes import Wished, beyond_its_ranges, config_of
from support.kit.canary import new_token
from support.kit.errors import DeclinedError, PromiseBrokenError
from support.kit.evidence import Evidence
from support.kit.latency import Samples as Latencies
from support.kit.loop import LoopThread, the_loop
from support.kit.patience import GivenUpError
from support.kit.proxy import Proxy
from support.kit.slice import RunSettings
from support.kit.verdict import steps_went_well
from support.kit.wire import WireLog

THE_SPEAKER = "the speaker"
LOG = "pipeline.log"
FIGURES_LIMIT = 3.0
"""Seconds that the pipeline has to tell its figures, as evidence."""
PARTING_LIMIT = 10.0
"""Seconds for all lines to end at the end of a scenario."""


@dataclass
class AudioWorld:
    """One scenario's actors and what they did. sessions: by their speakers' names. speaking: who spoke last.

    answers: to requests over HTTP that the scenario judges. asked: settings that the scenario wants otherwise than agreed.
    """

    target: AudioTarget
    settings: RunSettings
    evidence: Evidence
    loop: LoopThread
    wire: WireLog
    resources: ExitStack
    keeper: Keeper
    asked: dict[str, str] = field(default_factory=dict)
    running: Pipeline | None = None
    sessions: dict[str, Session] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    links: list[Proxy] = field(default_factory=list)
    speaking: str = THE_SPEAKER
    answers: list[Answer] = field(default_factory=list)
    moments: dict[str, float] = field(default_factory=dict)
    desk: Desk = field(default_factory=Desk)
    _clean: bool = False

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline; it is started where none runs yet."""
        return self.running or self.start()

    @property
    def session(self) -> Session:
        """The session of the speaker that spoke last."""
        return self.sessions[self.speaking]

    @property
    def line(self) -> Line:
        """Its line."""
        return self.session.line

    @property
    def answer(self) -> Answer:
        """The last answer over HTTP that somebody judges."""
        return self.answers[-1]

    @property
    def take(self) -> Take:
        """What was played and heard last in that session."""
        return self.session.take

    @property
    def played(self) -> Samples:
        """What was played last in that session."""
        return self.session.played

    @property
    def heard(self) -> Samples:
        """What was heard of it, with the delay taken off."""
        return self.session.heard

    # What is given

    def ask_for(self, settings: Mapping[str, str]) -> None:
        """The pipeline is to run with these settings. DeclinedError where the target cannot have them."""
        assert self.running is None, "settings are asked for before the pipeline is started"
        for name, value in settings.items():
            if reason := self.target.can(name, value):
                raise DeclinedError(reason)
            if written(name, value) != DEFAULTS.get(name):
                self.asked[name] = written(name, value)

    def ask_for_token(self) -> None:
        """The pipeline is to let in nobody without a token. DeclinedError where the target cannot have one."""
        if not self.target.has_token:
            self.ask_for({TOKEN: new_token()})

    def require_stages(self, *stages: str) -> None:
        """DeclinedError where the target has not all of these stages, by the contract's names."""
        self.target.require_stages(stages)

    def start(self) -> Pipeline:
        """Start the pipeline as it was asked for, or find one that runs; it is ready then."""
        self.resources.callback(self._part)
        running = self._find()
        if running.token is not None:
            self.evidence.hide(running.token)
        self.running = Pipeline(self.target, running, self.loop, self.wire)
        running.wait_ready()
        return self.running

    # What is done

    def open_session(
        self, wished: Wished = (), *, rate: int = DEFAULT_RATE, name: str = THE_SPEAKER, connect: bool = True, link: bool = False,
    ) -> Session:  # fmt: skip
        """A session for the speaker `name`, with a line. PromiseBrokenError where the pipeline begins none.

        wished: stages in their order, or a configuration as it is. link: the line goes through a link that can fail.
        DeclinedError where the target lacks a stage, or tells a narrower range for a parameter than is asked for.
        """
        config = self.config_of(wished)
        answer = self.start_session(config, rate=rate)
        session_id = text_in(answer.fields, "session_id")
        if answer.code != 200 or not session_id:
            if answer.code == REFUSED and (reason := beyond_its_ranges(wished, self.pipeline.catalogue)):
                raise DeclinedError(reason)
            raise PromiseBrokenError("a session with a right configuration is started", str(answer))
        session = Session(name, session_id, text_in(answer.fields, "pipeline_id"), config, rate, answer)
        self.sessions[name] = session
        self.speaking = name
        if link:
            session.link = self.link()
        if connect:
            self.connect(session)
        return session

    def config_of(self, wished: Wished) -> dict[str, object]:
        """The pipeline's configuration for what is wished, in its own words. DeclinedError where it has not all of it."""
        if not isinstance(wished, Mapping) and EQUALIZER in self.target.stages:
            learn_words(wished.stages if isinstance(wished, Chain) else wished, self.target, self._try_band)
        return config_of(wished, self.target, lambda: self.pipeline.catalogue)

    def start_session(self, config: Mapping[str, object], *, rate: int = DEFAULT_RATE) -> Answer:
        """Ask for a session, and return whatever is answered. It is ended with the scenario."""
        answer = self.pipeline.rest.start(config, None if rate == DEFAULT_RATE else {"sample_rate": rate})
        self.answers.append(answer)
        return answer

    def connect(self, session: Session) -> Line:
        """A new line for a session: its first, or one in the place of the last."""
        line = self.new_line(session.session_id, name=session.name, rate=session.rate, link=session.link)
        line.connect()
        session.lines.append(line)
        return line

    def new_line(
        self, session_id: str, *, name: str, rate: int = DEFAULT_RATE, link: Proxy | None = None, quiet: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Line:  # fmt: skip
        """A line that is not connected yet and belongs to no session of ours: to one that never was, or a stranger's."""
        line = self.pipeline.new_line(session_id, name=name, rate=rate, link=link, quiet=quiet, headers=headers)
        self.lines.append(line)
        return line

    def link(self) -> Proxy:
        """A link to the pipeline that can be made to fail."""
        name = f"link {len(self.links) + 1}"
        self.links.append(self.resources.enter_context(Proxy(self.loop, self.pipeline.address, name=name)))
        return self.links[-1]

    def keep(self, name: str, take: Take) -> None:
        """Keep what was played and heard as evidence."""
        self.keeper.keep(name, take.played, take.heard, take.rate)

    def fall_short(self, promised: str, seen: str) -> None:
        """A bound that depends on the machine was missed: a warning, or PromiseBrokenError where timing is strict."""
        if self.settings.timing_strict:
            raise PromiseBrokenError(promised, seen)
        self.evidence.warn(f"{promised}: {seen}")

    def _try_band(self, band: Band) -> Answer:
        """Whether an equalizer with one band is to be had; no session is left."""
        rest = self.pipeline.rest
        answer = rest.start(config_of((StageWish(EQUALIZER, {"bands": (band,)}),), self.target, lambda: self.pipeline.catalogue))
        if session_id := text_in(answer.fields, "session_id"):
            rest.stop(session_id)
        return answer

    # The end

    def audit(self) -> None:
        """End what the scenario has begun. Raise where the pipeline has died, or still has sessions that were ended.

        A process whose scenario failed goes with it: its sessions need no end of their own.
        """
        if self.running is None:
            return
        self._part()
        self.running.running.require_alive("the scenario began")
        self._keep_figures(self.running.rest)
        if steps_went_well() or not self.target.launches:
            self._end_sessions(self.running.rest)
        self._clean = steps_went_well()

    def close(self) -> None:
        """End lines, links and pipeline, last in first out; every one is ended, whatever goes wrong with another."""
        self.resources.close()

    def _find(self) -> RunningPipeline:
        if not self.target.launches:
            return AttachedPipeline(self.target, self.settings.patience)
        pipeline = shared.borrow(Wish(self.target, self.asked, self.evidence.folder.parent), self.settings.patience)
        self.resources.callback(self._give_back, pipeline, pipeline.log.stat().st_size)
        return pipeline

    def _give_back(self, pipeline: LaunchedPipeline, log_begin: int) -> None:
        """The part of the log that is this scenario's, and the process for the next one if all went well with it."""
        try:
            self.evidence.log_path(LOG).write_bytes(written_since(pipeline.log, log_begin))
        finally:
            shared.give_back(pipeline, well=self._clean)

    def _part(self) -> None:
        async def leave() -> None:
            await asyncio.gather(*(line.leave_here() for line in self.lines))

        self.loop.call(leave(), PARTING_LIMIT)

    def _end_sessions(self, rest: Rest) -> None:
        """End every session that the scenario has begun. PromiseBrokenError: one cannot be ended, or is there all the same."""
        for session_id in rest.started:
            answer = rest.stop(session_id)
            if answer.code not in (200, 404):
                raise PromiseBrokenError("a session can be stopped", str(answer))
        if rest.started:
            listed = rest.sessions()
            left = {text_in(one, "session_id") for one in objects_in(listed.fields, "active_sessions")} & set(rest.started)
            if left:
                raise PromiseBrokenError("a session that was stopped is not listed any more", f"{len(left)} in {listed}")

    def _keep_figures(self, rest: Rest) -> None:
        if "metrics" in self.target.capabilities:
            try:
                told = rest.metrics(FIGURES_LIMIT).text
            except (PromiseBrokenError, GivenUpError) as error:  # evidence only: a scenario of its own judges them
                told = f"no figures: {error}"
            self.evidence.attach("metrics.txt", told)


def open_world(target: AudioTarget, settings: RunSettings, evidence: Evidence, latency: Latencies) -> AudioWorld:  # noqa: ARG001 (the latency report is another slice's)
    """A fresh world for one scenario."""
    return AudioWorld(
        target=target, settings=settings, evidence=evidence, loop=the_loop(), wire=evidence.open_wire(),
        resources=ExitStack(), keeper=Keeper(evidence),
    )  # fmt: skip
