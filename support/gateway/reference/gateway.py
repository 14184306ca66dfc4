"""The gateway: lets connections in, listens to them, and puts the parts together that answer."""

import asyncio
import itertools
import time
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed

from support.gateway.protocol import Breaker as State
from support.gateway.protocol import Close
from support.gateway.reference.admission import Admission, Rejection
from support.gateway.reference.answers import Encoder, HelloAck, HelloRefused
from support.gateway.reference.calls import Calls
from support.gateway.reference.capacity import Capacity
from support.gateway.reference.client import Client
from support.gateway.reference.dispatch import Dispatcher
from support.gateway.reference.doorkeeper import Doorkeeper, Verdict
from support.gateway.reference.link import Link
from support.gateway.reference.log import GatewayLog
from support.gateway.reference.lookup import Lookup
from support.gateway.reference.metrics import GatewayMetrics
from support.gateway.reference.providers import Providers
from support.gateway.reference.rate import RateLimits
from support.gateway.reference.repeats import Repeats
from support.gateway.reference.session import Session, Sessions
from support.gateway.reference.settings import Settings
from support.gateway.reference.tools import Echo, Fail, ProgressTool, Sleep, Status, Toolbox

TURN = 64
"""Frames of one client that are answered before others get a turn."""


@dataclass(frozen=True)
class Parts:
    """The classes that a gateway is made of."""

    admission: type[Admission] = Admission
    doorkeeper: type[Doorkeeper] = Doorkeeper
    client: type[Client] = Client
    dispatcher: type[Dispatcher] = Dispatcher
    calls: type[Calls] = Calls
    capacity: type[Capacity] = Capacity
    repeats: type[Repeats] = Repeats
    rates: type[RateLimits] = RateLimits
    sessions: type[Sessions] = Sessions
    providers: type[Providers] = Providers
    encoder: type[Encoder] = Encoder
    metrics: type[GatewayMetrics] = GatewayMetrics
    log: type[GatewayLog] = GatewayLog
    status: type[Status] = Status
    echo: type[Echo] = Echo
    fail: type[Fail] = Fail
    sleep: type[Sleep] = Sleep
    progress: type[ProgressTool] = ProgressTool
    lookup: type[Lookup] = Lookup


