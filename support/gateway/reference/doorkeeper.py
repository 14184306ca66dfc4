"""The doorkeeper judges a connection's first frame: who knows the token gets in, and gets a session."""

import hmac
from dataclasses import dataclass

import msgspec

from support.gateway.protocol import SESSION_ID, Close
from support.gateway.reference.requests import UnreadableError, op_label, read_fields


@dataclass(frozen=True)
class Verdict:
    """`op` is for the count. `error`: why the connection is refused, or None. `session_id`: the one asked for, or None."""

    op: str
    error: str | None = None
    session_id: str | None = None


class Doorkeeper:
    """Knows the token. In what it says and logs there is nothing of what a client sent."""

    close_codes: dict[str, Close] = {  # noqa: RUF012  # nobody changes it
        "invalid_hello": Close.INVALID_HELLO,
        "missing_hello": Close.MISSING_HELLO,
        "unauthorized": Close.UNAUTHORIZED,
        "invalid_session_id": Close.INVALID_HELLO,
    }
    """The close code for each error; the error's word is the reason."""
    timeout_code = Close.HELLO_TIMEOUT
    timeout_reason = "hello timeout"

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def judge(self, frame: str | bytes) -> Verdict:
        """The verdict on a first frame. The token is looked at before the session id: a stranger learns nothing about that."""
        try:
            fields = read_fields(frame)
        except ValueError:
            return Verdict("invalid", "invalid_hello")
        except UnreadableError as error:
            return Verdict(error.op, "invalid_hello" if error.op == "hello" else "missing_hello")
        op = op_label(fields.op)
        if op != "hello":
            return Verdict(op, "missing_hello")
        if not self.knows(fields.token):
            return Verdict(op, "unauthorized")
        if fields.session_id is msgspec.UNSET:
            return Verdict(op)
        if not isinstance(fields.session_id, str) or not self.good_name(fields.session_id):
            return Verdict(op, "invalid_session_id")
        return Verdict(op, session_id=fields.session_id)

    def knows(self, token: object) -> bool:
        """Whether this is the token; takes as long for a wrong one as for the right one."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self._token)

    def good_name(self, session_id: str) -> bool:
        """Whether a session may have this id."""
        return SESSION_ID.fullmatch(session_id) is not None

    def close_code(self, error: str) -> int:
        """The close code for the error of a verdict."""
        return self.close_codes[error]
