"""Variants of the reference hub that each break exactly one promise: what the suite must find.

`python -m support.toggle.liars NAME <arguments of the reference>`; `--list` names them all. Each is a few lines laid over
the reference, which knows nothing of them.
"""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import asyncio
import contextlib
import json
import os
import re
import socket
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from support.kit.liar import run_liar
from support.toggle.protocol import ACK, HEADER, HEADER_SIZE, MAGIC, MAX_REPLY, OPCODE, VERSION, Toggle, encode
from support.toggle.reference.arguments import UsageError
from support.toggle.reference.backoff import pause
from support.toggle.reference.cli import BAD_ARGUMENTS, Program
from support.toggle.reference.exchange import Exchange
from support.toggle.reference.hub import Command, Hub, Result
from support.toggle.reference.hub_log import HubLog, Subject
from support.toggle.reference.hub_metrics import HubMetrics, MetricsPortError
from support.toggle.reference.outcome import AttemptError, Outcome
from support.toggle.reference.settings import HubSettings


@dataclass(frozen=True)
class Liar:
    """`program()` makes the hub's program that breaks the promise told by the sentence `breaks`."""

    name: str
    breaks: str
    program: Callable[[], Program]


LIARS: dict[str, Liar] = {}
Part = TypeVar("Part", bound=type[Hub] | type[Exchange] | type[HubMetrics] | type[HubLog] | type[Program])


class _Variant(Program):
    """The reference with one part that lies in the place of the honest one."""

    def __init__(self, part: type[Hub] | type[Exchange] | type[HubMetrics] | type[HubLog]) -> None:
        self.part = part

    def make_hub(self, settings: HubSettings) -> Hub:
        if issubclass(self.part, Hub):
            return self.part(settings)
        if issubclass(self.part, HubMetrics):
            return Hub(settings, metrics=self.part())
        if issubclass(self.part, HubLog):
            return Hub(settings, log=self.part())
        hub = Hub(settings)
        hub.exchange = self.part(settings)
        return hub


def lies(breaks: str) -> Callable[[Part], Part]:
    """Enter the class as a liar under its own name: `NoBackoff` becomes `no_backoff`."""

    def enter(part: Part) -> Part:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", part.__name__).lower()
        program = part if issubclass(part, Program) else lambda: _Variant(part)
        LIARS[name] = Liar(name, breaks, program)
        return part

    return enter


# --- waits and attempts


@lies("It asks again at once instead of waiting between attempts.")
class NoBackoff(Hub):
    def delay_after(self, attempt: int) -> float:
        return 0.0


@lies("Its waits grow by the same amount each time instead of doubling.")
class LinearBackoff(Hub):
    def least_delay(self, attempt: int) -> float:
        return min(self.settings.backoff_cap, self.settings.backoff_base * attempt)


@lies("Its waits grow beyond the agreed longest wait.")
class BackoffWithoutCap(Hub):
    def least_delay(self, attempt: int) -> float:
        return self.settings.backoff_base * 2.0 ** (attempt - 1)


@lies("It leaves nothing of its waits to chance.")
class NoJitter(Hub):
    def extra_delay(self) -> float:
        return 0.0


@lies("Chance adds up to five times what is agreed to a wait.")
class JitterTooWide(Hub):
    def extra_delay(self) -> float:
        return 5 * super().extra_delay()


@lies("It asks once more than agreed.")
class OneAttemptTooMany(Hub):
    def attempts(self, agreed: int) -> int:
        return agreed + 1


@lies("It asks once less than agreed, though at least once.")
class OneAttemptTooFew(Hub):
    def attempts(self, agreed: int) -> int:
        return max(1, agreed - 1)


@lies("It waits once more after its last attempt has failed.")
class WaitsAfterLastAttempt(Hub):
    async def run(self, command: Command, limit: int) -> tuple[Outcome, int]:
        outcome, number = await super().run(command, limit)
        if outcome is not Outcome.ACKNOWLEDGED:
            await pause(self.delay_after(number))
        return outcome, number


@lies("It does not ask again after a refused connection.")
class GivesUpWhenRefused(Hub):
    def settled(self, outcome: Outcome, number: int, limit: int) -> bool:
        return outcome is Outcome.REFUSED or super().settled(outcome, number, limit)


