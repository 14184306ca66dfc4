"""Words about what chargers are asked, what happens to them, and what they say."""

from behave import register_type, then, when

from support.peers import asking, listing, setting_up, talking, words

register_type(**words.TYPES)


@when("it is asked for its peers")
@when("each is asked for its peers")
def asked_for_peers(context):
    talking.ask_for_peers(context.world)


@when("each is asked to look for the others")
def each_looks(context):
    asking.look_around(context.world)


@when("one is asked to look for the others")
def one_looks(context):
    asking.look_often(context.world, 1)


@when("one is asked to look for the others {times:d} times in a row")
def one_looks_often(context, times):
    asking.look_often(context.world, times)


@when("the first is asked to add the last")
def first_adds_last(context):
    asking.add_charger(context.world, -1)


@when("the first is asked to add the last and to be added there")
def first_and_last_add(context):
    asking.add_charger(context.world, -1, reciprocal=True)


@when("it is asked to add the hosts")
def asked_to_add_each(context):
    asking.add_each(context.world, [row["host"] for row in context.table])


@when("it is asked to remove the hosts")
def asked_to_remove_each(context):
    asking.remove_each(context.world, [row["host"] for row in context.table])


@when('it is asked to add the host "{host:Told}"')
def asked_to_add(context, host):
    asking.add_host(context.world, host)


@when("it is asked to add")
def asked_to_add_oddly(context):
    asking.ask_oddly(context.world, [row["what"] for row in context.table])


@when("it is asked to {what:Change}")
def asked_to_change(context, what):
    asking.change(context.world, what)


@when("it is asked to add the quiet host and to be added there")
def asked_to_add_quiet_host(context):
    context.world.answers.append(context.world.it.add(context.world.host.host, reciprocal=True))


@when("it is asked to remove the quiet host")
def asked_to_remove_quiet_host(context):
    asking.remove_host(context.world, context.world.host.host)


@when("the first is asked to remove the last")
def first_removes_last(context):
    asking.remove_host(context.world, context.world.chargers[-1].host)


@when("it is asked to remove itself")
def asked_to_remove_itself(context):
    asking.remove_host(context.world, context.world.it.host)


@when("it is asked to remove nobody in particular")
def asked_to_remove_nobody(context):
    asking.remove_host(context.world, "")


@when("it is stopped and started again")
def stopped_and_started(context):
    asking.restart(context.world)


@when("it is told to end")
def told_to_end(context):
    context.world.it.node.end()


@when("the last one is told to end")
def last_is_told_to_end(context):
    context.world.chargers[-1].node.end()


@when("the last one dies")
def last_dies(context):
    talking.die(context.world, -1)


@when("the last one hangs")
def last_hangs(context):
    talking.hang(context.world, -1)


@when("the first one dies")
def first_dies(context):
    talking.die(context.world, 0)


@when("the last one starts again")
def last_starts_again(context):
    context.world.chargers[-1].node.start_again()


@when("the first one starts again")
def first_starts_again(context):
    context.world.chargers[0].node.start_again()


@when('it loses its power right after it has added "{host:Told}", and comes back')
def loses_power(context, host):
    asking.lose_power(context.world, host)


@when("it loses its power {times:d} times while hosts are added and removed")
def loses_power_often(context, times):
    asking.lose_power_often(context.world, times)


@when("it is stopped, its kept group is spoilt, and it is started again")
def spoilt(context):
    asking.spoil_and_restart(context.world, "127.0.0.77")


@when("the serial line is cut")
def line_is_cut(context):
    setting_up.break_line(context.world, "cut")


@when("the serial line swallows everything")
def line_swallows(context):
    setting_up.break_line(context.world, "swallows everything", setting_up.IN_VAIN)


@when("who listens asks whether it is there")
def listener_pings(context):
    context.world.voices["who listens"].say({"ping": 1})


@then('it says "{message:Told}" with code {code:d}')
def it_says(context, message, code):
    asking.require_says(context.world, message, code)


@then('it says "{message:Told}" with code {code:d} each time')
def it_says_each_time(context, message, code):
    asking.require_says_each_time(context.world, message, code)


@then('it says "done" at once')
@then('it says "done" at once each time')
def it_says_done(context):
    asking.require_at_once(context.world)


@then("it refuses with code {code:d}")
def it_refuses(context, code):
    asking.require_refuses(context.world, code)


@then('it refuses with code {code:d} and says "{message:Told}"')
def it_refuses_and_says(context, code, message):
    asking.require_refuses(context.world, code, message)


@then("it refuses each time with code {code:d} and says")
def it_refuses_each_time(context, code):
    asking.require_refuses_each_time(context.world, code, [row["reason"] for row in context.table])


@then('it can be asked to add the host "{host:Told}"')
def it_can_add(context, host):
    asking.have_added(context.world, host)
    listing.require_lists_host(context.world, host)


@then("the charger still answers within {seconds:g} s")
def still_answers(context, seconds):
    asking.require_answers(context.world, seconds)
