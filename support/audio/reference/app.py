"""The HTTP side: FastAPI with the routes, the one form of refusals, the door, and the counting of requests."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from support.audio.reference import __version__
from support.audio.reference.answers import handle_errors
from support.audio.reference.doorkeeper import Door, Doorkeeper
from support.audio.reference.log import AudioLog
from support.audio.reference.metrics import ServerMetrics
from support.audio.reference.models import StageForm, StageRequest
from support.audio.reference.routes import Routes

Page = dict[str, Any]
NO_ROUTE = "other"
"""What requests are counted under that no route has answered."""


class Counting:
    """Counts answers by route and status."""

    def __init__(self, app: ASGIApp, metrics: ServerMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = getattr(scope.get("route"), "path", NO_ROUTE)
                self.metrics.answered_request(path, message["status"])
            await send(message)

        await self.app(scope, receive, counted)


def make_app(routes: Routes, doorkeeper: Doorkeeper, metrics: ServerMetrics, log: AudioLog) -> ASGIApp:
    """All that is answered over HTTP."""
    app = FastAPI(title="Audio pipeline", version=__version__, redoc_url=None)
    app.include_router(routes.router())
    handle_errors(app, log)
    app.openapi = partial(whole_page, app.openapi)  # type: ignore[method-assign]
    return Door(Counting(app, metrics), doorkeeper)


def whole_page(page_of: Callable[[], Page]) -> Page:
    """The OpenAPI page, with the models of bodies that can be JSON or a form."""
    page = page_of()
    template = "#/components/schemas/{model}"
    _, schema = models_json_schema([(StageRequest, "validation"), (StageForm, "validation")], ref_template=template)
    page["components"]["schemas"].update(schema["$defs"])
    return page
