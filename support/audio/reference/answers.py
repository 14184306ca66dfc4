"""Answers over HTTP that no route gives by itself: refusals, whatever was refused and wherever."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from support.audio.protocol import Code, RefusedError
from support.audio.reference.errors import refused, status_of
from support.audio.reference.log import AudioLog


def refusal(error: RefusedError, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """`error` as an answer. Plain ASCII: what a client sent may not be text that can be encoded."""
    body = json.dumps({"error": error.told()}).encode()
    return Response(body, status or status_of(error), headers, media_type="application/json")


def handle_errors(app: FastAPI, log: AudioLog) -> None:
    """Have `app` answer whatever is refused or fails in the one form."""

    async def on_refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
        assert isinstance(error, RefusedError)
        return refusal(error)

    async def on_invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001
        assert isinstance(error, RequestValidationError)
        errors: Sequence[Mapping[str, object]] = error.errors()
        return refusal(refused(errors))

    async def on_http(request: Request, error: Exception) -> Response:  # noqa: ARG001
        assert isinstance(error, HTTPException)
        told = RefusedError(Code.INVALID_MESSAGE, f"{HTTPStatus(error.status_code).phrase}: {error.detail}"[:200])
        return refusal(told, error.status_code, error.headers)

    async def on_fault(request: Request, error: Exception) -> Response:
        log.crashed("request_failed", error, path=request.url.path)
        told = RefusedError(Code.INVALID_MESSAGE, "a fault in the server")
        return refusal(told, HTTPStatus.INTERNAL_SERVER_ERROR)

    app.add_exception_handler(RefusedError, on_refused)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_fault)