@lies("It does not ask again after a wrong acknowledgement.")
class GivesUpOnBadAck(Hub):
    def settled(self, outcome: Outcome, number: int, limit: int) -> bool:
        return outcome is Outcome.BAD_ACK or super().settled(outcome, number, limit)


@lies("It begins a command only when the one before has ended.")
class CommandsOneAtATime(Hub):
    turn = asyncio.Lock()

    async def toggle(self, device_id: str, host: str, port: int, state: bool, max_attempts: int = 2) -> Result:
        async with self.turn:
            return await super().toggle(device_id, host, port, state, max_attempts)


@lies("It never answers a command.")
class Hangs(Hub):
    async def attempt(self, command: Command, number: int) -> Outcome:
        await asyncio.Event().wait()
        return Outcome.TIMEOUT


# --- replies


@lies("It takes any reply for an acknowledgement.")
class AnyReplyIsSuccess(Hub):
    def judge_reply(self, reply: bytes) -> Outcome:
        return Outcome.ACKNOWLEDGED if reply else Outcome.CLOSED


@lies("It takes a reply that only begins with an acknowledgement for one.")
class AckPrefixIsSuccess(Exchange):
    async def read(self, link: socket.socket, reply: bytearray) -> None:
        loop = asyncio.get_running_loop()
        while len(reply) < len(ACK) and (piece := await loop.sock_recv(link, len(ACK) - len(reply))):
            reply += piece


@lies("It takes the first piece of a reply for all of it.")
class FirstChunkIsTheReply(Exchange):
    async def read(self, link: socket.socket, reply: bytearray) -> None:
        reply += await asyncio.get_running_loop().sock_recv(link, MAX_REPLY)


@lies("It closes the connection before the reply and reports success.")
class ClosesBeforeTheReply(Exchange):
    async def read(self, link: socket.socket, reply: bytearray) -> None:
        link.close()
        reply += ACK


class _TakenForSuccess(Hub):
    """Counts and logs the truth, and reports success all the same."""

    failure: Outcome

    async def attempt(self, command: Command, number: int) -> Outcome:
        outcome = await super().attempt(command, number)
        return Outcome.ACKNOWLEDGED if outcome is self.failure else outcome


@lies("It reports success when no answer came in time.")
class NoAnswerIsSuccess(_TakenForSuccess):
    failure = Outcome.TIMEOUT


@lies("It reports success when the bulb hung up without an answer.")
class ClosedIsSuccess(_TakenForSuccess):
    failure = Outcome.CLOSED


# --- message ids


@lies("It draws a new message id for every attempt.")
class FreshIdPerAttempt(Hub):
    async def attempt(self, command: Command, number: int) -> Outcome:
        if number > 1:
            command = replace(command, message=replace(command.message, msg_id=self.new_msg_id()))
        return await super().attempt(command, number)


@lies("It gives every command the same message id.")
class IdSharedByCommands(Hub):
    def new_msg_id(self) -> str:
        return "0123456789abcdef"


@lies("It writes its message ids in capitals.")
class UpperCaseId(Hub):
    def new_msg_id(self) -> str:
        return "A" + super().new_msg_id()[1:].upper()


# --- bytes on the wire


def _framed(payload: bytes) -> bytes:
    return HEADER.pack(MAGIC, VERSION, len(payload)) + payload


def _fields(message: Toggle) -> dict[str, str | bool]:
    named = {"device_id": message.device_id, "msg_id": message.msg_id}
    return {"opcode": OPCODE, **named, "state": message.state}


@lies("It writes the payload's length with its lowest byte first.")
class LittleEndianLength(Hub):
    def frame(self, message: Toggle) -> bytes:
        frame = super().frame(message)
        return frame[:3] + frame[3:HEADER_SIZE][::-1] + frame[HEADER_SIZE:]


@lies("It counts the header in the payload's length.")
class LengthCountsHeader(Hub):
    def frame(self, message: Toggle) -> bytes:
        frame = super().frame(message)
        return HEADER.pack(MAGIC, VERSION, len(frame)) + frame[HEADER_SIZE:]


@lies("It writes its JSON without the agreed spaces.")
class CompactJson(Hub):
    def frame(self, message: Toggle) -> bytes:
        return _framed(json.dumps(_fields(message), separators=(",", ":")).encode())


