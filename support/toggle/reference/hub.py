"""The hub: asks a bulb for a state until the bulb has acknowledged or the attempts are used up."""

import logging
import os
import random
import socket
import time
from dataclasses import dataclass

from support.toggle.protocol import ACK, MAX_REPLY, Toggle, encode
from support.toggle.reference.backoff import least_delay, pause
from support.toggle.reference.exchange import Exchange
from support.toggle.reference.hub_log import HubLog, Subject
from support.toggle.reference.hub_metrics import HubMetrics
from support.toggle.reference.outcome import AttemptError, Outcome
from support.toggle.reference.settings import HubSettings


@dataclass(frozen=True)
class Command:
    """One command: what to say, to whom, and the id under which the log speaks of it. `began`: monotonic seconds."""

    message: Toggle
    host: str
    port: int
    correlation_id: str
    began: float


@dataclass(frozen=True)
class Result:
    """How a command ended, after how many attempts and milliseconds."""

    acknowledged: bool
    attempts: int
    elapsed_ms: float
    msg_id: str


class Hub:
    """Switches bulbs. Any number of commands may be under way at a time."""

    def __init__(
        self, settings: HubSettings | None = None, *, metrics: HubMetrics | None = None, log: HubLog | None = None
    ) -> None:
        self.settings = settings or HubSettings()
        self.metrics = metrics or HubMetrics()
        self.log = log or HubLog()
        self.exchange = Exchange(self.settings)
        self._chance = random.SystemRandom()

    async def toggle(self, device_id: str, host: str, port: int, state: bool, max_attempts: int = 2) -> Result:
        """Ask the bulb at `host`:`port` for `state`. No fault of the network raises.

        TypeError or ValueError where the command itself makes no sense: see `check_address`, `check_attempts`, and
        `protocol.encode` for what a frame can carry.
        """
        check_address(host, port)
        check_attempts(max_attempts)
        message = Toggle(device_id, self.new_msg_id(), state)
        encode(message)  # refuses what no frame can carry before anybody is asked
        command = Command(message, host, port, os.urandom(16).hex(), time.monotonic())
        outcome, attempts = await self.run(command, self.attempts(max_attempts))
        acknowledged = outcome is Outcome.ACKNOWLEDGED
        level = logging.INFO if acknowledged else logging.ERROR
        self.log.write(level, "command_ended", _subject(command, command.began), outcome=outcome)
        elapsed_ms = round((time.monotonic() - command.began) * 1000, 3)
        return Result(acknowledged, attempts, elapsed_ms, command.message.msg_id)

    def new_msg_id(self) -> str:
        """16 lower-case hexadecimal characters, drawn anew for each command."""
        return os.urandom(8).hex()

    def frame(self, message: Toggle) -> bytes:
        """The bytes that one attempt sends."""
        return encode(message)

    def attempts(self, agreed: int) -> int:
        """How many attempts a command has."""
        return agreed

    async def run(self, command: Command, limit: int) -> tuple[Outcome, int]:
        """Attempt after attempt; how the last one ended, and its number."""
        number = 1
        outcome = await self.attempt(command, number)
        while not self.settled(outcome, number, limit):
            await pause(self.delay_after(number))
            self.metrics.retransmitted(command.message.device_id, outcome)
            number += 1
            outcome = await self.attempt(command, number)
        return outcome, number

    def settled(self, outcome: Outcome, number: int, limit: int) -> bool:
        """Whether the attempt `number` of `limit` was the last. Every kind of failure is retried alike."""
        return outcome is Outcome.ACKNOWLEDGED or number >= limit

    def delay_after(self, attempt: int) -> float:
        """Seconds from failed attempt `attempt` (from 1) to the next one."""
        return self.least_delay(attempt) + self.extra_delay()

    def least_delay(self, attempt: int) -> float:
        """The part of the delay that grows, in seconds."""
        return least_delay(attempt, self.settings.backoff_base, self.settings.backoff_cap)

    def extra_delay(self) -> float:
        """The part of the delay that is left to chance, in seconds, so that many hubs do not ask in step."""
        return self._chance.uniform(0.0, self.settings.jitter)

    async def attempt(self, command: Command, number: int) -> Outcome:
        """One connection, one frame, one reply. Logs and counts how it went."""
        subject = _subject(command, time.monotonic(), number)
        self.log.write(logging.DEBUG, "attempt_started", subject)
        try:
            with await self.exchange.connect(command.host, command.port) as link:
                return await self._ask(link, command.message, subject)
        except AttemptError as error:
            self.log.write(logging.WARNING, "attempt_failed", subject, outcome=error.outcome, error=error)
            return error.outcome

    async def _ask(self, link: socket.socket, message: Toggle, subject: Subject) -> Outcome:
        """Send and receive on `link`. AttemptError where there is no reply to judge."""
        frame, device_id = self.frame(message), message.device_id
        began = time.monotonic()
        try:
            await self.exchange.send(link, frame)
        except AttemptError:
            self.metrics.sent(device_id, success=False)
            self.log.write(logging.WARNING, "packet_not_sent", subject, direction="out", packet=frame)
            raise
        self.metrics.sent(device_id, success=True)
        self.log.write(logging.INFO, "packet_sent", subject, direction="out", packet=frame)
        try:
            reply = await self.exchange.receive(link)
        except AttemptError as error:
            self.metrics.received(device_id, error.outcome, time.monotonic() - began)
            if error.reply:
                self.log.write(logging.INFO, "packet_cut_short", subject, direction="in", packet=error.reply)
            raise
        outcome = self.judge_reply(reply)
        self.metrics.received(device_id, outcome, time.monotonic() - began)
        level = logging.INFO if outcome is Outcome.ACKNOWLEDGED else logging.WARNING
        event = "packet_received" if reply else "attempt_failed"
        direction = "in" if reply else None
        self.log.write(level, event, subject, outcome=outcome, direction=direction, packet=reply)
        if outcome is Outcome.BAD_ACK:
            self.metrics.decode_error(device_id, decode_reason(reply))
        return outcome

    def judge_reply(self, reply: bytes) -> Outcome:
        """What a complete reply means: exactly `ACK` is an acknowledgement."""
        if not reply:
            return Outcome.CLOSED
        return Outcome.ACKNOWLEDGED if reply == ACK else Outcome.BAD_ACK


def decode_reason(reply: bytes) -> str:
    """Why `reply` is no acknowledgement: incomplete (a part of one), too_long (no end was seen) or unexpected."""
    if ACK.startswith(reply):
        return "incomplete"
    return "too_long" if len(reply) >= MAX_REPLY else "unexpected"


def check_address(host: str, port: int) -> None:
    """TypeError or ValueError unless `host` is a text that is not empty and `port` a number from 1 to 65535."""
    if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
        raise TypeError(f"device_host is a text and device_port a whole number, not {host!r} and {port!r}")
    if not host:
        raise ValueError("device_host is empty")
    if not 1 <= port <= 65_535:
        raise ValueError(f"device_port is a number from 1 to 65535, not {port}")


def check_attempts(max_attempts: int) -> None:
    """TypeError or ValueError unless `max_attempts` is a whole number, at least 1."""
    if isinstance(max_attempts, bool) or not isinstance(max_attempts, int):
        raise TypeError(f"max_attempts is a whole number, not {max_attempts!r}")
    if max_attempts < 1:
        raise ValueError(f"max_attempts is at least 1, not {max_attempts}")


def _subject(command: Command, began: float, attempt: int | None = None) -> Subject:
    message = command.message
    return Subject(message.device_id, message.msg_id, command.correlation_id, began, attempt)
