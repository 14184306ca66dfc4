"""Variants of the reference gateway that each break exactly one promise: what the suite must find.

`python -m support.gateway.liars NAME <arguments of the reference>`; `--list` names them all. Each is a few lines laid over
the reference, which knows nothing of them.
"""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import asyncio
import contextlib
import hmac
import json
import re
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from http import HTTPStatus
from typing import Any, TypeVar

from support.gateway.protocol import ANSWER_OPS, MAX_REQUEST_ID, MIN_TOKEN, Close, Code
from support.gateway.protocol import Breaker as State
from support.gateway.reference.admission import Admission, Rejection
from support.gateway.reference.answers import (
    Answer,
    CallFailed,
    Encoder,
    RequestFailed,
    SessionFigures,
    error_of,
)
from support.gateway.reference.breaker import Breaker, Ticket
from support.gateway.reference.calls import OP, Call, Calls
from support.gateway.reference.capacity import Capacity
from support.gateway.reference.cli import Program
from support.gateway.reference.client import Client
from support.gateway.reference.closing import Closing
from support.gateway.reference.dispatch import Dispatcher
from support.gateway.reference.doorkeeper import Doorkeeper, Verdict
from support.gateway.reference.errors import BadRequestError, CallError, OverCapacityError
from support.gateway.reference.gateway import Gateway, Parts
from support.gateway.reference.lookup import Lookup
from support.gateway.reference.metrics import GatewayMetrics
from support.gateway.reference.providers import Provider, ProviderError, Providers
from support.gateway.reference.rate import Bucket, RateLimits
from support.gateway.reference.repeats import Key, Repeats, Stored
from support.gateway.reference.requests import Request
from support.gateway.reference.schema import Arguments
from support.gateway.reference.service import Service
from support.gateway.reference.session import Session, Sessions
from support.gateway.reference.settings import Rate, Settings
from support.gateway.reference.tools import Echo, Fail, ProgressTool, Tool, Toolbox
from support.kit.liar import run_liar


@dataclass(frozen=True)
class Liar:
    """`part` stands in the place of an honest one and breaks the promise told by the sentence `breaks`."""

    name: str
    breaks: str
    part: type[Any]

    def program(self) -> Program:
        """The gateway's program with the part that lies."""
        program: Program = self.part() if issubclass(self.part, Program) else _Variant(self.part)
        return program


LIARS: dict[str, Liar] = {}
Part = TypeVar("Part", bound=type[object])


def lies(breaks: str) -> Callable[[Part], Part]:
    """Enter the class as a liar under its own name: `AnyToken` becomes `any_token`."""

    def enter(part: Part) -> Part:
        name = re.sub(r"(?<!^)(?=[A-Z]|(?<=[a-z])[0-9])", "_", part.__name__).lower()
        LIARS[name] = Liar(name, breaks, part)
        return part

    return enter


class _Variant(Program):
    """The reference with one part that lies in the place of the honest one."""

    def __init__(self, part: type[Any]) -> None:
        self.part = part

    def make_gateway(self, settings: Settings, token: str) -> Gateway:
        return _gateway_with(self.part)(settings, token)

    def make_service(self, gateway: Gateway) -> Service:
        return _service_with(self.part)(gateway)


def _gateway_with(part: type[Any]) -> type[Gateway]:
    if issubclass(part, Gateway):
        return part
    for piece, attribute, whole in (
        (Breaker, "breaker_class", Providers),
        (Provider, "provider_class", Providers),
        (Bucket, "bucket_class", RateLimits),
        (Toolbox, "toolbox_class", Gateway),
    ):
        if issubclass(part, piece):
            return _gateway_with(type(part.__name__, (whole,), {attribute: part}))
    for place in fields(Parts):
        if isinstance(place.default, type) and issubclass(part, place.default):
            swapped: dict[str, Any] = {place.name: part}
            return type(part.__name__, (Gateway,), {"parts": replace(Parts(), **swapped)})
    return Gateway


def _service_with(part: type[Any]) -> type[Service]:
    if issubclass(part, Service):
        return part
    return type(part.__name__, (Service,), {"closing_class": part}) if issubclass(part, Closing) else Service


_tasks: set["asyncio.Task[None]"] = set()


def _soon(work: Coroutine[object, object, object]) -> None:
    """Have it done beside everything else."""

    async def do() -> None:
        with contextlib.suppress(OSError, ProviderError, asyncio.IncompleteReadError):
            await work

    task = asyncio.get_running_loop().create_task(do())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


