"""Words about how fast the gateway is and how much memory it takes."""

from behave import register_type, then, when

from support.gateway import endings, speed, words

register_type(**words.TYPES)


@when("{count:d} clients say hello and goodbye, one after the other")
def come_and_go_timed(context, count):
    speed.come_and_go_timed(context.world, count)


@when("a client calls the fast tool for {seconds:g} s, one call at a time")
def calls_one_at_a_time(context, seconds):
    speed.compare(context.world, seconds)


@when("{clients:d} clients call the fast tool for {seconds:g} s, one call at a time each")
def several_call_one_at_a_time(context, clients, seconds):
    speed.compare(context.world, seconds, clients=clients)


@when("a client calls the fast tool for {seconds:g} s, with {window:d} calls on the way")
def calls_in_a_window(context, seconds, window):
    speed.compare(context.world, seconds, window=window)


@when("a client calls the fast tool {count:Count} times, with {window:d} calls on the way")
def calls_many_times(context, count, window):
    speed.call_many(context.world, count, window)


@then("every one of them was let in")
def all_were_let_in(context):
    endings.require_all_were_in(context.world.opened, len(context.world.timings))


@then("half of them took less than {ms:g} ms")
def half_took_less(context, ms):
    speed.require_half_took(context.world, ms)


@then("every call was answered")
def every_call_was_answered(context):
    speed.require_answered(context.world)


@then("the gateway answers at least {least:g} times as many calls as the bare echo")
def is_as_quick_as(context, least):
    speed.require_ratio(context.world, least)


@then("it answers at least {least:Count} calls a second")
def answers_so_many(context, least):
    speed.require_rate(context.world, least)


@then("its memory has grown by less than {percent:g} % from call 20,000 to call 100,000")
def memory_is_flat(context, percent):
    speed.require_flat(context.world, percent)


@then("the gateway takes less than {megabytes:g} MB")
def memory_is_below(context, megabytes):
    speed.require_memory_below(context.world, megabytes)
