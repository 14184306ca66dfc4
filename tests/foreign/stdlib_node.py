"""A charger node of another make: threads, the standard library, and zeroconf for mDNS.

Right by the contract (peers.md), and unlike our reference in everything that the contract leaves open: logs, key order, extra
fields, spelling of hosts, files. RFC 6455 by hand. State lies in the working directory.

    stdlib_node.py --rapi-serial /dev/pts/7 --set-config www_http_port=8000 --set-config hostname=garage

Threads: one reads and steers the board (Board), one per member of the group keeps a WebSocket to it (Link), one computes and
pushes (Chief), zeroconf has its own (Radio), and every HTTP connection has one. `Node.lock` guards what they share; it is
never held while something is sent.
"""

import argparse
import asyncio
import base64
import contextlib
import errno
import hashlib
import http.client
import http.server
import ipaddress
import json
import math
import os
import re
import secrets
import select
import signal
import socket
import struct
import sys
import threading
import time
import tty
import urllib.parse
from functools import reduce
from operator import xor
from types import SimpleNamespace

from zeroconf import DNSIncoming, DNSOutgoing, DNSPointer, DNSQuestion, RecordUpdateListener, ServiceInfo, Zeroconf
from zeroconf.asyncio import AsyncServiceInfo


def seconds(name, most):
    """A time of the contract, which the environment may lower."""
    return min(most, float(os.environ.get(name, most)))


DISCOVERY, ALLOCATION = seconds("NODE_DISCOVERY", 10.0), seconds("NODE_ALLOCATION", 5.0)
SHORTEST_HEARTBEAT = seconds("NODE_SHORTEST_HEARTBEAT", 5.0)
SETTLE = 0.4 * ALLOCATION  # how long a draw must have had time to follow its pilot before we believe it
TICK, POLL, SLOW_POLL, RAPI_LIMIT = 0.1, 0.25, 2.0, 0.7
CAR_GRACE = 1.0  # a car that just came to an idle station: time for the controller to say what it gets
REMEMBERED = 120.0  # how long mDNS believes a name nobody has taken back
ADDRESS, SERVICE, VERSION = "127.0.0.1", "_openevse._tcp.local.", "T5.1-threads"
FULL_GROUP, SLACK, BODY_LIMIT = 8, 0.25, 1 << 20
CONNECTED, CHARGING, ASLEEP, DISABLED = 0x02, 0x03, 0xFE, 0xFF
WITH_CAR, CAR_SENSED = (0x02, 0x03, 0x04), 0x0100
# What members tell of themselves.
TOLD = ("state", "vehicle", "pilot", "amp", "voltage", "min_current", "max_current", "priority")
HOLD = "threads_hold"  # what members of our make tell besides: how their node stopped them
NO_ECHO = "X-No-Echo"  # a node says this, not a person: what it says need not be said back to it
READ_ONLY = "Load sharing configuration is read-only on members"
clock = time.monotonic


def log(text):
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {threading.current_thread().name}: {text}\n")
    sys.stderr.flush()


class RefusedError(Exception):
    """A request that is answered with an error: its status, and why."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class SilenceError(Exception):
    """The board does not answer, or not in words that we know."""


def not_json(constant):
    raise ValueError(f"{constant} is not JSON")


def parsed(text):
    return json.loads(text, parse_constant=not_json)


def written(path, value):
    """Put a value into a file, whole or not at all."""
    scratch = f"{path}.new"
    with open(scratch, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, path)


def stored(path, right):
    """What a file holds; None where there is no file, or none that is `right`, which is said and kept aside."""
    try:
        with open(path, encoding="utf-8") as file:
            value = parsed(file.read())
        if not right(value):
            raise ValueError("other things in it than I write")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        log(f"{path} is corrupt, I start without it: {error}")
        with contextlib.suppress(OSError):
            os.replace(path, f"{path}.corrupt")
        return None
    return value


# ---- configuration ------------------------------------------------------------------------------------------------------


def truth(value):
    if not isinstance(value, bool):
        raise ValueError("is to be true or false")
    return value


def words(value):
    if not isinstance(value, str) or len(value) > 255:
        raise ValueError("is to be a text")
    return value


def one_of(*names):
    def check(value):
        if value not in names:
            raise ValueError(f"is to be one of {', '.join(repr(name) for name in names)}")
        return value

    return check


def between(low, high, whole=False):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"is to be a number from {low} to {high}")
        if whole and value != int(value):
            raise ValueError("is to be a whole number")
        return int(value) if value == int(value) else value

    return check


PREFIX = "loadsharing_"
SETTINGS = {  # default, check
    "enabled": (False, truth),
    "role": ("", one_of("", "controller", "member")),
    "controller_host": ("", words),
    "group_id": ("", words),
    "group_max_current": (0, between(0, 10_000)),
    "safety_factor": (1.0, between(0, 1)),
    "heartbeat_timeout": (30, between(SHORTEST_HEARTBEAT, 600)),
    "failsafe_mode": ("safe_current", one_of("safe_current", "disable")),
    "failsafe_safe_current": (6, between(0, 80)),
    "failsafe_peer_assumed_current": (6, between(0, 80)),
    "priority": (0, between(-(1 << 31), 1 << 31, whole=True)),
    "rotation_interval": (1800, between(0, 1e9)),
}
CONTROLLERS_OWN = ("group_id", "group_max_current", "safety_factor", "failsafe_peer_assumed_current", "rotation_interval")


class Settings:
    """The `loadsharing_` keys, without that prefix as attributes. Replaced as a whole, so that readers need no lock."""

    FILE = "settings.json"

    def __init__(self):
        self.lock, self.version = threading.Lock(), 1
        self.now = SimpleNamespace(**{key: default for key, (default, _) in SETTINGS.items()})
        kept = stored(self.FILE, lambda value: isinstance(value, dict) and isinstance(value.get("version"), int))
        if kept is not None:
            try:
                self.now, self.version = self.changed(kept), kept["version"]
            except RefusedError as error:
                log(f"{self.FILE} is not used: {error}")

    def changed(self, wanted):
        """The settings with these keys (with prefix) put in; RefusedError where one will not do."""
        after = dict(vars(self.now))
        for key, (_, check) in SETTINGS.items():
            if PREFIX + key in wanted:
                try:
                    after[key] = check(wanted[PREFIX + key])
                except ValueError as error:
                    raise RefusedError(400, f"{PREFIX}{key} {error}") from error
        if 0 < after["group_max_current"] < after["failsafe_safe_current"]:
            raise RefusedError(400, f"{PREFIX}failsafe_safe_current must not exceed {PREFIX}group_max_current")
        return SimpleNamespace(**after)

    def put(self, wanted, at_start=False):
        """Whether anything is another now. On a member nobody changes what is the group's, but at its start."""
        with self.lock:
            after = self.changed(wanted)
            if after == self.now:
                return False
            bound = self.now.role == "member" and PREFIX + "role" not in wanted and not at_start
            if bound and any(getattr(after, key) != getattr(self.now, key) for key in CONTROLLERS_OWN):
                raise RefusedError(403, READ_ONLY)
            version = self.version + 1
            written(self.FILE, {"version": version, **{PREFIX + key: value for key, value in vars(after).items()}})
            self.now, self.version = after, version
            return True

    def shown(self):
        return {PREFIX + key: value for key, value in sorted(vars(self.now).items())}

    @property
    def role(self):
        """What this node does: "", controller or member."""
        now = self.now
        return now.role if now.enabled else ""


