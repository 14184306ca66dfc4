"""The liars of the pipeline as programs: each is laid over a part that the reference uses, and takes its arguments."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.audio.caught_by import CAUGHT_BY
from support.audio.liars import LIARS

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str, program: tuple[str, ...] = ("-m", "support.audio.liars")) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)


def test_the_list_and_a_name_that_is_none():
    listed, unknown, nothing = run("--list"), run("nobody"), run()
    assert [line.partition(":")[0] for line in listed.stdout.splitlines()] == list(LIARS)
    for done in (unknown, nothing):
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_liar_takes_the_arguments_of_the_reference():
    assert "70000" in run("pass_through", "--port=70000").stderr
    assert run("pass_through", "--version").stdout == run("--version", program=("-m", "support.audio.reference")).stdout


RUN_THEM = """
import importlib
from support.audio.lie import places
from support.audio.liars import LIARS
importlib.import_module("support.audio.reference.service")
importlib.import_module("support.audio.reference.engine")
for liar in LIARS.values():
    before = list(places(liar.honest))
    for place in before:
        place(liar.part)
    laid, left = len(list(places(liar.part))), len(list(places(liar.honest)))
    print(liar.name, len(before), laid, left)
    for place in list(places(liar.part)):
        place(liar.honest)
"""


def test_once_it_runs_nothing_of_the_reference_uses_the_honest_part():
    done = run(program=("-c", RUN_THEM))
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [name for name, *_ in lines] == list(LIARS), done.stderr
    for name, before, laid, left in lines:
        assert int(before) >= 1, f"{name} is laid over nothing"
        # Two places may be one: a table that two modules hold.
        assert (int(laid) >= 1, left) == (True, "0"), f"{name}: {before} places, {laid} laid, {left} honest"


@pytest.mark.parametrize("name", CAUGHT_BY)
def test_a_liar_says_what_it_breaks_and_who_finds_it(name):
    assert LIARS[name].breaks.endswith(".")
    assert CAUGHT_BY[name].first
