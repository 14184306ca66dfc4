"""Words about the rules of a group that a charger keeps."""

from behave import register_type, then, when

from support.peers import config, words

register_type(**words.TYPES)


@when("its rules are set, one after the other")
def rules_are_set_in_turn(context):
    config.try_in_turn(context.world, [(row["rule"], row["value"]) for row in context.table])


@when('its "{one:Told}" is set to "{value:Told}" and its "{other:Told}" to "{second:Told}"')
def rules_are_set(context, one, value, other, second):
    config.try_rules(context.world, {one: value, other: second})


@then("it refuses each time with code {code:d} and a reason")
def it_refuses_each_with_reason(context, code):
    config.require_each_refused(context.world, code)


@then("it refuses with code {code:d} and a reason")
def it_refuses_with_reason(context, code):
    config.require_refused_with_reason(context.world, code)


@then("it says each time that it has changed")
def says_changed(context):
    config.require_each_changed(context.world)


@then("its rules are what they were set to")
def rules_are_set(context):
    config.require_as_set(context.world)


@then("its rules are what they were before")
def rules_are_kept(context):
    config.require_all_kept(context.world)


@then('its "{key:Told}" is "{value:Told}"')
def rule_is(context, key, value):
    config.require_rule(context.world, key, value)


@then("setting them again changes nothing")
def again_nothing(context):
    config.require_again_nothing(context.world)
