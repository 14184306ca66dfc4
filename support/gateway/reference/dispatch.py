"""The dispatcher answers the frames of a client that has said hello."""

import time
from collections.abc import Callable

from support.gateway.protocol import Code
from support.gateway.reference.admission import Admission
from support.gateway.reference.answers import (
    CancelAnswer,
    Error,
    HealthAnswer,
    Pong,
    RequestFailed,
    SessionFigures,
    ToolList,
    error_of,
)
from support.gateway.reference.calls import Calls
from support.gateway.reference.client import Client
from support.gateway.reference.errors import BadRequestError, OverCapacityError
from support.gateway.reference.providers import Providers
from support.gateway.reference.rate import RateLimits
from support.gateway.reference.requests import Request, read_request
from support.gateway.reference.session import Session


class Dispatcher:
    """Takes frames, one after the other, and waits for nothing."""

    def __init__(self, calls: Calls, rates: RateLimits, providers: Providers, admission: Admission) -> None:
        self.calls = calls
        self.rates = rates
        self.providers = providers
        self.admission = admission
        self.began = time.monotonic()
        self._handlers: dict[str, Callable[[Client, Session, Request], None]] = {
            "call_tool": calls.take,
            "ping": self.ping,
            "list_tools": self.list_tools,
            "cancel": self.cancel,
            "health": self.health,
        }

    def take(self, client: Client, session: Session, frame: str | bytes) -> None:
        """Answer the frame, now or (a call) later. A frame that is no request uses up no rate."""
        try:
            request = read_request(frame)
        except BadRequestError as bad:
            # What is counted are text frames.
            if isinstance(frame, str):
                client.received(bad.op)
            self.reject(client, bad)
            return
        client.received(request.op)
        wait = self.rates.admit(session.name, client.address)
        if wait:
            self.limit(client, session, request, wait)
        else:
            self._handlers[request.op](client, session, request)

    def reject(self, client: Client, bad: BadRequestError) -> None:
        """The frame is no request; the connection stays open."""
        answer = RequestFailed(Error(Code.INVALID_REQUEST.value, str(bad)))
        if bad.request_id is not None:
            answer.request_id = bad.request_id
        client.say("error", answer)

    def limit(self, client: Client, session: Session, request: Request, wait: float) -> None:
        """The request comes too soon after others; it may be sent again in `wait` seconds."""
        error = OverCapacityError("too many requests in too short a time", wait)
        if request.op != "call_tool":
            client.say("error", RequestFailed(error_of(error), request.request_id))
        elif self.calls.known(session, request.request_id):
            client.say("call_tool_res", self.calls.failed(request.request_id, error))
        else:
            self.calls.refuse(client, session, request, error)

    # --- requests

    def ping(self, client: Client, session: Session, request: Request) -> None:  # noqa: ARG002
        """Answer `ping`."""
        client.say("pong", Pong(request.request_id))

    def list_tools(self, client: Client, session: Session, request: Request) -> None:  # noqa: ARG002
        """Answer `list_tools`."""
        client.say("list_tools_res", ToolList(request.request_id, self.calls.toolbox.entries))

    def cancel(self, client: Client, session: Session, request: Request) -> None:
        """Answer `cancel`; the cancelled call is answered before it."""
        client.say("cancel_res", CancelAnswer(request.request_id, self.calls.cancel(session, request.target)))

    def health(self, client: Client, session: Session, request: Request) -> None:
        """Answer `health`."""
        uptime, connections = time.monotonic() - self.began, self.admission.connections
        figures = self.figures(session)
        client.say("health_res", HealthAnswer(request.request_id, uptime, connections, figures, self.providers.health()))

    def figures(self, session: Session) -> SessionFigures:
        """What the session has done so far."""
        return SessionFigures(session.received, session.sent, session.mean_latency_ms())