# --- who gets in


@lies("It lets clients in with any token.")
class AnyToken(Doorkeeper):
    def knows(self, token: object) -> bool:
        return True


@lies("It compares tokens only as far as the shorter one goes.")
class TokenPrefixAccepted(Doorkeeper):
    def knows(self, token: object) -> bool:
        if not isinstance(token, str) or len(token) < MIN_TOKEN:
            return False
        length = min(len(token.encode()), len(self._token))
        return hmac.compare_digest(token.encode()[:length], self._token[:length])


@lies("It does not tell small letters of a token from capitals.")
class TokenCaseIgnored(Doorkeeper):
    def knows(self, token: object) -> bool:
        return isinstance(token, str) and token.lower().encode() == self._token.lower()


@lies("It closes a client with a wrong token as if all were well.")
class RefusalClosedAs1000(Doorkeeper):
    def close_code(self, error: str) -> int:
        return 1000 if error == "unauthorized" else super().close_code(error)


@lies("It closes a client whose first frame is no object with the code for no hello.")
class InvalidHelloAs4001(Doorkeeper):
    def close_code(self, error: str) -> int:
        return Close.MISSING_HELLO if error == "invalid_hello" else super().close_code(error)


@lies("It closes a client that opens with something else with the code for a bad hello.")
class MissingHelloAs4000(Doorkeeper):
    def close_code(self, error: str) -> int:
        return Close.INVALID_HELLO if error == "missing_hello" else super().close_code(error)


@lies("It lets in whatever object carries the token.")
class OtherDialectGetsIn(Doorkeeper):
    def judge(self, frame: str | bytes) -> Verdict:
        verdict = super().judge(frame)
        if verdict.error == "missing_hello" and self.knows(json.loads(frame).get("token")):
            return replace(verdict, error=None)
        return verdict


@lies("It lets the name of a session be too short, or have dots in it.")
class BadSessionIdAccepted(Doorkeeper):
    def good_name(self, session_id: str) -> bool:
        return re.fullmatch(r"[A-Za-z0-9_.-]{2,64}", session_id) is not None


@lies("It gives clients a session of its own choice, whatever name they ask for.")
class SessionNameIgnored(Doorkeeper):
    def judge(self, frame: str | bytes) -> Verdict:
        return replace(super().judge(frame), session_id=None)


@lies("It gives all clients that name no session the same one.")
class SameSessionForAll(Sessions):
    def new_name(self) -> str:
        return "session-for-all"


@lies("It waits for a hello for ever.")
class HelloTimeoutNever(Gateway):
    def hello_timeout(self) -> float | None:
        return None


@lies("It closes clients after the time for a hello although they have said it.")
class HelloTimeoutHitsEverybody(Gateway):
    async def converse(self, client: Client, session: Session) -> None:
        try:
            async with asyncio.timeout(self.hello_timeout()):
                await super().converse(client, session)
        except TimeoutError:
            await self.close(client, self.doorkeeper.timeout_code, self.doorkeeper.timeout_reason)


@lies("It takes no token for the right one once it has been told a wrong one.")
class WrongTokenBarsEverybody(Doorkeeper):
    barred = False

    def knows(self, token: object) -> bool:
        self.barred = self.barred or not super().knows(token)
        return not self.barred


@lies("It refuses the right token every thirtieth time.")
class EveryThirtiethRefused(Doorkeeper):
    hellos = 0

    def knows(self, token: object) -> bool:
        self.hellos += 1
        return super().knows(token) and self.hellos % 30 != 0


@lies("It starts with a token that is too short.")
class ShortTokenAccepted(Program):
    def check_token(self, token: str) -> None:
        return None


@lies("It logs the tokens that clients bring.")
class TokenLogged(Doorkeeper):
    def knows(self, token: object) -> bool:
        print(json.dumps({"event": "token", "token": token}), file=sys.stderr)
        return super().knows(token)


# --- places


@lies("It lets in one client more from an address than agreed.")
class AddressLimitOffByOne(Admission):
    def address_full(self, address: str) -> bool:
        return self._by_address[address] > self.address_limit


@lies("It lets in one client more in all than agreed.")
class TotalLimitOffByOne(Admission):
    def full(self) -> bool:
        return self.connections > self.limit