def from_words(key, text):
    """The value that a text of the command line stands for."""
    default = SETTINGS[key][0]
    if isinstance(default, bool):
        if text.lower() not in ("true", "1", "yes", "on", "false", "0", "no", "off"):
            raise ValueError(text)
        return text.lower() in ("true", "1", "yes", "on")
    if isinstance(default, str):
        return text
    return float(text)


# ---- the group ----------------------------------------------------------------------------------------------------------

NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+")


def cut(host):
    """A host as (name or address, port or None), in one spelling. ValueError where it is none."""
    host = host.strip().lower()
    with contextlib.suppress(ValueError):
        return str(ipaddress.IPv6Address(host)), None
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?", host)
    if match is None:
        raise ValueError("not a host")
    name, port = match[1].rstrip(".") if not match[1].endswith("..") else match[1], match[2]
    if port is not None and not 0 < int(port) < 65536:
        raise ValueError("not a port")
    if name.startswith("["):
        name = str(ipaddress.IPv6Address(name[1:-1]))
    return name, None if port is None or int(port) == 80 else int(port)


def same(host):
    """What two spellings of a host have in common."""
    try:
        return cut(host)
    except ValueError:
        return host.strip().lower(), None


def is_host(host):
    """Whether it has a domain or an IP."""
    try:
        name, _ = cut(host)
        if re.fullmatch(r"[0-9.]+", name) or ":" in name:
            ipaddress.ip_address(name)
            return True
    except ValueError:
        return False
    return NAME.fullmatch(name) is not None


class Member:
    """Somebody in the group by request."""

    def __init__(self, spellings, peer_id="", name="", version=""):
        self.spellings, self.id, self.name, self.version = list(spellings), peer_id, name, version
        self.since, self.heard, self.last_seen = clock(), -math.inf, None
        self.told, self.link = {}, None
        self.target, self.settled, self.slack, self.own_sleep = None, 0.0, None, False

    @property
    def key(self):
        return self.id or self.spellings[0]

    def sound(self):
        """It was heard just now."""
        self.heard, self.last_seen = clock(), time.time()

    def tell(self, status):
        """It told of itself, in whole or in part."""
        news = {key: status[key] for key in (*TOLD, HOLD) if key in status and status[key] is not None}
        if any(news.get(key, self.told.get(key)) != self.told.get(key) for key in ("pilot", "state")):
            self.settled = clock() + SETTLE
        self.told = {**self.told, **news}


class Sighting:
    """Somebody whom mDNS shows."""

    def __init__(self, name, peer_id, host, ip, port, version, ssl):
        self.name, self.id, self.host, self.ip, self.port, self.version, self.ssl = name, peer_id, host, ip, port, version, ssl
        self.heard, self.last_seen, self.removed = clock(), time.time(), False

    def spellings(self):
        return {same(self.name), same(f"{self.name}.local"), same(self.host), (self.ip, None if self.port == 80 else self.port)}

    def url(self):
        port = "" if self.port == (443 if self.ssl else 80) else f":{self.port}"
        return f"{'https' if self.ssl else 'http'}://{self.ip}{port}/"


class Group:
    """Who is in the group, and whom mDNS shows. Under the node's lock."""

    FILE = "group.json"

    def __init__(self, node):
        self.node, self.members, self.sightings = node, [], {}
        for entry in stored(self.FILE, self.right) or []:
            self.members.append(Member(entry["hosts"], entry["id"], entry["name"], entry["version"]))

    @staticmethod
    def right(value):
        return isinstance(value, list) and all(
            isinstance(entry, dict)
            and isinstance(entry.get("hosts"), list)
            and entry["hosts"]
            and all(isinstance(text, str) for text in (*entry["hosts"], *(entry.get(key) for key in ("id", "name", "version"))))
            for entry in value
        )

    def save(self, members):
        entries = [{"id": each.id, "name": each.name, "hosts": each.spellings, "version": each.version} for each in members]
        written(self.FILE, entries)
        self.members = members

    def sighting(self, member):
        """What mDNS knows of a member, or None."""
        if member.id:
            return next((each for each in self.sightings.values() if each.id == member.id), None)
        own = {same(text) for text in member.spellings}
        return next((each for each in self.sightings.values() if each.spellings() & own), None)

    def find(self, host):
        """The member that a host means, or None."""
        wanted = same(host)
        for member in self.members:
            sighting = self.sighting(member)
            if wanted in {same(text) for text in member.spellings} or (sighting and wanted in sighting.spellings()):
                return member
        return None

    def is_local(self, host):
        name, port = same(host)
        own = self.node.hostname.lower()
        return name in (own, f"{own}.local", ADDRESS, "localhost", "::1") and (port is None or port == self.node.port)

    def add(self, host):
        """The new member, or None where it is there already. RefusedError where it cannot be."""
        if self.is_local(host):
            raise RefusedError(400, "Cannot add local device as peer")
        if not is_host(host):
            raise RefusedError(400, "Invalid host format - must contain domain or IP")
        if self.find(host) is not None:
            return None
        if len(self.members) + 1 >= FULL_GROUP:
            raise RefusedError(409, f"the group is full, {FULL_GROUP} is all it takes")
        member = Member([host.strip()])
        sighting = self.sighting(member)
        if sighting is not None:
            member.id, member.name, member.version = sighting.id, sighting.name, sighting.version
            member.heard, member.last_seen, sighting.removed = sighting.heard, sighting.last_seen, False
        self.save([*self.members, member])
        return member

    def remove(self, host):
        """The member that was. RefusedError where there is none."""
        member = self.find(host)
        if member is None:
            if self.is_local(host):
                raise RefusedError(400, "this device cannot leave its own list")
            raise RefusedError(404, "Peer not found")
        sighting = self.sighting(member)
        self.save([each for each in self.members if each is not member])
        if sighting is not None:
            sighting.removed = True
        return member

    def known_as(self, member, peer_id, name, version):
        """A member said who it is. One that is there twice, or that we are ourselves, leaves."""
        if member not in self.members or (member.id == peer_id and member.name):
            return
        others = [each for each in self.members if each is not member]
        twin = next((each for each in others if each.id == peer_id), None)
        if peer_id == self.node.id or twin is not None:
            log(f"{member.spellings[0]} is {'this device' if twin is None else twin.spellings[0]}")
            if twin is not None:
                twin.spellings += member.spellings
            self.save(others)
            member.link.over.set()
        else:
            member.id, member.name, member.version = peer_id, name, version
            self.save(list(self.members))

    def saw(self, sighting):
        if sighting.id == self.node.id:
            self.sightings.pop(sighting.name, None)
            return
        for name in [each.name for each in self.sightings.values() if each.id == sighting.id and each.name != sighting.name]:
            del self.sightings[name]  # it has another name now
        older = self.sightings.get(sighting.name)
        if older is not None:
            sighting.removed = older.removed
        self.sightings[sighting.name] = sighting
        member = next((each for each in self.members if self.sighting(each) is sighting), None)
        if member is not None:
            self.known_as(member, sighting.id, sighting.name, sighting.version)

    def lost(self, name):
        """It said goodbye."""
        sighting = self.sightings.pop(name, None)
        for member in self.members if sighting else ():
            if member.id == sighting.id:
                member.heard = -math.inf

    def patience(self):
        """Seconds without a word after which a peer that only mDNS shows is offline; its answers come at most every second."""
        return max(self.node.settings.now.heartbeat_timeout, 3.0)

    def online(self, member):
        """Whether it was heard within the heartbeat time: on its WebSocket, or by mDNS as long as there never was one."""
        sighting = None if member.told else self.sighting(member)
        heard = max(member.heard, sighting.heard if sighting else -math.inf)
        return clock() - heard < self.node.settings.now.heartbeat_timeout

    def reached(self, member):
        """Whether it was heard, within the heartbeat time, on the WebSocket on which it hears us."""
        return clock() - member.heard < self.node.settings.now.heartbeat_timeout

    def forget(self):
        """Drop whom nobody sees any more."""
        for name, sighting in list(self.sightings.items()):
            if clock() - sighting.heard >= (self.patience() if sighting.removed else max(REMEMBERED, self.patience())):
                del self.sightings[name]

    def address(self, member):
        """Where to reach a member: host and port."""
        name, port = cut(member.spellings[0])
        sighting = self.sighting(member)
        if sighting is not None and (name, port) in (same(sighting.host), same(sighting.name), same(f"{sighting.name}.local")):
            return sighting.ip, sighting.port
        if sighting is not None and name in (sighting.host.lower(), f"{sighting.name.lower()}.local"):
            name = sighting.ip
        return name, port or 80

    def listed(self):
        """The answer of GET /loadsharing/peers: this device, the group, and those whom mDNS shows besides."""
        self.forget()
        node = self.node
        yield {
            "isLocal": True, "joined": False, "online": True, "name": node.hostname, "host": f"{node.hostname}.local",
            "url": f"http://{ADDRESS}:{node.port}/", "ip": ADDRESS, "version": VERSION, "id": node.id, "make": "threads",
        }, None  # fmt: skip
        for member in self.members:
            sighting = self.sighting(member)
            host, port = self.address(member)
            url = f"http://{f'[{host}]' if ':' in host else host}{'' if port == 80 else f':{port}'}/"
            name = sighting.host if sighting else member.spellings[0]
            yield {
                "isLocal": False, "joined": True, "online": self.online(member), "name": member.name or name,
                "host": name, "url": sighting.url() if sighting else url, "ip": sighting.ip if sighting else address_in(host),
                "version": member.version, "id": member.key, "make": "unknown",
            }, member  # fmt: skip
        shown = {id(self.sighting(member)) for member in self.members}
        for sighting in sorted(self.sightings.values(), key=lambda each: each.name):
            if id(sighting) in shown:
                continue
            yield {
                "isLocal": False, "joined": False, "online": clock() - sighting.heard < self.patience(), "name": sighting.name,
                "host": sighting.host, "url": sighting.url(), "ip": sighting.ip, "version": sighting.version, "id": sighting.id,
                "make": "unknown",
            }, None  # fmt: skip


