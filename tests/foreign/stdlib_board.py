"""A power board of another make: threads and the standard library, a station and a car in one process.

Right by the contract (peers.md), and unlike our reference in what the contract leaves open: shape of `/api/status`, words of
its errors, logs, extra fields.

    WEB_PORT=8100 SERIAL_MODE=tcp SERIAL_TCP_PORT=8101 stdlib_board.py
"""

import contextlib
import http.server
import json
import math
import os
import re
import signal
import socket
import struct
import sys
import threading
import time
from functools import reduce
from operator import xor

clock = time.monotonic
ADDRESS = "127.0.0.1"
FIRMWARE, PROTOCOL = "8.2.1", "5.2.1"
NO_CAR, CAR, CHARGING, ASLEEP, DISABLED = 0x01, 0x02, 0x03, 0xFE, 0xFF
FAULTS = {
    "ventilation": 0x04, "diode_check": 0x05, "gfci": 0x06, "no_ground": 0x07,
    "stuck_relay": 0x08, "self_test": 0x09, "over_temperature": 0x0A, "over_current": 0x0B,
}  # fmt: skip
RELAY_ON, CAR_SENSED = 0x0040, 0x0100  # flags
LEAST, HARDWARE_MOST, MOST = 6, 80, 32  # A
VOLTS, BATTERY = 230.0, 60_000.0  # V, Wh
LONGEST = 256  # bytes of a line
LINE = re.compile(rb"\$([A-Z]{2})((?: [!-\]_-~]+)*)(?:\^([0-9A-F]{2}))?")
WHOLE = re.compile(r"[0-9]{1,5}")
WORDS = {"SC": (1, 2), "SY": (0, 2)}  # how many words a command has; the others have none


def log(text):
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} board: {text}\n")
    sys.stderr.flush()


def sealed(text):
    """A line as it goes out: with its check and the CR."""
    return f"{text}^{reduce(xor, text.encode(), 0):02X}\r".encode()


class RefusedError(Exception):
    """A command, or a request, that will not do."""


class Station:
    """The station and the car in front of it. All under one lock; `tell` takes what the board says unasked."""

    def __init__(self, tell):
        self.lock, self.tell = threading.RLock(), tell
        self.saved = self.amps = MOST  # A; `saved` is what a reset returns to
        self.mode, self.fault = "on", None
        self.car, self.asks, self.soc, self.appetite = False, False, 40.0, None
        self.session = self.counted = 0.0  # Ws
        self.trips = dict.fromkeys(FAULTS, 0)
        self.bad_checks = 0
        self.pulse, self.pulse_amps, self.pulsed = 0, 0, clock()
        self.metered = self.since = clock()
        self.shown = self.state()

    def state(self):
        if self.fault:
            return FAULTS[self.fault]
        if self.mode != "on":
            return ASLEEP if self.mode == "asleep" else DISABLED
        if not self.car:
            return NO_CAR
        return CHARGING if self.asks and self.soc < 100 else CAR

    def pilot_state(self):
        """What the car shows on the pilot, whatever the station does; without a pilot signal it only shows that it is there."""
        state = self.state()
        return state if state in (NO_CAR, CAR, CHARGING) else CAR if self.car else NO_CAR

    def flags(self):
        return (CAR_SENSED if self.car else 0) | (RELAY_ON if self.state() == CHARGING else 0)

    def missed(self):
        """Whether the heartbeat that somebody asked to supervise stayed away."""
        return self.pulse > 0 and clock() - self.pulsed > self.pulse

    def in_force(self):
        """Amperes that the pilot offers."""
        return min(self.amps, self.pulse_amps) if self.missed() else self.amps

    def drawn(self):
        """Amperes that flow."""
        offer = self.in_force()
        if self.state() != CHARGING or offer < LEAST:
            return 0.0
        return float(offer if self.appetite is None else min(offer, self.appetite))

    def meter(self):
        """Count what flowed since the last look."""
        with self.lock:
            now = clock()
            energy = self.drawn() * VOLTS * (now - self.metered)
            self.metered, self.session = now, self.session + energy
            self.soc = min(100.0, self.soc + energy / 3600 / BATTERY * 100)

    def notice(self):
        """Say so when the state is another one."""
        with self.lock:
            state = self.state()
            if state != self.shown:
                self.shown, self.since = state, clock()
                self.tell(f"$AT {state:02X} {self.pilot_state():02X} {self.in_force()} {self.flags():04X}")

    def set_amps(self, amps, keep):
        self.amps = max(LEAST, min(MOST, amps))
        if keep:
            self.saved = self.amps

    def reset(self):
        """As after power came back: what was not saved is gone. What ails the station does not heal by it."""
        with self.lock:
            self.amps, self.mode, self.pulse = self.saved, "on", 0
            self.since = clock()
            self.tell(f"$AB 00 {FIRMWARE}")

    def connect(self):
        if not self.car:
            self.car, self.asks, self.session = True, False, 0.0

    def disconnect(self):
        self.car = self.asks = False

    def request(self, asks):
        if not self.car:
            raise RefusedError("there is no car")
        self.asks = asks

    def trip(self, name):
        if name not in FAULTS:
            raise RefusedError(f"error is to be one of {', '.join(FAULTS)}")
        if self.fault != name:
            self.trips[name] += 1
        self.fault = name

    def report(self):
        """What /api/status shows."""
        with self.lock:
            self.meter()
            return {
                "car": {"soc": round(self.soc, 4), "asks": self.asks, "there": self.car, "takes_at_most_a": self.appetite},
                "flow": {"amps": self.drawn(), "volts": VOLTS, "session_wh": round(self.session / 3600, 3)},
                "station": {"fault": self.fault, "mode": self.mode, "offer_a": self.in_force(), "code": self.state()},
                "line": {"bad_checks": self.bad_checks, "heartbeat_missed": self.missed()},
            }


