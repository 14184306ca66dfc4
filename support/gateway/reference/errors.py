"""How a call or a request can go wrong, as the caller is told."""

from collections.abc import Mapping

from support.gateway.protocol import Code

NO_DETAILS: Mapping[str, object] = {}


class CallError(Exception):
    """A call is not ok. The text is for the caller; `details` name what a program wants to know of it."""

    def __init__(self, code: Code, message: str, details: Mapping[str, object] = NO_DETAILS) -> None:
        self.code = code
        self.message = message
        self.details = details
        super().__init__(message)


class ArgumentError(CallError):
    """The argument `field` of a call makes no sense: the caller's mistake."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(Code.VALIDATION_ERROR, f"argument {field}: {problem}", {"field": field, "problem": problem})


class OverCapacityError(CallError):
    """There is no room for a request now; there may be in `retry_after_s`."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(Code.OVER_CAPACITY, message, {"retry_after_s": retry_after_s})


class BadRequestError(Exception):
    """A frame is no request. `op`: for the count, `invalid` if it has none that is known; `request_id` if it has a valid one."""

    def __init__(self, why: str, *, op: str = "invalid", request_id: str | None = None) -> None:
        self.op = op
        self.request_id = request_id
        super().__init__(why)
