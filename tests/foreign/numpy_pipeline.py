"""An audio pipeline of another make: numpy, a thread per connection, HTTP, RFC 6455 and forms by hand, all on one port.

Right by the contract (audio.md), and unlike our reference in what the contract leaves open: flags, key order, extra fields,
ranges, words of errors, delays, and how the sound is worked on (numpy_pipeline_sound.py).

    numpy_pipeline.py --listen 3000 [--secret TOKEN] [--sessions 200] [--idle 600] [--longest-chunk 10] [--largest-frame 16777216]
"""

import argparse
import base64
import binascii
import contextlib
import hashlib
import hmac
import http.server
import json
import math
import os
import signal
import socket
import socketserver
import struct
import sys
import threading
import time
import urllib.parse
import uuid

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads of our own are enough

import numpy as np
import numpy_pipeline_measure as measure
from numpy_pipeline_settings import STAGES, WrongError, checked, described, planned, usual
from numpy_pipeline_sound import Cascade, Chain, decibels, through, weighting

RATES = (8000, 16000, 44100, 48000)
VERSION = "0.9-numpy"
LARGEST_BODY = 512 << 20
LINGER = 10.0  # seconds that we read on after our close, so that what we said is not lost
SENDING = 60.0  # seconds that a frame may take to leave before whoever does not read is given up
clock = time.monotonic


def log(text):
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {threading.current_thread().name} {text}\n")


# --- sound as text


def samples_of(text, where="audio_data"):
    """int16 samples of strict base64."""
    if not isinstance(text, str):
        raise WrongError(400, "INVALID_AUDIO", "sound is a text of base64", where)
    return steps_of(bytes_of(text, where), where)


def bytes_of(text, where="audio_data"):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise WrongError(400, "INVALID_AUDIO", f"no base64: {type(error).__name__}", where) from error
    if base64.b64encode(data).decode() != text:
        raise WrongError(400, "INVALID_AUDIO", "base64 that nobody writes so", where)
    return data


def steps_of(data, where="audio_data"):
    if not data or len(data) % 2:
        raise WrongError(400, "INVALID_AUDIO", f"{len(data)} bytes are not samples of 16 bits", where)
    return np.frombuffer(data, "<i2")


def text_of(steps):
    return base64.b64encode(steps.astype("<i2").tobytes()).decode()


def level(power):
    return round(max(-120.0, 10 * math.log10(power + 1e-20)), 3)


# --- sessions


class Meter:
    """What is told about each chunk."""

    def __init__(self, rate):
        self.rate, self.weights, self.recent = rate, Cascade(rate, weighting(rate)), np.zeros(0)
        self.quietest = None

    def figures(self, came, went, clipped, voice):
        """Of what came in: its levels. Of what goes out: its loudness."""
        power = float(np.mean((came / 32768) ** 2))
        weighed = self.weights.process(went / 32768) ** 2
        self.recent = np.concatenate([self.recent, weighed])[-int(0.4 * self.rate) :]
        self.quietest = level(power) if self.quietest is None else min(level(power), self.quietest + 0.2)
        return {
            "peak": round(float(decibels(np.abs(came.astype(float)).max() / 32768)), 3),
            "rms": level(power),
            "lufs_momentary": round(max(-120.0, float(measure.loudness_of(self.recent.mean()))), 3),
            "snr": round(level(power) - self.quietest, 2),
            "voice_detected": bool(voice),
            "clipped_samples": clipped,
        }