class Rapi:
    """Commands by their two letters. Each takes its words and gives the words of the answer, or raises RefusedError."""

    def __init__(self, station):
        self.station = station

    def answer(self, raw):
        """The reply to one line (without its CR), and what is to be done once it has gone out."""
        match = LINE.fullmatch(raw) if len(raw) <= LONGEST else None
        station = self.station
        with station.lock:
            if match is None:
                return "$NK", None
            verb, words, check = match[1].decode(), match[2].decode().split(), match[3]
            if check is not None and int(check, 16) != reduce(xor, raw[:-3], 0):
                station.bad_checks += 1
                return "$NK", None
            handler = getattr(self, f"do_{verb.lower()}", None)
            station.meter()
            try:
                if handler is None or len(words) not in WORDS.get(verb, (0,)):
                    raise RefusedError(verb)
                words = handler(*words)
            except RefusedError:
                return "$NK", None
            return " ".join(("$OK", *map(str, words))), station.reset if verb == "FR" else None

    def do_gs(self):
        station = self.station
        lasted = int(clock() - station.since)
        return f"{station.state():02X}", lasted, f"{station.pilot_state():02X}", f"{station.flags():04X}"

    def do_gg(self):
        return round(self.station.drawn() * 1000), round(VOLTS * 1000)

    def do_gc(self):
        return LEAST, HARDWARE_MOST, self.station.in_force(), MOST

    def do_ge(self):
        return self.station.in_force(), 0

    def do_gv(self):
        return FIRMWARE, PROTOCOL

    def do_gu(self):
        return int(self.station.session / 3600), int(self.station.session)

    def do_gf(self):
        return tuple(self.station.trips[name] for name in ("gfci", "no_ground", "stuck_relay"))

    def do_gp(self):
        warm = 250 + round(self.station.drawn() * 4)
        return warm, warm - 12, 231

    def do_sc(self, amps, volatile=""):
        if not WHOLE.fullmatch(amps) or volatile not in ("", "V"):
            raise RefusedError("SC")
        self.station.set_amps(int(amps), keep=volatile != "V")
        return (self.station.in_force(),)

    def do_fe(self):
        self.station.mode = "on"
        return ()

    def do_fd(self):
        self.station.mode = "disabled"
        return ()

    def do_fs(self):
        self.station.mode = "asleep"
        return ()

    def do_fr(self):
        return ()

    def do_sy(self, *words):
        station = self.station
        if words:
            if not all(map(WHOLE.fullmatch, words)):
                raise RefusedError("SY")
            station.pulse, station.pulse_amps = map(int, words)
        late = station.missed()
        station.pulsed = clock()
        return station.pulse, station.pulse_amps, int(late)


