"""How bodies of requests are read: JSON without looking twice, forms as long as a recording is."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any, TypeVar

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message, Receive

from support.audio.protocol import Code, RefusedError
from support.audio.reference.errors import refused
from support.audio.reference.settings import MAX_BODY

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_FIELDS = 64
Model = TypeVar("Model", bound=BaseModel)


class AudioRequest(Request):
    """A request whose form may hold a whole recording in one field."""

    async def json(self) -> Any:
        """The body as JSON. JSONDecodeError, as FastAPI expects it."""
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except (ValueError, RecursionError) as error:
            raise JSONDecodeError("that is no JSON", "", 0) from error

    # What newer versions of FastAPI pass on are the limits of its own.
    def form(self, **limits: Any) -> Any:  # noqa: ARG002
        """The form, each of its fields as long as the body may be."""
        return super().form(max_files=MOST_FIELDS, max_fields=MOST_FIELDS, max_part_size=2**40)


class AudioRoute(APIRoute):
    """Reads requests as `AudioRequest`, and no more than `most_bytes` of their bodies."""

    most_bytes = MAX_BODY

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return await handler(AudioRequest(request.scope, at_most(self.most_bytes, request)))

        return answer


def routes_at_most(most_bytes: int) -> type[AudioRoute]:
    """Routes that read so many bytes of a body."""
    return type("LimitedRoute", (AudioRoute,), {"most_bytes": most_bytes})


def at_most(most: int, request: Request) -> Receive:
    """`request.receive`, which raises HTTPException 413 once a body is longer than `most` bytes."""
    told = request.headers.get("content-length", "")
    left = most

    async def receive() -> Message:
        nonlocal left
        if told.isascii() and told.isdigit() and int(told[:20]) > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {most} bytes")
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {most} bytes")
        return message

    return receive


def json_of(body: bytes | str, code: Code = Code.INVALID_MESSAGE, field: str | None = None) -> object:
    """What JSON `body` holds. RefusedError with `code` and `field`."""
    try:
        value: object = from_json(body, allow_inf_nan=False)
    except (ValueError, RecursionError) as error:
        raise RefusedError(code, "that is no JSON", field) from error
    return value


def model_of(model: type[Model], value: object, within: tuple[str, ...] = ()) -> Model:
    """`value` as a `model` that stands at `within` in the body. RefusedError."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        located = [{**each, "loc": (*within, *each["loc"])} for each in error.errors(include_url=False)]
        raise refused(located) from error


async def body_or_form(request: Request, texts: tuple[str, ...]) -> object:
    """The fields of a JSON body or of a form. In a form all but `texts` are JSON in themselves. RefusedError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS:
        return json_of(await request.body())
    form: FormData = await request.form()
    fields: dict[str, object] = {}
    for name, value in form.items():
        if not isinstance(value, str):
            raise RefusedError(Code.INVALID_MESSAGE, "a file cannot stand here", name[:80])
        if name in texts:
            fields[name] = value
        elif value:
            code = Code.INVALID_CONFIG if name == "stage_config" else Code.INVALID_MESSAGE
            fields[name] = json_of(value, code, name[:80])
    return fields
