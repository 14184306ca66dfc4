"""Words about what is there when a scenario of the audio pipeline begins: the pipeline, its sessions and their speakers."""

from behave import given, register_type

from support.audio import playing, setups, sound_words, words

register_type(**sound_words.TYPES, **words.TYPES)


@given("a pipeline")
def a_pipeline(context):
    setups.set_up(context.world)


@given("a pipeline {wanted:Conditions}")
def a_pipeline_as_wanted(context, wanted):
    setups.set_up(context.world, wanted)


@given("a plain session")
def a_plain_session(context):
    setups.set_up(context.world)
    setups.open_plain(context.world)


@given("a plain session of a pipeline {wanted:Conditions}")
def a_plain_session_of_a_pipeline(context, wanted):
    setups.set_up(context.world, wanted)
    setups.open_plain(context.world)


@given("a plain session behind a link")
def a_plain_session_behind_a_link(context):
    setups.open_plain(context.world, link=True)


@given("a plain session at {rate:Count} Hz")
def a_plain_session_at(context, rate):
    setups.open_plain(context.world, rate=rate)


@given("a plain session that was stopped")
def a_stopped_session(context):
    setups.open_and_stop(context.world)


@given("a session that nobody ever connected to, and one whose speaker has hung up")
def unused_sessions(context):
    setups.open_unused(context.world)


@given("plain sessions of {names:Names}")
def plain_sessions(context, names):
    setups.open_plain_each(context.world, names)


@given("plain sessions of {names:Names}, each behind a link")
def plain_sessions_behind_links(context, names):
    setups.open_plain_each(context.world, names, link=True)


@given("{count:d} speakers have a session each")
def speakers_have_sessions(context, count):
    setups.open_many(context.world, count)


@given("a session through {chain:Stages}, behind a link")
def a_session_through_behind_a_link(context, chain):
    setups.open_through(context.world, chain, link=True)


@given("a session through {chain:Stages}")
def a_session_through(context, chain):
    setups.open_through(context.world, chain)


@given("a session at {rate:Count} Hz through {chain:Stages}")
def a_session_at_through(context, rate, chain):
    setups.open_through(context.world, chain, rate=rate)


@given("sessions of {names:Names} through {chain:Stages}")
def sessions_through(context, names, chain):
    setups.open_through_each(context.world, dict.fromkeys(names, chain))


@given('sessions of "Ada" through {ada:Stages}, of "Ben" through {ben:Stages}, and of "Eve" through {eve:Stages}')
def sessions_through_each(context, ada, ben, eve):
    setups.open_through_each(context.world, {"Ada": ada, "Ben": ben, "Eve": eve})


@given("the speaker has played {count:d} chunks")
def has_played(context, count):
    playing.play_noise(context.world, context.world.session, count)
