"""Words about the hub's log."""

from behave import then

from support.toggle import checks, journal, records


@then("every line of the log is a record with a time in UTC, a level and an event")
def every_line_is_a_record(context):
    records.require_basics(records.read(context.world.run.log), context.world.run.began)


@then("every record about an attempt carries the agreed fields")
def records_carry_the_fields(context):
    records.require_fields(records.read(context.world.run.log))


@then("the records name the bulb and the message ids on the wire, and correlation ids tie them together")
def records_belong_together(context):
    journal.require_one_command(records.read(context.world.run.log), context.world.bulb)


@then("the log speaks of attempts {first:d} and {last:d}")
def the_log_speaks_of_attempts(context, first, last):
    checks.require("the log speaks of the attempts {}", [first, last], records.attempts(records.read(context.world.run.log)))


@then("a record shows exactly the frame that the bulb received")
def a_record_shows_the_frame(context):
    frame = checks.only_frame(context.world.bulb)
    records.require_bytes(records.read(context.world.run.log), frame.raw, "the frame on the wire")


@then("a record tells of at least {least:g} ms and less than the command took")
def a_record_tells_the_time(context, least):
    journal.require_time_logged(context.world, least)


@then("the {count:d} commands have {count_too:d} different outcomes in the log")
def outcomes_are_told_apart(context, count, count_too):
    checks.require("{} commands were given", count, len(context.world.runs))
    journal.require_different_outcomes(context.world.runs)
