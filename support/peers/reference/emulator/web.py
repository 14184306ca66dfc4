"""HTTP: what a board and its vehicle are, and what can be done to them. An error is always `{"msg": "..."}`."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from support.peers.protocol import State
from support.peers.reference.emulator.board import VOLTAGE, Fault, Mode
from support.peers.reference.emulator.bodies import BodyError, number, one_of, read_object, whole_number
from support.peers.reference.emulator.log import LOG
from support.peers.reference.emulator.serial_line import SerialLine
from support.peers.reference.emulator.vehicle import FULL

LONGEST_BODY = 64 * 1024
"""Bytes."""
MOST_CURRENT = 1000
"""Amperes that a client may name; the board offers what is in its range."""
STATE_NAMES = {
    State.NO_VEHICLE: "A",
    State.CONNECTED: "B",
    State.CHARGING: "C",
    State.VENTILATION: "D",
    State.ASLEEP: "asleep",
    State.DISABLED: "disabled",
}
FAULTY = "E"
"""The name of every other state."""

Fields = dict[str, object]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The pages of the board behind `line`."""

    def __init__(self, line: SerialLine) -> None:
        self.line = line
        self.board = line.commands.board

    def application(self) -> web.Application:
        """What aiohttp serves."""
        board = self.board
        app = web.Application(middlewares=[errors_in_json], client_max_size=LONGEST_BODY)
        app.router.add_get("/api/status", self.status)
        for path, act in (
            ("ev/connect", board.connect),
            ("ev/disconnect", board.disconnect),
            ("ev/request_charge", board.request_charge),
            ("ev/stop_charge", board.stop_charge),
            ("evse/enable", board.enable),
            ("evse/disable", board.disable),
        ):
            app.router.add_post(f"/api/{path}", self.doing(act))
        for path, take in (
            ("ev/soc", self.take_soc),
            ("ev/direct_current", self.take_draw_limit),
            ("evse/current", self.take_current),
            ("errors/trigger", self.take_fault),
            ("errors/clear", self.take_mended),
        ):
            app.router.add_post(f"/api/{path}", self.taking(take))
        return app

    async def status(self, request: web.Request) -> web.Response:  # noqa: ARG002 - all that is asked for is the path
        """Everything there is to know."""
        board, vehicle = self.board, self.board.vehicle
        session = board.session()
        told: Fields = {
            "evse": {
                "state": STATE_NAMES.get(board.state, FAULTY),
                "code": int(board.state),
                "capacity": board.capacity,
                "amps": round(float(board.amps), 3),
                "voltage": VOLTAGE,
                "enabled": board.mode is not Mode.DISABLED,
                "asleep": board.mode is Mode.ASLEEP,
                "faults": [str(fault) for fault in board.faults],
                "session_wh": round(session.watt_hours, 3),
                "session_s": round(session.seconds, 3),
            },
            "ev": {
                "connected": vehicle.connected,
                "requesting": vehicle.requesting,
                "soc": vehicle.soc,
                "draw_limit": vehicle.draw_limit,
            },
            "rapi": {"refused": self.line.commands.refused, "connections": len(self.line.connections)},
        }
        return web.json_response(told)

    def doing(self, act: Callable[[], None]) -> Handler:
        """A page that does something and needs no body for it."""

        async def handle(request: web.Request) -> web.Response:
            # What is not wanted is read all the same: the next request of the connection comes after it.
            await read_body(request)
            act()
            return self.done({})

        return handle

    def taking(self, take: Callable[[bytes], Fields]) -> Handler:
        """A page that does something with its body."""

        async def handle(request: web.Request) -> web.Response:
            return self.done(take(await read_body(request)))

        return handle

    def done(self, told: Fields) -> web.Response:
        """It is done, and the serial lines know."""
        self.line.tell(self.board.take_events())
        return web.json_response({"ok": True, **told})

    def take_soc(self, body: bytes) -> Fields:
        """`{"soc": per cent}`."""
        self.board.set_soc(number(read_object(body), "soc", 0, FULL))
        return {}

    def take_draw_limit(self, body: bytes) -> Fields:
        """`{"current": A}`."""
        self.board.set_draw_limit(number(read_object(body), "current", 0, MOST_CURRENT))
        return {}

    def take_current(self, body: bytes) -> Fields:
        """`{"current": A}`, whole amperes; told is what is in force."""
        return {"current": self.board.set_current(whole_number(read_object(body), "current", 0, MOST_CURRENT))}

    def take_fault(self, body: bytes) -> Fields:
        """`{"error": name}`."""
        self.board.trigger(Fault(one_of(read_object(body), "error", tuple(Fault))))
        return {}

    def take_mended(self, body: bytes) -> Fields:
        """`{"error": name}`; without one, all of them."""
        fields = read_object(body) if body.strip() else {}
        self.board.clear(Fault(one_of(fields, "error", tuple(Fault))) if "error" in fields else None)
        return {}


async def read_body(request: web.Request) -> bytes:
    """The body of `request`. BodyError if it is not what its headers say."""
    try:
        return await request.read()
    except web.RequestPayloadError as error:
        raise BodyError("The body is not what its headers say") from error


@web.middleware
async def errors_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is told in the words of the contract."""
    try:
        return await handler(request)
    except BodyError as error:
        return refusal(HTTPStatus.BAD_REQUEST, str(error))
    except web.HTTPError as error:
        response = refusal(error.status, error.reason)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except ConnectionError:
        raise  # the client went away: aiohttp's business
    except Exception as error:  # noqa: BLE001 - a fault of ours: the log has it, and the client still gets an answer
        LOG.crashed("request_crashed", error)
        return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error")


def refusal(status: int, why: str) -> web.Response:
    """An error."""
    return web.json_response({"msg": why}, status=status)