class Session:
    """A chain with a memory, and whoever is connected to it."""

    def __init__(self, config, rate, plans):
        self.id, self.rate = f"s-{uuid.uuid4().hex}", rate
        self.pipeline = str(config.get("pipeline_id") or f"pipeline-{self.id[-8:]}")
        self.stages = {name: plan["enabled"] for name, plan in plans}
        self.lock, self.lines, self.busy, self.used = threading.Lock(), set(), 0, clock()
        self.chain, self.meter = Chain(plans, rate), Meter(rate)
        self.count, self.took, self.gone = 0, 0.0, False
        self.last = {"quality_metrics": None, "stage_latencies": {}, "total_latency": 0.0}

    def chunk(self, data, longest, begun):
        steps = samples_of(data, "data")
        if len(steps) > longest * self.rate:
            raise WrongError(400, "CHUNK_TOO_LONG", f"a chunk lasts {longest:g} s at most", "data")
        with self.lock:
            heard, clipped = self.chain.process(steps)
            audio = text_of(heard)
            quality = self.meter.figures(steps, heard, clipped, self.chain.voice)
            self.count += 1
            took = 1000 * (clock() - begun)
            self.took += took
            stages = {name: round(1000 * seconds, 4) for name, seconds in self.chain.seconds.items()}
            self.last = {"quality_metrics": quality, "stage_latencies": stages, "total_latency": round(took, 4)}
            return [
                {"sequence": self.count, "audio": audio, "type": "processed_audio", "samples": len(heard)},
                {"sequence": self.count, "type": "metrics", "metrics": self.figures()},
            ]

    def figures(self):
        return {
            **self.last,
            "average_latency": round(self.took / self.count, 4) if self.count else 0.0,
            "latency_samples": self.chain.latency,
            "cpu_usage": USAGE.percent(),
            "chunks_processed": self.count,
        }

    def update(self, message):
        stage, parameters = message.get("stage_id"), message.get("parameters")
        if not isinstance(stage, str) or not isinstance(parameters, dict):
            raise WrongError(400, "INVALID_MESSAGE", "a stage is updated by its stage_id and its parameters", "stage_id")
        if stage not in STAGES or stage not in self.stages:
            raise WrongError(404, "UNKNOWN_STAGE", "this session has no such stage", "stage_id")
        values = checked(stage, parameters, "parameters")
        with self.lock:
            self.chain.change(stage, values)
            first = self.count + 1
        told = {"success": True, "stage_id": stage, "type": "config_updated", "applies_from_sequence": first}
        return told | {"metrics": {"latency_samples": self.chain.latency}}

    def told(self):
        return {"metrics": self.figures(), "connected": bool(self.lines), "pipeline_id": self.pipeline, "status": "running",
                "sample_rate": self.rate, "session_id": self.id}  # fmt: skip


class Usage:
    """Processor time of all of us, in per cent of one core, since it was asked for the last time or a little earlier."""

    def __init__(self):
        self.at, self.spent, self.said = clock(), time.process_time(), 0.0

    def percent(self):
        now = clock()
        if now - self.at > 0.25:
            spent = time.process_time()
            self.said = round(100 * (spent - self.spent) / (now - self.at), 1)
            self.at, self.spent = now, spent
        return self.said


USAGE = Usage()


class Pipeline:
    """All sessions, and what a monitoring program reads."""

    def __init__(self, args):
        self.args, self.lock, self.sessions, self.begun = args, threading.Lock(), {}, clock()
        self.counters = dict.fromkeys(("chunks", "mistakes", "started", "ended", "recordings"), 0)
        threading.Thread(target=self.sweep, name="sweeper", daemon=True).start()

    def counted(self, what):
        with self.lock:
            self.counters[what] += 1

    def start(self, config, rate):
        plans = planned(config)
        session = Session(config, rate, plans)
        with self.lock:
            if len(self.sessions) >= self.args.sessions:
                raise WrongError(503, "TOO_MANY_SESSIONS", f"there are {self.args.sessions} sessions already")
            self.sessions[session.id] = session
            self.counters["started"] += 1
        log(f"{session.id} begins: {' > '.join(name for name, _ in plans) or 'plain'} at {rate}")
        return session

    def find(self, name):
        with self.lock:
            return self.sessions.get(name)

    def end(self, name, why):
        with self.lock:
            session = self.sessions.pop(name, None)
            if session is not None:
                self.counters["ended"] += 1
        if session is None:
            raise WrongError(404, "SESSION_NOT_FOUND", "there is no such session", "session_id")
        session.gone = True
        for line in list(session.lines):
            line.close(1000, why)
        log(f"{name} ends: {why}")
        return session

    def sweep(self):
        while True:
            time.sleep(min(1.0, self.args.idle / 10))
            now = clock()
            with self.lock:
                forgotten = [each.id for each in self.sessions.values() if not each.busy and now - each.used > self.args.idle]
            for name in forgotten:
                with contextlib.suppress(WrongError):  # somebody was quicker
                    self.end(name, "nobody used it")

    def exposition(self):
        with self.lock:
            lines = [f"{name}_total {value}" for name, value in self.counters.items()]
            now = len(self.sessions)
        text = "".join(f"# HELP numpy_pipeline_{line.split()[0]} So many.\n# TYPE numpy_pipeline_{line.split()[0]} counter\n"
                       f"numpy_pipeline_{line}\n" for line in lines)  # fmt: skip
        return f"{text}# HELP numpy_pipeline_sessions Now.\n# TYPE numpy_pipeline_sessions gauge\nnumpy_pipeline_sessions {now}\n"


