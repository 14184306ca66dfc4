"""Errors as answers: the code and the sentence under `error`, and the status that goes with the code."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from support.audio.protocol import Code, RefusedError

STATUS: dict[Code, HTTPStatus] = {
    Code.INVALID_CONFIG: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.INVALID_AUDIO: HTTPStatus.BAD_REQUEST,
    Code.UNSUPPORTED_AUDIO: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Code.UNKNOWN_STAGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.UNKNOWN_PARAMETER: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.OUT_OF_RANGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.SESSION_NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.TOO_MANY_SESSIONS: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INVALID_MESSAGE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.CHUNK_TOO_LONG: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
}
AUDIO_FIELDS = {"audio_data", "audio_file"}
CONFIGURATIONS = {"pipeline_config", "session_config", "stage_config"}
BEYOND = {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number", "literal_error", "multiple_of"}
"""What the validation calls a value of the right kind beyond its range."""
LONGEST = 200
"""Characters of a name or a sentence about it."""


class NotFoundError(RefusedError):
    """What the address names is not there."""


def status_of(error: RefusedError) -> int:
    """The HTTP status that goes with `error`."""
    return HTTPStatus.NOT_FOUND if isinstance(error, NotFoundError) else STATUS[error.code]


def refused(errors: Sequence[Mapping[str, object]], code: Code = Code.INVALID_MESSAGE) -> RefusedError:
    """The first of pydantic's `errors` in the pipeline's words; `code` is for what nothing better is known about.

    A field is named from the body on, as `stages.equalizer.gain_in` or `connections[1].target_stage_id`.
    """
    first = errors[0]
    location = first.get("loc", ())
    parts = [part for part in location if part != "body"] if isinstance(location, Sequence) else []
    kind = str(first.get("type", ""))
    if kind in ("json_invalid", "json_type"):
        return RefusedError(code, "that is no JSON")
    field = path_of(parts[1:] if len(parts) > 1 and parts[0] == "pipeline_config" else parts)
    message = str(first.get("msg", "that is not valid"))[:LONGEST]
    if parts and parts[-1] in AUDIO_FIELDS:
        code = Code.INVALID_AUDIO
    elif kind in BEYOND:
        code = Code.OUT_OF_RANGE
    elif parts and parts[0] in CONFIGURATIONS:
        code = Code.INVALID_CONFIG
    return RefusedError(code, f"{field}: {message}" if field else message, field or None)


def path_of(parts: Sequence[object]) -> str:
    """`parts` as one name, indexes in brackets."""
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path[:LONGEST]
