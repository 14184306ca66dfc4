"""Bulbs that break what the features promise of a bulb. The suite plays the bulb itself, so it must be caught lying, too."""

import asyncio
import socket

from support.toggle.bulb import Bulb, Visit
from support.toggle.protocol import MalformedFrameError


class AcknowledgesAnything(Bulb):
    """It answers a malformed frame with an acknowledgement."""

    async def _converse(self, connection: socket.socket, visit: Visit) -> None:
        await super()._converse(connection, visit)
        if visit.malformed is not None:
            await asyncio.get_running_loop().sock_sendall(connection, b"ACK")


class ActsOnAnything(Bulb):
    """It says nothing to a malformed frame and goes on all the same."""

    async def _converse(self, connection: socket.socket, visit: Visit) -> None:
        await super()._converse(connection, visit)
        self.lit = self.lit or visit.malformed is not None


class BlamesTheText(Bulb):
    """It calls every malformed frame a malformed text."""

    @property
    def refused(self) -> list[MalformedFrameError]:
        return [MalformedFrameError("json", error.detail, error.seen) for error in super().refused]


class ForgetsRefusals(Bulb):
    """It keeps no record of the frames that it refused."""

    @property
    def refused(self) -> list[MalformedFrameError]:
        return []


class SulksAfterAMalformedFrame(Bulb):
    """After one malformed frame it answers nobody any more."""

    async def _converse(self, connection: socket.socket, visit: Visit) -> None:
        if not super().refused:
            await super()._converse(connection, visit)


LIARS: dict[type[Bulb], set[str]] = {
    AcknowledgesAnything: {"TGL-17", "TGL-66"},
    ActsOnAnything: {"TGL-17", "TGL-63"},
    BlamesTheText: {"TGL-17", "TGL-61", "TGL-66"},
    ForgetsRefusals: {"TGL-17", "TGL-61", "TGL-66"},
    SulksAfterAMalformedFrame: {"TGL-18", "TGL-61", "TGL-66"},
}