@lies("It does not tell one address from another.")
class LimitOfAddressForAll(Admission):
    def address_full(self, address: str) -> bool:
        return self.connections >= self.address_limit


@lies("It does not say why it turns a client away.")
class RejectedWithoutReason(Gateway):
    async def turn_away(self, client: Client, rejection: Rejection) -> None:
        await super().turn_away(client, replace(rejection, sentence=""))


@lies("It keeps the place of a client that has said goodbye.")
class SlotLeaksOnGoodbye(Gateway):
    def free_slot(self, client: Client) -> None:
        if client.link.is_open or client.link.protocol.close_rcvd is None:
            super().free_slot(client)


@lies("It keeps the place of a client whose link is lost.")
class SlotLeaksWhenLinkIsLost(Gateway):
    def free_slot(self, client: Client) -> None:
        if client.link.is_open or client.link.protocol.close_rcvd is not None:
            super().free_slot(client)


@lies("It keeps the place of a client that it has refused.")
class SlotLeaksOnRefusal(Gateway):
    def free_slot(self, client: Client) -> None:
        if client.session is not None:
            super().free_slot(client)


@lies("It drops all clients when one loses its link.")
class LinkCutEndsOthers(Gateway):
    def free_slot(self, client: Client) -> None:
        super().free_slot(client)
        if not client.link.is_open and client.link.protocol.close_rcvd is None:
            for other in self.clients:
                other.link.transport.abort()


# --- requests and answers


class _Retold(Encoder):
    """Tells the fields of an answer otherwise than they are."""

    def encode(self, answer: Answer) -> bytes:
        told = json.loads(super().encode(answer))
        self.retell(told)
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    def retell(self, told: dict[str, Any]) -> None:
        raise NotImplementedError


