"""The node's HTTP side: which request gets which answer."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from support.peers.protocol import Refusal
from support.peers.reference.node.answers import AnswerError, MethodError, answer, body_of, text_in_path
from support.peers.reference.node.configuration import ReadOnlyError
from support.peers.reference.node.hosts import HostError
from support.peers.reference.node.node import Node, UnknownPeerError
from support.peers.reference.node.peers import GroupFullError
from support.peers.reference.node.settings import SettingError
from support.peers.reference.node.store import StoreError

PEERS = "/loadsharing/peers"
DONE, KNOWN_ALREADY, NO_CHANGE = "done", "already in group", "no change"
Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Api:
    """Answers for `node`."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.routes: dict[str, dict[str, Handle]] = {
            "/status": {"GET": self.status},
            "/config": {"GET": self.config, "POST": self.configure},
            "/ws": {"GET": node.sockets.serve},
            PEERS: {"GET": self.peers, "POST": self.add},
            "/loadsharing/discover": {"POST": self.discover},
            "/loadsharing/status": {"GET": self.group},
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request. AnswerError."""
        path = request.raw_path.partition("?")[0]
        if "://" in path:  # the whole URL, as for a proxy (RFC 9112, 3.2.2)
            path = "/" + path.split("://", 1)[1].partition("/")[2]
        rest = path.removeprefix(f"{PEERS}/")
        if rest != path:
            if not rest:
                raise MethodError("GET, POST")
            if request.method != "DELETE":
                raise MethodError("DELETE")
            return self.remove(text_in_path(rest), request)
        methods = self.routes.get(text_in_path(path))
        if methods is None:
            raise AnswerError(404, "Not found")
        method = "GET" if request.method == "HEAD" and path != "/ws" else request.method
        if method not in methods:
            raise MethodError(", ".join(methods))
        return await methods[method](request)

    async def status(self, _: web.BaseRequest) -> web.StreamResponse:
        """The node's own status."""
        return answer(self.node.status())

    async def config(self, _: web.BaseRequest) -> web.StreamResponse:
        """All settings."""
        return answer(self.node.configuration.shown(self.node.hostname))

    async def configure(self, request: web.BaseRequest) -> web.StreamResponse:
        """Other settings."""
        values = await body_of(request)
        configuration = self.node.configuration
        try:
            done = configuration.change(values, self.node.hostname)
        except ReadOnlyError as error:
            raise AnswerError(403, str(error)) from error
        except SettingError as error:
            raise AnswerError(400, str(error)) from error
        except StoreError as error:
            raise AnswerError(500, str(error)) from error
        return answer({"config_version": configuration.version, "msg": DONE if done else NO_CHANGE})

    async def peers(self, _: web.BaseRequest) -> web.StreamResponse:
        """Who is around."""
        return answer(self.node.list())

    async def group(self, _: web.BaseRequest) -> web.StreamResponse:
        """The group, and who has which share."""
        return answer(self.node.group_status())

    async def discover(self, _: web.BaseRequest) -> web.StreamResponse:
        """Look for others soon."""
        self.node.discovery.look()
        return answer({"msg": DONE})

    async def add(self, request: web.BaseRequest) -> web.StreamResponse:
        """A further member."""
        fields = await body_of(request)
        host, reciprocal = fields.get("host"), fields.get("reciprocal", True)
        if host is None:
            raise AnswerError(400, Refusal.NO_HOST)
        if not isinstance(host, str):
            raise AnswerError(400, Refusal.BAD_HOST)
        if not isinstance(reciprocal, bool):
            raise AnswerError(400, "'reciprocal' must be true or false")
        try:
            new = self.node.add(host, reciprocal)
        except ReadOnlyError as error:
            raise AnswerError(403, str(error)) from error
        except HostError as error:
            raise AnswerError(400, str(error)) from error
        except GroupFullError as error:
            raise AnswerError(409, str(error)) from error
        except StoreError as error:
            raise AnswerError(500, str(error)) from error
        return answer({"msg": DONE if new else KNOWN_ALREADY})

    def remove(self, host: str, request: web.BaseRequest) -> web.StreamResponse:
        """A member less."""
        try:
            self.node.remove(host, request.query.get("reciprocal", "true") != "false")
        except ReadOnlyError as error:
            raise AnswerError(403, str(error)) from error
        except UnknownPeerError as error:
            raise AnswerError(404, str(error)) from error
        except HostError as error:
            raise AnswerError(400, str(error)) from error
        except StoreError as error:
            raise AnswerError(500, str(error)) from error
        return answer({"msg": DONE})
