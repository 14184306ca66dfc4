"""A tool gateway of another make: blocking sockets, a thread per connection, RFC 6455 and metrics by hand.

Right by the contract (gateway.md), and unlike our reference in everything the contract leaves open: flags, key order, spacing
and extra fields of its JSON, words of its errors, tools, logs, metrics beside the promised ones.

    threaded_gateway.py --listen 8079 --admin 8080 --secret-file FILE --upstream main=127.0.0.1:9000
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import math
import os
import re
import resource
import secrets
import signal
import socket
import socketserver
import struct
import sys
import threading
import time
from bisect import bisect_left
from types import SimpleNamespace

clock = time.monotonic
BOUNDS = (0.0005, 0.002, 0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{3,64}")
REQUESTS = ("ping", "list_tools", "call_tool", "cancel", "health")
REPLAYED = (None, "TOOL_EXECUTION_ERROR")  # codes of answers worth keeping; None is an answer that is ok
SEND_LIMIT, LINGER = 20, 5  # seconds for one frame to leave, and for a client to hang up after our close


def log(text):
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} [{threading.current_thread().name}] {text}\n")


class CallError(Exception):
    """A call or a request that ends with an error of the contract."""

    def __init__(self, code, message, **details):
        super().__init__(message)
        self.code, self.message, self.details = code, message, details

    def body(self):
        return {"details": self.details, "message": self.message, "retryable": "retry_after_s" in self.details, "code": self.code}


class CloseError(Exception):
    """The connection is to be closed, with this code and reason; code None answers a close that had none."""


class Metrics:
    """Counters, gauges and one histogram, written out by hand."""

    FAMILIES = {  # noqa: RUF012  name: type, help, names of the labels, series there from the start
        "threaded_gateway_build": ("gauge", "Always nought.", ("make", "version"), [("threads", "3.2")]),
        "gateway_breaker_state": ("gauge", "One for the state it is in.", ("provider", "state"), []),
        "gateway_breaker_transitions_total": ("counter", "Changes of state.", ("provider", "from", "to"), []),
        "gateway_provider_calls_total": ("counter", "Conversations with providers.", ("provider", "outcome"), []),
        "gateway_repeats_total": ("counter", "Requests seen before.", ("kind",), [("cached",), ("joined",)]),
        "gateway_tool_calls_total": ("counter", "Calls by how they ended.", ("tool", "outcome"), [("status", "ok")]),
        "gateway_messages_sent_total": ("counter", "Frames to clients.", ("op",), [("hello_ack",), ("pong",), ("error",)]),
        "gateway_messages_received_total": ("counter", "Frames from clients.", ("op",), [("hello",), ("invalid",)]),
        "gateway_auth_failures_total": ("counter", "Clients sent away with 4003.", (), [()]),
        "gateway_connections_rejected_total": ("counter", "Sent away, 1008.", ("reason",), [("total",), ("address",)]),
        "gateway_connections_active": ("gauge", "Clients here now.", (), [()]),
        "gateway_connections_total": ("counter", "Upgrades.", (), [()]),
    }

    def __init__(self):
        self.lock = threading.Lock()
        self.values = {name: dict.fromkeys(series, 0) for name, (_, _, _, series) in self.FAMILIES.items()}
        self.times = {tool: [0.0, [0] * (len(BOUNDS) + 1)] for tool in TOOLS}

    def put(self, family, *labels, value=0):
        with self.lock:
            self.values[family][labels] = value

    def add(self, family, *labels):
        with self.lock:
            self.values[family][labels] = self.values[family].get(labels, 0) + 1

    def observe(self, tool, seconds):
        with self.lock:
            self.times[tool][0] += seconds
            self.times[tool][1][bisect_left(BOUNDS, seconds)] += 1

    def text(self):
        with self.lock:
            lines = []
            for family, (kind, about, names, _) in self.FAMILIES.items():
                lines += [f"# TYPE {family} {kind}", f"# HELP {family} {about}"]
                lines += [series(family, zip(names, labels, strict=True), value) for labels, value in self.values[family].items()]
            name = "gateway_tool_latency_seconds"
            lines += [f"# TYPE {name} histogram", f"# HELP {name} How long tools ran."]
            for tool, (total, counts) in self.times.items():
                for place, bound in enumerate((*BOUNDS, "+Inf"), 1):
                    lines.append(series(f"{name}_bucket", [("le", bound), ("tool", tool)], sum(counts[:place])))
                lines.append(series(f"{name}_count", [("tool", tool)], sum(counts)))
                lines.append(series(f"{name}_sum", [("tool", tool)], total))
        return "\n".join(lines) + "\n"


def series(name, labels, value):
    """One line of the exposition."""
    escaped = [(key, str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for key, text in labels]
    inside = ",".join(f'{key}="{text}"' for key, text in escaped)
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


class Breaker:
    """CLOSED, OPEN, HALF_OPEN of one provider, by the clock it is given. `changed(old, new)` hears of each change."""

    def __init__(self, now, changed, trip_after=5, cool_down=60.0, heal_after=2, width=3):
        self.now, self.changed = now, changed
        self.trip_after, self.cool_down, self.heal_after, self.width = trip_after, cool_down, heal_after, width
        self.lock = threading.Lock()
        self.state, self.opened_at = "CLOSED", 0.0
        self.failures = self.successes = self.probes = self.period = 0

    def admit(self):
        """A ticket for one call, to be given back to settle(); CallError where the call may not pass."""
        with self.lock:
            if self.state == "OPEN":
                left = self.opened_at + self.cool_down - self.now()
                if left > 0:
                    raise CallError("CIRCUIT_OPEN", "this provider is being left alone", retry_after_s=left)
                self._become("HALF_OPEN")
            if self.state == "CLOSED":
                return None
            if self.probes >= self.width:
                raise CallError("CIRCUIT_OPEN", "enough calls are trying this provider", retry_after_s=0.25)
            self.probes += 1
            return self.period

    def settle(self, ticket, good):
        """How an admitted call went: True, False, or None where it says nothing about the provider."""
        with self.lock:
            if ticket is not None and ticket == self.period:
                self.probes -= 1
            if good is None or self.state == "OPEN":
                return
            if self.state == "CLOSED":
                self.failures = 0 if good else self.failures + 1
                if self.failures >= self.trip_after:
                    self._become("OPEN")
            elif not good:
                self._become("OPEN")
            else:
                self.successes += 1
                if self.successes >= self.heal_after:
                    self._become("CLOSED")

    def _become(self, state):
        old, self.state = self.state, state
        self.failures = self.successes = self.probes = 0
        self.period += 1
        if state == "OPEN":
            self.opened_at = self.now()
        self.changed(old, state)


class Upstream:
    """A provider: where it is, how long it may take, and its breaker."""

    def __init__(self, text, args, metrics):
        name, host, port = re.fullmatch(r"([^=]+)=(.+):(\d+)", text).groups()
        self.name, self.address, self.limit, self.metrics = name, (host, int(port)), args.upstream_limit, metrics
        self.longest = 6 * args.frame_limit + 1024
        self.breaker = Breaker(clock, self._changed, args.trip_after, args.cool_down, args.heal_after, args.probe_width)
        for state in ("closed", "open", "half_open"):
            metrics.put("gateway_breaker_state", name, state, value=int(state == "closed"))
        for old, new in (("closed", "open"), ("open", "half_open"), ("half_open", "open"), ("half_open", "closed")):
            metrics.put("gateway_breaker_transitions_total", name, old, new)
        for outcome in ("ok", "error", "timeout"):
            metrics.put("gateway_provider_calls_total", name, outcome)

    def _changed(self, old, new):
        self.metrics.put("gateway_breaker_state", self.name, old.lower(), value=0)
        self.metrics.put("gateway_breaker_state", self.name, new.lower(), value=1)
        self.metrics.add("gateway_breaker_transitions_total", self.name, old.lower(), new.lower())
        log(f"provider {self.name} went from {old} to {new}")

    def ask(self, call, key):
        """The value for a key. A cancelled call says nothing about the provider and is no outcome of it."""
        outcome = None
        try:
            value = self._converse(call, json.dumps({"key": key}).encode() + b"\n")
            outcome = "ok"
            return value
        except TimeoutError as error:
            outcome = "timeout"
            raise CallError("TIMEOUT", f"{self.name} took too long", after_s=self.limit) from error
        except (OSError, EOFError, ValueError, RecursionError) as error:
            outcome = "error"
            raise CallError("TOOL_EXECUTION_ERROR", f"{self.name} gave no value", kind=type(error).__name__) from error
        finally:
            if call.stop.is_set() or outcome is None:
                self.breaker.settle(call.ticket, None)
            else:
                self.metrics.add("gateway_provider_calls_total", self.name, outcome)
                self.breaker.settle(call.ticket, outcome == "ok")

    def _converse(self, call, question):
        deadline, line = clock() + self.limit, bytearray()
        with socket.socket() as call.wire:
            call.wire.settimeout(self.limit)
            call.wire.connect(self.address)
            if call.stop.is_set():  # a cancel too early to cut this connection
                raise EOFError
            call.wire.sendall(question)
            while b"\n" not in line[-65536:]:
                call.wire.settimeout(max(0.000001, deadline - clock()))
                chunk = call.wire.recv(65536)
                if not chunk or len(line) > self.longest:
                    raise EOFError
                line += chunk
        answer = json.loads(line.partition(b"\n")[0])
        if not isinstance(answer, dict) or "error" in answer or not isinstance(answer.get("value"), str):
            raise ValueError("no value")
        return answer["value"]


def run_sleep(call, ms):
    if call.stop.wait(ms / 1000):
        raise CallError("CANCELLED", "stopped")
    return f"rested for {ms} ms"


def run_fail(_call, message):
    raise CallError("TOOL_EXECUTION_ERROR", f"asked to fail: {message}", tool="fail")


def run_progress(call, steps, ms):
    for step in range(1, int(steps) + 1):
        run_sleep(call, ms)
        for client in dict.fromkeys(list(call.waiters)):  # once to each connection that waits
            client.send(
                {"of": float(steps), "request_id": call.request_id, "share": step / steps, "step": step, "op": "progress"}
            )
    return f"{steps} steps taken"


TEXT, MILLISECONDS = {"type": "string"}, {"type": "number", "minimum": 0, "maximum": 3_600_000}
STEPS = {"type": "integer", "minimum": 0, "maximum": 100_000}
TOOLS = {  # name: what it does, whether it is quick enough for the reader's thread, description, properties
    "upper": (lambda call, text: text.upper(), True, "Shouts a text.", {"text": TEXT}),
    "lookup": (lambda call, key, **_: call.upstream.ask(call, key), False, "Asks a provider.", {"key": TEXT, "provider": TEXT}),
    "progress": (run_progress, False, "Reports steps, milliseconds apart.", {"ms": MILLISECONDS, "steps": STEPS}),
    "fail": (run_fail, True, "Always goes wrong, in your words.", {"message": TEXT}),
    "sleep": (run_sleep, False, "Does nothing for a while.", {"ms": MILLISECONDS}),
    "echo": (lambda call, text: text, True, "Says what you said.", {"text": TEXT}),
    "status": (lambda call: "in service", True, "Tells that all is well.", {}),
}
OPTIONAL = ("provider",)


def checked(name, arguments):
    """The arguments the tool knows; CallError where they are not what its schema says."""
    known = {}
    for key, rule in TOOLS[name][3].items():
        if key not in arguments and key in OPTIONAL:
            continue
        value = arguments.get(key)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        right = isinstance(value, str) if rule is TEXT else number and rule["minimum"] <= value <= rule["maximum"]
        if not right or (rule is STEPS and value != int(value)):
            raise CallError("VALIDATION_ERROR", f"{key} of {name} is missing or will not do", argument=key, schema=rule)
        known[key] = value
    return known


class Call:
    """A call that runs, and the connections that wait for its answer."""

    def __init__(self, client, request_id, name):
        self.session, self.request_id, self.name, self.waiters = client.session, request_id, name, [client]
        self.stop = threading.Event()  # set by a cancel, under the gateway's lock
        self.upstream = self.ticket = self.wire = self.arguments = None

    def cancel(self):
        """Under the gateway's lock: from here on the call can only end as CANCELLED."""
        self.stop.set()
        if self.wire is not None:
            with contextlib.suppress(OSError):
                self.wire.shutdown(socket.SHUT_RDWR)