def address_in(host):
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""


# ---- mDNS ---------------------------------------------------------------------------------------------------------------


class Radio(RecordUpdateListener):
    """Says who we are and hears who the others are. What zeroconf calls, it calls in the thread of its loop."""

    def __init__(self, node):
        super().__init__()
        self.node, self.air, self.ear, self.info, self.fresh, self.tasks = node, None, None, None, set(), set()
        self.asked = threading.Event()

    def run(self):
        """The thread: discovery at the start, on request, and every so often."""
        node = self.node
        try:
            self.air = Zeroconf(interfaces=[ADDRESS])
            self.air.add_listener(self, None)
            self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.ear.bind((ADDRESS, 0))
            self.ear.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(ADDRESS))
            threading.Thread(target=self.listen, name="ear", daemon=True).start()
            self.ask()
            self.info = ServiceInfo(
                SERVICE, f"{node.hostname}.{SERVICE}", port=node.port, addresses=[socket.inet_aton(ADDRESS)],
                server=f"{node.hostname}.local.",
                properties={"type": "openevse", "version": VERSION, "id": node.id, "ssl": "0", "make": "threads"},
            )  # fmt: skip
            self.air.register_service(self.info, cooperating_responders=True)  # the name has our id in it, or is the owner's wish
        except Exception as error:  # noqa: BLE001  without mDNS everything else still works
            log(f"no mDNS: {error!r}")
            return
        while not node.stop.is_set():
            self.ask()
            self.asked.wait(min(DISCOVERY, node.settings.now.heartbeat_timeout / 3))
            self.asked.clear()

    def ask(self):
        """Have everybody answer, to everybody and to our own port. The latter is quicker: what was said to everybody less than a
        second ago is not said again at once. That we know ourselves makes it unlike what others ask at this moment, and drawing
        the time to live makes it unlike what we asked a moment ago: equal packets within a second are taken for echoes."""
        direct = DNSOutgoing(0, multicast=False, id_=1 + secrets.randbelow(65535))
        direct.add_question(DNSQuestion(SERVICE, 12, 1))
        self.ear.sendto(direct.packets()[0], ("224.0.0.251", 5353))
        question = DNSOutgoing(0)
        question.add_question(DNSQuestion(SERVICE, 12, 1))  # PTR, IN
        ttl = 2300 + secrets.randbelow(2000)
        question.add_answer_at_time(DNSPointer(SERVICE, 12, 1, ttl, f"{self.node.hostname}.{SERVICE}"), 0)
        self.air.send(question)

    def listen(self):
        """Bring what comes to our own port to where the rest comes in."""
        while True:
            data, source = self.ear.recvfrom(9000)
            message = DNSIncoming(data, source)
            if message.valid and message.is_response():
                self.air.loop.call_soon_threadsafe(self.air.record_manager.async_updates_from_response, message)

    def async_update_records(self, zc, now, records):
        for record in (update.new for update in records):
            name = getattr(record, "alias", "") if record.name.lower() == SERVICE else record.name
            if name.lower().endswith(f".{SERVICE}") and name.lower() != SERVICE:
                if record.ttl == 0:
                    self.fresh.discard(name)
                    with self.node.lock:
                        self.node.group.lost(name[: -len(SERVICE) - 1])
                else:
                    self.fresh.add(name)

    def async_update_records_complete(self):
        fresh, self.fresh = self.fresh, set()
        for name in fresh:
            info = AsyncServiceInfo(SERVICE, name)
            if info.load_from_cache(self.air):
                self.found(info)
            else:
                task = asyncio.ensure_future(self.resolve(info))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    async def resolve(self, info):
        if await info.async_request(self.air, 1500):
            self.found(info)

    def found(self, info):
        texts = {key.decode(errors="replace"): (value or b"").decode(errors="replace") for key, value in info.properties.items()}
        addresses = info.parsed_addresses()
        if not addresses or not info.port:
            return
        name, host = info.name[: -len(SERVICE) - 1], (info.server or "").rstrip(".")
        ssl = texts.get("ssl", "").lower() in ("1", "true", "yes")
        version = texts.get("version", "")
        with self.node.lock:
            self.node.group.saw(Sighting(name, texts.get("id") or name, host, addresses[0], info.port, version, ssl))

    def close(self):
        if self.air is not None:
            if self.info is not None:
                self.air.unregister_service(self.info)
            self.air.close()


# ---- WebSocket ----------------------------------------------------------------------------------------------------------


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()


class CloseError(Exception):
    """The connection is to be closed, with this code; None answers a close without one."""