# --- a line to a session: RFC 6455


class CloseError(Exception):
    """The line is to be closed, with this code; code None answers a close without one."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code, self.reason = code, reason


class Line:
    """One WebSocket."""

    def __init__(self, connection, reader, largest):
        self.connection, self.reader, self.largest = connection, reader, largest
        self.lock, self.closed = threading.Lock(), False

    def send(self, *messages):
        """All of them one after the other; whoever does not read holds us up."""
        frames = b"".join(framed(0x1, json.dumps(message, separators=(", ", ": ")).encode()) for message in messages)
        with self.lock:
            if not self.closed:
                self.connection.sendall(frames)

    def close(self, code, reason=""):
        if not self.lock.acquire(timeout=2):  # somebody who does not read is being sent something
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        try:
            if not self.closed:
                self.closed = True
                body = b"" if code is None else struct.pack(">H", code) + reason.encode()[:120]
                with contextlib.suppress(OSError):  # gone already
                    self.connection.sendall(framed(0x8, body))
        finally:
            self.lock.release()

    def exactly(self, count):
        data = self.reader.read(count)
        if len(data) < count:
            raise ConnectionError("the line was cut")
        return data

    def frame(self):
        first, second = self.exactly(2)
        if first & 0x70 or not second & 0x80:
            raise CloseError(1002, "bits that nobody agreed on, or no mask")
        kind, size = first & 0x0F, second & 0x7F
        if kind >= 8 and (size > 125 or not first & 0x80):
            raise CloseError(1002, "a control frame in parts")
        if size == 126:
            (size,) = struct.unpack(">H", self.exactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.exactly(8))
        if size > self.largest:
            raise CloseError(1009, f"a message has {self.largest} bytes at most")
        mask = self.exactly(4)
        return bool(first & 0x80), kind, unmasked(self.exactly(size), mask)

    def message(self):
        """The next message: text or bytes. Pings are answered on the way. CloseError, ConnectionError."""
        parts, started = [], None
        while True:
            final, kind, data = self.frame()
            if kind == 0x8:
                raise CloseError(*((struct.unpack(">H", data[:2])[0], "bye") if len(data) >= 2 else (None, "")))
            if kind == 0x9:
                with self.lock:
                    if not self.closed:
                        self.connection.sendall(framed(0xA, data))
            elif kind in (0x1, 0x2, 0x0):
                if (kind == 0) != (started is not None):
                    raise CloseError(1002, "parts of a message out of order")
                started = kind or started
                parts.append(data)
                if sum(map(len, parts)) > self.largest:
                    raise CloseError(1009, f"a message has {self.largest} bytes at most")
                if final:
                    whole = b"".join(parts)
                    try:
                        return whole.decode() if started == 0x1 else whole
                    except UnicodeDecodeError as error:
                        raise CloseError(1007, "text that is none") from error
            elif kind != 0xA:
                raise CloseError(1002, "a frame of no known kind")

    def linger(self):
        """Reads on after our close until the other side hangs up: else it might lose what we said last."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER)
            until = clock() + LINGER
            while clock() < until and self.connection.recv(1 << 16):
                pass


def framed(kind, data):
    size = len(data)
    if size < 126:
        return struct.pack(">BB", 0x80 | kind, size) + data
    return struct.pack(*((">BBH", 0x80 | kind, 126, size) if size < 1 << 16 else (">BBQ", 0x80 | kind, 127, size))) + data


