"""Words about hubs: what they have agreed to, what they are asked for, how they report."""

from behave import given, then, when

from support.toggle import by_hand, checks, driver, journal, pace, waits
from support.toggle.words import parse_time
from support.toggle.world import require_no_crash


@given("a hub that asks at most {attempts:d} times")
@given("a hub that asks at most {attempts:d} time")
def a_hub_with_attempts(context, attempts):
    context.world.attempts = attempts


@given("a hub that waits {first:g} s at first and at most {longest:g} s")
def a_hub_with_waits(context, first, longest):
    context.world.ask_for(backoff_base=f"{first:g}", backoff_cap=f"{longest:g}")


@given("the hub has failed to switch the bulb on")
def the_hub_has_failed(context):
    driver.switch(context.world, ["on"])
    checks.require_result(context.world.outcomes, "failure")


@when("the hub switches the bulb {states:States}")
def the_hub_switches(context, states):
    driver.switch(context.world, states)


@when("the hub switches the bulb on and off in turn, {times:d} times")
def the_hub_switches_in_turn(context, times):
    driver.switch(context.world, driver.in_turn(times))


@when("the hub switches all bulbs {state:State} at once")
def the_hub_switches_all(context, state):
    driver.switch_all(context.world, state)


@when("the hub runs all commands")
def the_hub_runs_all(context):
    driver.run_plan(context.world)


@when("the hub switches the bulb {state:State} and has asked {times:d} times")
@when("the hub switches the bulb {state:State} and has asked {times:d} time")
def the_hub_has_asked_so_far(context, state, times):
    driver.switch_until_asked(context.world, context.world.bulb, state, times)


@when("the hub sets out to switch the bulb {state:State}")
def the_hub_sets_out(context, state):
    driver.begin(context.world, context.world.bulb, state)


@when("somebody runs the hub to switch the bulb {state:State}")
def somebody_runs_the_hub(context, state):
    driver.run_by_hand(context.world, context.world.bulb, state=state)


@when('somebody runs the hub with the {argument:w} "{value}"')
def somebody_mistypes(context, argument, value):
    by_hand.run_mistyped(context.world, argument, value)


@when('somebody runs the hub with the {argument:w} ""')
def somebody_types_nothing(context, argument):
    by_hand.run_mistyped(context.world, argument, "")


@when("somebody runs the hub for each bulb")
def somebody_runs_the_hub_for_each(context):
    hubs = [driver.start_by_hand(context.world, bulb) for bulb in context.world.bulbs.values()]
    for hub in hubs:
        driver.finish_by_hand(context.world, hub)


@then("the hub reports {result:w}")
def the_hub_reports(context, result):
    checks.require_result([context.world.outcome], result)


@then("the hub reports {result:w} each time")
def the_hub_reports_each_time(context, result):
    checks.require_result(context.world.outcomes, result)


@then('the hub reports failure for "{failed}" and success for "{reached}"')
def the_hub_reports_both(context, failed, reached):
    checks.require_result([context.world.outcome_for(failed)], "failure")
    checks.require_result([context.world.outcome_for(reached)], "success")


@then('"{first}" was answered before the hub gave up on "{second}"')
def answered_before(context, first, second):
    pace.require_ended_first(context.world, first, second)


@then("the bulb was told on and off in turn, {times:d} times")
def told_in_turn(context, times):
    checks.require("the bulb is told {}", driver.in_turn(times), [checks.lamp(told) for told in context.world.bulb.told])


@then("the hub has asked exactly {times:d} times")
@then("the hub has asked exactly {times:d} time")
def the_hub_has_asked(context, times):
    checks.require_asked(context.world.bulb, times)


@then("the hub has taken the time of {attempts:d} attempts and no more")
@then("the hub has taken the time of {attempts:d} attempt and no more")
def the_hub_has_taken_the_time(context, attempts):
    pace.require_time_of(context.world, attempts)


@then("it has given up within the agreed time")
def it_has_given_up_in_time(context):
    pace.require_given_up_in_time(context.world)


@then("the hub waits as agreed")
def the_hub_waits(context):
    agreed = context.world.agreement
    table = {int(row["after attempt"]): parse_time(row["at least"], agreed.base) for row in context.table}
    pace.require_waits(context.world, {number: agreed.capped(seconds) for number, seconds in table.items()})


@then("what chance adds to the {count:d} waits is spread over at least {percent:g} % of the agreed range")
def chance_is_spread(context, count, percent):
    found, world = pace.all_waits(context.world), context.world
    checks.require("there are {} waits", count, len(found))
    agreed = {wait.after: world.agreement.wait(wait.after) for wait in found}
    waits.require_spread(found, agreed, world.agreement.jitter * percent / 100)


@then("the hub has not waited after the last attempt")
def no_last_wait(context):
    pace.require_no_last_wait(context.world)


@then("the hub ends with code {code:d}")
def the_hub_ends_with(context, code):
    journal.require_code(context.world.run, code)


@then("there is no trace of a crash")
def no_crash(context):
    require_no_crash(context.world.run.log)


@then("the complaint is one line")
def the_complaint_is_one_line(context):
    journal.require_one_line(context.world.run)


@then("the command has taken at least {seconds:g} s")
def the_command_has_taken(context, seconds):
    pace.require_taken(context.world, seconds)