@lies("It does not say whose answer an answer is.")
class RequestIdMissing(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        told.pop("request_id", None)


@lies("It answers under the first 64 letters of a request id.")
class RequestIdShortened(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        if "request_id" in told:
            told["request_id"] = told["request_id"][:64]


@lies("It answers a ping with an operation that is not agreed.")
class WrongOp(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        if told["op"] == "pong":
            told["op"] = "ping_res"


@lies("It answers every call as not ok.")
class OkFalseToEverything(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        if told["op"] == OP:
            told["ok"] = False


@lies("It gives a client what another one has asked for.")
class AnswersSwapped(Calls):
    before: tuple[Session, str, str | CallError] | None = None

    def finish(self, session: Session, request_id: str, key: Key, tool: str, result: str | CallError, seconds: float) -> bytes:
        given = result
        if self.before is not None and self.before[0] is not session and self.before[1] == tool:
            given = self.before[2]
        self.before = session, tool, result
        return super().finish(session, request_id, key, tool, given, seconds)


@lies("It answers calls twice.")
class AnswerTwice(Client):
    def send(self, op: str, frame: bytes) -> bool:
        return super().send(op, frame) and (op != OP or super().send(op, frame))


@lies("It loses every thirty-seventh answer.")
class AnswerLost(Client):
    answers = 0

    def send(self, op: str, frame: bytes) -> bool:
        if op == OP:
            AnswerLost.answers += 1
        return (op == OP and AnswerLost.answers % 37 == 0) or super().send(op, frame)


@lies("It trims texts.")
class EchoTrims(Echo):
    def answer(self, arguments: Arguments) -> str:
        return super().answer(arguments).strip()


@lies("It spoils letters of other alphabets.")
class EchoWithoutOtherAlphabets(Echo):
    def answer(self, arguments: Arguments) -> str:
        return super().answer(arguments).encode("latin-1", "replace").decode("latin-1")


@lies("It cuts texts at 65,536 letters.")
class EchoCut(Echo):
    def answer(self, arguments: Arguments) -> str:
        return super().answer(arguments)[:65_536]


@lies("It tells the time of a call in seconds.")
class LatencyInSeconds(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        if "latency_ms" in told:
            told["latency_ms"] /= 1000


@lies("It does not describe its tools.")
class ToolsWithoutDescription(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        for tool in told.get("tools", ()):
            tool["description"] = ""


@lies("It tells a tool that is not as arguments that do not fit.")
class UnknownToolIsValidation(Toolbox):
    def find(self, name: str) -> Tool:
        try:
            return super().find(name)
        except CallError as error:
            raise CallError(Code.VALIDATION_ERROR, error.message, error.details) from error


@lies("It takes a tool that fails for one that does not.")
class FailingToolIsOk(Fail):
    def answer(self, arguments: Arguments) -> str:
        return str(arguments["message"])


@lies("It does not say in words what went wrong.")
class ErrorWithoutMessage(Calls):
    def failed(self, request_id: str, error: CallError) -> CallFailed:
        return super().failed(request_id, CallError(error.code, "", error.details))


@lies("It closes the connection after a bad request.")
class BadFrameCloses(Dispatcher):
    def reject(self, client: Client, bad: BadRequestError) -> None:
        super().reject(client, bad)
        _soon(client.link.close(1007, "bad request"))


@lies("It does not answer bad requests.")
class BadFrameIgnored(Dispatcher):
    def reject(self, client: Client, bad: BadRequestError) -> None:
        return None


@lies("It refuses bad requests without their request ids.")
class BadRequestWithoutItsId(Dispatcher):
    def reject(self, client: Client, bad: BadRequestError) -> None:
        super().reject(client, BadRequestError(str(bad), op=bad.op))


@lies("It takes request ids that are too long, as far as they may go.")
class LongRequestIdAccepted(Dispatcher):
    def take(self, client: Client, session: Session, frame: str | bytes) -> None:
        with contextlib.suppress(ValueError, RecursionError):
            asked = json.loads(frame)
            if isinstance(asked, dict) and isinstance(asked.get("request_id"), str):
                frame = json.dumps(asked | {"request_id": asked["request_id"][:MAX_REQUEST_ID]})
        super().take(client, session, frame)


@lies("It takes frames of one byte more than agreed.")
class FrameLimitOffByOne(Service):
    def max_frame(self) -> int:
        return super().max_frame() + 1


@lies("It does not take frames that are as long as agreed.")
class LongestFrameRefused(Service):
    def max_frame(self) -> int:
        return super().max_frame() - 1


# --- side by side, progress, cancelling


@lies("It takes nothing from a client that has a call under way.")
class OneSlowCallBlocksTheConnection(Gateway):
    async def converse(self, client: Client, session: Session) -> None:
        while True:
            self.dispatcher.take(client, session, await client.link.recv())
            while session.in_flight and client.link.is_open:
                await asyncio.sleep(0.005)


@lies("It takes nothing from anybody while a call is under way.")
class OneSlowCallBlocksAll(Gateway):
    async def converse(self, client: Client, session: Session) -> None:
        while True:
            frame = await client.link.recv()
            await self.calls.idle()
            self.dispatcher.take(client, session, frame)


@lies("It tells progress from the last step to the first.")
class ProgressBackwards(ProgressTool):
    def numbers(self, steps: int) -> Iterable[int]:
        return reversed(list(super().numbers(steps)))


@lies("It tells no progress.")
class ProgressMissing(Calls):
    def progress(self, call: Call, step: int, steps: int) -> None:
        return None


@lies("It tells all progress at the end.")
class ProgressAtTheEnd(ProgressTool):
    async def walk(self, steps: int, ms: int, call: Call, calls: Calls) -> str:
        await asyncio.sleep(steps * ms / 1000)
        return await super().walk(steps, 0, call, calls)


@lies("It cancels nothing.")
class CancelIgnored(Calls):
    def cancel(self, session: Session, target: str) -> bool:
        return False


@lies("It cancels all calls of a session.")
class CancelHitsAll(Calls):
    def cancel(self, session: Session, target: str) -> bool:
        found = super().cancel(session, target)
        for call in [each for each in self._running if each.session is session]:
            self.abort(call)
        return found


@lies("It cancels calls of other sessions.")
class CancelOfOthers(Calls):
    def cancel(self, session: Session, target: str) -> bool:
        for call in list(self._running):
            if call.request_id == target:
                self.abort(call)
                return True
        return False


@lies("It confirms that it cancels calls that are over.")
class CancelOfFinishedConfirmed(Calls):
    def cancel(self, session: Session, target: str) -> bool:
        return super().cancel(session, target) or self.repeats.stored(self.repeats.key(session, target)) is not None


@lies("It never gives the place of a cancelled call to another.")
class CancelledKeepsItsPlace(Calls):
    def abort(self, call: Call) -> None:
        super().abort(call)
        if not self.stopping:
            self.capacity.take(call.session)


# --- repeats


@lies("It runs a call again when it is repeated after its answer.")
class RepeatRunsAgain(Repeats):
    def stored(self, key: Key) -> bytes | None:
        return None


@lies("It runs a call again when it is repeated while it is under way.")
class JoinedNotJoined(Calls):
    def take(self, client: Client, session: Session, request: Request) -> None:
        self.repeats._running.pop(self.repeats.key(session, request.request_id), None)
        super().take(client, session, request)


@lies("It answers only the first who asked for a call that is under way.")
class SecondOfJoinedUnanswered(Calls):
    def join(self, client: Client, call: Call) -> None:
        self.metrics.repeated("joined")


@lies("It gives stored answers to other sessions.")
class StoredAcrossSessions(Repeats):
    def stored(self, key: Key) -> bytes | None:
        return super().stored(("", key[1]))

    def store(self, key: Key, frame: bytes) -> None:
        super().store(("", key[1]), frame)


@lies("It joins calls of different sessions.")
class JoinedAcrossSessions(Repeats):
    def running(self, key: Key) -> Call | None:
        return next((call for call in self._running.values() if call.request_id == key[1]), None)


@lies("It does not mark stored answers.")
class StoredNotMarked(Repeats):
    def mark(self, frame: bytes) -> bytes:
        return frame


@lies("It never forgets stored answers.")
class StoredForever(Repeats):
    def expired(self, stored: Stored, now: float) -> bool:
        return False


@lies("It forgets stored answers after half of the agreed time.")
class StoredTooBriefly(Repeats):
    def expired(self, stored: Stored, now: float) -> bool:
        return stored.expires - self.ttl / 2 <= now


@lies("It marks first answers as stored ones.")
class FreshCalledStored(Calls):
    def finish(self, session: Session, request_id: str, key: Key, tool: str, result: str | CallError, seconds: float) -> bytes:
        return self.repeats.mark(super().finish(session, request_id, key, tool, result, seconds))


@lies("It gives a call up when its connection is lost.")
class LostWithConnection(Gateway):
    def free_slot(self, client: Client) -> None:
        super().free_slot(client)
        self.calls.abort_orphans()


@lies("It takes a call that failed for one that is still under way.")
class FailedCallHangsItsRepeat(Calls):
    def settle(self, call: Call, result: str | CallError) -> None:
        super().settle(call, result)
        if isinstance(result, CallError):
            self.repeats.begin(call)


# --- the end


@lies("It cancels what is under way when it shuts down.")
class ShutdownDropsCalls(Closing):
    async def drain(self) -> None:
        return None


@lies("It closes connections as if nothing were the matter when it shuts down.")
class ShutdownCloses1000(Closing):
    code = 1000


@lies("It does not end when it shuts down.")
class ShutdownNeverEnds(Closing):
    async def run(self) -> None:
        await super().run()
        await asyncio.Event().wait()


# --- breakers


@lies("It opens a breaker one failure later than agreed.")
class BreakerOpensOneLate(Breaker):
    def too_many_failures(self) -> bool:
        return self.failures > self.limits.failures


@lies("It opens a breaker one failure earlier than agreed.")
class BreakerOpensOneEarly(Breaker):
    def too_many_failures(self) -> bool:
        return self.failures >= self.limits.failures - 1


@lies("It counts failures that are not in a row.")
class SuccessDoesNotReset(Breaker):
    def forgive(self) -> None:
        return None


@lies("It leaves a breaker open for ever.")
class NeverHalfOpens(Breaker):
    def recovered(self) -> bool:
        return False


@lies("It admits all calls to a half-open breaker.")
class AdmitsAllInHalfOpen(Breaker):
    def probe_free(self) -> bool:
        return True


@lies("It closes a breaker after one success.")
class ClosesAfterOneSuccess(Breaker):
    def healed(self) -> bool:
        return True


@lies("It closes a breaker one success later than agreed.")
class ClosesOneSuccessLate(Breaker):
    def healed(self) -> bool:
        return self.successes > self.limits.successes


@lies("It waits only for what was left of the first recovery time when a probe has failed.")
class ReopenKeepsOldTimer(Breaker):
    def start_timer(self) -> None:
        if self.state is State.CLOSED:
            super().start_timer()


@lies("It lets calls pass after half of the recovery time.")
class RecoversTooEarly(Breaker):
    def recovered(self) -> bool:
        return self.clock() >= self.opened_at + self.limits.recovery / 2


@lies("It takes a cancelled look-up for a failure of the provider.")
class CancelCountsAsFailure(Breaker):
    def abandoned(self) -> None:
        self.failed()


class _Misjudges(Calls):
    """Tells the first provider's breaker of a call that was refused for its arguments."""

    def refuse(self, client: Client, session: Session, request: Request, error: CallError) -> None:
        lookup = self.toolbox.find("lookup")
        if request.name == "lookup" and error.code is Code.VALIDATION_ERROR and isinstance(lookup, Lookup):
            self.tell(lookup.providers.find(None).breaker)
        super().refuse(client, session, request, error)

    def tell(self, breaker: Breaker) -> None:
        raise NotImplementedError


@lies("It takes a caller's mistake for a failure of the provider.")
class CallerMistakesCount(_Misjudges):
    def tell(self, breaker: Breaker) -> None:
        breaker.failed()


@lies("It takes a caller's mistake for a success of the provider.")
class MistakeIsSuccess(_Misjudges):
    def tell(self, breaker: Breaker) -> None:
        breaker.forgive()


@lies("It connects to a provider while its breaker is open.")
class ProviderCalledWhileOpen(Lookup):
    def admit(self, provider: Provider) -> Ticket:
        try:
            return super().admit(provider)
        except CallError:
            _soon(provider.value("are you well?"))
            raise


@lies("It has one breaker for all providers.")
class OneBreakerForAll(Providers):
    shared: Breaker | None = None

    def make_breaker(self, name: str) -> Breaker:
        self.shared = self.shared or super().make_breaker(name)
        return self.shared


@lies("It does not take it for a failure that a provider answers too late.")
class TimeoutIsNoFailure(Lookup):
    def timed_out(self, provider: Provider, ticket: Ticket) -> None:
        self.metrics.provider_called(provider.name, "timeout")
        ticket.abandon()


@lies("It trims the keys that it asks a provider for.")
class KeyTrimmed(Provider):
    async def value(self, key: str) -> str:
        return await super().value(key.strip())


@lies("It takes garbage for an answer.")
class GarbageIsAnAnswer(Provider):
    def read(self, line: bytes) -> str:
        try:
            json.loads(line)
        except ValueError:
            return line.decode(errors="replace").strip()
        return super().read(line)


@lies("It takes a provider's error for a value.")
class ProviderErrorIsOk(Provider):
    def read(self, line: bytes) -> str:
        try:
            return super().read(line)
        except ProviderError as error:
            if "with an error" in str(error):
                return str(error)
            raise


@lies("It does not say when to try again.")
class NoRetryAfter(Calls):
    def failed(self, request_id: str, error: CallError) -> CallFailed:
        details = {name: value for name, value in error.details.items() if name != "retry_after_s"}
        return super().failed(request_id, CallError(error.code, error.message, details))


@lies("It refuses calls of all tools while a breaker is open.")
class OpenBlocksOtherTools(Calls):
    def take(self, client: Client, session: Session, request: Request) -> None:
        lookup = self.toolbox.find("lookup")
        if isinstance(lookup, Lookup) and lookup.providers.find(None).breaker.state is State.OPEN:
            self.refuse(client, session, request, CallError(Code.CIRCUIT_OPEN, "not now", {"retry_after_s": 1.0}))
        else:
            super().take(client, session, request)


# --- capacity and rates


@lies("It lets a call wait for a place instead of refusing it at once.")
class OverCapacityWaits(Calls):
    def take(self, client: Client, session: Session, request: Request) -> None:
        if self.capacity.full() or self.capacity.session_full(session):
            asyncio.get_running_loop().call_later(0.01, self.take, client, session, request)
        else:
            super().take(client, session, request)


@lies("It runs one call more in all than agreed.")
class CapacityOneMore(Capacity):
    def full(self) -> bool:
        return self.in_flight > self.limit


@lies("It runs one call less in all than agreed.")
class CapacityOneLess(Capacity):
    def full(self) -> bool:
        return self.in_flight >= self.limit - 1


@lies("It runs one call more of a session than agreed.")
class SessionCapacityOneMore(Capacity):
    def session_full(self, session: Session) -> bool:
        return session.in_flight > self.session_limit


@lies("It lets one session's calls fill another's places.")
class SessionCapacityShared(Capacity):
    def session_full(self, session: Session) -> bool:
        return self.in_flight >= self.session_limit


@lies("It never gives the place of a failed call to another.")
class FailedCallKeepsItsPlace(Calls):
    def settle(self, call: Call, result: str | CallError) -> None:
        super().settle(call, result)
        if isinstance(result, CallError) and not self.stopping:
            self.capacity.take(call.session)


@lies("It keeps a place for a call that it has refused.")
class RefusedCallTakesAPlace(Calls):
    def refuse(self, client: Client, session: Session, request: Request, error: CallError) -> None:
        super().refuse(client, session, request, error)
        self.capacity.take(session)


@lies("It lets everybody ask once more than agreed.")
class RateOneMore(Bucket):
    def wait(self) -> float:
        return 0.0 if self.tokens > -1e-9 else -self.tokens / self.rate.per_second

    def take(self) -> None:
        self.tokens -= 1


@lies("It never gives back what somebody may ask.")
class RateNeverRefills(Bucket):
    def refill(self, now: float) -> None:
        return None


@lies("It gives back what somebody may ask twice as fast as agreed.")
class RateRefillsDouble(Bucket):
    def refill(self, now: float) -> None:
        self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)
        super().refill(now)


@lies("It saves up what somebody has not asked.")
class RateSavesUp(Bucket):
    def refill(self, now: float) -> None:
        self.tokens += (now - self.at) * self.rate.per_second
        self.at = now


@lies("It limits all sessions together as if they were one.")
class RateSharedBySessions(RateLimits):
    def admit(self, session: str, address: str) -> float:
        return super().admit("", address)


@lies("It does not limit how often an address asks.")
class AddressRateIgnored(RateLimits):
    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        super().__init__(replace(settings, rate_address=None), clock)


@lies("It does not limit how often all together ask.")
class GlobalRateIgnored(RateLimits):
    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        super().__init__(replace(settings, rate_global=None), clock)


@lies("It limits clients where nothing is agreed.")
class LimitsThoughOff(RateLimits):
    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        super().__init__(replace(settings, rate_session=settings.rate_session or Rate(50, 5)), clock)


@lies("It does not say which request came too soon.")
class LimitedWithoutRequestId(Dispatcher):
    def limit(self, client: Client, session: Session, request: Request, wait: float) -> None:
        client.say("error", RequestFailed(error_of(OverCapacityError("too many requests", wait))))


@lies("It closes the connection of a client that asks too often.")
class LimitedIsClosed(Dispatcher):
    def limit(self, client: Client, session: Session, request: Request, wait: float) -> None:
        super().limit(client, session, request, wait)
        _soon(client.link.close(1008, "too many requests"))


# --- figures


@lies("It counts what it sends twice.")
class CounterCountsTwice(GatewayMetrics):
    def sent(self, op: str) -> None:
        super().sent(op)
        super().sent(op)


@lies("It does not count frames that are no request.")
class InvalidNotCounted(GatewayMetrics):
    def received(self, op: str) -> None:
        if op in ANSWER_OPS:
            super().received(op)


@lies("It does not count progress.")
class ProgressNotCounted(GatewayMetrics):
    def sent(self, op: str) -> None:
        if op != "progress":
            super().sent(op)


@lies("It counts connections that are gone as if they were there.")
class GaugeNeverFalls(GatewayMetrics):
    def slot_freed(self) -> None:
        return None


@lies("It counts clients that are turned away under the wrong reason.")
class RejectedReasonSwapped(GatewayMetrics):
    def rejected(self, reason: str) -> None:
        super().rejected({"address": "total", "total": "address"}[reason])


@lies("It does not count wrong tokens.")
class AuthFailuresNotCounted(GatewayMetrics):
    def auth_failed(self) -> None:
        return None


@lies("It counts every call as one that went well.")
class OutcomeAlwaysOk(GatewayMetrics):
    def called(self, tool: str, outcome: str) -> None:
        super().called(tool, "ok")


@lies("It counts tools that are not by whatever name they are called.")
class UnknownToolsByName(Toolbox):
    def label(self, name: str) -> str:
        return name


@lies("It counts repeats among the calls.")
class RepeatsCountedAsCalls(GatewayMetrics):
    def repeated(self, kind: str) -> None:
        super().repeated(kind)
        self.called("lookup", "ok")


@lies("It does not tell repeats that joined from those that were stored.")
class RepeatsOfOneKind(GatewayMetrics):
    def repeated(self, kind: str) -> None:
        super().repeated("cached")


@lies("It measures calls in milliseconds.")
class LatencyInMilliseconds(GatewayMetrics):
    def observe(self, tool: str, seconds: float) -> None:
        super().observe(tool, seconds * 1000)


@lies("It measures calls that never ran.")
class RefusedMeasured(Calls):
    def refuse(self, client: Client, session: Session, request: Request, error: CallError) -> None:
        self.metrics.observe(self.toolbox.label(request.name), 0.0)
        super().refuse(client, session, request, error)


@lies("It does not count the changes of a breaker.")
class TransitionsNotCounted(GatewayMetrics):
    def breaker_changed(self, provider: str, before: State, after: State) -> None:
        self.show(provider, after)


@lies("It counts calls that an open breaker stopped as calls to the provider.")
class ProviderCallsCountedWhileOpen(Lookup):
    def admit(self, provider: Provider) -> Ticket:
        try:
            return super().admit(provider)
        except CallError:
            self.metrics.provider_called(provider.name, "error")
            raise


@lies("It counts provider's calls that took too long among those that failed.")
class TimeoutCountedAsError(GatewayMetrics):
    def provider_called(self, provider: str, outcome: str) -> None:
        super().provider_called(provider, "error" if outcome == "timeout" else outcome)


@lies("It shows a breaker in two states at once.")
class TwoStatesAtOnce(GatewayMetrics):
    def show(self, provider: str, current: State) -> None:
        super().show(provider, current)
        self.states[provider, State.HALF_OPEN.value] = 1


@lies("It tells the kind of a figure twice.")
class TypeToldTwice(GatewayMetrics):
    def text(self) -> bytes:
        told = b"# TYPE gateway_connections_active gauge\n"
        return super().text().replace(told, told + told)


@lies("It tells for each step of the measured times only what lies between it and the one before.")
class BucketsNotCumulative(GatewayMetrics):
    def text(self) -> bytes:
        return re.sub(rb'(_bucket\{le="\+Inf",[^}]*\}) .*', rb"\1 0.0", super().text())


@lies("It tells a session of the messages of all.")
class SessionFiguresOfAll(Dispatcher):
    def figures(self, session: Session) -> SessionFigures:
        all_of_them = self.calls.sessions._known.values()
        received, sent = sum(each.received for each in all_of_them), sum(each.sent for each in all_of_them)
        return SessionFigures(received, sent, session.mean_latency_ms())


@lies("It tells a session of the mean time of all.")
class MeanOfAll(Dispatcher):
    def figures(self, session: Session) -> SessionFigures:
        ran = [each for each in self.calls.sessions._known.values() if each.calls]
        mean = sum(each.mean_latency_ms() for each in ran) / max(1, len(ran))
        return SessionFigures(session.received, session.sent, mean)


@lies("It tells of one connection too many.")
class WrongConnectionsInHealth(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        if "connections" in told:
            told["connections"] += 1


@lies("It does not tell of its breakers.")
class BreakersMissingInHealth(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        told.pop("breakers", None)


@lies("It tells in milliseconds for how long it has been up.")
class UptimeInMilliseconds(_Retold):
    def retell(self, told: dict[str, Any]) -> None:
        if "uptime_s" in told:
            told["uptime_s"] *= 1000


@lies("It does not tell monitoring programs of its health.")
class NoHealth(Service):
    def health(self) -> tuple[HTTPStatus, dict[str, object]]:
        return HTTPStatus.NOT_FOUND, {}


# --- what it costs


@lies("It keeps something of every call for ever.")
class MemoryGrows(Repeats):
    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        super().__init__(settings, clock)
        self.kept: list[bytes] = []

    def store(self, key: Key, frame: bytes) -> None:
        super().store(key, frame)
        self.kept.append(frame * 8)


@lies("It takes 200 KB for each connection.")
class GreedyConnections(Sessions):
    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        super().__init__(settings, clock)
        self.kept: dict[str, bytes] = {}

    def enter(self, name: str) -> Session:
        self.kept[name] = b"x" * 200_000
        return super().enter(name)


def main(argv: Sequence[str]) -> int:
    """Run the liar named first with the rest of `argv`; the exit code."""
    return run_liar(LIARS, argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
