"""What `plan` and `deploy` do where the chat runs on hosts of one's own: look, judge, install,
make the first admin while nobody else can, fill the chat, open the door.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatops.changing import consent, finish, make_changes, report_json
from chatops.core.events import Outcome, Report
from chatops.core.plan import PlanView
from chatops.deploy import flow
from chatops.deploy.company import Company
from chatops.deploy.flow import Planned
from chatops.deploy.preflight import Problem, judge
from chatops.deploy.render import Installation
from chatops.deploy.steps import HostChange
from chatops.environments import Environment
from chatops.errors import CredentialError, InstallError, RefusedError, Severity, UnreachableError
from chatops.host_text import changes_text, roles_json, roles_text
from chatops.hosts_work import (
    KEEPERS,
    Work,
    keep_authority,
    look,
    note_applied,
    prepared,
    require_secrets,
    unseen,
    would_change,
)
from chatops.opening import (
    Options,
    first_admin,
    hold,
    plan_again,
    plan_now,
    refuse_unkept,
    turn_secrets,
)
from chatops.resources import Kind
from chatops.ui import Ui, plan_text, report_summary

__all__ = ["Compared", "compare", "deploy", "enter", "refuse"]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What would change in the chat and on its hosts, and why a host is not fit for it.

    `planned` is an error where there is a chat that cannot be compared.
    """

    planned: Planned | UnreachableError
    changes: tuple[HostChange, ...]
    problems: tuple[Problem, ...]


def compare(ui: Ui, options: Options, company: Company, environment: Environment) -> Compared:
    """The hosts and the chat compared with the file. Changes nothing."""
    work = look(ui, company, environment)
    problems = judge(work.facts, work.installation)
    unfit = any(p.severity is Severity.ERROR for p in problems)
    changes = () if unfit else would_change(ui, work)
    silent = UnreachableError(
        f"the chat on {work.hosts} does not answer or lets us in no more, so it cannot be compared",
        hint="`chatops doctor` says why, `chatops deploy` mends what is broken there",
    )
    planned = _planned(ui, options, work) or silent
    return Compared(planned=planned, changes=changes, problems=problems)


def enter(company: Company, environment: Environment) -> Environment:
    """The environment with a way to its chat, for as long as the command lasts."""
    site, installation = unseen(company, environment)
    there = replace(environment, url=installation.chat_url)
    return replace(there, reach=hold(site.chat(company.platform.name)))


def deploy(
    ui: Ui,
    options: Options,
    company: Company,
    environment: Environment,
    *,
    yes: bool,
    cancelled: threading.Event,
) -> None:
    """From whatever the hosts are to a chat that is as the file says, with its door open."""
    began = time.monotonic()
    work = look(ui, company, environment)
    _refuse_unpinned(work.installation)
    refuse(ui, judge(work.facts, work.installation))
    _refuse_moves(work, options)
    first = _planned(ui, options, work)
    changes = () if yes else would_change(ui, work)
    if first is None:
        ui.say(
            "the chat does not answer, or lets us in no more: it is mended first, and compared then"
        )
    else:
        ui.findings(first.findings)
        _show(ui, first.plan.view, changes)
        flow.refuse_unsafe(first.plan)
        refuse_unkept(options, first, work.environment)
    require_secrets(work)
    if changes or first is None or first.plan.view.changes:
        consent(ui, yes, len(changes) + len(first.plan.view.changes if first else ()), "deploy")
    with work.site.locked():
        work = prepared(ui, work)
        nobody_yet = first is not None and first.server is None
        if nobody_yet and work.holds("proxy"):
            # Through an open door anybody could become the first admin of an empty chat.
            with ui.working("shutting the door until there is an admin"):
                work.site.door(open_it=False)
        with ui.working(f"installing on {work.hosts}"):
            installed = work.site.install()
        ui.say(f"installed on {work.hosts}: {roles_text(installed)}")
        there = _tunnel(work)
        nobody_yet = _shut_where_empty(ui, work, there) or nobody_yet
        there = first_admin(ui, company, there)
        if first is not None:
            planned = plan_again(ui, options, company, there, first.plan.view)
        else:
            planned = plan_now(ui, options, company, there)
            _show(ui, planned.plan.view, ())
            flow.refuse_unsafe(planned.plan)
            if planned.plan.view.changes:
                consent(ui, yes, len(planned.plan.view.changes), "deploy")
        view = planned.plan.view
        report = make_changes(ui, options, planned, there, cancelled)
        turn_secrets(ui, company, there)
        if nobody_yet and not _settled(report):
            raise InstallError(
                "the settings are not in, so the door stays shut: nobody but you can enter",
                hint="mend what the lines above name and run `chatops deploy` again",
            )
        with ui.working("opening the door"):
            opened = work.site.door()
        note_applied(ui, work)
    keep_authority(ui, work, opened)
    changed = installed.changed + opened.changed
    ui.data(
        {
            "plan": view.to_json(),
            "hosts": {"changed": changed, "roles": roles_json(installed, opened)},
            "address": work.environment.url,
            "total_seconds": round(time.monotonic() - began, 1),
            **report_json(report),
        },
        "\n".join(
            (
                *((report_summary(report),) if view.changes else ()),
                f"hosts: {roles_text(installed, opened)}",
                f"the chat: {work.environment.url}",
            )
        ),
    )
    finish(report)


