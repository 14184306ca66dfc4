"""What goes on beside the next scenario is done before the run ends, and its error is not lost."""

import threading

import pytest

from support.kit.at_end import end_everything
from support.kit.later import do_later


def test_it_goes_on_beside_and_is_done_at_the_end():
    gate, done = threading.Event(), []

    def deed():
        assert gate.wait(10)
        done.append("done")

    do_later(deed)
    assert done == []
    gate.set()
    end_everything()
    assert done == ["done"]


def test_its_error_is_raised_at_the_end_and_the_others_are_done():
    done = []

    def fail():
        raise OSError("the engine has gone")

    do_later(fail)
    do_later(lambda: done.append("done"))
    with pytest.raises(OSError, match="the engine has gone"):
        end_everything()
    assert done == ["done"]
    do_later(lambda: done.append("again"))
    end_everything()
    assert done == ["done", "again"]
