"""A program that stands in for a gateway where it is launched, awaited and ended: it lists tools and can do nothing else.

With `--says` it prints a text first, with `--ends N` it ends at once with that code, with `--stays` it ignores TERM.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--metrics-port", type=int)
    parser.add_argument("--token-file")
    parser.add_argument("--provider", action="append", default=[])
    parser.add_argument("--hello-timeout", default="15")
    parser.add_argument("--tools", default="status,echo,sleep")
    parser.add_argument("--says", default="")
    parser.add_argument("--ends", type=int)
    parser.add_argument("--stays", action="store_true")
    parser.add_argument("--deaf", action="store_true")
    return parser.parse_args()


class Answers200(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def main() -> None:
    told = arguments()
    token = Path(told.token_file).read_text() if told.token_file else os.environ.get("GATEWAY_TOKEN", "")
    signal.signal(signal.SIGTERM, signal.SIG_IGN if told.stays else lambda *_: os._exit(0))
    print(
        told.says, f"hello timeout {told.hello_timeout}, providers {told.provider}, mode {file_mode(told.token_file)}", flush=True
    )
    if told.ends is not None or len(token) < 16:
        print("refuses to start", file=sys.stderr)
        sys.exit(told.ends or 2)
    if told.deaf:
        time.sleep(600)
    if told.metrics_port:
        threading.Thread(target=HTTPServer(("127.0.0.1", told.metrics_port), Answers200).serve_forever, daemon=True).start()
    serve(told.port, token, told.tools.split(","))


def file_mode(path: str | None) -> str:
    return oct(Path(path).stat().st_mode & 0o777) if path else "none"


def serve(port: int, token: str, tools: list[str]) -> None:
    from websockets.sync.server import ServerConnection, serve

    def talk(connection: ServerConnection) -> None:
        assert json.loads(connection.recv())["token"] == token
        connection.send(json.dumps({"op": "hello_ack", "ok": True, "session_id": "abc"}))
        asked = json.loads(connection.recv())
        listed = [{"name": name, "description": "", "inputSchema": {}} for name in tools]
        connection.send(json.dumps({"op": "list_tools_res", "request_id": asked["request_id"], "tools": listed}))

    with serve(talk, "127.0.0.1", port) as server:
        print("listens", flush=True)
        server.serve_forever()


main()