def unmasked(data, mask):
    if not data:
        return b""
    stream = np.frombuffer(data, np.uint8)
    return (stream ^ np.resize(np.frombuffer(mask, np.uint8), len(stream))).tobytes()


def no_constant(name):
    raise ValueError(f"{name} is no number of JSON")


def parsed(text):
    """JSON as it is written down in RFC 8259. ValueError."""
    try:
        return json.loads(text, parse_constant=no_constant)
    except RecursionError as error:
        raise ValueError("too deep") from error


def talk(pipeline, session, line):
    """Answers whoever is on the line until it is closed; then the code to close it with."""
    line.send({"type": "greeting", "rate": session.rate, "make": VERSION})
    while not session.gone:
        text = line.message()
        begun, session.used = clock(), clock()
        session.busy += 1
        try:
            line.send(*answers(pipeline, session, text, begun))
        finally:
            session.busy -= 1
            session.used = clock()


def answers(pipeline, session, text, begun):
    try:
        message = parsed(text) if isinstance(text, str) else None
    except ValueError:
        message = None
    kind = message.get("type") if isinstance(message, dict) else None
    try:
        if kind == "ping":
            return [{"type": "pong", "at": round(time.time(), 3)}]
        if kind == "update_stage":
            return [session.update(message)]
        if kind != "audio_chunk":
            raise WrongError(400, "INVALID_MESSAGE", "that is neither ping nor audio_chunk nor update_stage")
        told = session.chunk(message.get("data"), pipeline.args.longest_chunk, begun)
    except WrongError as error:
        pipeline.counted("mistakes")
        return [{**error.told(), "type": "error"}]
    pipeline.counted("chunks")
    return told


