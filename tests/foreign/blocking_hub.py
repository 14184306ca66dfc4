"""A hub of another make: blocking sockets, hand-written metrics, positional arguments. Right, and unlike our reference.

blocking_hub.py DEVICE_ID HOST PORT STATE ATTEMPTS METRICS_PORT
"""

import http.server
import json
import random
import secrets
import socket
import struct
import sys
import threading
import time
from datetime import UTC, datetime

CONNECT_LIMIT, IO_LIMIT = 0.3, 0.6
BASE, JITTER = 0.1, 0.1
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
COUNTS = {}
TIMES = []
CORRELATION = secrets.token_hex(4)


def count(name, **labels):
    key = (name, tuple(sorted(labels.items())))
    COUNTS[key] = COUNTS.get(key, 0) + 1


def quoted(text):
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def series(name, labels, value):
    return f"{name}{{{','.join(f'{key}={quoted(text)}' for key, text in labels)}}} {value}"


def exposition(device):
    lines = []
    for name in ("sent", "recv", "retransmit"):
        full = f"tcp_comm_packet_{name}_total"
        lines.append(f"# TYPE {full} counter")
        lines += [series(full, labels, value) for (known, labels), value in COUNTS.items() if known == full]
    name = "tcp_comm_packet_latency_seconds"
    lines.append(f"# TYPE {name} histogram")
    if TIMES:
        for bound in (*BUCKETS, float("inf")):
            text = "+Inf" if bound == float("inf") else f"{bound}"
            lines.append(series(f"{name}_bucket", (("device_id", device), ("le", text)), sum(taken <= bound for taken in TIMES)))
        lines.append(series(f"{name}_sum", (("device_id", device),), sum(TIMES)))
        lines.append(series(f"{name}_count", (("device_id", device),), len(TIMES)))
    return "\n".join(lines) + "\n"


def start_metrics(port, device):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = exposition(device).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def log(device, msg_id, attempt, direction, raw, elapsed, outcome):
    record = {
        "ts": datetime.now(UTC).isoformat(),
        "level": "info",
        "event": "exchange",
        "device_id": device,
        "msg_id": msg_id,
        "correlation_id": CORRELATION,
        "attempt": attempt,
        "direction": direction,
        "raw_packet_hex": raw.hex(" ").upper() if raw else None,
        "elapsed_ms": round(elapsed * 1000, 2),
        "outcome": outcome,
        "host": socket.gethostname(),
    }
    print(json.dumps(record), file=sys.stderr, flush=True)


def attempt_once(device, host, port, frame, number, msg_id):
    """Returns (outcome word for the log, reason for the retransmit counter or None)."""
    began = time.monotonic()
    try:
        connection = socket.create_connection((host, port), timeout=CONNECT_LIMIT)
    except TimeoutError:
        log(device, msg_id, number, "out", b"", time.monotonic() - began, "no route in time")
        return "connection_failed"
    except OSError:
        log(device, msg_id, number, "out", b"", time.monotonic() - began, "nobody listens")
        return "connection_failed"
    with connection:
        began = time.monotonic()
        try:
            connection.sendall(frame[:7])
            connection.sendall(frame[7:])
        except OSError:
            count("tcp_comm_packet_sent_total", device_id=device, outcome="error")
            log(device, msg_id, number, "out", frame, time.monotonic() - began, "could not send")
            return "connection_failed"
        count("tcp_comm_packet_sent_total", device_id=device, outcome="success")
        log(device, msg_id, number, "out", frame, time.monotonic() - began, "sent")
        reply, reason = b"", None
        try:
            while len(reply) <= 65536:
                left = began + IO_LIMIT - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                connection.settimeout(left)
                piece = connection.recv(65536)
                if not piece:
                    break
                reply += piece
        except TimeoutError:
            reason = "timeout"
        except OSError:
            reason = "closed"
        taken = time.monotonic() - began
        if reason is None:
            reason = "success" if reply == b"ACK" else "bad_ack" if reply else "closed"
        count("tcp_comm_packet_recv_total", device_id=device, outcome=reason)
        if reason == "success":
            TIMES.append(taken)
        log(device, msg_id, number, "in", reply[:65536], taken, f"reply {reason}")
        return None if reason == "success" else reason


def main(arguments):
    try:
        device, host, port, state, attempts, metrics_port = arguments
        port, attempts, metrics_port = int(port), int(attempts), int(metrics_port)
        if not 1 <= port <= 65535 or state not in ("on", "off") or attempts < 1:
            raise ValueError("a value is out of range")
    except ValueError as error:
        print(f"blocking_hub: {error}", file=sys.stderr)
        return 2
    try:
        start_metrics(metrics_port, device)
    except OSError as error:
        print(f"blocking_hub: metrics port: {error}", file=sys.stderr)
        return 3
    msg_id = secrets.token_hex(8)
    # The keys in another order than the reference's: the contract leaves the order free.
    payload = json.dumps({"device_id": device, "state": state == "on", "opcode": "toggle", "msg_id": msg_id}).encode()
    frame = b"\xf0\x0d\x01" + struct.pack(">I", len(payload)) + payload
    for number in range(1, attempts + 1):
        reason = attempt_once(device, host, port, frame, number, msg_id)
        if reason is None:
            return 0
        if number < attempts:
            count("tcp_comm_packet_retransmit_total", device_id=device, reason=reason)
            time.sleep(BASE * 2 ** (number - 1) + random.uniform(0, JITTER))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