class Gateway:
    """Serves connections. It is made on the loop that it runs on."""

    parts = Parts()
    toolbox_class = Toolbox

    def __init__(self, settings: Settings, token: str) -> None:
        parts = self.parts
        self.settings = settings
        self.log = parts.log()
        self.metrics = parts.metrics()
        self.encoder = parts.encoder()
        self.doorkeeper = parts.doorkeeper(token)
        self.admission = parts.admission(settings)
        self.sessions = parts.sessions(settings, time.monotonic)
        self.repeats = parts.repeats(settings, time.monotonic)
        self.capacity = parts.capacity(settings)
        self.rates = parts.rates(settings, time.monotonic)
        self.providers = parts.providers(settings, time.monotonic, self.breaker_changed)
        for name in self.providers.names():
            self.metrics.breaker_known(name)
        self.toolbox = self.make_toolbox()
        self.calls = parts.calls(self.toolbox, self.capacity, self.repeats, self.sessions, self.metrics, self.encoder, self.log)
        self.dispatcher = parts.dispatcher(self.calls, self.rates, self.providers, self.admission)
        self.clients: set[Client] = set()
        """The clients that hold a slot."""
        self._numbers = itertools.count(1)

    def make_toolbox(self) -> Toolbox:
        """The tools that clients can call."""
        parts = self.parts
        status = parts.status(lambda: self.admission.connections, lambda: self.capacity.in_flight)
        lookup = parts.lookup(self.providers, self.settings.provider_timeout, self.metrics)
        return self.toolbox_class([status, parts.echo(), parts.sleep(), parts.fail(), parts.progress(), lookup])

    def uptime_s(self) -> float:
        """Seconds since the gateway was made."""
        return time.monotonic() - self.dispatcher.began

    def breaker_changed(self, provider: str, before: State, after: State) -> None:
        """A provider's breaker has changed its state."""
        self.metrics.breaker_changed(provider, before, after)
        self.log.warning("breaker_changed", provider=provider, before=before.value, after=after.value)

    def sweep(self) -> None:
        """Forget what is no longer of use: the time for it has come now and then."""
        self.repeats.expire()
        self.sessions.sweep()
        self.rates.sweep()

    # --- a connection

    async def serve(self, link: Link) -> None:
        """Serve a connection from its upgrade to its end."""
        client = self.parts.client(link, next(self._numbers), self.metrics, self.encoder)
        link.most_queued = max(link.most_queued, 2 * self.settings.max_frame)
        self.metrics.connected()
        rejection = self.admission.enter(client.address)
        if rejection is not None:
            await self.turn_away(client, rejection)
            return
        self.take_slot(client)
        try:
            session = await self.greet(client)
            if session is not None:
                await self.converse(client, session)
        except (ConnectionClosed, OSError) as error:
            self.log.debug("connection_over", connection=client.number, why=type(error).__name__)
        finally:
            self.free_slot(client)
            if client.session is not None:
                self.sessions.leave(client.session)

    async def turn_away(self, client: Client, rejection: Rejection) -> None:
        """There is no slot for the connection."""
        self.metrics.rejected(rejection.reason)
        self.log.warning("connection_rejected", connection=client.number, address=client.address, reason=rejection.reason)
        await client.link.close(Close.OVER_LIMIT, rejection.sentence)

    def take_slot(self, client: Client) -> None:
        """The connection holds a slot from now until its end begins."""
        client.holds_slot = True
        self.clients.add(client)
        self.metrics.slot_taken()
        self.log.info("connection_opened", connection=client.number, address=client.address)
        client.link.on_end = lambda: self.free_slot(client)
        if not client.link.is_open:
            self.free_slot(client)

    def free_slot(self, client: Client) -> None:
        """The connection is closed, or lost; or is about to be closed."""
        if not client.holds_slot:
            return
        client.holds_slot = False
        self.clients.discard(client)
        self.admission.leave(client.address)
        self.metrics.slot_freed()
        name = client.session and client.session.name
        self.log.info("connection_ended", connection=client.number, session_id=name, too_slow=client.link.too_slow)

    async def close(self, client: Client, code: int, reason: str) -> None:
        """Close the connection; its slot is free at once."""
        self.free_slot(client)
        await client.link.close(code, reason)

    # --- hello

    async def greet(self, client: Client) -> Session | None:
        """The session of a client that said hello as it should; None if the connection is closed for that."""
        try:
            async with asyncio.timeout(self.hello_timeout()):
                frame = await client.link.recv()
        except TimeoutError:
            self.log.info("hello_timeout", connection=client.number)
            await self.close(client, self.doorkeeper.timeout_code, self.doorkeeper.timeout_reason)
            return None
        verdict = self.doorkeeper.judge(frame)
        if verdict.error is None:
            return self.let_in(client, verdict)
        if isinstance(frame, str):
            client.received(verdict.op)
        await self.refuse(client, verdict.error)
        return None

    def hello_timeout(self) -> float | None:
        """Seconds that a client may take to say hello."""
        return self.settings.hello_timeout

    def let_in(self, client: Client, verdict: Verdict) -> Session | None:
        """The client has a session from now on."""
        session = self.sessions.enter(verdict.session_id or self.sessions.new_name())
        client.session = session
        client.received(verdict.op)
        client.say("hello_ack", HelloAck(session.name))
        self.log.info("session_entered", connection=client.number, session_id=session.name)
        return session

    async def refuse(self, client: Client, error: str) -> None:
        """The client's hello was not as it should be."""
        if error == "unauthorized":
            self.metrics.auth_failed()
        self.log.warning("hello_refused", connection=client.number, address=client.address, error=error)
        client.say("hello_ack", HelloRefused(error))
        await self.close(client, self.doorkeeper.close_code(error), error)

    # --- after hello

    async def converse(self, client: Client, session: Session) -> None:
        """Answer frames until the connection ends. ConnectionClosed, or OSError."""
        link = client.link
        for number in itertools.count(1):
            frame = await link.recv()
            self.dispatcher.take(client, session, frame)
            if link.paused:
                await link.caught_up()
            elif not number % TURN:
                await asyncio.sleep(0)
