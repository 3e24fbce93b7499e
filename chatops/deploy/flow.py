"""The ways through the work that a verb of the command line stands for."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatops.core.desired import Path as Place
from chatops.core.engine import apply
from chatops.core.events import Event, Outcome, Report
from chatops.core.plan import Note, NoteKind, Plan, PlanView
from chatops.core.planner import Frame, make_plan
from chatops.core.reading import Reading, observe, pristine
from chatops.deploy import break_glass
from chatops.deploy.company import Company, judge, resolve_secrets
from chatops.deploy.handover import first_passwords, settle
from chatops.deploy.keeping import newcomers, private_folder, shelf_of
from chatops.deploy.locks import locked
from chatops.deploy.memory import VaultMemory, is_token, with_new_tokens
from chatops.environments import Environment
from chatops.errors import Finding, RefusedError, StalePlanError
from chatops.platforms.base import (
    Action,
    Change,
    Credential,
    Onboarding,
    Removal,
    Run,
    Server,
    Target,
)
from chatops.resources import UNSET, Kind, Setting
from chatops.secrets import invent_password
from chatops.vault import Shelf, VaultError

__all__ = ["Applied", "Asked", "Planned", "apply_plan", "plan_empty", "plan_live", "refuse_unsafe"]

_PERHAPS_MADE = frozenset({"", "internal", "not-converged"})
"""Codes of failures after which an account may be there all the same."""
_WORDS = {
    Kind.USER: Removal.DEACTIVATE,
    Kind.TEAM: Removal.ARCHIVE,
    Kind.CHANNEL: Removal.ARCHIVE,
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the caller wants of a run."""

    only: tuple[str, ...] = ()
    allow_removals: bool = False
    parallelism: int = 8


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan, and what it was made from. `server` is None where none runs yet."""

    company: Company
    plan: Plan
    reading: Reading
    findings: tuple[Finding, ...]
    server: Server | None = None


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A run that ended.

    `passwords`: the file of first passwords, where one was made. `forgotten`: what the vault could
    not note, in words.
    """

    report: Report
    passwords: Path | None = None
    forgotten: str = ""


def plan_live(
    company: Company,
    environment: Environment,
    credential: Credential,
    asked: Asked,
    progress: Callable[[str], None],
) -> Planned:
    """Sign in, read, compare. Nothing is changed on the server."""
    company = break_glass.expected(resolve_secrets(company, environment), environment)
    server = company.platform.connect(
        Target(
            url=environment.address,
            credential=credential,
            network=environment.network,
            side_by_side=asked.parallelism,
            plugins=environment.plugins,
        )
    )
    try:
        return _planned(company, environment, asked, server, progress)
    except BaseException:
        server.close()
        raise


def _planned(
    company: Company,
    environment: Environment,
    asked: Asked,
    server: Server,
    progress: Callable[[str], None],
) -> Planned:
    notes = [Note(kind=NoteKind.SERVER, message=text) for text in server.remarks]
    told = company.release
    if company.desired.version and server.release.version[: len(told.version)] != told.version:
        notes.append(
            _server_note(f"the file says {told.text}, the server is {server.release.text}")
        )
    if company.desired.edition and server.release.edition != told.edition:
        notes.append(
            _server_note(f"the file says {told.edition}, the server is {server.release.edition}")
        )
    if environment.target == "server" and company.desired.installers:
        keys = ", ".join(_installers_word(path) for path in company.desired.installers)
        notes.append(
            _server_note(f"{keys}: for servers that chatops installs; on this one left alone")
        )
    company = judge(company, server.release)
    company = replace(company, desired=with_new_tokens(company.desired, environment.shelf))
    notes += [_server_note(text) for text in _pending(environment)]
    notes += _left_secrets(company, environment)
    reading = observe(company.desired, company.facts, server, progress)
    memory = VaultMemory(
        environment.shelf or shelf_of(company, environment),
        unmade=break_glass.unmade(company, environment),
    )
    reading = replace(reading, observed=replace(reading.observed, memory=memory))
    return Planned(
        company=company,
        plan=make_plan(
            company.desired,
            reading,
            _frame(company, environment, asked, tuple(notes)),
            server.release,
        ),
        reading=reading,
        findings=company.findings,
        server=server,
    )


