"""What is ended with the run."""

import pytest

from support.kit.at_end import at_end_of_run, end_everything


@pytest.fixture(autouse=True)
def nothing_left():
    end_everything()
    yield
    end_everything()


def test_the_last_one_in_is_the_first_one_out_and_each_is_called_once():
    called = []
    at_end_of_run(lambda: called.append("first"))
    at_end_of_run(lambda: called.append("second"))
    end_everything()
    end_everything()
    assert called == ["second", "first"]


def test_every_one_gets_its_turn_and_the_first_error_is_told():
    called = []

    def fails(text):
        raise RuntimeError(text)

    at_end_of_run(lambda: called.append("first"))
    at_end_of_run(lambda: fails("second"))
    at_end_of_run(lambda: fails("third"))
    with pytest.raises(RuntimeError, match="third"):
        end_everything()
    assert called == ["first"]
