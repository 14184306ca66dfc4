"""Nodes that break one promise of a group: who is added, who is removed, what is kept."""

# An override keeps the signature of what it replaces, also where it lies without looking at its arguments:
# ruff: noqa: ARG001, ARG002

import asyncio
import time
from dataclasses import replace

from aiohttp import web

from support.peers.lie import lies
from support.peers.protocol import Refusal
from support.peers.reference.node.answers import AnswerError, MethodError, answer, text_in_path
from support.peers.reference.node.courtesy import PATH, Courtesy
from support.peers.reference.node.group import GroupFile, _entries
from support.peers.reference.node.hosts import Host, HostError, parse_host
from support.peers.reference.node.node import Node, UnknownPeerError
from support.peers.reference.node.peers import GroupFullError, Peer, Peers, Sighting, is_own
from support.peers.reference.node.store import PEERS, StateFolder, StoreError
from support.peers.reference.node.web import Api

# --- adding


@lies("It adds a host again that it has added.")
class RepeatAddsTwice(Peers):
    def join(self, text: str) -> tuple[Peer, bool]:
        peer, new = super().join(text)
        if not new:
            self.all.insert(len(self.joined), Peer(hosts=[text.strip()]))
        return peer, new


@lies("It says of a host that it has added already that it is new.")
class RepeatSaysDone(Node):
    def add(self, text: str, reciprocal: bool) -> bool:
        super().add(text, reciprocal)
        return True


@lies("It takes a host in other letters for another host.")
class CapitalsMatter(Peers):
    def join(self, text: str) -> tuple[Peer, bool]:
        peer, new = super().join(text)
        if not new and text not in peer.hosts and text.lower() in [host.lower() for host in peer.hosts]:
            peer = Peer(hosts=[text])
            self.all.insert(len(self.joined), peer)
            return peer, True
        return peer, new


@lies("It adds hosts by their addresses only.", over=parse_host)
def names_refused(text: str) -> Host:
    host = parse_host(text)
    if host.name.endswith(".local"):
        raise HostError(Refusal.BAD_HOST)
    return host


@lies("It lists somebody whom it has found and added twice.")
class FoundAndAddedTwice(Peers):
    def join(self, text: str) -> tuple[Peer, bool]:
        peer, new = super().join(text)
        if new and peer.sighting is not None:
            self.all.append(replace(peer, hosts=[]))
        return peer, new

    def _merge(self, keeps: Peer, goes: Peer) -> None:
        return None


# --- what cannot be added


@lies("It does not say why it refuses.", over=answer)
def error_without_msg(value: object, code: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return answer({"error": value} if code >= 400 else value, code, headers)


@lies("It adds hosts that cannot be.", over=parse_host)
def any_word_is_a_host(text: str) -> Host:
    try:
        return parse_host(text)
    except HostError:
        if not text.strip():
            raise
        return Host(text.strip().lower())


@lies("It adds itself.", over=is_own)
def adds_itself(host: Host, own: set[tuple[str, int | None]]) -> bool:
    return False


@lies("It says that it has added a ninth, and has not.")
class NinthDroppedSilently(Node):
    def add(self, text: str, reciprocal: bool) -> bool:
        try:
            return super().add(text, reciprocal)
        except GroupFullError:
            return True


@lies("It lets a member be changed by anybody.")
class MemberTakesChanges(Node):
    def _require_writable(self) -> None:
        return None


# --- removing


@lies("It says that it has removed somebody whom it does not know.")
class UnknownIsRemoved(Node):
    def remove(self, text: str, reciprocal: bool) -> None:
        try:
            super().remove(text, reciprocal)
        except UnknownPeerError:
            return


@lies("It says in words of its own that it does not know somebody.")
class UnknownInOtherWords(Api):
    def remove(self, host: str, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return super().remove(host, request)
        except AnswerError as error:
            raise AnswerError(error.code, "No such peer") from error


@lies("It says that it has removed a member, and has not.")
class RemovedStaysMember(Peers):
    def leave(self, text: str) -> Peer | None:
        return None


@lies("It takes signs in disguise for signs.", over=text_in_path)
def percent_not_decoded(raw: str) -> str:
    return raw


@lies("It says of nobody that it does not know them.")
class NobodyIsUnknown(Api):
    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await super().handle(request)
        except MethodError as error:
            raise AnswerError(404, Refusal.UNKNOWN_PEER) from error


@lies("It never sees again whom it has removed.")
class RemovedNeverSeen(Peers):
    def leave(self, text: str) -> Peer | None:
        peer = super().leave(text)
        if peer is not None and peer in self.all:
            self.all.remove(peer)
        self.removed = {peer.id if peer else "", *getattr(self, "removed", ())}
        return peer

    def sighted(self, sighting: Sighting) -> Peer | None:
        return None if sighting.id in getattr(self, "removed", ()) else super().sighted(sighting)


@lies("It lists a host that nobody sees after it was removed.")
class RemovedStaysListed(Peers):
    def leave(self, text: str) -> Peer | None:
        peer = super().leave(text)
        if peer is not None and peer.sighting is None:
            self.all.append(replace(peer, sighting=Sighting(text, text, "", "", text, 80), seen=self.clock()))
        return peer


# --- mutually


@lies("It does not ask who was added to add it.")
class AddedNotTold(Courtesy):
    def added(self, peer: Peer) -> None:
        return None


@lies("It asks who was added to add it twice.")
class AddedToldTwice(Courtesy):
    def added(self, peer: Peer) -> None:
        super().added(peer)
        super().added(peer)


@lies("It asks who was added to add it, and to be added back.")
class ReciprocalLoop(Courtesy):
    async def _tell(self, peer: Peer, method: str, url: str, again: bool) -> None:
        if method != "POST":
            return await super()._tell(peer, method, url, again)
        await (await self._session.post(url + PATH, json={"host": self._own, "reciprocal": True})).read()
        return None


@lies("It does not tell who was removed.")
class RemovedNotTold(Courtesy):
    def removed(self, peer: Peer, url: str) -> None:
        return None


@lies("It tells those that they are removed who were never added.")
class TellsStrangers(Node):
    def remove(self, text: str, reciprocal: bool) -> None:
        try:
            super().remove(text, reciprocal)
        except UnknownPeerError:
            self.courtesy.removed(Peer(hosts=[text]), f"http://{text}")
            raise


# --- what is kept


@lies("It forgets its group when it ends.")
class GroupLostAtRestart(GroupFile):
    def restore(self) -> None:
        return None


@lies("It keeps its group a while after it has said so.")
class GroupKeptLate(GroupFile):
    def save(self) -> None:
        asyncio.get_running_loop().call_later(1.0, super().save)


@lies("It writes over what it has kept, bit by bit.")
class GroupWrittenInPlace(StateFolder):
    def write_text(self, name: str, text: str) -> None:
        if name != PEERS:
            return super().write_text(name, text)
        path = self.folder / name
        path.write_text(text[: len(text) // 2], encoding="utf-8")
        time.sleep(0.1)
        path.write_text(text, encoding="utf-8")
        return None


@lies("It does not start when what it has kept is spoilt.")
class SpoiltGroupEndsIt(GroupFile):
    def restore(self) -> None:
        try:
            _entries(self._folder.read(PEERS) or {"peers": []})
        except ValueError as error:
            raise StoreError(f"{PEERS} is spoilt") from error
        super().restore()
