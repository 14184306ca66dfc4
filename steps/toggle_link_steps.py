"""Words about the link between hub and bulb, and about the time that a command takes over it."""

from behave import given, then, when

from support.toggle import checks, driver, links, pace


@given("a link to the bulb that {fault}")
def a_link(context, fault):
    links.open_link(context.world, fault)


@when("the link heals and the hub switches the bulb {states:States}")
def the_link_heals(context, states):
    links.heal(context.world)
    driver.switch(context.world, states)


@then("the link was at fault on {connections:d} connections")
@then("the link was at fault on {connections:d} connection")
def the_link_was_at_fault(context, connections):
    checks.require_struck(context.world, connections)


@then("{count:d} round trips are in the report")
def round_trips_are_reported(context, count):
    checks.require("{} round trips are in the report", count, len(context.world.sampled()))


@then("{most:g} % of them take less than {limit:g} ms and {nearly_all:g} % less than {outer:g} ms")
def round_trips_are_quick(context, most, limit, nearly_all, outer):
    pace.expect_quick(context.world, {most: limit, nearly_all: outer})


@then("a report of these round trips warns of more than {limit:g} ms")
def a_report_warns(context, limit):
    pace.require_warning(context.world, limit)


@then("it holds its time, its limits, its figures and every round trip")
def the_report_is_whole(context):
    pace.require_whole_report(context.world)


@then("each round trip has taken at least {least:g} ms")
def round_trips_take_time(context, least):
    pace.require_slow(context.world, least)
