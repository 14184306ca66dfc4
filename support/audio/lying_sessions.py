"""Pipelines that break one promise each about sessions: their beginning, their end, their lists, their lines."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from support.audio.lie import lies
from support.audio.protocol import STAGES, Close, Code, RefusedError
from support.audio.reference import models
from support.audio.reference.configuration import Configurator, Pipeline
from support.audio.reference.dialogue import Answers, Dialogue, Message
from support.audio.reference.errors import status_of
from support.audio.reference.figures import Account
from support.audio.reference.link import Link
from support.audio.reference.models import PipelineConfig
from support.audio.reference.ordering import in_order
from support.audio.reference.routes import Routes, Told
from support.audio.reference.session import Session
from support.audio.reference.sessions import Line, Place, Sessions

# --- their beginning and their end


@lies("All sessions have one id.")
class OneIdForAll(Sessions):
    def make_session(self, pipeline: Pipeline, rate: int) -> Session:
        session = super().make_session(pipeline, rate)
        session.session_id = "the-session"
        return session


@lies("It starts every fifth session in vain.")
class EveryFifthStartFails(Sessions):
    asked = 0

    async def start(self, pipeline: Pipeline, rate: int) -> Session:
        self.asked += 1
        if not self.asked % 5:
            raise RefusedError(Code.TOO_MANY_SESSIONS, "not just now")
        return await super().start(pipeline, rate)


@lies("It says that a session is stopped, which goes on.")
class StopDoesNothing(Sessions):
    def stop(self, session_id: str) -> Session:
        place = self.find(session_id)
        if place is None:
            raise RefusedError(Code.SESSION_NOT_FOUND, "there is no such session")
        return place.session


@lies("The line of a session that is stopped stays open.")
class StopLeavesTheLineOpen(Sessions):
    def _end(self, place: Place, why: str) -> None:
        place.line = None
        super()._end(place, why)


@lies("The line of a session that is stopped is closed as if the server ended.")
class StopClosesOtherwise(Link):
    def finish(self, code: int, reason: str) -> None:
        super().finish(Close.GOING_AWAY if code == Close.NORMAL else code, reason)


@lies("With one session it stops all.")
class StopEndsAll(Sessions):
    def stop(self, session_id: str) -> Session:
        session = super().stop(session_id)
        for place in self:
            super().stop(place.session.session_id)
        return session


@lies("It stops sessions that are not, and says that all is well.")
class UnknownStopIsFine(Routes):
    async def stop(self, session_id: str) -> Told:
        try:
            return await super().stop(session_id)
        except RefusedError:
            figures = Account(self.usage).begin(0)
            return {"session_id": session_id, "pipeline_id": "none", "status": "stopped", "metrics": figures}


@lies("It takes the beginning of an id for the whole.")
class IdsByTheirBeginning(Sessions):
    def find(self, session_id: str) -> Place | None:
        return next((place for place in self if place.session.session_id.startswith(session_id)), None)

    def stop(self, session_id: str) -> Session:
        place = self.find(session_id)
        return super().stop(session_id if place is None else place.session.session_id)


# --- lists and health


@lies("Its list leaves out the session that was begun last.")
class ListLeavesOneOut(Routes):
    async def list(self) -> Told:
        told: Any = await super().list()
        return {"active_sessions": told["active_sessions"][:-1]}


class _ListTells(Routes):
    """Its list says the same of every session."""

    says: dict[str, object]

    async def list(self) -> Told:
        told: Any = await super().list()
        return {"active_sessions": [entry | self.says for entry in told["active_sessions"]]}


@lies("Its list shows every session as connected.")
class ListAlwaysConnected(_ListTells):
    says = {"connected": True}  # noqa: RUF012


@lies("Its list shows no session as connected.")
class ListNeverConnected(_ListTells):
    says = {"connected": False}  # noqa: RUF012


@lies("Its list shows sessions as they began.")
class ListTellsNoChunks(Routes):
    async def list(self) -> Told:
        told: Any = await super().list()
        return {"active_sessions": [entry | {"metrics": Account(self.usage).begin(0)} for entry in told["active_sessions"]]}


@lies("Its health counts sessions that have ended.")
class HealthForgetsNobody(Routes):
    async def health(self) -> Told:
        return {**await super().health(), "sessions": self.metrics.sessions_started}


@lies("Its health tells of no session.")
class HealthTellsOfNone(Routes):
    async def health(self) -> Told:
        return {**await super().health(), "sessions": 0}


# --- lines that come again


class _Begun(Session):
    """A session that knows how it began."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.first_chain = deepcopy(self._chain)

    def forget_sound(self) -> None:
        """Filters are as they were at the beginning."""
        self._chain = deepcopy(self.first_chain)

    def forget_counts(self, place: Place) -> None:
        """Chunks are counted from 1."""
        self._account = self.account_class(self._account._usage)


