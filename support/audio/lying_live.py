"""Pipelines that break one promise each about stages that are changed while somebody speaks."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

from collections.abc import Mapping
from typing import Any, ClassVar

from support.audio.lie import lies
from support.audio.protocol import Code, RefusedError
from support.audio.reference.dialogue import Answers, Dialogue, Message
from support.audio.reference.dsp.stages.stage import Live, Parameters, Samples
from support.audio.reference.session import Answered, Session

Told = Mapping[str, object]


@lies("It confirms a change that it never makes.")
class ChangesOnlyConfirmed(Session):
    def update(self, stage: str, parameters: Told) -> int:
        honest, self._chain = self._chain, _Deaf(self._chain)  # type: ignore[assignment]
        try:
            return super().update(stage, parameters)
        finally:
            self._chain = honest


class _Deaf:
    """Stands for a chain that is told something and does not listen."""

    def __init__(self, chain: Any) -> None:
        self.latency_samples = chain.latency_samples

    def update(self, stage: str, parameters: Told) -> None:
        return


@lies("It changes at once and announces a later chunk.")
class ChangesBeforeAnnounced(Session):
    def update(self, stage: str, parameters: Told) -> int:
        return super().update(stage, parameters) + 2


@lies("It announces the next chunk and changes six chunks later.")
class ChangesTooLate(Session):
    waiting: list[tuple[int, str, Told]]

    def update(self, stage: str, parameters: Told) -> int:
        honest, self._chain = self._chain, _Deaf(self._chain)  # type: ignore[assignment]
        try:
            first = super().update(stage, parameters)
        finally:
            self._chain = honest
        self.waiting = [*getattr(self, "waiting", []), (first + 6, stage, self._parameters[stage])]
        return first

    def take(self, data: str) -> Answered:
        for first, stage, parameters in getattr(self, "waiting", []):
            if first == self._account.chunks + 1:
                self._chain.update(stage, parameters)
        return super().take(data)


@lies("It announces a chunk that was answered long ago.")
class ChangesAnnouncedInThePast(Session):
    def update(self, stage: str, parameters: Told) -> int:
        return super().update(stage, parameters) - 2


@lies("It announces a chunk that nobody will ever play, and changes then.")
class ChangesInTheFarFuture(ChangesOnlyConfirmed):
    def update(self, stage: str, parameters: Told) -> int:
        return super().update(stage, parameters) + 1000


@lies("It confirms a change as one that has failed.")
class ChangesConfirmedAsFailed(Dialogue):
    def update_stage(self, message: Message) -> Answers:
        return [answer | {"success": False} for answer in super().update_stage(message)]


@lies("It confirms the change of another stage.")
class AnotherStageConfirmed(Dialogue):
    def update_stage(self, message: Message) -> Answers:
        return [answer | {"stage_id": "limiter 2"} for answer in super().update_stage(message)]


@lies("A change of a stage is heard as a click.")
class ChangesClick(Live):
    def update(self, parameters: Parameters) -> None:
        self.stage.set(parameters)


@lies("A change makes a pause of 5 ms.")
class ChangesPause(Live):
    pause = 0

    def update(self, parameters: Parameters) -> None:
        super().update(parameters)
        self.pause = round(0.005 * self.stage.rate)

    def process(self, samples: Samples) -> Samples:
        done = super().process(samples).copy()
        done[: self.pause] = 0.0
        self.pause = 0
        return done


@lies("It makes the first change only.")
class OnlyTheFirstChange(Live):
    changed = False

    def update(self, parameters: Parameters) -> None:
        if not self.changed:
            super().update(parameters)
        self.changed = True


@lies("Of two changes at once it makes the first.")
class SecondOfTwoLost(Live):
    def update(self, parameters: Parameters) -> None:
        if self._before is None:
            super().update(parameters)


@lies("A change goes half of the way.")
class ChangesHalfWay(Live):
    def process(self, samples: Samples) -> Samples:
        if self._before is not None:
            self._faded = min(self._faded, self._ramp // 2 - len(samples))
            old = self._before.process(samples)
            return (old + self.stage.process(samples)) / 2
        return super().process(samples)


@lies("It makes a change in all sessions.")
class ChangesOfAllSessions(Session):
    everybody: ClassVar[list[Session]] = []

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.everybody.append(self)

    def update(self, stage: str, parameters: Told) -> int:
        first = super().update(stage, parameters)
        for other in self.everybody:
            if other is not self:
                other._chain.update(stage, self._parameters[stage])
        return first


# --- changes that make no sense


class _Parted(Session):
    """Takes a change apart, and keeps what makes sense of it."""

    confirms = False

    def update(self, stage: str, parameters: Told) -> int:
        try:
            return super().update(stage, parameters)
        except RefusedError:
            for name, value in parameters.items():
                try:
                    super().update(stage, {name: value})
                except RefusedError as other:
                    if self.stops_at(other):
                        break
            if self.confirms:
                return self._account.chunks + 1
            raise

    def stops_at(self, error: RefusedError) -> bool:
        return True


@lies("Of a change that makes no sense it makes what comes before the fault.")
class ChangesUpToTheFault(_Parted):
    """As it says."""


@lies("Of a change that makes no sense it makes what makes sense, and confirms it.")
class BadChangesConfirmed(_Parted):
    confirms = True

    def stops_at(self, error: RefusedError) -> bool:
        return False


@lies("It takes a value beyond the range for the end of it.")
class BadValuesTakenForTheEnd(Session):
    def update(self, stage: str, parameters: Told) -> int:
        try:
            return super().update(stage, parameters)
        except RefusedError as error:
            if error.code != Code.OUT_OF_RANGE:
                raise
            return super().update(stage, {name: max(-1.0, min(1.0, float(str(value)))) for name, value in parameters.items()})


@lies("It ignores parameters that it does not know.")
class UnknownParametersIgnored(Session):
    def update(self, stage: str, parameters: Told) -> int:
        known = self._parameters.get(stage, {})
        return super().update(stage, {name: value for name, value in parameters.items() if name in known})


@lies("It confirms the change of a stage that is not there.")
class UnknownStagesConfirmed(Session):
    def update(self, stage: str, parameters: Told) -> int:
        return super().update(stage, parameters) if stage in self._parameters else self._account.chunks + 1


@lies("It changes the only stage there is, whatever it is asked for.")
class AnyStageIsMeant(Session):
    def update(self, stage: str, parameters: Told) -> int:
        return super().update(stage if stage in self._parameters else next(iter(self._parameters)), parameters)


@lies("A change that makes no sense sets a stage back to what is usual.")
class BadChangesSetBack(Session):
    def update(self, stage: str, parameters: Told) -> int:
        try:
            return super().update(stage, parameters)
        except RefusedError:
            for name in self._parameters:
                self._chain.update(name, self.configurator.parameters(name, {}, "parameters"))
            raise
