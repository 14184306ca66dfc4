"""Words about what is there when a scenario of the chargers begins."""

from behave import given, register_type, when

from support.peers import asking, leading, listing, performing, powering, setting_up, sharing, talking, words
from support.peers.setups import SAFE

register_type(**words.TYPES)


@given("an empty garage")
def an_empty_garage(context):
    assert not context.world.chargers


@given("a board")
def a_board(context):
    setting_up.set_up_board(context.world)


@given("a board whose vehicle charges")
def a_board_that_charges(context):
    setting_up.set_up_board(context.world, charging=True)


@given("the board was {what:Order}")
def board_was_told(context, what):
    powering.order(context.world, what)


@given("{wanted:Chargers}")
def chargers(context, wanted):
    setting_up.set_up(context.world, wanted)


@given("somebody listens to the charger")
def somebody_listens(context):
    talking.listen(context.world)


@given('it has added the host "{host:Told}"')
def it_has_added(context, host):
    asking.have_added(context.world, host)


@given("it has added the hosts")
def it_has_added_these(context):
    asking.add_each(context.world, [row["host"] for row in context.table])
    asking.require_says_each_time(context.world, "done", 200)


@given('it has added the hosts "{one:Told}" and "{other:Told}"')
def it_has_added_two(context, one, other):
    asking.have_added(context.world, one)
    asking.have_added(context.world, other)


@given("it has added {count:d} hosts")
def it_has_added_many(context, count):
    asking.have_added_many(context.world, count)


@given("the first has added the last")
def first_has_added_last(context):
    asking.add_charger(context.world, -1)
    asking.require_done(context.world)
    listing.require_lists_member(context.world.chargers[0], context.world.chargers[-1], 5.0, online=True)


@given("the last one has died")
def last_has_died(context):
    talking.die_and_be_missed(context.world)


@given("the serial line {how:LineFault} for {seconds:g} s")
def serial_line_was_broken(context, how, seconds):
    talking.break_line_for(context.world, how, seconds)


@given("its controller has given it {amps:g} A")
def controller_has_given(context, amps):
    leading.have_given(context.world, amps)


@given("its controller has fallen silent and the member helps itself")
def controller_has_fallen_silent(context):
    leading.have_given(context.world, 16)
    leading.fall_silent(context.world)
    leading.require_helps_itself(context.world, True, context.world.noticed)
    context.world.board.require_draws(SAFE, context.world.cycle)  # it is told before the board has followed


@given("both vehicles charge")
def both_charge(context):
    sharing.let_charge(context.world, context.world.chargers, context.world.budget / 2)


@given("both vehicles charge with {amps:g} A")
def both_charge_with(context, amps):
    sharing.let_charge(context.world, context.world.chargers, amps)


@given("the first vehicle charges")
def first_charges(context):
    sharing.let_charge(context.world, context.world.chargers[:1], context.world.budget)


@given("the first vehicle charges with {amps:g} A")
def first_charges_with(context, amps):
    sharing.let_charge(context.world, context.world.chargers[:1], amps)


@given("both vehicles ask for current and the last one waits")
def both_ask_and_last_waits(context):
    sharing.ask_for_current(context.world.chargers)
    sharing.require_given(context.world, context.world.chargers[:1], 6, "min_subset")
    sharing.require_waits(context.world, context.world.chargers[-1])


@given("the first one has died and the last one helps itself")
def first_has_died(context):
    context.world.chargers[0].node.die()
    context.world.speaking = len(context.world.chargers) - 1
    leading.require_helps_itself(context.world, True, context.world.noticed)


@when("a charger with its board is started")
def one_is_started(context):
    performing.start(context.world, 1)


@when("{count:d} chargers with their boards are started")
def several_are_started(context, count):
    performing.start(context.world, count)


@when("a further charger starts")
def a_further_charger(context):
    talking.one_more(context.world)
