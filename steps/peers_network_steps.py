"""Words about chargers on a network of their own."""

from behave import given, register_type, then, when

from support.peers import garage, words

register_type(**words.TYPES)


@given("{count:d} chargers on a private network")
def on_a_network(context, count):
    garage.open_garage(context.world, count)


@given("{count:d} chargers on a private network that know each other")
def on_a_network_that_know(context, count):
    garage.open_garage(context.world, count, know=True)


@given("{count:d} chargers on a private network, of which the first has added the last")
def on_a_network_with_a_group(context, count):
    garage.open_garage(context.world, count)
    garage.first_adds_last(context.world)


@given("{count:d} chargers on a private network that have all added each other")
def on_a_network_all_added(context, count):
    garage.open_garage(context.world, count, mutual=True, parting=True)


@when("the first is asked to add each of the others and to be added there")
def first_adds_all(context):
    garage.first_adds_all(context.world)


@when("the last one {fate:Fate}")
def last_one_suffers(context, fate):
    garage.befall(context.world, fate)


@when("the network falls into two halves")
def two_halves(context):
    garage.fall_apart(context.world)


@then("each of the others lists the first as a member within {seconds:g} s")
def others_list_first(context, seconds):
    garage.require_all_list_first(context.world, seconds)


@then("the first lists it as a member that is offline within two heartbeat times")
def last_is_offline(context):
    garage.require_offline(context.world, 2 * context.world.heartbeat + context.world.cycle)


@then("it is online again within {seconds:g} s when the last one {way:WayBack}")
def last_is_back(context, seconds, way):
    garage.require_back(context.world, way, seconds)


@then("each lists the others of its half as online and those of the other half as offline within {seconds:g} s")
def halves(context, seconds):
    garage.require_halves(context.world, seconds)


@then("all list all the others as online within {seconds:g} s when the halves are one again")
def whole_again(context, seconds):
    garage.require_whole(context.world, seconds)