class Talk:
    """One end of a WebSocket. `take(n)` gives exactly n bytes, EOFError where there are fewer."""

    def __init__(self, wire, take, is_client):
        self.wire, self.take, self.is_client = wire, take, is_client
        self.turn, self.closed = threading.Lock(), False

    def send(self, value):
        """An object. OSError where the other side is gone or does not read."""
        self.write(0x81, json.dumps(value, separators=(", ", ":")).encode())

    def write(self, first, data):
        size, bit = len(data), 0x80 if self.is_client else 0
        head = struct.pack("!BB", first, bit | size) if size < 126 else struct.pack("!BBH", first, bit | 126, size)
        if size > 65535:
            head = struct.pack("!BBQ", first, bit | 127, size)
        if self.is_client:
            mask = secrets.token_bytes(4)
            head, data = head + mask, bytes(byte ^ mask[place & 3] for place, byte in enumerate(data))
        with self.turn:
            if self.closed:
                raise BrokenPipeError(errno.EPIPE, "closed")
            try:
                self.wire.sendall(head + data)
            except OSError:
                self.closed = True
                raise

    def close(self, code):
        with contextlib.suppress(OSError):
            self.write(0x88, b"" if code is None else struct.pack("!H", code))
        self.closed = True

    def message(self):
        """The next text, decoded from JSON; None where it is none. CloseError where the connection has to end."""
        kind, whole = None, bytearray()
        while True:
            first, second = self.take(2)
            opcode, length, masked = first & 0x0F, second & 0x7F, second & 0x80
            control, last = opcode >= 8, first & 0x80
            if first & 0x70 or opcode not in (0, 1, 2, 8, 9, 10) or (control and (length > 125 or not last)):
                raise CloseError(1002)
            if bool(masked) == self.is_client:
                raise CloseError(1002)
            if length > 125:
                (length,) = struct.unpack("!H", self.take(2)) if length == 126 else struct.unpack("!Q", self.take(8))
            if length + len(whole) > BODY_LIMIT:
                raise CloseError(1009)
            mask = self.take(4) if masked else b"\0\0\0\0"
            data = bytes(byte ^ mask[place & 3] for place, byte in enumerate(self.take(length)))
            if opcode == 8:
                raise CloseError(struct.unpack("!H", data[:2])[0] if length > 1 else None)
            if opcode == 9:
                self.write(0x8A, data)
            if control:
                continue
            if (opcode == 0) == (kind is None):
                raise CloseError(1002)
            kind = kind or opcode
            whole += data
            if last:
                break
        try:
            return parsed(whole.decode()) if kind == 1 else None
        except UnicodeDecodeError:
            raise CloseError(1007) from None
        except (ValueError, RecursionError):
            return None