def _planned(ui: Ui, options: Options, work: Work) -> Planned | None:
    """The chat compared with the file; None where there is one, and it does not answer.

    A Mattermost without its database takes no password for right (seen on a real 11.6), so that a
    refused one is judged only once everything runs.
    """
    if not work.holds(work.platform):
        return flow.plan_empty(
            work.company,
            work.environment,
            options.asked,
            "nothing runs on these hosts yet: compared with a fresh server",
        )
    try:
        return plan_now(ui, options, work.company, _tunnel(work))
    except (UnreachableError, CredentialError) as error:
        ui.say(error.message)
        return None


def _tunnel(work: Work) -> Environment:
    """The environment with a way to its chat that goes by no door."""
    return replace(work.environment, reach=hold(work.site.chat(work.platform)))


def _show(ui: Ui, view: PlanView, changes: tuple[HostChange, ...]) -> None:
    if ui.as_json:
        return
    if changes:
        ui.data(None, changes_text(changes, diffs=ui.verbose) + "\n")
    ui.data(None, plan_text(view, everything=ui.verbose, width=ui.columns))


def refuse(ui: Ui, problems: Sequence[Problem]) -> None:
    """Tell what was found; stop before anything is touched where a host cannot take it."""
    errors = [p for p in problems if p.severity is Severity.ERROR]
    for problem in problems:
        if problem.severity is not Severity.ERROR:
            ui.say(f"{problem.severity}: {problem.host}: {_told(problem)}")
    if errors:
        raise RefusedError(
            "the hosts are not fit for this:",
            hint="nothing was changed",
            lines=[f"{p.host}: {_told(p)}" for p in errors],
        )


def _told(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _refuse_unpinned(installation: Installation) -> None:
    if installation.unpinned and not installation.hosting.allow_unpinned:
        raise RefusedError(
            f"images without a digest: {', '.join(installation.unpinned)}",
            hint="`chatops lock` asks the registries and writes chatops.lock; or allow it in "
            "environment.yaml: images: {allow_unpinned: true}",
        )


def _refuse_moves(work: Work, options: Options) -> None:
    """What holds messages moves to another host by backup and restore, never by the way."""
    moved = [
        f"{part} on {host}"
        for host, parts in work.gone.items()
        for part in parts
        if part in KEEPERS
    ]
    if moved and not options.allow_removals:
        raise RefusedError(
            f"no longer wanted, and full of data: {', '.join(moved)}",
            hint="take a backup, deploy with --allow-removals (its containers stop, its data "
            "stays in /opt/chatops), then restore it on the new host",
        )


def _shut_where_empty(ui: Ui, work: Work, there: Environment) -> bool:
    """Whether the chat turned out to have no user; then the door is shut before anything else."""
    if not work.company.platform.is_empty(there.address, there.network):
        return False
    if work.holds("proxy"):
        with ui.working("the chat is empty: shutting the door until there is an admin"):
            work.site.door(open_it=False)
    return True


def _settled(report: Report) -> bool:
    """Whether every setting is in, but for the meetings: who lacks a button endangers nobody."""
    return not report.interrupted and all(
        event.outcome is Outcome.DONE
        for event in report.events
        if event.change.key.kind is Kind.SETTING and not event.change.key.name.startswith("video.")
    )
