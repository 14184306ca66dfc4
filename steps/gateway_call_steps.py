"""Words about calls: what is asked for."""

from behave import register_type, when

from support.gateway import asking, doings, series, talk, words

register_type(**words.TYPES)


@when("the client asks for {request}")
def asks_for(context, request):
    talk.ask(context.world, context.world.client, [context.world.ask.request(request)])


@when('"{name:Said}" asks for {request}')
def a_named_one_asks_for(context, name, request):
    talk.ask(context.world, context.world.clients[name], [context.world.ask.request(request)])


@when("the client uses the fast tool under request ids of these kinds")
def uses_under_ids(context):
    ids = [asking.request_id(row["kind"]) for row in context.table]
    talk.ask_in_turn(context.world, context.world.client, [context.world.ask.fast(each) for each in ids])


@when("the client has these texts given back, one after the other")
def has_texts_of_every_kind_given_back(context):
    doings.give_back_in_turn(context.world, [row["text"] for row in context.table])


@when("the client has {text:Text} given back")
def has_a_text_given_back(context, text):
    doings.give_back(context.world, text)


@when("the client has a text given back in a frame of {size:Count} bytes")
def has_a_frame_given_back(context, size):
    doings.give_back_in_frame(context.world, size)


@when("the client uses the slow tool for {seconds:g} s")
def uses_the_slow_tool(context, seconds):
    doings.use_slow(context.world, context.world.client, seconds)


@when("the client calls {call:Mistaken}")
def calls(context, call):
    talk.ask(context.world, context.world.client, [context.world.ask.request(call)])


@when("the client sends {request:Bad}")
def sends_a_bad_request(context, request):
    talk.ask(context.world, context.world.client, [context.world.ask.bad(request)])


@when("the client sends these, one after the other")
def sends_bad_requests(context):
    bad = [context.world.ask.bad(row["request"]) for row in context.table]
    talk.ask_in_turn(context.world, context.world.client, bad)


@when("the client sends calls with these faults, one after the other")
def sends_incomplete_calls(context):
    calls = [context.world.ask.incomplete(row["fault"]) for row in context.table]
    talk.ask_in_turn(context.world, context.world.client, calls)


@when("the client has {count:d} different texts given back, {window:d} at a time")
def has_texts_given_back(context, count, window):
    series.give_back(context.world, [context.world.client], count)


@when("each client has {count:d} different texts given back, {window:d} at a time")
def each_has_texts_given_back(context, count, window):
    series.give_back(context.world, context.world.opened, count)


@when("each client has {count:d} different texts given back under the same request ids")
def each_has_texts_given_back_under_the_same_ids(context, count):
    series.give_back(context.world, context.world.opened, count, same_ids=True)


@when("the client calls the tool with {steps:d} steps of {seconds:g} s")
def calls_in_steps(context, steps, seconds):
    talk.ask(context.world, context.world.client, [context.world.ask.steps(steps, seconds)])


@when("the client calls the tool with {steps:d} steps of {seconds:g} s twice at once")
def calls_in_steps_twice(context, steps, seconds):
    talk.ask(context.world, context.world.client, [context.world.ask.steps(steps, seconds) for _ in range(2)])
