"""Nodes that break one promise of finding each other."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG002

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from support.peers.lie import lies
from support.peers.reference.node.discovery import Discovery
from support.peers.reference.node.node import Node
from support.peers.reference.node.peers import Peer, Peers, Sighting
from support.peers.reference.node.status import Fields, entry

if TYPE_CHECKING:
    from support.peers.reference.node.mdns import Advert, Mdns


@lies("It sees some of the others, not all.")
class SeesOnlySome(Peers):
    def sighted(self, sighting: Sighting) -> Peer | None:
        new = all(peer.id != sighting.id for peer in self.all)
        return None if new and len(self.all) >= 1 else super().sighted(sighting)


@lies("It sees nobody.")
class SeesNobody(Peers):
    def sighted(self, sighting: Sighting) -> Peer | None:
        return None


@lies("It lists itself after the others.")
class OwnEntryLast(Node):
    def list(self) -> list[Fields]:
        own, *others = super().list()
        return [*others, own]


@lies("It takes everybody whom it sees for a member of its group.", over=entry)
def found_is_joined(peer: Peer, peers: Peers) -> Fields:
    return entry(peer, peers) | {"joined": True}


@lies("It answers nobody while it looks for the first time that it is asked to.")
class LookingBlocksIt(Discovery):
    looked = False

    def look(self) -> None:
        super().look()
        if not self.looked:
            asyncio.get_running_loop().call_later(0.005, time.sleep, 2.0)
        self.looked = True


@lies("It keeps its name whoever else has it.")
class NameOfOthersKept(Discovery):
    async def _take_name(self) -> None:
        assert self._mdns is not None
        assert self._wish is not None
        self._mdns.advertise(self._advert(self._wish[0]), self._farewell)

    def _dispute(self, other_id: str) -> None:
        return None


@lies("It takes whoever has the name that it wished for, for itself.")
class NamesakeIsItself(Discovery):
    async def _open(self) -> "Mdns":
        honest = self._on_sighting
        self._on_sighting = lambda sighting: None if self._is_namesake(sighting) else honest(sighting)
        return await super()._open()

    def _is_namesake(self, sighting: Sighting) -> bool:
        return self._wish is not None and sighting.instance.lower() == self._wish[0].lower()


class _Advertised(Discovery):
    def _advert(self, name: str) -> "Advert":
        return self.retold(super()._advert(name))

    def retold(self, advert: "Advert") -> "Advert":
        raise NotImplementedError


@lies("It advertises a port that is not its own.")
class AdvertisedPortWrong(_Advertised):
    def retold(self, advert: "Advert") -> "Advert":
        return replace(advert, port=advert.port + 1)


@lies("It advertises an id that is not its own.")
class AdvertisedIdWrong(_Advertised):
    def retold(self, advert: "Advert") -> "Advert":
        return replace(advert, id="00" + advert.id[2:] if advert.id[:2] != "00" else "01" + advert.id[2:])


@lies("It takes everybody whom it has found for somebody who is there.")
class FoundIsOnline(Peers):
    def online(self, peer: Peer) -> bool:
        return not peer.joined or super().online(peer)

    def goodbye(self, instance: str) -> Peer | None:
        return None

    def stale(self, share: float) -> list[Peer]:
        return []


@lies("It takes a member that it has heard once for one that is there.")
class NeverForgets(Peers):
    def online(self, peer: Peer) -> bool:
        return peer.heard is not None or super().online(peer)


@lies("It takes a member that was gone once for one that is gone.")
class ReturnNotNoticed(Peers):
    def heard(self, peer: Peer) -> None:
        gone = peer.gone
        super().heard(peer)
        peer.gone = gone
