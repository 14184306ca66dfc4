"""Lines of the table that says which scenarios find a liar."""

from support.kit.caught import caught_by

by = caught_by("LMP")


def test_numbers_become_the_ids_of_the_slice():
    line = by("01 12")
    assert line.first == {"LMP-01", "LMP-12"}
    assert line.all == line.first
    assert line.maybe == frozenset()


def test_what_fails_in_the_whole_slice_includes_what_is_run_first():
    line = by("01", also="29 30", maybe="31")
    assert line.first == {"LMP-01"}
    assert line.all == {"LMP-01", "LMP-29", "LMP-30"}
    assert line.maybe == {"LMP-31"}


def test_a_liar_that_fails_nearly_everything_is_not_run_against_all():
    assert by("01", also=None).all is None