class Link(threading.Thread):
    """Keeps a WebSocket to a member: hears it, and brings it what it may take."""

    def __init__(self, node, member):
        super().__init__(name=f"link-{member.spellings[0]}", daemon=True)
        self.node, self.member, self.over = node, member, threading.Event()
        self.talk, self.pinged, self.trouble = None, 0.0, None

    def run(self):
        while not self.over.is_set() and not self.node.stop.is_set():
            try:
                self.converse()
            except (OSError, EOFError, ValueError, http.client.HTTPException, CloseError) as error:
                if self.trouble != repr(error):
                    self.trouble = repr(error)
                    log(f"not connected: {self.trouble}")
            finally:
                self.talk = None
            self.over.wait(min(1.0, self.node.settings.now.heartbeat_timeout / 5))

    def converse(self):
        with self.node.lock:
            host, port = self.node.group.address(self.member)
        self.introduce(host, port)
        if self.over.is_set():
            return
        limit = self.node.settings.now.heartbeat_timeout
        with socket.create_connection((host, port), timeout=min(2.0, limit)) as wire, wire.makefile("rb") as stream:
            key = base64.b64encode(secrets.token_bytes(16)).decode()
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            lines = ("GET /ws HTTP/1.1", f"Host: {host}:{port}", "Connection: Upgrade", "Upgrade: websocket")
            lines += (f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", "")
            wire.sendall("\r\n".join(lines).encode())
            status = stream.readline(4096).split()
            head = http.client.parse_headers(stream)
            if status[1:2] != [b"101"] or head.get("Sec-WebSocket-Accept") != accept_of(key):
                raise ValueError(f"no WebSocket: {status}")
            wire.settimeout(limit)
            self.talk = Talk(wire, lambda size: exactly(stream, size), is_client=True)
            self.trouble, self.pinged = None, clock()
            log("connected")
            while not self.over.is_set():
                message = self.talk.message()
                with self.node.lock:
                    self.member.sound()
                    if isinstance(message, dict):
                        self.member.tell(message)
            self.talk.close(1000)

    def introduce(self, host, port):
        """Ask a member who it is, and for what its WebSocket may not tell."""
        web = http.client.HTTPConnection(host, port, timeout=2)
        with contextlib.closing(web):
            listed = ask(web, "/loadsharing/peers")
            status, config = ask(web, "/loadsharing/status"), ask(web, "/config")
        first = next((each for each in listed or () if isinstance(each, dict) and each.get("isLocal")), {})
        if isinstance(first.get("id"), str):
            with self.node.lock:
                self.node.group.known_as(self.member, first["id"], str(first.get("name", "")), str(first.get("version", "")))
        with self.node.lock:
            self.member.sound()
            if isinstance(config, dict):
                self.member.tell({"priority": config.get(f"{PREFIX}priority")})
            entries = status.get("peers") if isinstance(status, dict) else None
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and entry.get("id") == self.member.id and isinstance(entry.get("status"), dict):
                    self.member.tell(entry["status"])

    def send(self, value):
        """Best effort: who is not connected gets it the next time."""
        talk = self.talk
        if talk is not None:
            try:
                talk.send(value)
            except OSError as error:
                log(f"{self.name}: {error!r}")
                with contextlib.suppress(OSError):
                    talk.wire.shutdown(socket.SHUT_RDWR)


def exactly(stream, size):
    data = stream.read(size)
    if data is None or len(data) < size:
        raise EOFError("hung up")
    return data


def ask(web, path):
    """The JSON at a path of another node; None where it has none."""
    web.request("GET", path)
    answer = web.getresponse()
    body = answer.read(BODY_LIMIT)
    try:
        return parsed(body) if answer.status == 200 else None
    except ValueError:
        return None


# ---- the board ----------------------------------------------------------------------------------------------------------


def sealed(text):
    return f"{text}^{reduce(xor, text.encode(), 0):02X}\r".encode()


class Board(threading.Thread):
    """The serial line: asks the board how it is, and makes it what load sharing wants it to be."""

    FILE = "hold.json"

    def __init__(self, node, path):
        super().__init__(name="board", daemon=True)
        self.node, self.path, self.line, self.waiting = node, path, None, bytearray()
        self.ears, self.mouth = os.pipe()
        os.set_blocking(self.mouth, False)
        self.capacity, self.top, self.silent, self.hurry = None, 32, 0, False
        self.slow, self.car_since, self.car_shows, self.clamped = 0.0, None, False, {}
        mark = stored(self.FILE, lambda value: isinstance(value, dict)) or {}
        self.held, self.touched = mark.get("held"), mark.get("touched", False)  # how we stopped it; whether its pilot is ours
        self.seen = {
            "state": 0, "vehicle": False, "pilot": 0, "amp": 0.0, "voltage": 0.0, "min_current": 6, "max_current": 32,
            "temp": None, "session_wh": 0, "faults": [0, 0, 0], "board_firmware": "", "evse_connected": 0,
        }  # fmt: skip

    def wake(self):
        with contextlib.suppress(BlockingIOError):
            os.write(self.mouth, b"!")

    def run(self):
        while not self.node.stop.is_set():
            try:
                self.round()
                self.silent = 0
            except (OSError, SilenceError, ValueError, IndexError) as error:
                self.silent += 1
                if self.silent == 3:
                    log(f"the board is silent: {error!r}")
                    self.show(evse_connected=0)
                if isinstance(error, OSError) or self.silent % 5 == 0:
                    self.hang_up()
            self.rest(1.0 if self.silent > 2 else 0.0 if self.hurry else POLL)

    def hang_up(self):
        if self.line is not None:
            os.close(self.line)
        self.line = None
        self.waiting.clear()

    def rest(self, limit):
        """Until the board says something, the wish is another, or the time is over."""
        until = clock() + limit
        while (left := until - clock()) > 0:
            ready, _, _ = select.select([self.ears] + ([self.line] if self.line is not None else []), [], [], left)
            if self.ears in ready:
                os.read(self.ears, 512)
                return
            if self.line in ready:
                try:
                    if self.heard(0.0) is not None:
                        return
                except OSError:
                    self.hang_up()
                    return

    def heard(self, limit):
        """The next line with a right check (or none), without both; None where there is none in time."""
        until = clock() + limit
        while True:
            raw, mark, rest = self.waiting.partition(b"\r")
            if mark:
                self.waiting = rest
                text, hat, check = raw.decode(errors="replace").lstrip("\n").partition("^")
                if hat and check != f"{reduce(xor, text.encode(errors='replace'), 0):02X}":
                    log(f"a line with a wrong check: {bytes(raw)!r}")
                    continue
                if text.startswith("$A"):
                    self.hurry = True
                return text
            ready, _, _ = select.select([self.line], [], [], max(0.0, until - clock()))
            if not ready:
                return None
            chunk = os.read(self.line, 4096)
            if not chunk:
                raise OSError(errno.EIO, "the line is closed")
            self.waiting += chunk
            del self.waiting[:-65536]

    def command(self, text):
        """The words of the answer. SilenceError where there is none, or a refusal."""
        if self.line is None:
            self.line = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            tty.setraw(self.line)
        try:
            os.write(self.line, sealed(text))
        except BlockingIOError as error:
            raise SilenceError("the line takes nothing") from error
        until = clock() + RAPI_LIMIT
        while (reply := self.heard(until - clock())) is not None:
            if reply.startswith("$OK"):
                return reply.split()[1:]
            if reply.startswith("$NK"):
                raise SilenceError(f"{text} is refused")
        while self.heard(0.1) is not None:  # a late answer must not be taken for that of the next command
            pass
        raise SilenceError(f"no answer to {text}")

    def round(self):
        """Look at the board, and steer it until it is as it should be."""
        self.hurry = False
        if not self.seen["evse_connected"]:
            firmware = self.command("$GV")
            while (late := self.heard(0.2)) is not None:  # it was silent for a while: these answers were for older questions
                firmware = late.split()[1:] if late.startswith("$OK") else firmware
            log(f"a board with firmware {firmware[0]} answers")
            self.show(evse_connected=1, board_firmware=firmware[0])
            self.slow, self.clamped = 0.0, {}
        if clock() - self.slow > SLOW_POLL:
            least, hardware, _, top, *_ = self.numbers("$GC")
            self.top = min(hardware, top)
            wh, *_ = self.numbers("$GU")
            warm, *_ = self.numbers("$GP")
            faults = [int(word, 16) for word in self.command("$GF")[:3]]
            self.show(min_current=least, max_current=self.top, session_wh=wh, temp=warm / 10, faults=faults)
            self.slow = clock()
        self.look()
        if self.steer():
            self.look()

    def numbers(self, command):
        return [int(word) for word in self.command(command)]

    def look(self):
        words = self.command("$GS")
        state, pilot_state, flags = int(words[0], 16), int(words[2], 16), int(words[3], 16)
        milliamps, millivolts, *_ = self.numbers("$GG")
        self.capacity = self.numbers("$GE")[0]
        car = state in WITH_CAR or pilot_state in WITH_CAR or bool(flags & CAR_SENSED)
        if car != self.seen["vehicle"]:
            self.car_since = clock()
        stopped = state in (ASLEEP, DISABLED)
        self.car_shows = stopped and (car or self.car_shows)
        self.show(
            state=state, vehicle=car, amp=max(0, milliamps) / 1000, voltage=millivolts / 1000 if millivolts > 0 else 230.0,
            pilot=0 if stopped else self.capacity,
        )  # fmt: skip

    def show(self, **news):
        if any(self.seen[key] != value for key, value in news.items()):
            with self.node.lock:
                self.seen = {**self.seen, **news}
            self.node.changed()

    def hold(self, held, touched):
        """Remember how we hold the board, before we do: after a restart it must be known who stopped it."""
        if (held, touched) != (self.held, self.touched):
            self.held, self.touched = held, touched
            try:
                written(self.FILE, {"held": held, "touched": touched})
            except OSError as error:
                log(f"{self.FILE} is not written: {error}")
            self.node.changed()

    def set_amps(self, amps):
        """Whether the pilot had to be changed."""
        if self.capacity == amps or self.clamped.get(amps) == self.capacity:
            return False
        self.hold(self.held, True)
        got = int(self.command(f"$SC {amps} V")[0])
        self.clamped = {amps: got} if got != amps else {}
        return True

    def steer(self):
        """Whether the board was told anything."""
        wish, reason = self.node.wish()
        state, least = self.seen["state"], self.seen["min_current"]
        if self.held == "asleep" and state == DISABLED:
            self.hold(None, self.touched)  # somebody disabled it while it slept: that is not ours to undo
        if wish == "keep":
            return False
        if wish == "off":
            if state == DISABLED:
                return False
            self.hold("disabled", self.touched)
            self.command("$FD")
            return True
        amps = self.top if wish == "free" else math.floor(wish + 1e-6)
        if wish != "free" and amps < least:
            return self.stop(state, least, reason)
        did = False
        if wish != "free" or self.touched:
            did = self.set_amps(min(amps, self.top))
        if self.held is not None and state in (ASLEEP, DISABLED):
            self.command("$FE")
            did = True
        self.hold(None, wish != "free" and self.touched)
        return did

    def stop(self, state, least, reason):
        """Nothing may flow. A station without a car stays awake, so that it shows a car that comes."""
        if state == DISABLED and self.held != "disabled":
            return False
        if state == DISABLED:
            self.hold("asleep" if self.seen["vehicle"] else None, self.touched)
            self.command("$FS" if self.seen["vehicle"] else "$FE")
            return True
        if state == ASLEEP:
            if self.held is None or self.seen["vehicle"] or not self.car_shows:
                return False
            self.hold(None, self.touched)
            self.command("$FE")  # its car left
            return True
        just_came = reason == "idle" and self.car_since is not None and clock() - self.car_since < CAR_GRACE
        could_draw = state in (CONNECTED, CHARGING) or self.seen["amp"] >= SLACK
        if not could_draw or just_came:
            return self.set_amps(least)
        self.hold("asleep", self.touched)
        self.command("$FS")
        return True


# ---- load sharing -------------------------------------------------------------------------------------------------------


def levelled(pool, wanting):
    """Share `pool` among [(floor, start, cap)] in 0.01 A: each gets its start and an equal part more, within floor and cap."""
    low, high = 0, max((cap for _, _, cap in wanting), default=0)

    def at(part):
        return [max(floor, min(cap, start + part)) for floor, start, cap in wanting]

    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sum(at(middle)) <= pool else (low, middle - 1)
    shares = at(low)
    for place, (_, start, cap) in enumerate(wanting):  # what is left is less than 0.01 A for each
        if sum(shares) < pool and shares[place] == start + low < cap:
            shares[place] += 1
    return shares


def allocated(now, everybody, turn):
    """What each may take, as {id: (amperes, reason)}, and whether there is too little for all minimums.

    `now` are the settings; `everybody` has id, online, state, waits (asleep because of us with a car), least, most, priority,
    and slack: what its car draws where that is less than its pilot, else None.
    """
    offline = sum(not each.online for each in everybody)
    amperes = now.group_max_current * now.safety_factor - offline * now.failsafe_peer_assumed_current
    budget = max(0, math.floor(amperes * 100 + 1e-6))
    nothing = now.failsafe_mode == "disable" and offline > 0
    result, asking = {}, []
    for each in everybody:
        if not each.online:
            result[each.id] = (0.0, "offline")
        elif each.state == CHARGING or each.waits:
            asking.append(each)
        elif each.state == CONNECTED:
            result[each.id] = (0.0, "insufficient") if nothing else (float(each.least), "connected_min")
        else:
            result[each.id] = (0.0, "idle")
    asking.sort(key=lambda each: (each.priority, each.id))
    least = {each.id: round(each.least * 100) for each in asking}
    if nothing or sum(least.values()) > budget:
        left = 0 if nothing else budget
        for each in rotated(asking, turn):
            fits = least[each.id] <= left
            left -= least[each.id] if fits else 0
            result[each.id] = (least[each.id] / 100, "min_subset") if fits else (0.0, "insufficient")
        return result, not nothing
    # A modest one counts as what it draws, and the others share the rest. Its own pilot stays a whole ampere above what it
    # draws, or we would never see that it wants more.
    eager, modest, floors = asking, [], []
    while True:
        used = sum(math.ceil(each.slack * 100) for each in modest)
        shares = levelled(budget - used, [(least[each.id], least[each.id], round(each.most * 100)) for each in eager])
        place = next(
            (n for n, each in enumerate(eager) if each.slack is not None and (each.slack + SLACK) * 100 <= shares[n]), None
        )
        if place is None:
            break
        floors.append(max(least[eager[place].id], min(100 * math.ceil(eager[place].slack + SLACK), shares[place])))
        modest, eager = [*modest, eager[place]], eager[:place] + eager[place + 1 :]
    wanting = [(floor, least[each.id], round(each.most * 100)) for floor, each in zip(floors, modest, strict=True)]
    shares += levelled(budget - sum(shares), wanting)
    for each, share in zip(eager + modest, shares, strict=True):
        result[each.id] = (share / 100, "equal_share")
    return result, False


def rotated(asking, turn):
    """In order, equal priorities moved on by `turn` places."""
    order = []
    for priority in sorted({each.priority for each in asking}):
        equals = [each for each in asking if each.priority == priority]
        start = turn % len(equals)
        order += equals[start:] + equals[:start]
    return order


class Chief(threading.Thread):
    """Computes and pushes where this node is the controller; waits for its controller where it is a member."""

    def __init__(self, node):
        super().__init__(name="chief", daemon=True)
        self.node, self.role, self.role_since = node, "", clock()
        self.basis, self.computed, self.computed_at, self.result = None, -math.inf, 0.0, {}
        self.turn, self.credit, self.scarce, self.looked = 0, 0.0, False, clock()
        self.target, self.reason, self.fed, self.failsafe = None, "", clock(), False
        self.own = Member([node.hostname], node.id)

    def run(self):
        while not self.node.stop.wait(TICK):
            for link, value in self.tick():
                link.send(value)

    def tick(self):
        """One look at everything; gives what is to be sent, as (link, object)."""
        node, now = self.node, clock()
        with node.lock:
            role = self.assume(now)
            passed, self.looked = now - self.looked, now
            due = self.pings(now)
            if role == "controller":
                due += self.lead(now, passed)
            elif role == "member" and now - self.fed >= node.settings.now.heartbeat_timeout and not self.failsafe:
                log("nothing from the controller: failsafe")
                self.failsafe = True
                node.changed()
                node.board.wake()
        return due

    def assume(self, now):
        """The role that the settings give this node, begun anew where it is another."""
        role = self.node.settings.role
        if role != self.role:
            log(f"this node is {role or 'on its own'} now")
            self.role, self.role_since, self.fed, self.basis = role, now, now, None
            self.target, self.failsafe, self.result, self.computed_at = None, False, {}, 0.0
            self.node.board.wake()
        return role

    def pings(self, now):
        due, pause = [], min(2.5, self.node.settings.now.heartbeat_timeout / 4)
        for link in (member.link for member in self.node.group.members):
            if link is not None and link.talk is not None and now - link.pinged >= pause:
                link.pinged = now
                due.append((link, {"ping": 1}))
        return due

    def lead(self, now, passed):
        node = self.node
        if self.scarce and node.settings.now.rotation_interval > 0:
            self.credit += passed
            if self.credit >= node.settings.now.rotation_interval:
                self.turn, self.credit = self.turn + 1, 0.0
        members = node.group.members
        pace = min(ALLOCATION, 0.4 * node.settings.now.heartbeat_timeout)  # a member with little patience has to hear us, too
        if any(member.heard == -math.inf and now - max(self.role_since, member.since) < pace for member in members):
            return []  # somebody is so new that there was no time yet to be heard
        self.own.tell(node.status())
        everybody = [self.look(self.own, True, now)] + [self.look(member, node.group.reached(member), now) for member in members]
        connected = [member.link is not None and member.link.talk is not None for member in members]
        basis = (vars(node.settings.now), [vars(each) for each in everybody], self.turn, connected)
        if basis == self.basis and now - self.computed < pace:
            return []
        self.basis, self.computed, self.computed_at = basis, now, time.time()
        before = self.result
        self.result, self.scarce = allocated(node.settings.now, everybody, self.turn)
        if before != self.result:
            log(f"allocated {self.result}")
        due = []
        for member in (self.own, *members):
            amps, reason = self.result[member.key]
            if member.target is None or abs(member.target - amps) > 0.01:
                member.settled = now + SETTLE
            member.target = amps
            if member is self.own:
                if (self.target, self.reason) != (amps, reason):
                    self.target, self.reason = amps, reason
                    node.board.wake()
            else:
                due.append((amps - before.get(member.key, (0, ""))[0], member.link, {"target_current": amps, "reason": reason}))
        due.sort(key=lambda entry: entry[0])  # who gets less hears it first
        return [(link, {"loadsharing": frame}) for _, link, frame in due if link is not None]

    def look(self, member, online, now):
        """What counts of a member for the computation."""
        told = member.told
        state, vehicle = told.get("state", 0), bool(told.get("vehicle"))
        pilot, amp = number(told.get("pilot"), 0), number(told.get("amp"), 0)
        if state != ASLEEP:
            member.own_sleep = False
        elif member.target and now > member.settled + SETTLE:
            member.own_sleep = True  # we gave it something and it sleeps on: not because of us
        if state != CHARGING or pilot - amp < SLACK:
            member.slack = None
        elif now >= member.settled or member.slack is not None:
            member.slack = round(amp, 2)
        because_of_us = told[HOLD] == "asleep" if HOLD in told else not member.own_sleep
        least, most = number(told.get("min_current"), 6), number(told.get("max_current"), 32)
        return SimpleNamespace(
            id=member.key, online=online and (bool(told) or member is self.own), state=state,
            waits=state == ASLEEP and vehicle and because_of_us, least=least, most=max(most, least),
            priority=number(told.get("priority"), 0), slack=member.slack,
        )  # fmt: skip

    def take(self, frame, sender):
        """An allocation from somebody's /ws. Whether it counts."""
        node = self.node
        amps, reason = (frame.get("target_current"), frame.get("reason", "")) if isinstance(frame, dict) else (None, "")
        if isinstance(amps, bool) or not isinstance(amps, int | float) or not 0 <= amps <= 10_000:
            return False
        if node.settings.role != "member" or sender not in node.controller_addresses():
            log(f"no allocation is taken from {sender}")
            return False
        with node.lock:
            self.assume(clock())
            self.fed, self.failsafe = clock(), False
            fresh = (float(amps), str(reason))
            if fresh != (self.target, self.reason):
                log(f"{amps} A from the controller: {reason}")
            self.target, self.reason = fresh
            self.result, self.computed_at = {node.id: fresh}, time.time()
        node.changed()
        node.board.wake()
        return True


def number(value, default):
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if right else default


# ---- the node -----------------------------------------------------------------------------------------------------------


class Node:
    """Everything together."""

    def __init__(self, args, wishes):
        self.lock, self.news, self.edition = threading.RLock(), threading.Condition(), 0
        self.stop, self.port = threading.Event(), 0
        known = stored("device.json", lambda value: isinstance(value, dict) and isinstance(value.get("id"), str)) or {}
        self.id = known.get("id") or secrets.token_hex(8)
        if not known:
            written("device.json", {"id": self.id})
        self.hostname = wishes.get("hostname") or f"openevse-{self.id[:6]}"
        self.settings = Settings()
        self.settings.put(wishes, at_start=True)
        self.controller, self.errands = (None, 0.0, ()), {}
        self.group, self.board, self.radio = Group(self), Board(self, args.rapi_serial), Radio(self)
        self.chief = Chief(self)

    def start(self, port):
        self.port = port
        for member in self.group.members:
            self.link(member)
        self.chief.start()
        self.board.start()
        threading.Thread(target=self.radio.run, name="radio", daemon=True).start()

    def link(self, member):
        member.link = Link(self, member)
        member.link.start()

    def changed(self):
        """Whoever follows on /ws is to look again."""
        with self.news:
            self.edition += 1
            self.news.notify_all()

    def status(self):
        with self.lock:
            chief, seen = self.chief, self.board.seen
            return {
                **seen, "priority": self.settings.now.priority, HOLD: self.board.held or "no",
                "failsafe_active": self.failsafe(),
                "target_current": chief.target, "target_reason": chief.reason, "id": self.id,
            }  # fmt: skip

    def failsafe(self):
        if self.settings.role == "controller":
            return any(why == "offline" for _, why in self.chief.result.values())
        return self.settings.role == "member" and self.chief.failsafe

    def wish(self):
        """What the board is to be: amperes, "free", "off" or "keep"; and why."""
        with self.lock:
            now, chief, role = self.settings.now, self.chief, self.settings.role
            if not role:
                return "free", ""
            if chief.failsafe and role == "member":
                return ("off", "failsafe") if now.failsafe_mode == "disable" else (now.failsafe_safe_current, "failsafe")
            return ("keep", "") if chief.target is None or role != chief.role else (chief.target, chief.reason)

    def controller_addresses(self):
        """The addresses that the controller's host stands for."""
        host, until, addresses = self.controller
        wanted = self.settings.now.controller_host
        if host == wanted and clock() < until:
            return addresses
        addresses = ()
        if wanted.strip():
            name, _ = same(wanted)
            with self.lock:
                sightings = [each for each in self.group.sightings.values() if (name, None) in each.spellings()]
            if sightings:
                addresses = tuple(each.ip for each in sightings)
            else:
                with contextlib.suppress(OSError, UnicodeError):
                    addresses = tuple(found[4][0] for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))
        self.controller = (wanted, clock() + 2.0, addresses)
        return addresses

    def sharing(self):
        """The answer of GET /loadsharing/status."""
        with self.lock:
            peers = []
            for entry, member in self.group.listed():
                if not entry["isLocal"] and member is None:
                    continue
                told = self.status() if member is None else member.told
                status = {key: told.get(key) for key in TOLD}
                peers.append({**entry, "last_seen": time.time() if member is None else member.last_seen, "status": status})
            online = sum(entry["online"] for entry in peers)
            amounts = [{"reason": why, "target_current": amps, "id": name} for name, (amps, why) in self.chief.result.items()]
            return {
                "allocations": amounts, "peers": peers, "offline_count": len(peers) - online, "online_count": online,
                "failsafe_active": self.failsafe(), "computed_at": round(self.chief.computed_at, 3), "role": self.settings.role,
                "group_id": self.settings.now.group_id, "enabled": self.settings.now.enabled,
            }  # fmt: skip

    def member_only_listens(self):
        if self.settings.now.role == "member":
            raise RefusedError(403, READ_ONLY)

    def add(self, body):
        self.member_only_listens()
        if not isinstance(body, dict) or not isinstance(body.get("host"), str):
            raise RefusedError(400, "Missing required 'host' parameter")
        host = body["host"]
        if not host.strip():
            raise RefusedError(400, "Host cannot be empty")
        with self.lock:
            member = self.group.add(host)
            if member is None:
                return "already in group"
            self.link(member)
            where = self.group.address(member)
        log(f"{host} is in the group")
        if body.get("reciprocal", True) is not False:
            self.errand(self.introduce, member, where)
        return "done"

    def errand(self, work, member, where):
        """Tell another node something in a thread, after whatever it is being told already."""

        def run():
            if before is not None:
                before.join(15)
            work(member, where)

        before = self.errands.get(where)
        thread = self.errands[where] = threading.Thread(target=run, name=work.__name__, daemon=True)
        thread.start()

    def remove(self, host, mutual=True):
        self.member_only_listens()
        with self.lock:
            member = self.group.remove(host)
            where = self.group.address(member)
        member.link.over.set()
        if member.link.talk is not None:
            with contextlib.suppress(OSError):
                member.link.talk.wire.shutdown(socket.SHUT_RDWR)
        log(f"{host} is out of the group")
        if mutual:
            self.errand(self.part, member, where)
        return "done"

    def introduce(self, member, where):
        """Have us added on the other side, for as long as it takes."""
        pause, body = 0.5, json.dumps({"reciprocal": False, "host": f"{ADDRESS}:{self.port}"})
        while member in self.group.members and not self.stop.is_set():
            status = self.request(where, "POST", "/loadsharing/peers", body)
            if status is not None:
                log(f"{member.spellings[0]} was asked to add us: {status}")
                return
            self.stop.wait(pause)
            pause = min(10.0, pause * 2)
            with self.lock:
                where = self.group.address(member)

    def part(self, member, where):
        """Have us removed on the other side, by whichever of our names it knows."""
        for own in (f"{ADDRESS}:{self.port}", f"{self.hostname}.local"):
            status = self.request(where, "DELETE", f"/loadsharing/peers/{urllib.parse.quote(own, safe='')}")
            if status != 404:
                log(f"{member.spellings[0]} was asked to remove us: {status}")
                return

    @staticmethod
    def request(where, method, path, body=None):
        """The status of the answer; None where there was none, or the other side is not well."""
        web = http.client.HTTPConnection(*where, timeout=3)
        try:
            with contextlib.closing(web):
                web.request(method, path, body, {"Content-Type": "application/json", NO_ECHO: "please"})
                status = web.getresponse().status
                return status if status < 500 else None
        except (OSError, http.client.HTTPException) as error:
            log(f"{method} {where[0]}:{where[1]}{path}: {error!r}")
            return None