def _pending(environment: Environment) -> Iterator[str]:
    """What was made up anew and is not in force yet."""
    with suppress(VaultError):
        for name in environment.shelf.pending() if environment.shelf is not None else ():
            made = "is to be made anew" if is_token(name) else "was made up anew"
            yield f"{name} {made}: the next deploy or apply brings it into force"


def _installers_word(path: Place) -> str:
    """What of a key is the installation's alone: of the video, its server."""
    return "the video server" if path == ("video",) else ".".join(map(str, path))


def _left_secrets(company: Company, environment: Environment) -> list[Note]:
    """The shared secrets that nobody knows here."""
    missing = (
        (key, reference)
        for key, reference in company.desired.secrets.items()
        if reference.shared and company.facts.cell(f"setting.{key.name}").held
    )
    values = {r.key: r.value for r in company.desired.resources if isinstance(r, Setting)}
    option = {"sandbox": "", "--server": f" --server {environment.url}"}
    where = option.get(environment.name, f" --env {environment.name}")
    return [
        _server_note(
            f"{key.name} is left as it is: the vault has no {name}, which the server behind it "
            f"shares with the chat. Give it with `chatops secret set {name}{where}`"
        )
        for key, reference in missing
        if values.get(key) is UNSET and (name := reference.text.removeprefix("vault:"))
    ]


def plan_empty(company: Company, environment: Environment, asked: Asked, why: str) -> Planned:
    """Compare with a server of this release that holds nothing yet."""
    company = break_glass.expected(resolve_secrets(company, environment), environment)
    reading = pristine(company.desired, company.facts, _WORDS)
    frame = _frame(company, environment, asked, (_server_note(why),))
    return Planned(
        company=company,
        plan=make_plan(company.desired, reading, frame, company.release),
        reading=reading,
        findings=company.findings,
    )


def refuse_unsafe(plan: Plan) -> None:
    """Stop before anything happens where a safety rule says no."""
    if plan.refusals:
        raise RefusedError("; ".join(plan.refusals), hint="nothing was changed")


def refuse_surprises(first: PlanView, second: PlanView) -> None:
    """After an installation: only what was shown before may be done."""
    shown = {(c.kind, c.name) for c in first.changes}
    taken = {(c.kind, c.name) for c in first.changes if c.action is Action.REMOVE}
    new = [
        c
        for c in second.changes
        if (c.kind, c.name) not in (taken if c.action is Action.REMOVE else shown)
    ]
    if new:
        names = ", ".join(f"{c.kind} {c.name}" for c in new[:5])
        raise StalePlanError(
            f"the server asks for changes that were not in the plan: {names}",
            hint="it is installed; run `chatops plan`, read it, then `chatops apply`",
        )


def no_longer_needed(first: PlanView, second: PlanView) -> tuple[str, ...]:
    """What was shown before an installation, and needs no doing after it, by kind and name."""
    left = {(c.kind, c.name) for c in second.changes}
    return tuple(f"{c.kind} {c.name}" for c in first.changes if (c.kind, c.name) not in left)


def refuse_stale(saved: PlanView, fresh: PlanView, where: str) -> None:
    """A saved plan must still be what would be done."""
    if saved.digest != fresh.digest:
        raise StalePlanError(
            f"{where} is stale: the server or the company file has changed since it was made",
            hint="make a new one with `chatops plan -o FILE` and read it",
        )


