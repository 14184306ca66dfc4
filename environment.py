"""The composition root: what behave calls, and who answers."""

from pathlib import Path

from support.run.session import begin

session = begin(Path(__file__).resolve().parent)


def before_all(context):
    session.start(context)


def before_scenario(context, _scenario):
    session.open_scenario(context)


def after_scenario(_context, _scenario):
    session.audit()