# ---- HTTP ---------------------------------------------------------------------------------------------------------------


class Web(http.server.BaseHTTPRequestHandler):
    """REST, and the WebSocket beside it."""

    protocol_version, disable_nagle_algorithm, timeout = "HTTP/1.1", True, 30
    server_version = "threads/5"
    node = None

    def do_GET(self):
        self.obey({
            "/loadsharing/peers": lambda _: [entry for entry, _ in self.listed()],
            "/loadsharing/status": lambda _: self.node.sharing(),
            "/config": lambda _: self.config(),
            "/status": lambda _: self.node.status(),
            "/ws": lambda _: self.upgrade(),
        })  # fmt: skip

    def do_POST(self):
        self.obey({
            "/loadsharing/peers": lambda raw: {"msg": self.node.add(self.json(raw))},
            "/loadsharing/discover": lambda _: self.discover(),
            "/config": self.configure,
        })  # fmt: skip

    def do_DELETE(self):
        path = self.path.partition("?")[0]
        host = urllib.parse.unquote(path.removeprefix("/loadsharing/peers/")) if path.startswith("/loadsharing/peers/") else ""
        self.obey({path.rstrip("/"): lambda _: {"msg": self.node.remove(host, NO_ECHO not in self.headers)}} if host else {})

    def obey(self, orders):
        path = self.path.partition("?")[0].rstrip("/")
        try:
            raw = self.body()
            if path not in orders:
                known = path in (
                    "/loadsharing/peers",
                    "/loadsharing/status",
                    "/loadsharing/discover",
                    "/config",
                    "/status",
                    "/ws",
                )
                raise RefusedError(*((405, "not in this way") if known else (404, "there is nothing here")))
            answer = orders[path](raw)
        except RefusedError as error:
            self.reply(error.status, {"msg": str(error)})
        except (OSError, EOFError) as error:
            if isinstance(error, ConnectionError | TimeoutError | EOFError):
                raise
            log(f"{self.path}: {error!r}")
            self.reply(500, {"msg": "this could not be kept"})
        else:
            if answer is not None:
                self.reply(200, answer)

    def body(self):
        length = self.headers.get("Content-Length", "0").strip()
        if self.headers.get("Transfer-Encoding") or not length.isascii() or not length.isdigit():
            self.close_connection = True
            raise RefusedError(411, "say how long it is")
        if int(length) > BODY_LIMIT:
            self.close_connection = True
            raise RefusedError(413, "too long")
        return exactly(self.rfile, int(length))

    @staticmethod
    def json(raw):
        try:
            return parsed(raw)
        except (ValueError, RecursionError) as error:
            raise RefusedError(400, "Invalid JSON") from error

    def listed(self):
        with self.node.lock:
            return list(self.node.group.listed())

    def discover(self):
        self.node.radio.asked.set()
        return {"msg": "done"}

    def config(self):
        node = self.node
        own = {"firmware": VERSION, "hostname": node.hostname, "www_http_port": node.port, "id": node.id}
        return {"config_version": node.settings.version, **node.settings.shown(), **own}

    def configure(self, raw):
        body = self.json(raw) if raw.strip() else {}
        if not isinstance(body, dict):
            raise RefusedError(400, "an object is wanted")
        done = self.node.settings.put(body)
        if done:
            self.node.changed()
        return {"msg": "done" if done else "no change", "config_version": self.node.settings.version}

    def reply(self, status, body):
        payload = json.dumps(body, separators=(", ", ": ")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(payload)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def send_error(self, code, message=None, explain=None):
        """What the standard library refuses: a request that is none."""
        self.close_connection, self.request_version = True, "HTTP/1.1"
        status = 405 if code == 501 else code if 400 <= code < 500 else 400
        self.reply(status, {"msg": message or "that is no request"})

    def log_message(self, format, *args):
        pass

    def upgrade(self):
        head = {name.lower(): text.strip() for name, text in self.headers.items()}
        key = head.get("sec-websocket-key", "")
        upgrade = "websocket" in head.get("upgrade", "").lower() and "upgrade" in head.get("connection", "").lower()
        if not (upgrade and key and head.get("sec-websocket-version") == "13"):
            raise RefusedError(426, "a WebSocket of version 13 is spoken here")
        self.close_connection = True
        self.connection.settimeout(None)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 5, 0))
        lines = ("HTTP/1.1 101 Go on", "Connection: Upgrade", "Upgrade: websocket", f"Sec-WebSocket-Accept: {accept_of(key)}")
        self.wfile.write("\r\n".join((*lines, "", "")).encode())
        talk = Talk(self.connection, lambda size: exactly(self.rfile, size), is_client=False)
        self.server.talks.add(talk)
        threading.Thread(target=self.follow, args=(talk,), name="follow", daemon=True).start()
        try:
            while True:
                self.hear(talk, talk.message())
        except CloseError as error:
            talk.close(*error.args)
        except (OSError, EOFError):
            pass  # gone without a word
        finally:
            talk.closed = True
            self.server.talks.discard(talk)
            self.node.changed()  # the thread that follows has to notice

    def hear(self, talk, message):
        if not isinstance(message, dict):
            return
        if "ping" in message:
            talk.send({"pong": message["ping"]})
        if "loadsharing" in message:
            self.node.chief.take(message["loadsharing"], self.client_address[0])

    def follow(self, talk):
        """The status as a whole, then what changed of it."""
        node, sent, edition = self.node, {}, None
        with contextlib.suppress(OSError):
            while not talk.closed:
                edition = node.edition
                status = node.status()
                news = {key: value for key, value in status.items() if key not in sent or sent[key] != value}
                if news:
                    talk.send(news)
                sent = status
                with node.news:
                    node.news.wait_for(lambda seen=edition: node.edition != seen or talk.closed, 5.0)
        with contextlib.suppress(OSError):
            talk.wire.shutdown(socket.SHUT_RDWR)  # it did not read, or it is gone