def apply_plan(
    planned: Planned,
    environment: Environment,
    asked: Asked,
    cancelled: threading.Event,
    on_event: Callable[[Event], None],
) -> Applied:
    """Make the changes. First passwords are in the vault before any account is made."""
    if planned.server is None:
        raise ValueError("a plan without a server cannot be applied")
    company, plan = planned.company, planned.plan
    if any(change.key in company.unmade for change in plan.changes):
        names = ", ".join(sorted(key.name for key in company.unmade))
        raise RefusedError(
            f"{names}: the secret of it is not made yet",
            hint="`chatops deploy` makes it, and gives it to both sides",
        )
    with ExitStack() as stack:
        stack.enter_context(locked(environment.url))
        shelf = environment.shelf or shelf_of(company, environment)
        path = private_folder(company, environment) / "first-passwords.csv"
        glass = company.desired.break_glass
        plan = break_glass.with_invented(plan, glass, shelf)
        plan, made = _with_passwords(plan, company.desired.onboarding, shelf, path)
        memory = VaultMemory(shelf, planned.server.handlers)
        run = Run(
            ids=planned.reading.ids,
            cancelled=cancelled,
            onboarding=company.desired.onboarding,
            break_glass=glass,
            keep=memory.keep,
            remember=memory.remember,
        )
        try:
            report = apply(
                plan,
                company.desired,
                planned.reading,
                planned.server,
                run,
                parallelism=asked.parallelism,
                on_event=on_event,
            )
        finally:
            forgotten = memory.settle()
            break_glass.in_force(shelf, glass)
        failed, renamed = _people_done(report)
        if failed or renamed:
            settle(path, failed, renamed)
    made = made and path.exists()
    return Applied(report=report, passwords=path if made else None, forgotten=forgotten)


def _surely_not_made(event: Event) -> bool:
    """A server that refused made nothing; one whose answer was lost may have."""
    if event.outcome in (Outcome.BLOCKED, Outcome.NOT_STARTED):
        return True
    refused = event.problem is not None and event.problem.code not in _PERHAPS_MADE
    return event.outcome is Outcome.FAILED and refused


def _people_done(report: Report) -> tuple[frozenset[str], Mapping[str, str]]:
    """Whose account was not made, and who has another name now (old → new)."""
    failed: set[str] = set()
    renamed: dict[str, str] = {}
    for event in report.events:
        change, done = event.change, event.outcome in (Outcome.DONE, Outcome.PARTLY)
        if change.key.kind is not Kind.USER:
            continue
        if change.action is Action.CREATE and _surely_not_made(event):
            failed.add(change.key.name)
        elif change.have is not None and done and "username" in change.changed:
            renamed[change.have.key.name] = change.key.name
    return frozenset(failed), renamed


def _with_passwords(
    plan: Plan, onboarding: Onboarding, shelf: Shelf, path: Path
) -> tuple[Plan, bool]:
    """The plan with a first password for each new person; whether they are to be handed over."""
    people = newcomers(plan)
    if not people:
        return plan, False
    handed = onboarding is Onboarding.FILE
    if handed:
        secrets = first_passwords(people, shelf, path)
    else:
        # Nobody is ever told these: the person chooses one by mail.
        secrets = {p.username: invent_password() for p in people}
    new = {p.key for p in people}
    changes: list[Change[Any]] = []
    for change in plan.changes:
        if change.key in new and change.want is not None:
            person = replace(change.want, password=secrets[change.want.username])
            change = replace(change, want=person)
        changes.append(change)
    return replace(plan, changes=tuple(changes)), handed


def _frame(
    company: Company, environment: Environment, asked: Asked, notes: tuple[Note, ...]
) -> Frame:
    return Frame(
        platform=company.platform.name,
        url=environment.url,
        environment=environment.name,
        spec=str(company.path),
        only=asked.only,
        allow_removals=asked.allow_removals,
        place=company.place,
        notes=notes,
    )


def _server_note(text: str) -> Note:
    return Note(kind=NoteKind.SERVER, message=text)
