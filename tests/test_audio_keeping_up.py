"""How fast and for how long: what is measured, what warns, and what is never soft."""

from types import SimpleNamespace

import pytest
from audio_parts import broken, little, world_of

from support.audio import keeping_up, lasting
from support.audio.desk import Desk
from support.audio.sounds import parse_sound
from support.audio.stage_words import Chain
from support.kit.errors import VoidError
from support.kit.loop import the_loop


@pytest.fixture(autouse=True)
def loop():
    the_loop().start()


class Measured(SimpleNamespace):
    """A world that only measures. short: what fell short."""

    def __init__(self, **more) -> None:
        numbers: dict = {}
        warnings: list = []
        self.numbers, self.warnings, self.short, self.desk = numbers, warnings, [], Desk()
        self.evidence = SimpleNamespace(
            number=lambda name, value, _: numbers.__setitem__(name, value),
            attach=lambda *_: None,
            warn=warnings.append,
        )
        super().__init__(**more)

    def fall_short(self, promised, seen):
        self.short.append((promised, seen))


def chunk(seconds=0.005, sent_at=0.0, latency=2.0):
    return SimpleNamespace(seconds=seconds, sent_at=sent_at, sequence=1, metrics={"total_latency": latency})


def test_times_warn_on_average_and_for_the_slowest():
    fast, slow, few = Measured(), Measured(), Measured()
    keeping_up.require_times(fast, [chunk(0.005)] * 100, 0.01, 0.02)
    keeping_up.require_times(slow, [chunk(0.015)] * 100, 0.01, 0.02)
    keeping_up.require_times(few, [chunk(0.001)] * 94 + [chunk(0.05)] * 6, 0.01, 0.02)
    assert not fast.short
    assert fast.numbers == {"a chunk's way on average": pytest.approx(5.0), "a chunk's way, 95 of 100": pytest.approx(5.0)}
    assert [promised for promised, _ in slow.short] == ["a chunk's way on average takes 10 ms at most"]
    assert [promised for promised, _ in few.short] == ["a chunk's way, 95 of 100 takes 20 ms at most"]


def test_work_is_what_the_pipeline_tells():
    world = Measured()
    keeping_up.require_work(world, [chunk(latency=3.0), chunk(latency=4.0)], 0.004)
    assert not world.short
    keeping_up.require_work(world, [chunk(latency=3.0), chunk(latency=6.0)], 0.004)
    assert world.short
    with broken("total_latency"):
        keeping_up.require_work(world, [chunk(latency=None)], 0.004)


@pytest.mark.parametrize(("chunk_time", "short"), [(0.004, 0), (0.006, 1)])
def test_a_pipeline_is_set_beside_the_echo(chunk_time, short):
    world = Measured()
    world.desk.chunk_times, world.desk.echo_times = [chunk_time] * 3 + [1.0], [0.001] * 4
    keeping_up.require_ratio(world, 5)
    assert len(world.short) == short
    assert world.numbers["pipeline to bare echo"] == pytest.approx(chunk_time / 0.001)


@pytest.mark.parametrize(("carried", "short"), [(20, 0), (19, 1)])
def test_sessions_that_are_carried(carried, short):
    world = Measured()
    world.desk.carried, world.desk.ended_by = carried, "the generator"
    keeping_up.require_carried(world, 20)
    assert world.numbers == {"sessions in real time": carried}
    assert len(world.short) == short
    assert all("the generator" in seen for _, seen in world.short)


def test_a_chunk_that_is_sent_late_is_the_generators():
    answers = [chunk(sent_at=7.0 + number * keeping_up.CHUNK) for number in range(10)]
    assert keeping_up.unpunctual(answers) == 0
    answers[3].sent_at += 2 * keeping_up.UNPUNCTUAL
    assert keeping_up.unpunctual(answers) == 1
    answers[0].sent_at += 0.05
    assert keeping_up.unpunctual(answers) == 2


def test_chunks_go_to_the_pipeline_and_to_the_echo(tmp_path):
    with world_of(little(), tmp_path) as world:
        keeping_up.open_beside_echo(world)
        keeping_up.play_to_both(world, 10, 0.1)
        assert len(world.desk.chunk_times) == len(world.desk.echo_times) == 10
        assert all(0 < each < 5 for each in (*world.desk.chunk_times, *world.desk.echo_times))


def test_sessions_grow_until_no_more_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping_up, "COUNTS", (2, 4))
    monkeypatch.setattr(keeping_up, "SPAN", 0.3)
    monkeypatch.setattr(keeping_up, "LATE_SHARE", 1.0)
    monkeypatch.setattr(keeping_up, "parse_chain", lambda _: Chain(()))
    with world_of(little(), tmp_path) as world:
        keeping_up.grow(world)
        assert world.desk.carried == 4
        assert "4 were kept up with" in world.desk.ended_by
        assert [len(session.answers) for session in world.sessions.values()] == [6, 6, 3, 3]


def test_growing_ends_where_the_pipeline_is_late(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping_up, "COUNTS", (1, 2))
    monkeypatch.setattr(keeping_up, "SPAN", 0.2)
    monkeypatch.setattr(keeping_up, "UNPUNCTUAL", 10.0)
    monkeypatch.setattr(keeping_up, "parse_chain", lambda _: Chain(()))
    with world_of(little(), tmp_path) as world:
        monkeypatch.setattr(keeping_up, "LATE_SHARE", -1.0)
        keeping_up.grow(world)
        assert (world.desk.carried, len(world.sessions)) == (0, 1)
        assert "generator" in world.desk.ended_by


def test_what_lasts_is_played_in_real_time_and_heard_out(tmp_path):
    with world_of(little("--late", "100"), tmp_path) as world:
        for name in ("Ada", "Ben"):
            world.open_session((), name=name)
        lasting.begin(world, parse_sound("speech-like sound at -20 dBFS"), 0.5)
        lasting.require_all(world, 5)
        ada, ben = (session.take for session in world.sessions.values())
        assert (ada.heard == ada.played).all()
        assert not (ada.played == ben.played).all()
        assert len(world.desk.memory) == 2
        assert min(world.desk.memory) > 1e6
        with broken("numbers 1 to 6"):
            world.desk.under_way.result()
            keeping_up.require_answers(ada.answers, 1, 6)


def test_a_lost_chunk_is_told(tmp_path):
    with world_of(little("--manner", "drops-third"), tmp_path, well=False) as world:
        world.open_session((), name="Ada")
        lasting.begin(world, parse_sound("speech-like sound at -20 dBFS"), 0.4)
        with broken("answered"):
            lasting.require_all(world, 4)


@pytest.mark.parametrize(
    ("memory", "short", "warned"), [([100, 105], 0, 0), ([100, 106], 1, 0), ([100, 90], 0, 0), ([0, 0], 0, 1)]
)
def test_memory_that_grows_warns(memory, short, warned):
    world = Measured()
    world.desk.memory = memory
    lasting.require_flat(world, 5.0)
    assert (len(world.short), len(world.warnings)) == (short, warned)


def test_a_late_chunk_warns():
    take = SimpleNamespace(answers=[chunk(0.05), chunk(0.2)])
    world = Measured(sessions={"Ada": SimpleNamespace(take=take)})
    lasting.require_in_time(world, 0.3)
    assert not world.short
    lasting.require_in_time(world, 0.1)
    assert world.short == [("no chunk takes more than 100 ms", "1 of 2 chunks took longer, up to 200 ms")]
    with pytest.raises(VoidError):
        lasting.slowest(SimpleNamespace(take=SimpleNamespace(answers=[])))