class Serial:
    """The serial line as a TCP port: one connection, the newest."""

    def __init__(self, port):
        self.lock = threading.RLock()  # to send, and to change who is connected
        self.current = None
        self.station = Station(self.say)
        self.rapi = Rapi(self.station)
        self.door = socket.create_server((ADDRESS, port))
        self.port = self.door.getsockname()[1]

    def say(self, text, line=None):
        """A line to whoever is connected, or to `line` if it is still the one."""
        with self.lock:
            if self.current is None or (line is not None and line is not self.current):
                return
            try:
                self.current.sendall(sealed(text))
            except OSError as error:
                log(f"nobody takes what I say: {error}")
                self.drop(self.current)

    def drop(self, line):
        with self.lock:
            if line is self.current:
                self.current = None
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    def serve(self):
        while True:
            line, _ = self.door.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 2, 0))
            with self.lock:
                older, self.current = self.current, line
            if older is not None:
                log("a newer connection takes the line")
                self.drop(older)
            threading.Thread(target=self.listen, args=(line,), daemon=True).start()

    def listen(self, line):
        waiting = bytearray()
        with line, contextlib.suppress(OSError):
            while chunk := line.recv(4096):
                waiting += chunk
                while b"\r" in waiting:
                    raw, _, waiting = waiting.partition(b"\r")
                    self.obey(bytes(raw), line)
                del waiting[LONGEST + 1 :]  # what is longer is no line, however it goes on
        self.drop(line)

    def obey(self, raw, line):
        with self.station.lock:
            if line is not self.current:  # the rest of what an older connection said
                return
            reply, afterwards = self.rapi.answer(raw)
            self.say(reply, line)
            if afterwards is not None:
                afterwards()
            self.station.notice()

    def tick(self):
        self.station.meter()
        self.station.notice()


class Web(http.server.BaseHTTPRequestHandler):
    """The control side: /api/..."""

    protocol_version, disable_nagle_algorithm, timeout = "HTTP/1.1", True, 30
    station = None

    def do_GET(self):
        self.body()
        path = self.path.partition("?")[0]
        if path == "/api/status":
            self.reply(200, self.station.report())
        elif path in self.orders():
            self.reply(405, {"msg": "POST it"})
        else:
            self.reply(404, {"msg": "there is no such thing"})

    def do_POST(self):
        raw, path = self.body(), self.path.partition("?")[0]
        order = self.orders().get(path)
        if order is None:
            self.reply(405 if path == "/api/status" else 404, {"msg": "there is nothing to be done here"})
            return
        with self.station.lock:
            try:
                self.station.meter()
                order(json.loads(raw) if raw.strip() else {})
            except (RefusedError, ValueError) as error:
                self.reply(400, {"msg": str(error) or "that is no JSON"})
                return
            self.station.notice()
            self.reply(200, {"now": self.station.report(), "msg": "done"})

    def orders(self):
        station = self.station
        return {
            "/api/ev/connect": lambda _: station.connect(),
            "/api/ev/disconnect": lambda _: station.disconnect(),
            "/api/ev/request_charge": lambda _: station.request(True),
            "/api/ev/stop_charge": lambda _: station.request(False),
            "/api/ev/soc": lambda body: setattr(station, "soc", number(body, "soc", 100)),
            "/api/ev/direct_current": lambda body: setattr(station, "appetite", number(body, "current", 500)),
            "/api/evse/enable": lambda _: setattr(station, "mode", "on"),
            "/api/evse/disable": lambda _: setattr(station, "mode", "disabled"),
            "/api/evse/current": lambda body: station.set_amps(int(number(body, "current", 500)), keep=True),
            "/api/errors/trigger": lambda body: station.trip(text(body, "error")),
            "/api/errors/clear": lambda _: setattr(station, "fault", None),
        }

    def body(self):
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(int(length), 65536)) if length.isdigit() else b""

    def reply(self, status, body):
        payload = json.dumps(body, indent=1).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format, *args):
        log(f"web {format % args}")


def number(body, key, most):
    value = body.get(key) if isinstance(body, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= most:
        raise RefusedError(f"{key} is to be a number from 0 to {most}")
    return float(value)


def text(body, key):
    value = body.get(key) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise RefusedError(f"{key} is missing")
    return value


class Door(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 64

    def server_bind(self):
        super(http.server.HTTPServer, self).server_bind()  # without asking for the name of this machine
        self.server_name, self.server_port = self.server_address[:2]


def main():
    try:
        web_port, serial_port = int(os.environ["WEB_PORT"]), int(os.environ["SERIAL_TCP_PORT"])
        if os.environ.get("SERIAL_MODE", "tcp") != "tcp" or not 0 <= web_port < 65536 or not 0 <= serial_port < 65536:
            raise ValueError("SERIAL_MODE is to be tcp, and a port a port")
    except (KeyError, ValueError) as error:
        log(f"WEB_PORT, SERIAL_MODE=tcp and SERIAL_TCP_PORT are needed: {error!r}")
        return 2
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    try:
        serial = Serial(serial_port)
        Web.station = serial.station
        door = Door((ADDRESS, web_port), Web)
    except OSError as error:
        log(f"no port: {error}")
        return 3
    threading.Thread(target=serial.serve, daemon=True).start()
    threading.Thread(target=door.serve_forever, args=(0.1,), daemon=True).start()
    print(json.dumps({"serial_port": serial.port, "port": door.server_port, "ready": True}), flush=True)
    while not stop.wait(0.1):
        serial.tick()
    log("switched off")
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)
