"""Words about groups that share a circuit."""

from behave import register_type, then, when

from support.peers import account, long_day, sharing, words

register_type(**words.TYPES)
PLACES = {"first": 0, "last": -1}


@when("all vehicles charge")
@when("both vehicles charge")
@when("both vehicles ask for current")
def both_ask(context):
    sharing.begin(context.world)
    sharing.ask_for_current(context.world.chargers)


@when("the first vehicle charges and the last one is only connected")
def one_of_each(context):
    sharing.ask_for_current(context.world.chargers[:1])
    context.world.chargers[-1].station.vehicle_comes()


@when("the group has been left alone for a cycle")
def left_alone_once(context):
    sharing.be_left_alone(context.world, 1)


@when("the group has been left alone for {cycles:d} cycles")
def left_alone(context, cycles):
    sharing.be_left_alone(context.world, cycles)


@when("the last vehicle draws {amps:g} A at most")
def last_draws_at_most(context, amps):
    sharing.begin(context.world)
    context.world.chargers[-1].station.vehicle_draws_at_most(amps)


@when("the {which:Which} vehicle goes")
def vehicle_goes(context, which):
    context.world.chargers[PLACES[which]].station.vehicle_goes()


@when("the last vehicle charges, too")
def last_charges_too(context):
    sharing.begin(context.world)
    sharing.ask_for_current(context.world.chargers[-1:])


@when("{count:d} things happen at random, by the seed {seed:d}")
def things_happen(context, count, seed):
    long_day.live_through(context.world, count, seed)


@then('the first and the last are given {amps:g} A each, as "{reason:Told}"')
def all_are_given(context, amps, reason):
    sharing.require_given(context.world, context.world.chargers, amps, reason)


@then('each is given {least:g} to {most:g} A, as "{reason:Told}"')
def each_is_given_between(context, least, most, reason):
    sharing.require_given(context.world, context.world.chargers, (least + most) / 2, reason)


@then("every vehicle draws something")
def every_vehicle_draws(context):
    sharing.require_all_draw(context.world)


@then('the {which:Which} is given {amps:g} A, as "{reason:Told}"')
def one_is_given(context, which, amps, reason):
    sharing.require_given(context.world, [context.world.chargers[PLACES[which]]], amps, reason)


@then('the first is given {amps:g} A, as "{reason:Told}", within the heartbeat time')
def first_is_given_in_time(context, amps, reason):
    sharing.require_given(context.world, context.world.chargers[:1], amps, reason, context.world.noticed)


@then('the last is given nothing more, as "{reason:Told}"')
def last_has_reason(context, reason):
    sharing.require_reason(context.world, context.world.chargers[-1], reason)


@then('one is given {amps:g} A, as "{reason:Told}", and the other {other:g} A, as "{why:Told}"')
def one_of_two(context, amps, reason, other, why):
    sharing.require_one_of_two(context.world, amps, reason, other, why)


@then("the vehicles draw {amps:g} A each")
def vehicles_draw(context, amps):
    sharing.require_each_draws(context.world, amps)


@then("the last vehicle draws nothing")
def last_draws_nothing(context):
    context.world.chargers[-1].station.require_draws_nothing(context.world.cycle)


@then("the first vehicle draws nothing within the heartbeat time")
def first_draws_nothing(context):
    context.world.chargers[0].station.require_draws_nothing(context.world.noticed)


@then("the last vehicle draws {amps:g} A within the heartbeat time")
def last_draws_in_time(context, amps):
    context.world.chargers[-1].station.require_draws(amps, context.world.noticed)


@then("the {which:Which} vehicle draws at least {amps:g} A within two cycles")
def draws_at_least(context, which, amps):
    station = context.world.chargers[PLACES[which]].station
    station.require_draws_between(amps, context.world.budget, 2 * context.world.cycle)


@then("the controller's account of the group is complete")
def account_is_complete(context):
    account.require_complete(context.world)


@then("it counts {online:d} chargers as online and {offline:d} as offline")
def counts(context, online, offline):
    account.require_counts(context.world, online, offline)


@then("every member is in the plan once")
def everybody_once(context):
    sharing.require_everybody_once(context.world)


@then("all together never draw more than {amps:g} A")
@then("all together draw more than {amps:g} A for no longer than a cycle")
def never_exceeded(context, amps):
    sharing.require_within_budget(context.world)


@then("what they were given has not moved by more than 0.5 A")
def not_moved(context):
    sharing.require_not_moved(context.world)


@then("only one vehicle draws")
def only_one_draws(context):
    sharing.require_only_one_draws(context.world)


@then("each vehicle has drawn within {seconds:g} s")
def each_has_drawn(context, seconds):
    sharing.require_turns(context.world, seconds)


@then("the two never draw at the same time for longer than a cycle")
def never_together(context):
    sharing.require_never_together(context.world)


@then("the last vehicle draws {amps:g} A and the first one nothing, for {seconds:g} s")
def keeps_turn(context, amps, seconds):
    sharing.require_keeps_turn(context.world, -1, amps, seconds)


@then("the circuit was never exceeded for longer than a cycle")
def circuit_kept(context):
    sharing.require_within_budget(context.world)


@then("every member was in the plan once at every look")
def everybody_at_every_look(context):
    long_day.require_everybody_each_time(context.world)


@then("nobody who asked was left without current for ever")
def nobody_starved(context):
    long_day.require_nobody_starved(context.world)


@then("no vehicle drew while its board slept")
def nobody_drew_asleep(context):
    long_day.require_none_drew_asleep(context.world)