class _BegunSessions(Sessions):
    session_class: type[Session] = _Begun


@lies("A speaker who comes back finds the counters at nought.")
class ReconnectForgetsCounts(_BegunSessions):
    def attach(self, place: Place, line: Line) -> None:
        assert isinstance(place.session, _Begun)
        place.session.forget_counts(place)
        super().attach(place, line)


@lies("A speaker who comes back finds the filters as they were at the beginning.")
class ReconnectForgetsSound(_BegunSessions):
    def attach(self, place: Place, line: Line) -> None:
        assert isinstance(place.session, _Begun)
        place.session.forget_sound()
        super().attach(place, line)


@lies("A session ends with its line.")
class SessionEndsWithItsLine(Sessions):
    def detach(self, place: Place, line: Line) -> None:
        was_its_own = place.line is line
        super().detach(place, line)
        if was_its_own and place.session.session_id in self._places:
            self._end(place, "left")


@lies("A second line of a session ends both.")
class SecondLineEndsBoth(Sessions):
    def attach(self, place: Place, line: Line) -> None:
        had_one = place.line is not None
        super().attach(place, line)
        if had_one:
            line.finish(Close.GOING_AWAY, "two are too many")


@lies("A second line of a session begins with number 1.")
class SecondLineCountsAnew(_BegunSessions):
    def attach(self, place: Place, line: Line) -> None:
        assert isinstance(place.session, _Begun)
        if place.line is not None:
            place.session.forget_counts(place)
        super().attach(place, line)


# --- lines without a session


@lies("Whoever has no session is let in and hears nothing of it.")
class NobodyIsLetIn(Link):
    def _come_in(self, session_id: str) -> None:
        if self.desk.sessions.find(session_id) is not None:
            super()._come_in(session_id)


@lies("Whoever has no session is closed as if all was well.")
class NobodyIsClosedAsNormal(Link):
    def finish(self, code: int, reason: str) -> None:
        super().finish(Close.NORMAL if code == Close.SESSION_NOT_FOUND else code, reason)


@lies("Whoever has no session is closed without a word.")
class NobodyIsToldNothing(Link):
    def _come_in(self, session_id: str) -> None:
        if self.desk.sessions.find(session_id) is None:
            self.finish(Close.SESSION_NOT_FOUND, "no such session")
        else:
            super()._come_in(session_id)


# --- pings


@lies("It does not answer whoever asks whether anybody is there.")
class PongMissing(Dialogue):
    def ping(self, message: Message) -> Answers:
        return []


@lies("It answers twice whoever asks whether anybody is there.")
class PongTwice(Dialogue):
    def ping(self, message: Message) -> Answers:
        return super().ping(message) * 2


@lies("A ping counts as a chunk.")
class PingCounts(Dialogue):
    def ping(self, message: Message) -> Answers:
        self.session._account.chunks += 1
        return super().ping(message)


# --- configurations


@lies("It takes connections that go round in a circle.", over=in_order)
def cycles_accepted(stages: Sequence[str], connections: Iterable[tuple[str, str]]) -> list[str]:
    try:
        return in_order(stages, connections)
    except RefusedError:
        return list(stages)


