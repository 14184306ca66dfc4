"""Clients of the reference gateway that read slowly or not at all, and what they must not do to others."""

import asyncio
import time

import psutil
from gateway_program import FREE, Running, client, gateway, text_of


def test_a_client_that_does_not_read_blocks_nobody_and_is_bounded(tmp_path):
    async def work(running: Running):
        process = psutil.Process(running.process.pid)
        text = "x" * 1_000_000
        async with client(running.url) as stuck, client(running.url) as it:
            stuck.socket.transport.pause_reading()
            before = process.memory_info().rss

            async def insist():
                for number in range(200):
                    await stuck.begin(str(number), "echo", text=text)

            insisting = asyncio.ensure_future(insist())
            await asyncio.sleep(0.5)
            slowest = 0.0
            for number in range(20):
                began = time.perf_counter()
                text_of(await it.call(str(number), "status"))
                slowest = max(slowest, time.perf_counter() - began)
            assert slowest < 0.1
            assert not insisting.done(), "nothing more is read from who does not read"
            assert process.memory_info().rss - before < 40_000_000
            stuck.socket.transport.resume_reading()
            for number in range(200):
                assert (await stuck.next())["request_id"] == str(number)
            await insisting

    with gateway(tmp_path, *FREE) as running:
        asyncio.run(work(running))


def test_pipelined_requests_are_all_answered_in_order_and_others_get_their_turn(tmp_path):
    async def work(running: Running):
        async with client(running.url) as busy, client(running.url) as it:

            async def insist():
                for number in range(5000):
                    await busy.begin(str(number), "status")

            insisting = asyncio.ensure_future(insist())
            reading = asyncio.ensure_future(asyncio.wait_for(read(busy, 5000), 10))
            for number in range(20):
                text_of(await it.call(str(number), "status"))
            await insisting
            assert await reading == [str(number) for number in range(5000)]

    async def read(busy, count):
        return [(await busy.next())["request_id"] for _ in range(count)]

    with gateway(tmp_path, *FREE) as running:
        asyncio.run(work(running))


def test_memory_stays_flat_under_load(tmp_path):
    async def work(running: Running):
        process = psutil.Process(running.process.pid)
        async with client(running.url) as it:
            sizes = []
            for _ in range(6):
                for _ in range(30):
                    text = "x" * 1_000_000
                    text_of(await it.call(f"{len(sizes)}-{time.monotonic_ns()}", "echo", text=text))
                sizes.append(process.memory_info().rss)
            # 30 MB a round: the stored answers reach their bound of 64 MiB in the third.
            assert sizes[5] - sizes[3] < 30_000_000, "60 MB have passed through"
            assert sizes[5] < 200_000_000

    with gateway(tmp_path, *FREE) as running:
        asyncio.run(work(running))
