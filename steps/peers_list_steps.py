"""Words about whom chargers list, and what they keep."""

from behave import given, register_type, then, when

from support.peers import asking, listing, performing, talking, words

register_type(**words.TYPES)


@then("it lists itself and nobody else")
def lists_only_itself(context):
    listing.require_only_itself(context.world)


@then("its entry is local, online, first and complete")
def own_entry(context):
    listing.require_own_entry(context.world)


@then("each entry of its list is complete")
def complete_entries(context):
    listing.require_complete_entries(context.world)


@then("it has the same name and the same id as before")
def same_charger(context):
    asking.require_same_charger(context.world)


@then("it has ended within {seconds:g} s")
def has_ended(context, seconds):
    talking.require_ended(context.world, seconds)


@then("no two of them have the same name or id")
def different(context):
    listing.require_different(context.world)


@then("each lists all the others as online within {seconds:g} s")
def each_lists_all(context, seconds):
    listing.require_all_others(context.world, context.world.chargers, seconds)


@then("each lists all the others as online within the time of discovery")
def each_lists_all_soon(context):
    listing.require_all_others(context.world, context.world.chargers, context.world.found_again)


@then("each lists all the others as online, in less than {seconds:g} s")
def each_lists_all_quickly(context, seconds):
    performing.require_found_within(context.world, seconds)


@then("it lists all the others as online within {seconds:g} s")
def it_lists_all(context, seconds):
    listing.require_all_others(context.world, [context.world.it], seconds)


@then("each lists itself once, first and as local")
def itself_once(context):
    listing.require_itself_once(context.world)


@then("nobody is in a group")
def nobody_joined(context):
    listing.require_nobody_joined(context.world)


@then("nobody lists it as online within {seconds:g} s")
def nobody_lists(context, seconds):
    listing.require_nobody_lists(context.world, context.world.chargers[-1], seconds)


@when("somebody listens on the network")
def listens_on_network(context):
    talking.look_out(context.world)


@given("somebody has heard it on the network")
def has_heard_it(context):
    talking.look_out(context.world)
    talking.require_found(context.world, 5.0)


@then("its goodbye is heard on the network within {seconds:g} s")
def goodbye_is_heard(context, seconds):
    talking.require_goodbye(context.world, seconds)


@then("the charger is found within {seconds:g} s")
def is_found(context, seconds):
    talking.require_found(context.world, seconds)


@then("its advertisement tells its id, version, type and port")
def advertised(context):
    listing.require_advertised(context.world)


@then("it still lists the last, as no member")
def still_lists_last(context):
    listing.require_still_listed(context.world, context.world.chargers[-1])


@then("it lists the last as a member")
def lists_last(context):
    listing.require_lists_member(context.world.chargers[0], context.world.chargers[-1], 1.0)


@then("the last lists the first as a member within {seconds:g} s")
def last_lists_first(context, seconds):
    listing.require_lists_member(context.world.chargers[-1], context.world.chargers[0], seconds)


@then("the last lists {count:d} members within {seconds:g} s")
def last_lists_count(context, count, seconds):
    context.world.speaking = len(context.world.chargers) - 1
    asking.require_members(context.world, count, seconds)


@then("the first lists it as a member that is offline within the heartbeat time")
def lists_offline(context):
    world = context.world
    listing.require_lists_member(world.chargers[0], world.chargers[-1], world.noticed, online=False)


@then("the first lists it as a member that is online within the time of discovery")
def lists_online(context):
    world = context.world
    listing.require_lists_member(world.chargers[0], world.chargers[-1], world.found_again, online=True)


@then('it lists the host "{host:Told}" as a member')
def lists_host(context, host):
    listing.require_lists_host(context.world, host)


@then("it lists each of them as a member")
def lists_each(context):
    listing.require_lists_each(context.world)


@then("it lists {count:d} members")
@then("it lists {count:d} member")
def lists_count(context, count):
    asking.require_members(context.world, count)


@then("it lists {count:d} member and nobody else")
def lists_count_only(context, count):
    listing.require_members_and_nobody_else(context.world, count)


@then("the quiet host is asked once to add the charger, and not to be added back")
def asked_once(context):
    listing.require_asked_once(context.world)


@then("the quiet host has heard nothing for {seconds:g} s")
def heard_nothing(context, seconds):
    listing.require_quiet(context.world, seconds)


@then("each time it comes back with the group that it had before or after the change")
def before_or_after(context):
    asking.require_before_or_after(context.world, 3)


@then("it is ready within {seconds:g} s")
@then("they are ready within {seconds:g} s")
def are_ready(context, seconds):
    performing.require_ready_within(context.world, seconds)