# --- HTTP


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection; its thread is it."""

    protocol_version, server_version, sys_version = "HTTP/1.1", "numpy-pipeline", ""
    disable_nagle_algorithm = True
    timeout = None

    @property
    def pipeline(self):
        return self.server.pipeline

    def log_message(self, form, *parts):
        log(f"{self.command} {urllib.parse.urlsplit(self.path).path} {parts[1] if len(parts) > 1 else ''}")

    def do_GET(self):
        self.handled()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET  # noqa: N815

    def handled(self):
        try:
            body = self.body()
            self.route(urllib.parse.unquote(urllib.parse.urlsplit(self.path).path), body)
        except WrongError as error:
            self.answer(error.status, error.told())

    def answer(self, status, told, kind="application/json"):
        data = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.in_chunks()
        told = self.headers.get("Content-Length", "0")
        if not told.isdecimal() or int(told) > LARGEST_BODY:
            self.close_connection = True
            raise WrongError(413 if told.isdecimal() else 400, "INVALID_MESSAGE", "a body of no size that we take")
        return self.rfile.read(int(told))

    def in_chunks(self):
        parts, size = [], 1
        while size:
            line = self.rfile.readline(64).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError as error:
                self.close_connection = True
                raise WrongError(400, "INVALID_MESSAGE", "a body in parts that are none") from error
            parts.append(self.rfile.read(size))
            self.rfile.readline(64)
        return b"".join(parts)

    def known(self):
        """Whoever comes bears the token, if one was agreed."""
        secret = self.pipeline.args.secret
        if secret:
            scheme, _, given = self.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), secret.encode()):
                raise WrongError(401, "UNAUTHORIZED", "who are you?")

    ROUTES = {  # noqa: RUF012
        ("GET", "/api/pipeline/realtime/sessions"): "sessions",
        ("POST", "/api/pipeline/realtime/start"): "start",
        ("POST", "/api/pipeline/process"): "process",
        ("POST", "/api/audio/analyze/fft"): "spectrum",
        ("POST", "/api/audio/analyze/lufs"): "loudness",
        ("GET", "/api/audio/stages"): "stages",
        ("GET", "/metrics"): "figures",
    }

    def route(self, path, body):
        if (self.command, path) == ("GET", "/api/health"):
            up = round(clock() - self.pipeline.begun, 2)
            return self.answer(200, {"uptime": up, "sessions": len(self.pipeline.sessions), "status": "ok", "version": VERSION})
        self.known()
        if (self.command, path) in self.ROUTES:
            return getattr(self, self.ROUTES[self.command, path])(body)
        above, _, name = path.rpartition("/")
        if above == "/api/pipeline/realtime" and self.command == "DELETE":
            session = self.pipeline.end(name, "stopped")
            return self.answer(200, {"status": "stopped", "session_id": session.id, "metrics": session.figures()})
        if above == "/api/pipeline/realtime" and self.command == "GET":
            return self.line(name)
        if above == "/api/audio/process/stage" and self.command == "POST":
            return self.stage(name, body)
        if path in {known for _, known in self.ROUTES}:
            raise WrongError(405, "INVALID_MESSAGE", "not with this method")
        raise WrongError(404, "NOT_FOUND", "there is nothing here")

    # --- sessions

    def start(self, body):
        wish = self.json(body)
        if "pipeline_config" not in wish:
            raise WrongError(422, "INVALID_CONFIG", "what is to be done?", "pipeline_config")
        about = wish.get("session_config")
        about = {} if about is None else about
        if not isinstance(about, dict):
            raise WrongError(422, "INVALID_CONFIG", "a map", "session_config")
        rate = about.get("sample_rate", 16000)
        if isinstance(rate, bool) or rate not in RATES:
            raise WrongError(422, "OUT_OF_RANGE", f"one of {RATES}", "session_config.sample_rate")
        session = self.pipeline.start(wish["pipeline_config"], int(rate))
        self.answer(200, session.told())

    def sessions(self, body):
        with self.pipeline.lock:
            sessions = list(self.pipeline.sessions.values())
        self.answer(200, {"active_sessions": [session.told() for session in sessions], "count": len(sessions)})

    def line(self, name):
        key = self.headers.get("Sec-WebSocket-Key")
        if "websocket" not in self.headers.get("Upgrade", "").lower() or not key:
            raise WrongError(426, "INVALID_MESSAGE", "this is spoken to in WebSockets")
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        self.send_response(101)
        for header, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
            self.send_header(header, value)
        self.end_headers()
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(SENDING), 0))
        line = Line(self.connection, self.rfile, self.pipeline.args.largest_frame)
        session = self.pipeline.find(name)
        if session is None:
            line.send({"type": "error", "error": {"code": "SESSION_NOT_FOUND", "message": "there is no such session"}})
            line.close(4404, "no such session")
            return line.linger()
        session.lines.add(line)
        session.used = clock()
        try:
            talk(self.pipeline, session, line)
        except CloseError as error:
            line.close(error.code, error.reason)
        except OSError as error:  # cut, or too slow
            log(f"{session.id} lost its line: {error}")
        finally:
            session.lines.discard(line)
            session.used = clock()
        line.close(1000)
        return line.linger()

    # --- recordings

    def process(self, body):
        form = self.form(body)
        rate = self.whole(form, "sample_rate", 0) or None
        if rate is not None and not 1000 <= rate <= 384000:
            raise WrongError(422, "OUT_OF_RANGE", "from 1000 to 384000", "sample_rate")
        kind = form.get("output_format", b"wav").decode(errors="replace").lower()
        if kind not in ("wav", "flac", "base64"):
            raise WrongError(422, "INVALID_CONFIG", "wav, flac or base64", "output_format")
        plans = planned(self.from_text(form, "pipeline_config"))
        steps, told = self.recording(form)
        begun = clock()
        heard = [through(plans, told, channel) for channel in steps.T]
        after = np.stack([sound for sound, _ in heard], axis=1)
        if rate is not None and rate != told:
            resampled = np.stack([measure.resampled(channel / 32768, told, rate) for channel in after.T], axis=1)
            after = np.clip(np.rint(resampled * 32768), -32768, 32767).astype("<i2")
        rate = rate or told
        clipped = sum(about["clipped"] for _, about in heard)
        quality = Meter(told).figures(steps[:, 0], after[:, 0], clipped, any(about["voice"] for _, about in heard))
        stages = {name: round(1000 * seconds, 3) for name, seconds in heard[0][1]["seconds"].items()}
        took = round(1000 * (clock() - begun), 3)
        packed = {"wav": measure.to_wav, "flac": measure.to_flac}.get(kind, lambda steps, _: steps.tobytes())(after, rate)
        self.pipeline.counted("recordings")
        self.answer(200, {
            "metrics": once(heard[0][1]["late"], quality, stages, took),
            "processed_audio": base64.b64encode(packed).decode(),
            "success": True,
            "warnings": [f"{clipped} samples were too loud"] if clipped else [],
            "pipeline_id": f"batch-{uuid.uuid4().hex[:8]}",
            "sample_rate": rate,
            "output_format": kind,
        })  # fmt: skip

    def recording(self, form):
        """(int16 (n, channels), rate)."""
        data = form.get("audio_file") or b""
        if not data:
            data = bytes_of(form.get("audio_data", b"").decode("latin-1"))
            if data and data[:4] not in (b"RIFF", b"fLaC", b"OggS"):
                return steps_of(data)[:, None], 16000
        if not data:
            raise WrongError(400, "INVALID_AUDIO", "there is no sound", "audio_file")
        try:
            steps, rate = measure.read(data)
        except measure.UnreadableError as error:
            raise WrongError(415, "UNSUPPORTED_AUDIO", f"this cannot be read: {error}", "audio_file") from error
        if not len(steps):
            raise WrongError(400, "INVALID_AUDIO", "a file without sound", "audio_file")
        return steps, rate

    def stage(self, name, body):
        if name not in STAGES:
            raise WrongError(404, "UNKNOWN_STAGE", "there is no such stage", "stage")
        if "json" in self.headers.get("Content-Type", ""):
            wish = self.json(body)
        else:
            form = self.form(body)
            wish = {key: form[key].decode("latin-1") for key in form.keys() & {"audio_data"}}
            wish["sample_rate"] = self.whole(form, "sample_rate", 16000)
            wish["stage_config"] = self.from_text(form, "stage_config") if "stage_config" in form else {}
        rate = self.rate(wish)
        config = wish.get("stage_config")
        config = {} if config is None else config
        parameters = checked(name, config, "stage_config")
        steps = samples_of(wish.get("audio_data"))
        plan = {"enabled": True, "gain_in": 0, "gain_out": 0, "parameters": usual(name) | parameters}
        begun = clock()
        heard, about = through([(name, plan)], rate, steps)
        took = round(1000 * (clock() - begun), 3)
        quality = Meter(rate).figures(steps, heard, about["clipped"], about["voice"])
        self.answer(200, {
            "stage_name": name, "stage_config": usual(name) | config, "processed_audio": text_of(heard),
            "metrics": once(about["late"], quality, {name: took}, took),
        })  # fmt: skip

    # --- analysis

    def spectrum(self, body):
        wish = self.json(body)
        size, overlap, kind = wish.get("window_size", 2048), wish.get("overlap", 0.5), wish.get("window_type", "hann")
        if isinstance(size, bool) or size not in (512, 1024, 2048, 4096, 8192):
            raise WrongError(422, "OUT_OF_RANGE", "a power of two from 512 to 8192", "window_size")
        if isinstance(overlap, bool) or not isinstance(overlap, int | float) or not 0 <= overlap <= 0.95:
            raise WrongError(422, "OUT_OF_RANGE", "from 0 to 0.95", "overlap")
        if not isinstance(kind, str) or kind not in measure.WINDOWS:
            raise WrongError(422, "INVALID_CONFIG", f"one of {', '.join(measure.WINDOWS)}", "window_type")
        samples, rate = self.sound(wish)
        self.answer(200, measure.spectrum(samples, rate, int(size), overlap, kind))

    def loudness(self, body):
        wish = self.json(body)
        target = wish.get("target_lufs", -23.0)
        if isinstance(target, bool) or not isinstance(target, int | float) or not -100 <= target <= 0:
            raise WrongError(422, "OUT_OF_RANGE", "from -100 to 0", "target_lufs")
        told = measure.loudness(*self.sound(wish))
        gain = None if told["integrated"] is None else round(target - told["integrated"], 2)
        peak = told["true_peak_dbtp"]
        compliant = gain is not None and abs(gain) <= 0.5 and (peak is None or peak <= -1.0)
        told["integrated"] = "-inf" if told["integrated"] is None else told["integrated"]
        self.answer(200, {"compliant": compliant, **told, "target_lufs": target, "gain_adjustment_db": gain, "standard": "R128"})

    def sound(self, wish):
        """(float64 (n, channels), rate)."""
        rate, channels = self.rate(wish), wish.get("channels", 1)
        if isinstance(channels, bool) or not isinstance(channels, int) or not 1 <= channels <= 16:
            raise WrongError(422, "OUT_OF_RANGE", "from 1 to 16", "channels")
        steps = samples_of(wish.get("audio_data"))
        if len(steps) % channels:
            raise WrongError(400, "INVALID_AUDIO", "not as many samples for each channel", "audio_data")
        return steps.reshape(-1, channels) / 32768, rate

    def stages(self, body):
        self.answer(200, described())

    def figures(self, body):
        self.answer(200, self.pipeline.exposition(), "text/plain; version=0.0.4; charset=utf-8")

    # --- reading

    def json(self, body):
        try:
            wish = parsed(body.decode())
        except ValueError as error:
            raise WrongError(400, "INVALID_MESSAGE", f"no JSON: {type(error).__name__}") from error
        if not isinstance(wish, dict):
            raise WrongError(422, "INVALID_MESSAGE", "a map is wanted")
        return wish

    def rate(self, wish):
        rate = wish.get("sample_rate", 16000)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 2000 <= rate <= 384000 or rate != int(rate):
            raise WrongError(422, "OUT_OF_RANGE", "a whole number from 2000 to 384000", "sample_rate")
        return int(rate)

    def form(self, body):
        """Fields of a form, as bytes; a file is a field."""
        kind = self.headers.get("Content-Type", "")
        if "multipart/form-data" in kind and "boundary=" in kind:
            boundary = kind.split("boundary=")[1].split(";")[0].strip().strip('"').encode("latin-1")
            fields = {}
            for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
                head, _, data = part.partition(b"\r\n\r\n")
                names = [line for line in head.decode("latin-1").split("\r\n") if line.lower().startswith("content-disposition")]
                for piece in names[0].split(";")[1:] if names else []:
                    if piece.strip().startswith("name="):
                        fields[piece.split("=", 1)[1].strip().strip('"')] = data
            return fields
        if "application/x-www-form-urlencoded" in kind:
            pairs = urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=100)
            return {name: value.encode("latin-1") for name, value in pairs}
        raise WrongError(415, "UNSUPPORTED_AUDIO", "a form is wanted")

    def from_text(self, form, name):
        try:
            return parsed(form.get(name, b"").decode())
        except ValueError as error:
            raise WrongError(422, "INVALID_CONFIG", f"no JSON: {type(error).__name__}", name) from error

    def whole(self, form, name, default):
        text = form.get(name, b"").decode(errors="replace").strip()
        if text and not text.isdecimal():
            raise WrongError(422, "INVALID_CONFIG", "a whole number", name)
        return int(text) if text else default


def once(late, quality, stages, took):
    """The figures of what was processed in one go."""
    return {"latency_samples": late, "quality_metrics": quality, "stage_latencies": stages, "total_latency": took,
            "average_latency": took, "chunks_processed": 1, "cpu_usage": USAGE.percent()}  # fmt: skip


class Server(http.server.ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256

    def server_bind(self):  # without looking up our own name
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", type=int, default=3000)
    parser.add_argument("--secret", default="")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--idle", type=float, default=600.0)
    parser.add_argument("--longest-chunk", type=float, default=10.0)
    parser.add_argument("--largest-frame", type=int, default=16 << 20)
    args = parser.parse_args()
    server = Server(("127.0.0.1", args.listen), Handler)
    server.pipeline = Pipeline(args)

    def leave(*_):
        for session in list(server.pipeline.sessions.values()):
            for line in list(session.lines):
                line.close(1001, "the pipeline ends")
        os._exit(0)

    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=leave).start())
    signal.signal(signal.SIGINT, lambda *_: threading.Thread(target=leave).start())
    log(f"listening on {server.server_address[1]}")
    server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