@lies("It sends characters beyond ASCII as they are instead of escaped.")
class RawUnicode(Hub):
    def frame(self, message: Toggle) -> bytes:
        return _framed(json.dumps(_fields(message), ensure_ascii=False).encode())


@lies("It trims the bulb's name.")
class TrimsTheName(Hub):
    def frame(self, message: Toggle) -> bytes:
        return super().frame(replace(message, device_id=message.device_id.strip()))


@lies("It adds a key to the payload that is not agreed.")
class ExtraKey(Hub):
    def frame(self, message: Toggle) -> bytes:
        return _framed(json.dumps({**_fields(message), "source": "hub"}).encode())


@lies("It sends stray bytes after the frame.")
class JunkAfterFrame(Hub):
    def frame(self, message: Toggle) -> bytes:
        return super().frame(message) + b"\r\n"


@lies("It sends the frame twice on one connection.")
class FrameSentTwice(Hub):
    def frame(self, message: Toggle) -> bytes:
        return 2 * super().frame(message)


@lies("It sends the opposite of the state it was asked for.")
class StateInverted(Hub):
    def frame(self, message: Toggle) -> bytes:
        return encode(replace(message, state=not message.state))


@lies("It sends on when it was asked for off.")
class AlwaysOn(Hub):
    def frame(self, message: Toggle) -> bytes:
        return encode(replace(message, state=True))


@lies("It connects a second time for every attempt, and hangs up.")
class ConnectsTwice(Exchange):
    async def connect(self, host: str, port: int) -> socket.socket:
        link = await super().connect(host, port)
        with contextlib.suppress(AttemptError):
            (await super().connect(host, port)).close()
        return link


@lies("It connects a second time for every attempt, and keeps the connection.")
class SecondConnectionLeftOpen(Exchange):
    def __init__(self, settings: HubSettings) -> None:
        super().__init__(settings)
        self.kept: list[socket.socket] = []

    async def connect(self, host: str, port: int) -> socket.socket:
        link = await super().connect(host, port)
        with contextlib.suppress(AttemptError):
            self.kept.append(await super().connect(host, port))
        return link


# --- time limits


@lies("It waits four times as long for a reply as agreed.")
class IoTimeoutIgnored(Exchange):
    def __init__(self, settings: HubSettings) -> None:
        super().__init__(replace(settings, io_timeout=4 * settings.io_timeout))


@lies("It waits half as long for a reply as agreed.")
class IoTimeoutHalved(Exchange):
    def __init__(self, settings: HubSettings) -> None:
        super().__init__(replace(settings, io_timeout=settings.io_timeout / 2))


@lies("It waits four times as long for a connection as agreed.")
class ConnectTimeoutIgnored(Exchange):
    def __init__(self, settings: HubSettings) -> None:
        super().__init__(replace(settings, connect_timeout=4 * settings.connect_timeout))


# --- metrics


@lies("It does not count attempts after the first.")
class RetransmitsNotCounted(HubMetrics):
    def retransmitted(self, device_id: str, failure: Outcome) -> None:
        return None


@lies("It counts an attempt more than it makes when a command fails.")
class RetransmitsCountedOnceTooOften(Hub):
    async def run(self, command: Command, limit: int) -> tuple[Outcome, int]:
        outcome, number = await super().run(command, limit)
        if outcome is not Outcome.ACKNOWLEDGED:
            self.metrics.retransmitted(command.message.device_id, outcome)
        return outcome, number


@lies("It counts the time of failed attempts among the latencies.")
class LatencyCountedOnFailure(HubMetrics):
    def received(self, device_id: str, outcome: Outcome, seconds: float) -> None:
        super().received(device_id, outcome, seconds)
        if outcome is not Outcome.ACKNOWLEDGED:
            self.observe(device_id, seconds)


@lies("It gives latencies in milliseconds instead of seconds.")
class LatencyInMilliseconds(HubMetrics):
    def observe(self, device_id: str, seconds: float) -> None:
        super().observe(device_id, seconds * 1000)


@lies("It counts a frame as sent when the connection was refused.")
class SentCountedWhenRefused(Hub):
    async def attempt(self, command: Command, number: int) -> Outcome:
        outcome = await super().attempt(command, number)
        if outcome is Outcome.REFUSED:
            self.metrics.sent(command.message.device_id, success=True)
        return outcome