@lies("It notices a circle only where no stage lies outside of it.", over=in_order)
def cycles_beside_a_chain_accepted(stages: Sequence[str], connections: Iterable[tuple[str, str]]) -> list[str]:
    edges = list(connections)
    try:
        return in_order(stages, edges)
    except RefusedError:
        if {end for edge in edges for end in edge} == {source for source, _ in edges}:
            raise
        return list(stages)


@lies("It takes a stage that is connected with itself.")
class SelfConnectionsAccepted(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        kept = [each for each in config.connections if each.source_stage_id != each.target_stage_id]
        return super().order(config.model_copy(update={"connections": kept}), stages)


@lies("It ignores connections whose end is not there.")
class DanglingEndsAccepted(Configurator):
    def order(self, config: PipelineConfig, stages: Sequence[str]) -> list[str]:
        kept = [each for each in config.connections if {each.source_stage_id, each.target_stage_id} <= set(stages)]
        return super().order(config.model_copy(update={"connections": kept}), stages)


@lies("It leaves out stages that it does not know.")
class UnknownStagesAccepted(Configurator):
    def pipeline(self, config: PipelineConfig) -> Pipeline:
        known = {name: stage for name, stage in config.stages.items() if name in STAGES}
        return super().pipeline(config.model_copy(update={"stages": known}))


class _AnyGain(models.StageConfig):
    gain_in: float = 0.0
    gain_out: float = 0.0


class _AnyGainConfig(models.PipelineConfig):
    stages: dict[str, _AnyGain] = {}  # type: ignore[assignment] # noqa: RUF012


class _AnyGainRequest(models.StartRequest):
    pipeline_config: _AnyGainConfig


@lies("It takes gains of any size.")
class AnyGainAccepted(Routes):
    async def start(self, asked: _AnyGainRequest) -> Told:  # type: ignore[override]
        return await super().start(asked)


@lies("It takes the usual value for one beyond the range.")
class RangesIgnored(Configurator):
    def parameters(self, stage: str, parameters: Any, field: str) -> dict[str, object]:
        try:
            return super().parameters(stage, parameters, field)
        except RefusedError as error:
            if error.code != Code.OUT_OF_RANGE:
                raise
            kept = {name: parameters[name] for name in parameters if name not in str(error.field)}
            return super().parameters(stage, kept, field)


@lies("It refuses values at the edge of a range.")
class EdgesRefused(Configurator):
    def stage(self, name: str, config: models.StageConfig, field: str) -> Any:
        if 20 in (abs(config.gain_in), abs(config.gain_out)):
            raise RefusedError(Code.OUT_OF_RANGE, "that is too much", f"{field}.gain_in")
        return super().stage(name, config, field)


@lies("It does not say where the fault of a configuration lies.")
class FaultNotFound(Configurator):
    def pipeline(self, config: PipelineConfig) -> Pipeline:
        try:
            return super().pipeline(config)
        except RefusedError as error:
            raise RefusedError(error.code, error.message) from error


@lies("It finds the fault of a configuration at another place.")
class FaultFoundElsewhere(Configurator):
    def pipeline(self, config: PipelineConfig) -> Pipeline:
        try:
            return super().pipeline(config)
        except RefusedError as error:
            raise RefusedError(error.code, error.message, "pipeline_id") from error


@lies("It refuses a bad configuration as a bad request.", over=status_of)
def bad_configuration_is_a_bad_request(error: RefusedError) -> int:
    status = status_of(error)
    return 400 if status == 422 else status


@lies("It refuses a bad configuration and begins a session all the same.")
class RefusedSessionsBegin(Routes):
    async def start(self, asked: models.StartRequest) -> Told:
        try:
            return await super().start(asked)
        except RefusedError:
            await self.sessions.start(self.configurator.pipeline(models.PipelineConfig()), 16000)
            raise


@lies("After a bad configuration it begins no more sessions.")
class RefusalBarsEverybody(Routes):
    barred = False

    async def start(self, asked: models.StartRequest) -> Told:
        if self.barred:
            raise RefusedError(Code.INVALID_CONFIG, "not after the last one", "pipeline_config")
        try:
            return await super().start(asked)
        except RefusedError:
            self.barred = True
            raise
