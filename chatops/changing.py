"""Making changes: the question before, the run itself, and how it ended."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatops.core.events import Outcome, Report
from chatops.deploy import flow
from chatops.deploy.break_glass import in_vault, sets_password
from chatops.deploy.flow import Planned
from chatops.deploy.keeping import take_over
from chatops.environments import Environment
from chatops.errors import Interrupted, RefusedError, RunFailedError
from chatops.opening import Options, private_folder, secret_command, shelf
from chatops.platforms.base import Action, Change, GivesOutputs
from chatops.resources import Kind
from chatops.ui import Ui, event_json

__all__ = ["applying", "consent", "finish", "make_changes", "report_json"]

applying = threading.Event()
"""Set while changes are under way: only then can a run be stopped gently."""


def consent(ui: Ui, yes: bool, count: int, verb: str) -> None:
    """Ask whether to go on. Raises RefusedError where the answer is no, or nobody can answer."""
    if yes:
        return
    if not ui.can_ask:
        raise RefusedError(
            "nobody is at the terminal to agree, so nothing was changed",
            hint=f"read the plan, then run `chatops {verb} --yes`",
        )
    if not ui.ask(f"Make {'this change' if count == 1 else f'these {count} changes'}?"):
        raise RefusedError("declined; nothing was changed")


def make_changes(
    ui: Ui,
    options: Options,
    planned: Planned,
    environment: Environment,
    cancelled: threading.Event,
) -> Report:
    """Make the changes of a plan, telling each one."""
    url = planned.plan.view.url
    company = planned.company
    taken = take_over(shelf(company, environment), private_folder(company, environment))
    if taken:
        ui.say(taken)
    applying.set()
    try:
        with ui.working("applying", total=len(planned.plan.changes)):
            done = flow.apply_plan(
                planned,
                replace(environment, url=url),
                options.asked,
                cancelled,
                ui.event,
            )
    finally:
        applying.clear()
    if done.forgotten:
        ui.warn(done.forgotten)
    if done.passwords is not None:
        ui.say(f"first passwords of new people: {done.passwords} (you alone can read it)")
    glass = company.desired.break_glass
    if glass is not None and any(sets_password(c) for c in _done(done.report)):
        asked = secret_command(company, environment, "get", in_vault(glass))
        ui.say(f"the password of {glass.name}, the account for emergencies: `{asked}`")
    if _gives_outputs(planned, done.report):
        ui.say("`chatops output` shows the addresses and tokens of what was made")
    return done.report


def _gives_outputs(planned: Planned, report: Report) -> bool:
    """Whether something was made that a program needs to be told of."""
    made = {c.key.kind for c in _done(report) if c.action is Action.CREATE}
    handlers: Mapping[Kind, object] = planned.server.handlers if planned.server else {}
    return any(isinstance(handlers.get(kind), GivesOutputs) for kind in made)


def _done(report: Report) -> tuple[Change[Any], ...]:
    return tuple(e.change for e in report.events if e.outcome in (Outcome.DONE, Outcome.PARTLY))


def report_json(report: Report) -> dict[str, object]:
    """How a run went, for `--json`."""
    return {
        "events": [event_json(e) for e in report.events],
        "summary": {o.value: n for o, n in report.counts.items()},
        "seconds": round(report.seconds, 3),
    }


def finish(report: Report) -> None:
    """End the command as the run ended. Raises Interrupted, RunFailedError."""
    if report.interrupted:
        raise Interrupted("interrupted: the lines above say what is done", hint="run it again")
    if not report.ok:
        raise RunFailedError(
            "not everything could be done",
            hint="mend what the lines above name and run again: only what is left is done",
        )
