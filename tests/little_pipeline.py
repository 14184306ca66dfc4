"""A program that stands in for an audio pipeline: it gives its sound back, `--late` samples later, and does nothing else well.

`--manner` makes it odd in its answers on the line; see `odd`. With `--says` it prints a text first, with `--ends N` it ends.
"""

import argparse
import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.websockets import WebSocketDisconnect

STAGES = {
    "stages": {
        "vad": {"parameters": {"aggressiveness": {"type": "integer", "min": 0, "max": 3, "default": 1}}},
        "limiter": {"parameters": [{"name": "ceiling", "range": [-60, 0], "unit": "dB", "default": -1}]},
    }
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token-file")
    parser.add_argument("--max-sessions", default="200")
    parser.add_argument("--late", type=int, default=0)
    parser.add_argument("--manner", default="")
    parser.add_argument("--says", default="")
    parser.add_argument("--ends", type=int)
    return parser.parse_args()


TOLD = arguments()
TOKEN = Path(TOLD.token_file).read_text() if TOLD.token_file else ""
app = FastAPI()
sessions: dict[str, "Session"] = {}


class Session:
    def __init__(self, config: object) -> None:
        self.config = config
        self.count = 0
        self.waiting = bytes(2 * TOLD.late)
        self.lines: list[WebSocket] = []

    def chunk(self, pcm: bytes) -> bytes:
        self.count += 1
        self.waiting += pcm
        out, self.waiting = self.waiting[: len(pcm)], self.waiting[len(pcm) :]
        return out


@app.middleware("http")
async def door(request: Request, call_next):
    print(request.method, request.url.path, flush=True)
    if TOKEN and request.headers.get("authorization") != f"Bearer {TOKEN}":
        return JSONResponse({"error": {"code": "UNAUTHORIZED", "message": "no"}}, 401)
    if TOLD.manner == "mute":
        await asyncio.sleep(600)
    return await call_next(request)


@app.get("/api/health")
async def health():
    return {"status": "ok", "version": "0", "uptime": 1, "sessions": len(sessions)}


@app.post("/api/pipeline/realtime/start")
async def start(request: Request):
    body = await request.json()
    if not isinstance(body["pipeline_config"].get("stages", {}), dict):
        return JSONResponse({"error": {"code": "INVALID_CONFIG", "message": "what?", "field": "stages"}}, 422)
    session_id = f"s/{uuid4()}"
    sessions[session_id] = Session(body)
    return {"session_id": session_id, "pipeline_id": "p", "status": "running", "metrics": {"latency_samples": TOLD.late}}


@app.get("/api/pipeline/realtime/sessions")
async def listing():
    return {"active_sessions": [{"session_id": one} for one in sessions]}


@app.delete("/api/pipeline/realtime/{session_id:path}")
async def stop(session_id: str):
    session = sessions.get(session_id) if TOLD.manner == "keeps-sessions" else sessions.pop(session_id, None)
    if session is None:
        return JSONResponse({"error": {"code": "SESSION_NOT_FOUND", "message": "gone"}}, 404)
    for line in session.lines:
        await line.close(1000, "stopped")
    return {"status": "stopped"}


@app.api_route("/echo", methods=["GET", "POST", "PUT"])
async def echo(request: Request):
    body = (await request.body()).decode("latin-1")
    return {"method": request.method, "type": request.headers.get("content-type"), "body": body}


@app.get("/api/audio/stages")
async def catalogue():
    return STAGES


@app.get("/metrics")
async def metrics():
    return PlainTextResponse("# TYPE sessions gauge\nsessions 1\n" if TOLD.manner != "odd-figures" else "no figures\n")


@app.get("/die")
async def die():
    os._exit(9)


@app.websocket("/api/pipeline/realtime/{session_id:path}")
async def line(socket: WebSocket, session_id: str):
    session = sessions.get(session_id)
    if TOKEN and socket.headers.get("authorization") != f"Bearer {TOKEN}":
        await socket.close()
        return
    await socket.accept()
    if session is None:
        await socket.send_json({"type": "error", "error": {"code": "SESSION_NOT_FOUND", "message": "gone"}})
        await socket.close(4404, "no session")
        return
    session.lines.append(socket)
    try:
        while True:
            text = (await socket.receive())["text"]
            for answer in odd(session, json.loads(text)):
                await (socket.send_bytes(answer) if isinstance(answer, bytes) else socket.send_text(answer))
    except (WebSocketDisconnect, KeyError):
        session.lines.remove(socket)


def odd(session: Session, message: dict):
    """The answers, in the manner that was asked for."""
    answers = [json.dumps(answer) for answer in right(session, message)]
    match TOLD.manner:
        case "talkative":
            return [json.dumps({"type": "weather", "sequence": 1}), *answers, json.dumps({"type": "weather"})]
        case "figures-first":
            return answers[::-1]
        case "silent":
            return []
        case "binary":
            return [answer.encode() for answer in answers]
        case "words":
            return ["good morning", *answers]
        case "unnumbered":
            return [answer.replace('"sequence"', '"number"') for answer in answers]
        case "bad-sound":
            return [answer.replace('"audio": "', '"audio": "*') for answer in answers]
        case "error" if message["type"] == "audio_chunk":
            return [json.dumps({"type": "error", "error": {"code": "INVALID_AUDIO", "message": "no"}})]
        case "drops-third" if session.count == 3:
            return []
    return answers


def right(session: Session, message: dict):
    match message.get("type"):
        case "ping":
            return [{"type": "pong"}]
        case "audio_chunk":
            pcm = session.chunk(base64.b64decode(message["data"]))
            number = float(session.count)
            return [
                {"sequence": number, "audio": base64.b64encode(pcm).decode(), "more": 1, "type": "processed_audio"},
                {"type": "metrics", "sequence": session.count, "metrics": {"chunks_processed": number, "quality_metrics": {}}},
            ]
        case "update_stage":
            return [{"type": "config_updated", "success": True, "applies_from_sequence": session.count + 1, "latency_samples": 0}]
    return [{"type": "error", "error": {"code": "INVALID_MESSAGE", "message": "what?"}}]


print(TOLD.says, f"max sessions {TOLD.max_sessions}", flush=True)
if TOLD.ends is not None:
    sys.exit(TOLD.ends)
uvicorn.run(app, host="127.0.0.1", port=TOLD.port, log_level="warning", ws="websockets-sansio")
