"""Words about power boards and their vehicles."""

from behave import given, register_type, then, when

from support.peers import powering, talking, words

register_type(**words.TYPES)


@given("the charger has told of the vehicle")
def has_told_of_the_vehicle(context):
    powering.require_tells_charging(context.world, powering.TELLING)


@when("it is told")
def it_is_told(context):
    powering.tell(context.world, [row["line"] for row in context.table])


@when("it is told to allow {amps:d} A")
def it_is_told_to_allow(context, amps):
    powering.allow(context.world, amps)


@when("a vehicle comes, charges, stops and goes")
def a_whole_visit(context):
    powering.whole_visit(context.world)


@when("the vehicle draws {amps:g} A at most")
def vehicle_draws_at_most(context, amps):
    context.world.board.vehicle_draws_at_most(amps)


@when("the board is {what:Order}")
def board_is_told(context, what):
    powering.order(context.world, what)


@when("a vehicle comes and asks for current")
def a_vehicle_comes(context):
    powering.come_and_ask(context.world)


@when("the vehicle goes")
def the_vehicle_goes(context):
    context.world.board.vehicle_goes()


@when("the board has {fault:Fault}")
def board_has_fault(context, fault):
    context.world.board.break_with(fault)


@then('it answers "$OK" with a right checksum each time, with {counts:Counts} values')
def it_answers_with_values(context, counts):
    powering.require_ok_with(context.world, counts)


@then("it answers exactly")
def it_answers_exactly(context):
    powering.require_exactly(context.world, [row["answer"] for row in context.table])


@then('it answers exactly "{answer:Told}" each time')
def it_answers_the_same(context, answer):
    powering.require_exactly(context.world, [answer] * len(context.world.said))


@then("it has done nothing of it")
def has_done_nothing(context):
    powering.require_as_it_was(context.world)


@then("it answers the next line")
def it_answers_the_next(context):
    powering.require_answers_next(context.world)


@then("it allows the {which:Least} that it can give")
def it_allows(context, which):
    powering.require_allows(context.world, which)


@then("the board goes {path}")
def board_goes(context, path):
    powering.require_goes(context.world, path)


@then("it tells each of these changes by itself")
def it_tells_changes(context):
    powering.require_told_itself(context.world)


@then("the vehicle draws {amps:g} A within {seconds:g} s")
def vehicle_draws(context, amps, seconds):
    context.world.board.require_draws(amps, seconds)


@then("the vehicle draws {amps:g} A within the heartbeat time")
def vehicle_draws_within_heartbeat(context, amps):
    context.world.chargers[-1].station.require_draws(amps, context.world.noticed)


@then("the vehicle draws something within {seconds:g} s")
def vehicle_draws_something(context, seconds):
    powering.require_draws_something(context.world, seconds)


@then("the vehicle draws nothing within {seconds:g} s")
def vehicle_draws_nothing(context, seconds):
    context.world.board.require_draws_nothing(seconds)


@then("the vehicle draws nothing within the heartbeat time")
def vehicle_draws_nothing_within_heartbeat(context):
    context.world.board.require_draws_nothing(context.world.noticed)


@then("the vehicle draws nothing for {seconds:g} s")
def vehicle_draws_nothing_for(context, seconds):
    powering.require_draws_nothing_for(context.world, seconds)


@then("the vehicle draws no more than {amps:g} A for {seconds:g} s")
def vehicle_draws_no_more(context, amps, seconds):
    context.world.board.require_draws_no_more(amps, seconds)


@then("the board is {state:BoardState}")
def board_is(context, state):
    context.world.board.require_state(powering.STATES[state])


@then("the board is faulty with {fault:Fault}")
def board_is_faulty(context, fault):
    powering.require_fault(context.world, fault)


@then("the vehicle charges again when the fault has gone")
def board_is_well_again(context):
    powering.require_well_again(context.world)


@then("the charger tells of a vehicle that charges within {seconds:g} s")
def tells_of_charging(context, seconds):
    powering.require_tells_charging(context.world, seconds)


@then("the charger tells of no vehicle within {seconds:g} s")
def tells_of_none(context, seconds):
    powering.require_tells_none(context.world, seconds)


@then("the charger tells of a waiting vehicle")
def tells_of_waiting(context):
    powering.require_tells_waiting(context.world)


@then("it tells the current that the vehicle draws, within {amps:g} A")
def tells_current(context, amps):
    powering.require_tells_current(context.world, amps)


@then("the charger tells a pilot of {amps:g} A within {seconds:g} s")
def tells_pilot(context, amps, seconds):
    powering.require_tells_pilot(context.world, amps, seconds)


@then('the board is told "{text:Told}" with a right checksum within {seconds:g} s')
def board_is_told_text(context, text, seconds):
    powering.require_told_board(context.world, text, seconds)


@then("who listens was told of everything at first")
def told_everything(context):
    talking.require_whole_status(context.world)


@then("who listens is told of the vehicle within {seconds:g} s")
def told_of_vehicle(context, seconds):
    talking.require_told_of_vehicle(context.world, seconds)


@then("who listens is told that it is")
def told_that_it_is(context):
    talking.require_pong(context.world)