@lies("It counts a missing reply as a closed connection.")
class TimeoutCountedAsClosed(HubMetrics):
    def received(self, device_id: str, outcome: Outcome, seconds: float) -> None:
        super().received(device_id, Outcome.CLOSED if outcome is Outcome.TIMEOUT else outcome, seconds)


@lies("It counts all devices as one.")
class MetricsOfAllDevicesMixed(HubMetrics):
    def sent(self, device_id: str, *, success: bool) -> None:
        super().sent("hub", success=success)

    def received(self, device_id: str, outcome: Outcome, seconds: float) -> None:
        super().received("hub", outcome, seconds)

    def decode_error(self, device_id: str, reason: str) -> None:
        super().decode_error("hub", reason)

    def retransmitted(self, device_id: str, failure: Outcome) -> None:
        super().retransmitted("hub", failure)


@lies("It goes on without metrics when their port is taken.")
class MetricsPortTakenIgnored(Program):
    def open_metrics(self, hub: Hub, port: int | None, host: str) -> int | None:
        try:
            return super().open_metrics(hub, port, host)
        except MetricsPortError:
            return None


# --- log


class _Retold(HubLog):
    """Tells something else than what happened."""

    def write(
        self,
        level: int,
        event: str,
        subject: Subject | None = None,
        *,
        outcome: Outcome | None = None,
        direction: str | None = None,
        packet: bytes = b"",
        error: BaseException | None = None,
    ) -> None:
        told = None if outcome is None else self.outcome(outcome)
        about = None if subject is None else self.subject(subject)
        super().write(level, event, about, outcome=told, direction=direction, packet=packet, error=error)

    def outcome(self, outcome: Outcome) -> Outcome:
        return outcome

    def subject(self, subject: Subject) -> Subject:
        return subject


@lies("It logs every failure as a timeout.")
class LogsWrongOutcome(_Retold):
    def outcome(self, outcome: Outcome) -> Outcome:
        return outcome if outcome is Outcome.ACKNOWLEDGED else Outcome.TIMEOUT


@lies("It logs every failure as a success.")
class LogsSuccessOnFailure(_Retold):
    def outcome(self, outcome: Outcome) -> Outcome:
        return Outcome.ACKNOWLEDGED


@lies("It gives every line of the log a correlation id of its own.")
class CorrelationIdPerLine(_Retold):
    def subject(self, subject: Subject) -> Subject:
        return replace(subject, correlation_id=os.urandom(16).hex())


# --- command line


class _Corrects(Program):
    """Puts another value in the place of what stands after `flag`."""

    flag: str

    def parse(self, argv: Sequence[str]) -> Namespace:
        corrected = list(argv)
        for index, argument in enumerate(argv):
            name, sign, value = argument.partition("=")
            if name == self.flag and sign:
                corrected[index] = f"{name}={self.correct(value)}"
            elif name == self.flag and index + 1 < len(argv):
                corrected[index + 1] = self.correct(argv[index + 1])
        return super().parse(corrected)

    def correct(self, value: str) -> str:
        raise NotImplementedError


@lies("It takes the nearest port for one that is out of range, and the usual one for one that is no number.")
class BadPortAccepted(_Corrects):
    flag = "--device-port"

    def correct(self, value: str) -> str:
        return str(min(max(int(value), 1), 65_535)) if value.isdecimal() else "9000"


@lies("It takes every state but on for off.")
class BadStateIsOff(_Corrects):
    flag = "--state"

    def correct(self, value: str) -> str:
        return "on" if value == "on" else "off"


@lies("It answers a bad argument with a traceback.")
class TracebackOnBadArgument(Program):
    def refuse(self, error: UsageError) -> int:
        traceback.print_exception(error)
        return BAD_ARGUMENTS


@lies("It ends with code 0 when nobody has acknowledged.")
class ExitCodeAlwaysZero(Program):
    def run(self, options: Namespace) -> int:
        code = super().run(options)
        return 0 if code == 1 else code


def main(argv: Sequence[str]) -> int:
    """Run the liar named first with the rest of `argv`; the exit code."""
    return run_liar(LIARS, argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
