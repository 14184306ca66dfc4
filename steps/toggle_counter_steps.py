"""Words about the hub's counters."""

from behave import given, then, when

from support.toggle import checks, counting, driver, ledger


def rows(table):
    return [(row["what"], row["kind"], int(row["count"])) for row in table]


@given("somebody else holds the place of the hub's counters")
def the_place_is_taken(context):
    driver.take_counters_port(context.world)


@when('a first hub switches "{first}" on and a second hub switches "{second}" on')
def two_hubs_switch(context, first, second):
    driver.make_ready(context.world, "first", "second")
    driver.begin(context.world, context.world.bulbs[first], "on", seat="first")
    driver.begin(context.world, context.world.bulbs[second], "on", seat="second")


@then("the hub's counters read, while it waits for the answer")
def counters_under_way(context):
    counting.require_counters(context.world, context.world.bulb, rows(context.table))
    counting.require_still_waiting(context.world.bulb)


@then("the hub's counters come to read, before it gives up")
def counters_come_to_read(context):
    counting.require_counters_to_come(context.world, context.world.bulb, rows(context.table))


@then("the {seat:w} hub's counters read, while it waits for answer {number:d}")
def counters_of_a_hub(context, seat, number):
    bulb = context.world.bulb_of(seat)
    driver.await_frames(context.world, bulb, number)
    counting.require_counters(context.world, bulb, rows(context.table), seat)
    counting.require_still_waiting(bulb)


@then("the hub's counters read")
def counters_at_the_end(context):
    counting.require_counters(context.world, context.world.bulb, rows(context.table))


@then("the hub's counters read, bulb by bulb")
def counters_by_bulb(context):
    wanted = {name: rows(row for row in context.table if row["bulb"] == name) for name in context.world.bulbs}
    counting.require_counters_of_all(context.world, wanted)


@then("the hub has measured {count:d} answers and {seconds:g} s in all, within {percent:g} %")
def measured_times(context, count, seconds, percent):
    counting.require_measured(context.world, count, seconds, percent)


@then("{few:d} of them took at most {low:g} s and {many:d} at most {high:g} s")
def sorted_into_steps(context, few, low, many, high):
    scrape, name = driver.counters(context.world), context.world.bulb.name
    checks.require(f"{{}} answers took at most {low:g} s", few, ledger.within_step(scrape, name, low))
    checks.require(f"{{}} answers took at most {high:g} s", many, ledger.within_step(scrape, name, high))


@then("the steps of the measured times are {bounds} and {last} s")
def the_steps_are(context, bounds, last):
    wanted = [float(bound) for bound in (*bounds.split(", "), last)]
    checks.require("the steps are {} s", wanted, ledger.steps(driver.counters(context.world), context.world.bulb.name))


@then("the hub's counters can be read")
def counters_can_be_read(context):
    checks.require("that the hub counts its frames is {}", True, driver.counters(context.world).has("tcp_comm_packet_sent_total"))


@then("they can no longer be read once the hub has ended")
def counters_end_with_the_hub(context):
    driver.end_hub(context.world)
    checks.require("that the counters can still be read is {}", False, driver.counters_answer(context.world))
