"""The group as it is kept: who was added, in peers.json, on the disk before anybody is told that it was done."""

from support.peers.reference.node.hosts import HostError
from support.peers.reference.node.log import LOG
from support.peers.reference.node.peers import Peers
from support.peers.reference.node.store import PEERS, StateFolder


class GroupFile:
    """Keeps the members of `peers`."""

    def __init__(self, folder: StateFolder, peers: Peers) -> None:
        self._folder = folder
        self._peers = peers
        self._kept: object = None

    def restore(self) -> None:
        """The members of before the restart. A file that makes no sense is kept aside; the group is empty then. StoreError."""
        try:
            held = self._folder.read(PEERS)
            if held is not None:
                for hosts, known_id in _entries(held):
                    self._peers.restore(hosts, known_id)
        except (ValueError, HostError) as error:
            self._peers.all.clear()
            LOG.error("group_file_corrupt", why=str(error), kept_as=self._folder.keep_aside(PEERS))
        self._kept = self._now()

    def save(self) -> None:
        """Write the members, if they are others than before. StoreError."""
        now = self._now()
        if now != self._kept:
            self._folder.write(PEERS, now)
            self._kept = now

    def _now(self) -> object:
        return {"peers": [{"hosts": list(peer.hosts), "id": peer.id} for peer in self._peers.joined]}


def _entries(held: object) -> list[tuple[list[str], str]]:
    """The hosts and the id of each member. ValueError."""
    listed = held.get("peers") if isinstance(held, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it holds no list of peers")
    found = []
    for entry in listed:
        hosts, known_id = (entry.get("hosts"), entry.get("id", "")) if isinstance(entry, dict) else (None, None)
        if not isinstance(hosts, list) or not hosts or not all(isinstance(host, str) for host in hosts):
            raise ValueError("an entry has no hosts")
        if not isinstance(known_id, str):
            raise ValueError("an id is no text")
        found.append((hosts, known_id))
    return found