class Door(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256

    def __init__(self, port, node):
        self.talks, Web.node = set(), node
        super().__init__((ADDRESS, port), Web)

    def server_bind(self):
        super(http.server.HTTPServer, self).server_bind()  # without asking for the name of this machine
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        log(f"{client_address[0]} was lost: {sys.exc_info()[1]!r}")


def options():
    parser = argparse.ArgumentParser(description="A charger node with threads.", allow_abbrev=False)
    parser.add_argument("--rapi-serial", metavar="PTY", required=True, help="where the board is")
    parser.add_argument("--set-config", action="append", default=[], metavar="KEY=VALUE", help="any number of times")
    args = parser.parse_args()
    wishes = {}
    for text in args.set_config:
        key, sign, value = text.partition("=")
        if not sign or not key:
            parser.error(f"--set-config {text}: KEY=VALUE is wanted")
        try:
            known = key.startswith(PREFIX) and key.removeprefix(PREFIX) in SETTINGS
            wishes[key] = from_words(key.removeprefix(PREFIX), value) if known else value
        except ValueError:
            parser.error(f"--set-config {text}: this is not what {key} may be")
    port = wishes.pop("www_http_port", "80")
    if not port.isdigit() or int(port) > 65535:
        parser.error("www_http_port is to be a port")
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", wishes.get("hostname") or "x"):
        parser.error("hostname is to be a name")
    return args, int(port), wishes


def main():
    args, port, wishes = options()
    try:
        node = Node(args, wishes)
    except RefusedError as error:
        log(f"--set-config: {error}")
        return 2
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: node.stop.set())
    try:
        door = Door(port, node)
    except OSError as error:
        log(f"port {port}: {error}")
        return 3
    node.start(door.server_port)
    threading.Thread(target=door.serve_forever, args=(0.1,), name="door", daemon=True).start()
    ready = {"hostname": node.hostname, "id": node.id, "port": door.server_port, "make": "threads", "ready": True}
    print(json.dumps(ready), flush=True)
    node.stop.wait()
    log("goodbye")
    door.shutdown()
    door.server_close()
    for work in (*(lambda talk=talk: talk.close(1001) for talk in list(door.talks)), node.radio.close):
        last = threading.Thread(target=work, daemon=True)
        last.start()
    last.join(2.5)  # mDNS: whoever hears our goodbye must not find us still answering
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # whatever still waits for somebody
