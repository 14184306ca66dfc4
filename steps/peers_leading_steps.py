"""Words about controllers that give, and members that obey or help themselves."""

from behave import given, register_type, then, when

from support.peers import leading, words

register_type(**words.TYPES)


@when("its controller gives it {amps:g} A")
def controller_gives(context, amps):
    leading.give(context.world, amps)


@when("its controller gives it, one after the other")
def controller_gives_oddly(context):
    for row in context.table:
        leading.give(context.world, leading.ODD[row["order"]])


@when("its controller gives it {each:Currents}")
def controller_gives_in_turn(context, each):
    leading.give_in_turn(context.world, each, 3.0)


@when("its controller gives it {amps:g} A again and again for one and a half heartbeat times")
def controller_keeps_giving(context, amps):
    leading.keep_giving(context.world, amps, 1.5 * context.world.heartbeat)


@when("its controller gives it {amps:g} A again and again")
def controller_gives_again(context, amps):
    leading.keep_giving(context.world, amps, context.world.heartbeat / 2)


@when("its controller gives it {amps:g} A without the secret")
def controller_without_secret(context, amps):
    leading.give_unsigned(context.world, amps)


@when("its controller gives it {amps:g} A with the secret")
def controller_with_secret(context, amps):
    leading.give(context.world, amps)


@when("its controller falls silent")
def controller_falls_silent(context):
    leading.fall_silent(context.world)


@given("somebody else who can reach it")
def somebody_else(context):
    leading.require_strange_address()


@when("somebody else gives it {amps:g} A")
def somebody_else_gives(context, amps):
    leading.give(context.world, amps, leading.STRANGER)


@then("the vehicle draws {each:Currents}, each within {seconds:g} s")
def followed(context, each, seconds):
    leading.require_followed(context.world, each)


@then("the vehicle draws {amps:g} A all the time")
def drew_all_the_time(context, amps):
    leading.require_drew_all_the_time(context.world, amps)


@then("the vehicle draws {amps:g} A for half the heartbeat time")
def holds_half(context, amps):
    leading.require_holds_half(context.world, amps)


@then("the charger tells that all is well")
@then("the last tells that all is well")
def all_is_well(context):
    leading.require_helps_itself(context.world, False, context.world.noticed)


@then("the last tells that it helps itself")
def helps_itself(context):
    context.world.speaking = len(context.world.chargers) - 1
    leading.require_helps_itself(context.world, True, context.world.noticed)
