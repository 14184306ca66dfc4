"""Givens: a pipeline as the scenario wants it, and the sessions that are there when it begins."""

import time
from collections.abc import Sequence

from support.audio.listed import note_sessions
from support.audio.pipeline_words import Conditions
from support.audio.playing import play_noise
from support.audio.protocol import DEFAULT_RATE
from support.audio.session import Session
from support.audio.stage_words import Chain
from support.audio.world import THE_SPEAKER, AudioWorld
from support.kit.errors import DeclinedError, PromiseBrokenError

PLAIN = Chain(())


def set_up(world: AudioWorld, wanted: Conditions | None = None) -> None:
    """The pipeline runs and is as the scenario wants it. DeclinedError where it cannot be had so."""
    wanted = wanted or Conditions()
    world.require_stages(*wanted.stages)
    if len(world.target.stages) < wanted.least_stages:
        raise DeclinedError(f"the profile has {len(world.target.stages)} stages, not {wanted.least_stages}")
    if wanted.log and not world.target.launches:
        raise DeclinedError("the suite does not see the log of a pipeline that it does not start")
    if wanted.settings:
        world.ask_for(wanted.settings)
    if wanted.token:
        world.ask_for_token()
    note_sessions(world)


def open_plain(world: AudioWorld, *, rate: int = DEFAULT_RATE, link: bool = False, name: str = THE_SPEAKER) -> Session:
    """A session that does nothing to the sound, and its speaker."""
    return world.open_session(PLAIN, rate=rate, link=link, name=name)


def open_plain_each(world: AudioWorld, names: Sequence[str], *, link: bool = False) -> None:
    """A plain session for each of these speakers."""
    for name in names:
        open_plain(world, name=name, link=link)


def open_through(
    world: AudioWorld, chain: Chain, *, rate: int = DEFAULT_RATE, link: bool = False, name: str = THE_SPEAKER
) -> Session:
    """A session through stages, and its speaker. DeclinedError where the target lacks one of them."""
    return world.open_session(chain, rate=rate, link=link, name=name)


def open_through_each(world: AudioWorld, chains: dict[str, Chain]) -> None:
    """A session for each of these speakers. DeclinedError, before any of them, where the target lacks a stage."""
    for chain in chains.values():
        world.require_stages(*(wish.stage for wish in chain.stages if not wish.optional))
    for name, chain in chains.items():
        open_through(world, chain, name=name)


def open_many(world: AudioWorld, count: int) -> list[Session]:
    """So many plain sessions, each with a speaker of its own."""
    first = len(world.sessions) + 1
    return [open_plain(world, name=f"speaker {number}") for number in range(first, first + count)]


def open_unused(world: AudioWorld) -> None:
    """Two plain sessions: one that nobody connects to, and one whose speaker has played something and is gone."""
    session = open_plain(world, name="one who hangs up")
    play_noise(world, session, 1)
    world.moments["used from"] = time.monotonic()
    session.line.close()
    world.open_session(PLAIN, name="one who never comes", connect=False)
    world.moments["used to"] = time.monotonic()


def open_and_stop(world: AudioWorld) -> Session:
    """A plain session that has ended. PromiseBrokenError where it cannot be stopped."""
    session = open_plain(world)
    answer = world.pipeline.rest.stop(session.session_id)
    if answer.code != 200:
        raise PromiseBrokenError("a session is stopped", str(answer))
    return session