class Bucket:
    """Tokens: so many at once, so many per second."""

    def __init__(self, rate):
        self.burst, self.per_second = rate
        self.level, self.stamp = self.burst, clock()

    def lacks(self):
        """Seconds until there is a token; 0 where there is one."""
        now = clock()
        self.level, self.stamp = min(self.burst, self.level + (now - self.stamp) * self.per_second), now
        return 0 if self.level >= 1 else (1 - self.level) / self.per_second if self.per_second else 3600


class Gateway:
    """All that connections share. `lock` guards seats, sessions and calls; it is never held while a frame is sent."""

    def __init__(self, args, token):
        self.args, self.token, self.born, self.lock = args, token, clock(), threading.Lock()
        self.present, self.seated, self.sessions, self.addresses = set(), set(), {}, {}
        self.bucket = Bucket(args.whole_rate) if args.whole_rate else None
        self.in_flight, self.draining, self.metrics = 0, False, Metrics()
        self.upstreams = {each.name: each for each in (Upstream(text, args, self.metrics) for text in args.upstream)}

    def sit(self, client):
        """None, or why there is no seat for this connection: `address` or `total`."""
        with self.lock:
            self.metrics.add("gateway_connections_total")
            near = sum(other.address == client.address for other in self.seated)
            reason = "address" if near >= self.args.seats_per_peer else "total" if len(self.seated) >= self.args.seats else None
            if reason is not None:
                self.metrics.add("gateway_connections_rejected_total", reason)
                return reason
            client.deadline = clock() + self.args.greeting_limit
            self.seated.add(client)
            self.metrics.put("gateway_connections_active", value=len(self.seated))
            return None

    def leave(self, client):
        """The seat is free; again does no harm."""
        with self.lock:
            self.seated.discard(client)
            self.metrics.put("gateway_connections_active", value=len(self.seated))

    def watch(self):
        """Close on those who did not say hello in time."""
        with self.lock:
            late = [client for client in self.seated if client.deadline <= clock()]
            for client in late:
                client.deadline = math.inf
        for client in late:
            client.close(4002, "nobody said hello")

    def session(self, name):
        """Under the lock: the calls that run, the answers that are kept and the tokens of a session id."""
        if name not in self.sessions:
            bucket = Bucket(self.args.session_rate) if self.args.session_rate else None
            self.sessions[name] = SimpleNamespace(running={}, kept={}, bucket=bucket)
        return self.sessions[name]

    def spend(self, client):
        """Under the lock: one token of each bucket, or of none, and then CallError."""
        near = self.args.peer_rate and self.addresses.setdefault(client.address, Bucket(self.args.peer_rate))
        buckets = [bucket for bucket in (client.session.bucket, near, self.bucket) if bucket]
        lacking = max((bucket.lacks() for bucket in buckets), default=0)
        if lacking:
            raise CallError("OVER_CAPACITY", "too many requests", retry_after_s=lacking, limit="rate")
        for bucket in buckets:
            bucket.level -= 1

    def call(self, client, request_id, name, arguments):
        """Begin, join, repeat or refuse a call."""
        session, kept, call = client.session, None, None
        try:
            with self.lock:
                first, (until, answer) = session.running.get(request_id), session.kept.get(request_id, (0, None))
                kept = answer if until > clock() else None
                self.spend(client)
                if first is not None:
                    first.waiters.append(client)
                    client.owed += 1
                    self.metrics.add("gateway_repeats_total", "joined")
                elif kept is not None:
                    self.metrics.add("gateway_repeats_total", "cached")
                else:
                    call = self._begin(Call(client, request_id, name), arguments)
        except CallError as error:
            if first is None and kept is None:
                self.metrics.add("gateway_tool_calls_total", name if name in TOOLS else "unknown", error.code.lower())
            client.send(result(request_id, error, 0))
            return
        if kept is not None:
            client.send(result(request_id, *kept, from_cache=True))
        elif call is not None and TOOLS[name][1]:
            self._run(call)
        elif call is not None:
            try:
                threading.Thread(target=self._run, args=(call,), name=f"tool-{name}", daemon=True).start()
            except RuntimeError:  # no more threads: late is better than never
                self._run(call)

    def _begin(self, call, arguments):
        """Under the lock: the call has its place, or there is CallError."""
        if call.name not in TOOLS:
            raise CallError("TOOL_NOT_FOUND", "there is no tool of that name")
        call.arguments = checked(call.name, arguments)
        if call.name == "lookup":
            call.upstream = self.upstreams.get(arguments.get("provider", next(iter(self.upstreams), None)))
            if call.upstream is None:
                raise CallError("VALIDATION_ERROR", "there is no provider of that name", argument="provider")
        whole, own = self.in_flight >= self.args.work, len(call.session.running) >= self.args.work_per_session
        if whole or own or self.draining:
            raise CallError("OVER_CAPACITY", "all hands are busy", retry_after_s=0.5, limit="gateway" if whole else "session")
        if call.upstream is not None:
            call.ticket = call.upstream.breaker.admit()
        call.session.running[call.request_id] = call
        self.in_flight += 1
        call.waiters[0].owed += 1
        return call

    def _run(self, call):
        began = time.perf_counter()
        try:
            outcome = TOOLS[call.name][0](call, **call.arguments)
        except CallError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001  whatever a tool does wrong, its callers get an answer
            outcome = CallError("TOOL_EXECUTION_ERROR", "the tool broke", kind=type(error).__name__)
        took = time.perf_counter() - began
        with self.lock:
            if call.stop.is_set():
                outcome = CallError("CANCELLED", "called off")
            code = outcome.code if isinstance(outcome, CallError) else None
            if code in REPLAYED:
                call.session.kept[call.request_id] = (clock() + self.args.remember, (outcome, took))
            del call.session.running[call.request_id]
            self.in_flight -= 1
            self.metrics.add("gateway_tool_calls_total", call.name, (code or "ok").lower())
            self.metrics.observe(call.name, took)
        for place, client in enumerate(call.waiters):
            client.send(result(call.request_id, outcome, took), took if place == 0 else None)
        with self.lock:
            for client in call.waiters:
                client.owed -= 1

    def cancel(self, session, target):
        """Whether there was a call to cancel; if so, it ends as CANCELLED and as nothing else."""
        with self.lock:
            call = session.running.get(target)
            if call is None or call.stop.is_set():
                return False
            call.cancel()
            return True

    def figures(self):
        states = {name: upstream.breaker.state for name, upstream in self.upstreams.items()}
        return {"breakers": states, "connections": len(self.seated), "uptime_s": round(clock() - self.born, 3), "make": "threads"}

    def drain(self):
        """Answer what is in flight, then 1001 to everybody; what is not done shortly before the end is called off."""
        late = clock() + self.args.drain - min(0.5, self.args.drain / 4)
        time.sleep(min(0.1, self.args.drain / 10))  # what was sent before the signal may still be on its way in
        self.draining = True
        while self.present:
            with self.lock:
                for session in self.sessions.values() if clock() >= late else ():
                    for call in session.running.values():
                        call.cancel()
            for client in list(self.seated):
                if not client.busy and not client.owed:
                    client.close(1001, "closing for the day")
            time.sleep(0.01)


