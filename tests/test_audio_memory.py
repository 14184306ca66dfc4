"""The reference pipeline's memory: flat however long somebody speaks and however many sessions come and go."""

import asyncio
import json

import psutil
import pytest
from audio_program import ALL_STAGES, REALTIME, awaited, chunk, line, noise, pipeline, text_of

WINDOW = 8
"""Chunks that are under way."""


@pytest.fixture
def running(tmp_path):
    with pipeline(tmp_path) as it:
        yield it


def megabytes(running):
    return psutil.Process(running.pid).memory_info().rss / 1e6


async def stream(it, messages, count):
    """Play `count` chunks, `messages` in turn."""
    sent = 0
    for answered in range(count):
        while sent < min(count, answered + WINDOW):
            await it.socket.send(messages[sent % len(messages)])
            sent += 1
        await it.heard()


@awaited
async def test_it_does_not_grow_with_the_chunks_of_a_session(running):
    messages = [chunk(noise(160, seed=number)) for number in range(20)]
    seen = []
    async with line(running, running.start(ALL_STAGES)) as it:
        for _ in range(6):
            await stream(it, messages, 250)
            seen.append(megabytes(running))
    assert seen[-1] < seen[1] * 1.03 + 1, seen


@awaited
async def test_it_does_not_grow_with_updates_and_mistakes(running):
    update = {"type": "update_stage", "stage_id": "noise_reduction", "parameters": {"strength": 0.5}}
    wrong = {"type": "update_stage", "stage_id": "noise_reduction", "parameters": {"strength": 5}}
    messages = [json.dumps(each) for each in (update, wrong, {"type": "audio_chunk", "data": "A"})] + ["["]
    seen = []
    async with line(running, running.start(ALL_STAGES)) as it:
        for _ in range(6):
            for number in range(400):
                await it.ask(messages[number % len(messages)])
            seen.append(megabytes(running))
    assert seen[-1] < seen[1] * 1.03 + 1, seen


@awaited
async def test_it_does_not_grow_with_sessions_that_come_and_go(running):
    pcm = noise(1600)
    seen = []
    for _ in range(5):
        for _ in range(15):
            session = await asyncio.to_thread(running.start, ALL_STAGES)
            async with line(running, session) as it:
                await it.play(pcm)
            await asyncio.to_thread(running.delete, f"{REALTIME}/{session}")
        seen.append(megabytes(running))
    assert running.sessions() == {}
    assert seen[-1] < seen[1] * 1.05 + 2, seen


def test_it_does_not_grow_with_recordings(running):
    body = {"audio_data": text_of(noise(80_000)), "stage_config": {}}
    seen = []
    for _ in range(5):
        for _ in range(4):
            assert running.post("/api/audio/process/stage/limiter", json=body).status_code == 200
        seen.append(megabytes(running))
    assert seen[-1] < seen[1] * 1.05 + 5, seen
