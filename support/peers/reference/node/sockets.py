"""The node's WebSocket `/ws`: its status whole at first, then what changes; pings, and what a controller allots."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import WSMsgType, web

from support.peers.reference.node.answers import AnswerError, object_in
from support.peers.reference.node.log import LOG

LONGEST_FRAME = 64 * 1024
"""Bytes."""
Fields = dict[str, object]
OnAllocation = Callable[[object, str], str | None]
"""Gets what stands under `loadsharing` and the address it came from; tells why it is refused, else None."""


class Sockets:
    """All open sockets. `status` tells the status now."""

    def __init__(self, status: Callable[[], Fields], on_allocation: OnAllocation) -> None:
        self._status = status
        self._on_allocation = on_allocation
        self._open: set[_Socket] = set()
        self._told: Fields = {}

    def changed(self) -> None:
        """Tell everybody what of the status is different from what was told last."""
        status = self._status()
        changes = {name: value for name, value in status.items() if name not in self._told or self._told[name] != value}
        self._told = status
        if changes:
            for each in self._open:
                each.tell(changes)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """One connection until it closes. AnswerError: it is no WebSocket."""
        response = web.WebSocketResponse(max_msg_size=LONGEST_FRAME, compress=False, timeout=1.0)
        if not response.can_prepare(request).ok:
            raise AnswerError(400, "This is a WebSocket")
        await response.prepare(request)
        each = _Socket(response)
        self.changed()
        each.tell(dict(self._told))
        self._open.add(each)
        telling = asyncio.get_running_loop().create_task(each.run())
        try:
            await self._listen(each, request.remote or "")
        except ConnectionError as error:
            LOG.debug("socket_gone", why=str(error))
        finally:
            self._open.discard(each)
            telling.cancel()
        return response

    async def close(self) -> None:
        """Close all of them."""
        await asyncio.gather(*(each.close() for each in tuple(self._open)), return_exceptions=True)

    async def _listen(self, each: "_Socket", remote: str) -> None:
        async for message in each.response:
            # Somebody who sends more and more must not keep everybody else waiting.
            await asyncio.sleep(0)
            if message.type is WSMsgType.TEXT:
                await each.reply(self._answer(message.data, remote))
            elif message.type is WSMsgType.BINARY:
                await each.reply(_error("A frame is text"))
            elif message.type is WSMsgType.ERROR:
                LOG.debug("socket_failed", why=str(each.response.exception()))

    def _answer(self, text: str, remote: str) -> Fields | None:
        try:
            frame = object_in(text)
        except AnswerError as error:
            return _error(error.msg)
        known = False
        reply: Fields = {}
        if "ping" in frame:
            known = True
            reply["pong"] = frame["ping"]
        if "loadsharing" in frame:
            known = True
            refused = self._on_allocation(frame["loadsharing"], remote)
            if refused is not None:
                reply.update(_error(refused))
        if not known:
            return _error("A frame is a ping or an allocation")
        return reply or None


class _Socket:
    """One connection. What changes is gathered: who reads slowly gets fewer and newer frames, not more of them."""

    def __init__(self, response: web.WebSocketResponse) -> None:
        self.response = response
        self._changes: Fields = {}
        self._stir = asyncio.Event()

    def tell(self, changes: Fields) -> None:
        """Send these fields of the status."""
        self._changes.update(changes)
        self._stir.set()

    async def reply(self, frame: Fields | None) -> None:
        """Send this frame, if any. Who does not read is not listened to, either. ConnectionError."""
        if frame is not None:
            await self.response.send_str(json.dumps(frame))

    async def run(self) -> None:
        """Send until cancelled, or until nobody is there any more."""
        try:
            while True:
                await self._stir.wait()
                self._stir.clear()
                changes, self._changes = self._changes, {}
                if changes:
                    await self.response.send_str(json.dumps(changes))
        except ConnectionError as error:
            LOG.debug("socket_gone", why=str(error))

    async def close(self) -> None:
        """Say that the node goes away."""
        await self.response.close(code=1001)


def _error(msg: str) -> Fields:
    return {"error": {"msg": msg}}
