"""Words about sessions that begin, end, are listed, and are found again."""

from behave import register_type, then, when

from support.audio import answered, lines, listed, setups, sound_words, starting, words

register_type(**sound_words.TYPES, **words.TYPES)


@when("a speaker starts a session")
def starts_a_session(context):
    setups.open_plain(context.world)


@when("a speaker starts a session through {chain:Stages}")
def starts_a_session_through(context, chain):
    setups.open_through(context.world, chain)


@when("a speaker starts a session with {configuration}")
def starts_a_session_with(context, configuration):
    starting.start_with(context.world, configuration)


@when("{count:d} speakers start a session each")
def start_sessions(context, count):
    setups.open_many(context.world, count)


@when("{count:d} speakers start a session each and {gone:d} of them is stopped")
def start_sessions_and_stop(context, count, gone):
    starting.start_many_and_stop(context.world, count, gone)


@when("a speaker starts a session, plays 1 chunk and stops it, {times:d} times in a row")
def starts_and_stops(context, times):
    starting.start_and_stop_in_turn(context.world, times)


@when("somebody stops the session")
def stops_the_session(context):
    starting.stop(context.world, context.world.session.session_id)


@when('somebody stops the session of "{name:Said}"')
def stops_the_session_of(context, name):
    starting.stop(context.world, context.world.sessions[name].session_id)


@when("somebody stops a session {which}")
def stops_another_session(context, which):
    starting.stop(context.world, starting.session_id_of(context.world, f"a session {which}"))


@when("a speaker connects to {which} and plays 1 chunk")
def connects_to(context, which):
    lines.connect_and_play(context.world, starting.session_id_of(context.world, which))


@when("the speaker hangs up")
def hangs_up(context):
    context.world.line.close()


@when("the speaker hangs up and comes back")
def hangs_up_and_comes_back(context):
    context.world.line.close()
    answered.come_back(context.world, context.world.session)


@when("the speaker's line {way:Way}, and the speaker comes back and plays {chunks:d} chunks")
def loses_the_line(context, way, chunks):
    lines.lose_and_play(context.world, context.world.session, way, chunks)


@when("the line breaks in the middle of the next chunk, and the speaker comes back and plays {chunks:d} chunks")
def the_line_breaks_in_a_chunk(context, chunks):
    lines.break_in_a_chunk_and_play(context.world, context.world.session, chunks)


@when("a second line connects to the same session and both lines play {chunks:d} chunks")
def a_second_line(context, chunks):
    lines.meet(context.world, context.world.session, chunks)


@when("the speaker asks {times:d} times whether anybody is there")
def asks(context, times):
    lines.ask_whether_anybody_is_there(context.world, times)


@then("the session is running under an id of its own")
def is_running(context):
    starting.require_running(context.world)


@then("no two of them share a session")
def are_told_apart(context):
    starting.require_told_apart(list(context.world.sessions.values()))


@then("the list of sessions shows it")
@then("the list of sessions shows all {count:d}")
@then("the list of sessions shows the {count:d} that are left")
@then("the list of sessions shows the {count:d} that were there")
def are_listed(context, count=1):
    listed.require_listed(context.world, count)


@then("the list of sessions does not show it any more")
def is_not_listed(context):
    listed.require_not_listed(context.world, context.world.session)


@then("within {seconds:g} s the list shows the session as {state}")
def is_listed_as(context, seconds, state):
    listed.require_state(context.world, context.world.session, state, seconds)


@then('the list tells of {ada:d} chunks of "Ada", {ben:d} of "Ben" and {eve:d} of "Eve"')
def list_tells_of_chunks(context, ada, ben, eve):
    listed.require_chunks(context.world, {"Ada": ada, "Ben": ben, "Eve": eve})


@then("the pipeline's health tells of {count:d} sessions more than before")
def health_tells(context, count):
    listed.require_more(context.world, count)


@then("the speaker's line is closed with code {code:d}")
def line_is_closed(context, code):
    lines.require_closed(context.world.line, code)


@then('the line of "{name:Said}" is closed with code {code:d}')
def line_of_is_closed(context, name, code):
    lines.require_closed(context.world.sessions[name].line, code)


@then('whoever connects to it is told "{error:Said}" and closed with code {code:d}')
@then('whoever connects to one is told "{error:Said}" and closed with code {code:d}')
def is_unreachable(context, error, code):
    lines.require_unreachable(context.world, context.world.session.session_id, error, code)


@then('there is no such session, with the code "{code:Said}"')
def there_is_none(context, code):
    starting.require_refused(context.world.answer, 404, code)


@then('that speaker is told "{error:Said}" and closed with code {code:d}')
def that_speaker_is_told(context, error, code):
    lines.require_told_and_closed(context.world.lines[-1], error, code)


@then("that speaker hears nothing")
def that_speaker_hears_nothing(context):
    lines.require_hears_nothing(context.world.lines[-1])


@then("the speaker is answered {times:d} times, and nothing else is heard from the pipeline")
def is_answered_times(context, times):
    lines.require_pongs(context.world.line, times)
    answered.require_nothing_else(context.world)


@then("the link has broken in the middle of a chunk")
def has_broken(context):
    lines.require_broken_in_a_chunk(context.world, context.world.session)


@then("at least one of the two lines is still served")
def one_is_served(context):
    lines.require_one_served(context.world, context.world.session)


@then("no chunk was answered on the other line, and no number was given twice or left out")
def lines_are_untangled(context):
    lines.require_untangled(context.world, context.world.session)
