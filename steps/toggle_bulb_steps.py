"""Words about bulbs: what they are told to do, and what they have seen."""

from behave import given, register_type, step, then
from parse import with_pattern

from support.toggle import checks, drops, frames
from support.toggle.behaviour import parse_script
from support.toggle.words import parse_states


@with_pattern(r"(?:answers|stays|hangs|resets|refuses|cannot|reads) ?.*|answers")
def script(text):
    return parse_script(text)


@with_pattern(r"(?:on|off)(?:, (?:on|off))*")
def states(text):
    return parse_states(text)


@with_pattern(r"on|off")
def state(text):
    return text


@with_pattern(r"\d+ connections? and \d+ frames?")
def tally(text):
    return text


@with_pattern(r"[0-9a-f]{2}(?: [0-9a-f]{2})*")
def octets(text):
    return bytes.fromhex(text)


register_type(Script=script, States=states, State=state, Tally=tally, Octets=octets)


@given("a bulb that {script:Script}")
def a_bulb(context, script):
    context.world.add_bulb(script)


@given('a bulb named "{name}" that {script:Script}')
def a_named_bulb(context, name, script):
    context.world.add_bulb(script, name)


@given('a bulb named "" that {script:Script}')
def a_nameless_bulb(context, script):
    context.world.add_bulb(script, "")


@given("a bulb whose id is the letter {letter} {count:d} times")
def a_bulb_with_a_long_id(context, letter, count):
    context.world.add_bulb(parse_script("answers"), letter * count)


@given("{count:d} bulbs, each of which {script:Script}")
def several_bulbs(context, count, script):
    for number in range(1, count + 1):
        context.world.add_bulb(script, f"DEV{number}")


@given("one bulb for each of these troubles")
def a_bulb_for_each_trouble(context):
    for row in context.table:
        context.world.add_bulb(parse_script(row["trouble"]), row["trouble"])


@given("bulbs with these fates, each asked at most {attempts:d} times")
def bulbs_with_fates(context, attempts):
    context.world.attempts = attempts
    for row in context.table:
        context.world.add_bulb(parse_script(row["fate"]), row["bulb"])
        context.world.plan.append((row["bulb"], int(row["commands"])))


@given("the bulb is already on")
def the_bulb_is_lit(context):
    context.world.bulb.lit = True


@step("somebody sends the bulb the bytes {data:Octets}")
@step("somebody has sent the bulb the bytes {data:Octets}")
def somebody_sends_bytes(context, data):
    context.world.drops.append(drops.send(context.world.bulb, data))


@then("the bulb hangs up without an answer")
def it_hangs_up_silently(context):
    checks.require("the bulb answers {!r}", b"", context.world.drops[-1])


@then('it has noted that it refused a frame as "{reason:w}"')
def it_has_noted_the_reason(context, reason):
    checks.require_refused(context.world.bulb, reason, refused=1, obeyed=0)


@then('the bulb has refused {refused:d} frame as "{reason:w}" and obeyed {obeyed:d}')
def it_has_refused_and_obeyed(context, refused, reason, obeyed):
    checks.require_refused(context.world.bulb, reason, refused, obeyed)


@then("the bulb is {state:State}")
def the_bulb_is(context, state):
    checks.require("the bulb is {}", state, checks.lamp(context.world.bulb.lit))


@then("every bulb is {state:State}")
def every_bulb_is(context, state):
    for bulb in context.world.bulbs.values():
        checks.require(f"{checks.statable(bulb)} is {{}}", state, checks.lamp(bulb.lit))


@then("the bulb was told {states:States}")
def it_was_told(context, states):
    checks.require("the bulb is told {}", states, [checks.lamp(told) for told in context.world.bulb.told])


@then("the bulb has seen {tally:Tally}")
def it_has_seen(context, tally):
    checks.require("the bulb sees {}", tally, checks.tally(context.world.bulb))


@then("for {seconds:g} s the bulb has seen {tally:Tally}")
def it_has_seen_steadily(context, seconds, tally):
    checks.require_steady_tally(context.world.bulb, tally, seconds)


@then("every bulb has seen {tally:Tally}, addressed to itself")
def every_bulb_has_seen(context, tally):
    for bulb in context.world.bulbs.values():
        checks.require(f"{checks.statable(bulb)} sees {{}}", tally, checks.tally(bulb))
        checks.require("the frame is addressed to {!r}", bulb.name, checks.only_frame(bulb).message.device_id)


@then('the frame is addressed to "{name}"')
def the_frame_is_addressed_to(context, name):
    checks.require("the frame is addressed to {!r}", name, checks.only_frame(context.world.bulb).message.device_id)


@then("the bulb has received the header {header:Octets}")
def it_has_received_the_header(context, header):
    frames.require_header(checks.only_frame(context.world.bulb), header.hex(" "))


@then("it has received the text {text}")
def it_has_received_the_text(context, text):
    frames.require_text(checks.only_frame(context.world.bulb), text)


@then("the text is {size:d} bytes long and addressed to the letter {letter} {count:d} times")
def the_text_is_long(context, size, letter, count):
    frame = checks.only_frame(context.world.bulb)
    checks.require("the text is {} bytes long", size, len(frames.payload_text(frame).encode()))
    checks.require("the frame is addressed to {!r}", letter * count, frame.message.device_id)


@then("nothing followed the text")
def nothing_followed(context):
    checks.require_nothing_after(context.world.bulb)


@then("the message id consists of 16 lower-case hexadecimal characters")
def the_message_id_is_well_formed(context):
    frames.require_message_id(checks.only_frame(context.world.bulb))


@then("the bulb has received {count:d} different message ids")
def different_message_ids(context, count):
    checks.require("the bulb receives {} different message ids", count, len(set(checks.message_ids(context.world.bulb))))


@then("the bulb has received the same frame {count:d} times")
def the_same_frame(context, count):
    checks.require("the bulb receives {} frames", count, len(context.world.bulb.frames))
    checks.require("there are {} different frames among them", 1, len({frame.raw for frame in context.world.bulb.frames}))


@then("no two commands share a message id")
def ids_are_not_shared(context):
    checks.require_ids_not_shared(context.world)
