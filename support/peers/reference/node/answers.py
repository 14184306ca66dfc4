"""HTTP answers: JSON, and every error is `{"msg": "..."}` with a code of its own, those of the HTTP library, too."""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import unquote_to_bytes

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from support.peers.protocol import Refusal
from support.peers.reference.node.log import LOG

LONGEST_BODY = 64 * 1024
"""Bytes."""
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class AnswerError(Exception):
    """A request that is refused: the HTTP code and the text that tells why."""

    def __init__(self, code: int, msg: str) -> None:
        super().__init__(msg)
        self.code = code
        self.msg = msg


def answer(value: object, code: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """`value` as JSON."""
    return web.Response(status=code, body=json.dumps(value).encode(), content_type="application/json", headers=headers)


async def body_of(request: web.BaseRequest) -> dict[str, object]:
    """The JSON object that a request brings. AnswerError."""
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise AnswerError(413, f"The body may have {LONGEST_BODY} bytes") from error
    return object_in(raw)


def object_in(raw: bytes | str) -> dict[str, object]:
    """The JSON object that stands in `raw`. AnswerError."""
    try:
        held = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise AnswerError(400, Refusal.BAD_JSON) from error
    if not isinstance(held, dict):
        raise AnswerError(400, Refusal.BAD_JSON)
    return held


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def text_in_path(raw: str) -> str:
    """A part of a path without its percent signs. AnswerError."""
    for piece in raw.split("%")[1:]:
        if len(piece) < 2 or not all(digit in "0123456789abcdefABCDEF" for digit in piece[:2]):
            raise AnswerError(400, "The path has a percent sign without two hexadecimal digits")
    try:
        return unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise AnswerError(400, "The path is not UTF-8") from error


def guarded(handler: Handler) -> Handler:
    """The handler with every refusal and every fault of the program answered."""

    async def guard(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except AnswerError as error:
            allowed = {"Allow": error.allowed} if isinstance(error, MethodError) else None
            return answer({"msg": error.msg}, error.code, allowed)
        except web.HTTPException as error:
            return answer({"msg": error.reason}, error.status)
        except web.RequestPayloadError as error:
            return answer({"msg": " ".join(str(error).split()) or "The body cannot be read"}, 400)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault in one answer is no reason to stop serving
            LOG.crashed("answer_failed", error)
            return answer({"msg": "Internal error"}, 500)

    return guard


class MethodError(AnswerError):
    """The path is known, the method is not one of those that it has."""

    def __init__(self, allowed: str) -> None:
        super().__init__(405, f"Method not allowed; allowed: {allowed}")
        self.allowed = allowed


class JsonRequestHandler(RequestHandler):
    """Tells what is no HTTP as everything else."""

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to a request that could not be read."""
        LOG.debug("bad_request", status=status, why=str(exc))
        if request.writer.output_size > 0:
            raise ConnectionError("the answer is on its way already")
        told = " ".join((message or "Bad request").split())
        response = answer({"msg": told}, status)
        response.force_close()
        return response


class JsonServer(web.Server):
    """Serves with the handler above."""

    def __call__(self) -> RequestHandler:
        """The protocol of one connection."""
        return JsonRequestHandler(self, loop=self._loop, lingering_time=1.0, keepalive_timeout=75)