def result(request_id, outcome, took, **more):
    """The call_tool_res for what came out of a call: a text or a CallError."""
    frame = {"latency_ms": round(took * 1000, 3), "from_cache": False, **more, "request_id": request_id}
    if isinstance(outcome, CallError):
        return {**frame, "error": outcome.body(), "ok": False, "op": "call_tool_res"}
    return {**frame, "outputs": [{"text": outcome, "lang": None, "type": "text"}], "ok": True, "op": "call_tool_res"}


class Curious(http.server.BaseHTTPRequestHandler):
    """/metrics and /health."""

    protocol_version, disable_nagle_algorithm, timeout = "HTTP/1.1", True, 10

    def do_GET(self):
        gateway, path = self.server.gateway, self.path.partition("?")[0].rstrip("/")
        if path == "/metrics":
            self.reply(200, "text/plain; version=0.0.4; charset=utf-8", gateway.metrics.text())
        elif path == "/health":
            self.reply(200, "application/json", json.dumps({**gateway.figures(), "status": "ok"}, indent=2))
        else:
            self.reply(404, "text/plain", "there is /metrics and /health\n")

    def reply(self, status, kind, text):
        payload = text.encode(errors="backslashreplace")
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(payload))), ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)


class Client(Curious):
    """One client: its framing, its hello, its requests. Runs in a thread of its own; answers come from any thread."""

    def do_GET(self):
        head = {name.lower(): text.strip() for name, text in self.headers.items()}
        upgrade = "websocket" in head.get("upgrade", "").lower() and "upgrade" in head.get("connection", "").lower()
        key = head.get("sec-websocket-key", "")
        if not (upgrade and key and head.get("sec-websocket-version") == "13"):
            self.reply(426, "text/plain", "WebSocket, version 13, is spoken here\n")
            return
        self.gateway, self.address = self.server.gateway, self.client_address[0]
        self.turn = threading.Lock()  # to send
        self.closed, self.said_goodbye, self.busy, self.session = False, False, False, None
        self.owed = self.received = self.sent = self.calls = 0
        self.spent, self.close_connection = 0.0, True
        digest = base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        lines = (b"HTTP/1.1 101 Go ahead", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: " + digest)
        self.gateway.present.add(self)
        reason = self.gateway.sit(self)
        try:
            self.connection.settimeout(None)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_LIMIT, 0))
            self.wfile.write(b"\r\n".join((*lines, b"", b"")))
            if reason is not None:
                raise CloseError(1008, f"no more seats ({reason})")
            self.greet()
            while True:
                self.obey(*self.message())
        except CloseError as error:
            self.close(*error.args)
        except (OSError, EOFError):
            pass  # gone without a word, or closed by another thread
        finally:
            self.gateway.leave(self)
            self.linger()
            self.gateway.present.discard(self)

    def take(self, size):
        data = self.rfile.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def message(self):
        """The next whole message, as whether it is text, and its bytes. Pings are answered in between."""
        kind, whole = None, bytearray()
        while True:
            first, second = self.take(2)
            opcode, length = first & 0x0F, second & 0x7F
            control, last = opcode >= 8, first & 0x80
            if first & 0x70 or not second & 0x80 or opcode not in (0, 1, 2, 8, 9, 10) or (control and (length > 125 or not last)):
                raise CloseError(1002, "this frame is not as RFC 6455 has it")
            if length > 125:
                (length,) = struct.unpack("!H", self.take(2)) if length == 126 else struct.unpack("!Q", self.take(8))
            if len(whole) + length > self.gateway.args.frame_limit and not control:
                raise CloseError(1009, "too long")
            key, data = self.take(4), self.take(length)
            mask = (key * (length // 4 + 1))[:length]
            data = (int.from_bytes(data, "little") ^ int.from_bytes(mask, "little")).to_bytes(length, "little")
            if opcode == 8:
                raise CloseError(struct.unpack("!H", data[:2])[0] if length > 1 else None, "")
            if opcode == 9:
                with self.turn:
                    self.write(0x8A, data)
            if control:
                continue
            if (opcode == 0) == (kind is None):
                raise CloseError(1002, "fragments out of order")
            kind = kind or opcode
            whole += data
            if last:
                return kind == 1, whole

    def write(self, first, payload):
        """A frame, with the turn taken. A client that cannot be reached is one that left."""
        size = len(payload)
        sizes = bytes([size]) if size < 126 else struct.pack("!BH", 126, size) if size < 65536 else struct.pack("!BQ", 127, size)
        try:
            if not self.closed:
                self.connection.sendall(bytes([first]) + sizes + payload)
        except OSError:
            self.closed = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def send(self, frame, took=None):
        """One JSON frame, or one that a function makes when its turn has come. `took`: a call of this session that ran."""
        with self.turn:
            if self.closed:
                return
            body = frame() if callable(frame) else frame
            self.gateway.metrics.add("gateway_messages_sent_total", body["op"])
            self.sent += 1
            if took is not None:
                self.calls, self.spent = self.calls + 1, self.spent + took
            text = json.dumps({"from": "threaded-gateway", **body, "n": self.sent}, separators=(" , ", " : "), ensure_ascii=False)
            self.write(0x81, text.encode(errors="backslashreplace"))

    def close(self, code, reason):
        """Free the seat, say goodbye with this code (None: without one), and send nothing after it."""
        self.gateway.leave(self)
        with self.turn:
            self.write(0x88, b"" if code is None else struct.pack("!H", code) + reason.encode())
            if not self.closed:
                self.closed = self.said_goodbye = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_WR)
                log(f"{self.address} closed with {code} {reason}")

    def linger(self):
        """Read until the client hangs up, so that it surely gets what we said last."""
        with contextlib.suppress(OSError):
            self.connection.settimeout(LINGER)
            while self.said_goodbye and self.connection.recv(1 << 18):
                pass
        self.closed = True

    def heard(self, is_text, data):
        """The object in a message, None where there is none. Counts what is text."""
        try:
            text = data.decode() if is_text else ""
        except UnicodeDecodeError:
            raise CloseError(1007, "not UTF-8") from None
        try:
            frame = json.loads(text, parse_constant=().index)  # which raises ValueError: NaN is not JSON
        except (ValueError, RecursionError):
            frame = None
        frame = frame if isinstance(frame, dict) else None
        op = frame and frame.get("op")
        if is_text:
            self.received += 1
            known = isinstance(op, str) and 0 < len(op) <= 64
            self.gateway.metrics.add("gateway_messages_received_total", op if known else "invalid")
        return frame

    def greet(self):
        """Hello, or the close that the contract has for what came instead."""
        message = self.message()
        with self.gateway.lock:
            if self.deadline == math.inf:  # too late by a hair
                raise EOFError
            self.deadline = math.inf
        frame = self.heard(*message)
        hello = frame or {}
        token, name = hello.get("token"), hello.get("session_id", secrets.token_hex(9))
        given = token.encode(errors="surrogatepass") if isinstance(token, str) else b""
        for right, why, code in (
            (frame is not None, "invalid_hello", 4000),
            (hello.get("op") == "hello", "missing_hello", 4001),
            (hmac.compare_digest(given, self.gateway.token), "unauthorized", 4003),
            (isinstance(name, str) and SESSION_ID.fullmatch(name), "invalid_session_id", 4000),
        ):
            if not right:
                if code == 4003:
                    self.gateway.metrics.add("gateway_auth_failures_total")
                self.send({"error": why, "ok": False, "op": "hello_ack"})
                raise CloseError(code, f"sent away: {why}")
        with self.gateway.lock:
            self.session = self.gateway.session(name)
        self.send({"session_id": name, "greeting": "welcome", "ok": True, "op": "hello_ack"})

    def obey(self, is_text, data):
        """One message after hello: whatever is in it, the connection stays open."""
        if self.closed:
            raise EOFError
        self.busy, known = True, {}
        try:
            frame = self.heard(is_text, data)
            if frame is None:
                raise CallError("INVALID_REQUEST", "this is no JSON object in a text frame")
            request_id, op = frame.get("request_id"), frame.get("op")
            if not isinstance(request_id, str) or not 1 <= len(request_id) <= 128:
                raise CallError("INVALID_REQUEST", "request_id is to be a text of 1 to 128 characters")
            known = {"request_id": request_id}
            if op not in REQUESTS:
                raise CallError("INVALID_REQUEST", "no such operation", known=list(REQUESTS))
            self.answer(op, request_id, frame)
        except CallError as error:
            self.send({**known, "error": error.body(), "op": "error"})
        finally:
            self.busy = False

    def answer(self, op, request_id, frame):
        name, arguments, target = frame.get("name"), frame.get("arguments", {}), frame.get("target")
        if op == "call_tool":
            if not isinstance(name, str) or not isinstance(arguments, dict):
                raise CallError("INVALID_REQUEST", "a call has a name, a text, and arguments, an object")
            self.gateway.call(self, request_id, name, arguments)
            return
        if op == "cancel" and not isinstance(target, str):
            raise CallError("INVALID_REQUEST", "target is the request_id of a call")
        with self.gateway.lock:
            self.gateway.spend(self)
        if op == "ping":
            self.send({"at": time.time(), "request_id": request_id, "op": "pong"})
        elif op == "list_tools":
            tools = []
            for tool, (_, _, about, properties) in TOOLS.items():
                schema = {"required": [key for key in properties if key not in OPTIONAL], "properties": properties}
                tools.append({"inputSchema": {**schema, "type": "object"}, "description": about, "name": tool})
            self.send({"tools": tools, "request_id": request_id, "op": "list_tools_res"})
        elif op == "cancel":
            done = self.gateway.cancel(self.session, target)
            self.send({"target": target, "ok": done, "request_id": request_id, "op": "cancel_res"})
        else:
            self.send(lambda: {"request_id": request_id, "session": self.own(), **self.gateway.figures(), "op": "health_res"})

    def own(self):
        mean = self.spent / self.calls * 1000 if self.calls else 0.0
        return {"calls": self.calls, "mean_latency_ms": mean, "messages_sent": self.sent, "messages_received": self.received}


class Door(socketserver.ThreadingTCPServer):
    """A port, and a thread for everybody who comes in."""

    allow_reuse_address, daemon_threads, request_queue_size = True, True, 2048

    def __init__(self, port, handler, gateway):
        super().__init__(("127.0.0.1", port), handler)
        self.gateway = gateway
        threading.Thread(target=self.serve_forever, args=(0.05,), name="door", daemon=True).start()

    def handle_error(self, request, client_address):
        log(f"{client_address[0]} was lost: {sys.exc_info()[1]!r}")


def options():
    parser = argparse.ArgumentParser(description="A WebSocket tool gateway with threads.", allow_abbrev=False)
    parser.add_argument("--upstream", action="append", default=[], metavar="NAME=HOST:PORT", help="the first is the default")

    def rate(text):
        return None if text == "off" else tuple(map(float, text.split("/", 1)))

    for flag, kind, default in (
        ("listen", int, 8079), ("admin", int, 8080), ("secret-file", str, None), ("upstream-limit", float, 5.0),
        ("trip-after", int, 5), ("cool-down", float, 60.0), ("heal-after", int, 2), ("probe-width", int, 3),
        ("greeting-limit", float, 15.0), ("seats", int, 1000), ("seats-per-peer", int, 10), ("frame-limit", int, 32 << 20),
        ("work", int, 24), ("work-per-session", int, 8), ("session-rate", rate, "50/5"), ("peer-rate", rate, "100/10"),
        ("whole-rate", rate, "1000/100"), ("remember", float, 300.0), ("drain", float, 5.0),
    ):  # fmt: skip
        parser.add_argument(f"--{flag}", type=kind, default=default, help=f"default {default}")
    return parser.parse_args()


def main():
    args = options()
    token = os.environ.pop("THREADED_GATEWAY_SECRET", "")
    if args.secret_file:
        with open(args.secret_file, encoding="utf-8") as file:
            token = file.read().strip()
    if len(token) < 16:
        sys.exit("threaded_gateway: the secret has fewer than 16 characters, I do not start without one")
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.stack_size(4 << 20)  # address space, not memory; with less, deeply nested JSON ends Python 3.13
    sys.setswitchinterval(0.0005)  # a promised answer does not wait long for somebody else's big one
    gateway = Gateway(args, token.encode())
    admin, clients = Door(args.admin, Curious, gateway), Door(args.listen, Client, gateway)
    log(f"open for clients on {clients.server_address[1]}, for the curious on {admin.server_address[1]}")
    while not stop.wait(0.02):
        gateway.watch()
    log("closing")
    threading.Timer(args.drain - min(0.1, args.drain / 10), os._exit, (0,)).start()  # whoever has not hung up by then
    clients.shutdown()
    clients.server_close()
    gateway.drain()
    os._exit(0)


if __name__ == "__main__":
    main()
