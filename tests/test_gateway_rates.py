"""How many requests must pass, and how many may: with made-up times."""

import pytest
from gateway_parts import answered, broken, failed, failure, good, meeting, well

from support.gateway import rates
from support.gateway.talk import let_in


def burst(good, refused, *, sent_at=0.0, took=0.01):
    """So many requests, sent at one moment and answered at another."""
    return [well(sent_at=sent_at, after=took) for _ in range(good)] + [
        failed("OVER_CAPACITY", sent_at=sent_at, after=took) for _ in range(refused)
    ]


@pytest.fixture
def world(tmp_path):
    with meeting(tmp_path) as made:
        made.asked["rate_session"] = "4/2"
        made.moments |= {"first of the burst": 0.0, "last of the burst": 0.1}
        yield made


# --- so many and no more


def test_the_agreed_number_passes():
    rates.require_split(burst(50, 1), 50, 1, pace=1.0)
    rates.require_split(burst(5, 0), 5, 0, pace=1.0)


@pytest.mark.parametrize(("good", "refused"), [(49, 2), (51, 0), (0, 51)])
def test_another_number_is_told(good, refused):
    with broken(f"50 calls are answered and 1 refused\nseen      {good} answered and {refused} refused"):
        rates.require_split(burst(good, refused), 50, 1, pace=1.0)


def test_what_comes_back_meanwhile_may_pass():
    slow = burst(51, 0, took=1.01)
    rates.require_split(slow, 50, 1, pace=1.0)
    with broken("50 calls are answered"):
        rates.require_split(burst(51, 0, took=0.99), 50, 1, pace=1.0)
    with broken("49 calls are answered"):
        rates.require_split(slow, 49, 2, pace=1.0)
    with broken("50 calls are answered"):
        rates.require_split(slow, 50, 1)


def test_who_was_asked_more_or_less_often_is_told():
    with broken("51 requests were made\nseen      60 requests"):
        rates.require_split(burst(50, 10), 50, 1)


@pytest.mark.parametrize("code", ["TIMEOUT", "INVALID_REQUEST"])
def test_another_refusal_is_told(code):
    with broken(f"refused with OVER_CAPACITY\nseen .*{code}"):
        rates.require_split([*burst(50, 0), failed(code)], 50, 1)
    with broken(code):
        rates.require_others_refused([*burst(50, 0), failed(code)])


def test_every_other_call_is_refused_under_its_id():
    rates.require_others_refused(burst(4, 2))
    with broken("some of the calls are refused"):
        rates.require_others_refused(burst(4, 0))
    with broken("request id"):
        rates.require_others_refused([*burst(4, 1), answered({**failure("OVER_CAPACITY"), "request_id": "r-2"})])


# --- what has come back


@pytest.mark.parametrize(
    ("sent_at", "good", "fine"),
    [
        (1.2, 2, True),  # 1.08 s at the least, 1.21 s at the most, at 2 a second
        (1.2, 1, False),
        (1.2, 3, False),
        (0.5, 0, True),  # not even one for sure
        (0.5, 1, True),  # 0.51 s at the most, so one may be back
        (0.5, 2, False),
        (1.55, 2, True),
        (1.55, 3, True),
        (1.55, 1, False),
        (60.0, 4, True),  # full again
        (60.0, 3, False),
    ],
)
def test_as_many_pass_as_have_come_back(world, sent_at, good, fine):
    calls = burst(good, 8 - good, sent_at=sent_at)
    if fine:
        rates.require_refill(world, calls)
        return
    with broken(f"of 8 calls are answered\nseen      {good} are"):
        rates.require_refill(world, calls)


def test_more_than_the_agreed_number_never_passes_at_once(world):
    with broken("4 to 4 of 8 calls are answered\nseen      5 are"):
        rates.require_refill(world, burst(5, 3, sent_at=60.0))


def test_no_more_can_pass_than_are_asked(world):
    rates.require_refill(world, burst(3, 0, sent_at=60.0))


@pytest.mark.parametrize(("good", "took", "fine"), [
    (4, 0.01, True), (3, 0.01, False), (5, 0.01, False), (5, 0.5, True), (5, 0.4, False), (6, 1.0, True), (4, 1.0, True),
    (7, 1.0, False),
])  # fmt: skip
def test_what_is_saved_up_is_capped(world, good, took, fine):
    calls = burst(good, 30 - good, took=took)
    if fine:
        rates.require_capped(world, calls)
        return
    with broken(rf"of 30 calls are answered\nseen      {good} are"):
        rates.require_capped(world, calls)


def test_who_asks_less_than_is_agreed_is_never_refused(world):
    rates.require_capped(world, burst(3, 0))
    with broken("3 to 4 of 3"):
        rates.require_capped(world, burst(2, 1))


# --- asking


def test_the_agreed_rate_is_that_of_the_scenario(world):
    assert rates.bucket(world, "rate_session") == (4, 2.0)
    assert rates.bucket(world, "rate_address") == (100, 10.0)


def limited(at_once):
    left = [at_once]

    def answer(request):
        if request.get("op") == "call_tool":
            left[0] -= 1
            if left[0] < 0:
                return [{**failure("OVER_CAPACITY"), "request_id": request["request_id"]}]
        return good(request)

    return answer


def test_what_may_be_asked_is_used_up(tmp_path):
    with meeting(tmp_path, limited(4)) as world:
        world.asked["rate_session"] = "4/2"
        calls = rates.use_up(world, let_in(world))
        assert (len(rates.well(calls)), len(rates.refused(calls))) == (4, rates.EMPTY)
        assert world.moments["first of the burst"] < world.moments["last of the burst"]
        rates.require_split(calls, 4, rates.EMPTY)


def test_a_gateway_that_refuses_nothing_is_told(world):
    with broken("a session may ask 4 times at once\nseen      7 requests were answered"):
        rates.use_up(world, let_in(world))
