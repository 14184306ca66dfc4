"""Nonsense, seeded: over HTTP as the OpenAPI page allows it and as it does not, and 20,000 bad frames over WebSocket."""

import asyncio
import json
import random
import string

import psutil
import pytest
import schemathesis
from audio_program import ALL_STAGES, REALTIME, awaited, chunk, line, noise, pipeline, text_of
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

EXAMPLES = 20
"""Requests for each operation and mode."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = {
    "GET /api/health",
    "POST /api/pipeline/realtime/start",
    "GET /api/pipeline/realtime/sessions",
    "DELETE /api/pipeline/realtime/{session_id}",
    "POST /api/pipeline/process",
    "POST /api/audio/process/stage/{stage}",
    "POST /api/audio/analyze/fft",
    "POST /api/audio/analyze/lufs",
    "GET /api/audio/stages",
    "GET /metrics",
}
FRAMES, SOCKETS = 20_000, 4
WINDOW = 16
"""Bad frames of one socket that are under way."""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with pipeline(tmp_path_factory.mktemp("pipeline"), "--max-sessions=100000") as it:
        yield it
        assert it.process.poll() is None
        assert not [each for each in it.lines() if each["level"] in ("error", "critical")]


@pytest.fixture(scope="module")
def page(running):
    return schemathesis.openapi.from_dict(running.get("/openapi.json").json())


def test_the_page_tells_of_everything_that_is_promised(page):
    assert {operation.ok().label for operation in page.get_all_operations()} == OPERATIONS


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        *((label, GenerationMode.POSITIVE) for label in sorted(OPERATIONS)),
        *((label, GenerationMode.NEGATIVE) for label in sorted(OPERATIONS) if label.startswith("POST")),  # the rest takes nothing
    ],
    ids=str,
)
def test_whatever_is_asked_is_answered_as_the_page_says(running, page, label, mode):
    method, path = label.split()
    operation = page[path][method]

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        response = case.call(base_url=running.url, session=running.http)
        case.validate_response(response, checks=CHECKS)

    ask()


# --- frames


def nonsense(chance: random.Random) -> str | bytes:
    """A frame that is none: never a good chunk, a ping or a good update."""
    kind = chance.randrange(12)
    good = chunk(noise(chance.randrange(1, 400), seed=chance.randrange(1000)))
    letters = "".join(chance.choices(string.printable + "äé\u2028\U0001f3a4", k=chance.randrange(60)))
    scalar = chance.choice([None, True, 0, -1, 1e308, 2**70, "", "x", [], {}, [[]], {"a": [None]}])
    match kind:
        case 0:
            return chance.randbytes(chance.randrange(200))
        case 1:
            return letters
        case 2:
            return good[: chance.randrange(len(good))]
        case 3:
            return json.dumps(scalar)
        case 4:
            return json.dumps({"type": scalar, "data": letters})
        case 5:
            return json.dumps({"type": "audio_chunk", "data": scalar})
        case 6:
            return json.dumps({"type": "audio_chunk", "data": text_of(chance.randbytes(2 * chance.randrange(100) + 1))})
        case 7:
            return json.dumps({"type": "audio_chunk", "data": "!" + letters})
        case 8:
            return json.dumps({"type": "update_stage", "stage_id": scalar, "parameters": scalar})
        case 9:
            return json.dumps({"type": "update_stage", "stage_id": "limiter", "parameters": {letters or "-": scalar}})
        case 10:
            depth = chance.choice([3, 100, 2000, 20_000])
            return '{"type": "audio_chunk", "data": ' + "[" * depth + "]" * chance.choice([depth, depth - 1]) + "}"
        case _:
            return good.replace('"audio_chunk"', chance.choice(["NaN", "1e999", '"\\ud800"', "-Infinity", "'ping'", "01"]))


async def talk_nonsense(running, seed: int, count: int) -> int:
    """Send `count` bad frames to a session of its own; how many errors came back."""
    chance = random.Random(seed)
    session = running.start(ALL_STAGES)
    async with line(running, session) as it:
        sent = errors = 0
        for answered in range(count):
            while sent < min(count, answered + WINDOW):
                await it.socket.send(nonsense(chance))
                sent += 1
            answer = await it.next()
            errors += answer["type"] == "error" and bool(answer["error"]["code"] and answer["error"]["message"])
        sequence, _, figures = await it.play(noise(160))
        assert sequence == figures["chunks_processed"] == 1
    running.delete(f"{REALTIME}/{session}")
    return errors


@awaited
async def test_bad_frames_disturb_nobody(running):
    before = psutil.Process(running.pid).memory_info().rss
    refused = sum(count for name, count in running.scrape().items() if name.startswith("frames_refused_total"))
    session = running.start()
    talking = asyncio.gather(*(talk_nonsense(running, seed, FRAMES // SOCKETS) for seed in range(SOCKETS)))
    streamed = 0
    async with line(running, session) as it:
        while not talking.done():
            streamed += 1
            pcm = noise(1600, seed=streamed)
            sequence, heard, _ = await it.play(pcm)
            assert (sequence, heard) == (streamed, pcm)
    assert sum(await talking) == FRAMES
    assert streamed > 10
    now = sum(count for name, count in running.scrape().items() if name.startswith("frames_refused_total"))
    assert now - refused == FRAMES
    assert psutil.Process(running.pid).memory_info().rss < before + 100_000_000
