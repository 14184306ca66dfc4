"""Who may come in: whoever knows the token, where there is one."""

import hmac
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from support.audio.protocol import HEALTH, Code, RefusedError

SCHEME = "bearer "
OPEN_PATHS = frozenset({HEALTH})
"""What is answered to everybody: that the server is there, and nothing of anybody's sound."""


class Doorkeeper:
    """Compares tokens in a time that does not depend on how much of them is right."""

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    def lets_in(self, authorizations: Iterable[str]) -> bool:
        """Whether one may come in who sends these `Authorization` headers: one with the right token, and no other."""
        if self._token is None:
            return True
        given = list(authorizations)
        if len(given) != 1 or given[0][: len(SCHEME)].lower() != SCHEME:
            return False
        return hmac.compare_digest(given[0][len(SCHEME) :].strip().encode(errors="surrogateescape"), self._token)


class Door:
    """Turns away requests without the token, before anything of them is read."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self.app = app
        self.doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
            if not self.doorkeeper.lets_in(given):
                from support.audio.reference.answers import refusal

                error = RefusedError(Code.UNAUTHORIZED, "a token is needed")
                await refusal(error, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)
                return
        await self.app(scope, receive, send)
