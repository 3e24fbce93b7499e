"""What each verb does, one function each: load, do, hand the result to `ui`."""

import json
import logging
import threading
from dataclasses import replace
from pathlib import Path

from chatops import environments, on_hosts
from chatops.changing import consent, finish, make_changes, report_json
from chatops.core.plan import PlanView
from chatops.core.saved import read_saved
from chatops.deploy import flow, local
from chatops.deploy import render as rendering
from chatops.deploy.company import Company, load_company
from chatops.environments import Environment
from chatops.errors import (
    ChatopsError,
    PendingChangesError,
    RefusedError,
    SpecError,
    UnreachableError,
    UsageError,
)
from chatops.host_text import changes_json, changes_markdown, changes_text
from chatops.opening import (
    Options,
    admin_of,
    first_admin,
    open_company,
    plan_again,
    plan_now,
    refuse_unkept,
    sandbox_state,
    sandbox_status,
    turn_secrets,
    unkept_secrets,
)
from chatops.ordinary import read_ordinary
from chatops.private import HOME
from chatops.review.markdown import plan_markdown
from chatops.sandbox import serve as serve_sandbox
from chatops.sandbox.releases import RELEASES
from chatops.spec.files import replace_text
from chatops.spec.text import counted
from chatops.ui import Ui, plan_text, report_summary

__all__ = ["apply", "deploy", "plan", "sandbox", "serve", "show"]

log = logging.getLogger("chatops")

_MOST_OF_A_PLAN = 64 * 2**20


def plan(
    ui: Ui, options: Options, *, out: Path | None, expect_no_changes: bool, markdown: bool = False
) -> None:
    """Show what would be changed; with `markdown` as a comment under a pull request."""
    company, environment = open_company(options, ui.notice)
    hosts = None
    if environment.target == "hosts":
        hosts = on_hosts.compare(ui, options, company, environment)
    planned = plan_now(ui, options, company, environment) if hosts is None else hosts.planned
    changes = () if hosts is None else hosts.changes
    if isinstance(planned, UnreachableError):
        # What would change on the hosts is most of what there is to know of a chat that is down.
        if markdown:
            ui.document(changes_markdown(changes))
        else:
            ui.data({"hosts": changes_json(changes)}, changes_text(changes, diffs=ui.verbose))
        raise planned
    view = planned.plan.view
    unkept = None
    if not expect_no_changes and hosts is None:
        unkept = unkept_secrets(options, planned, environment)
    if unkept is not None:
        # Apply would refuse: whoever reviews this is to know it before it is merged.
        view = replace(view, refusals=(*view.refusals, unkept.message, unkept.hint))
    if markdown:
        ui.document(plan_markdown(view, planned.findings) + changes_markdown(changes))
    else:
        ui.findings(planned.findings)
        text = plan_text(view, everything=ui.verbose, width=ui.columns)
        found = view.to_json()
        if hosts is not None:
            text = f"{changes_text(changes, diffs=ui.verbose)}\n\n{text}"
            found["hosts"] = changes_json(changes)
        ui.data(found, text)
    if out is not None:
        _save(out, view)
        ui.say(f"saved to {out}; `chatops apply {out}` does exactly this")
    if hosts is not None:
        on_hosts.refuse(ui, hosts.problems)
    flow.refuse_unsafe(planned.plan)
    if unkept is not None:
        raise unkept
    pending = len(view.changes) + len(changes)
    if expect_no_changes and pending:
        raise PendingChangesError(f"{counted(pending, 'change is', 'changes are')} pending")


def show(ui: Ui, plan_file: Path, *, markdown: bool = False) -> None:
    """Print a saved plan."""
    view = _read_plan(plan_file)
    if markdown:
        ui.document(plan_markdown(view))
        return
    ui.data(view.to_json(), plan_text(view, everything=ui.verbose, width=ui.columns))


def apply(
    ui: Ui,
    options: Options,
    *,
    plan_file: Path | None,
    given: frozenset[str],
    yes: bool,
    cancelled: threading.Event,
) -> None:
    """Make the server as the file says."""
    saved = None
    if plan_file is not None:
        saved = _read_plan(plan_file)
        if "only" in given:
            raise UsageError("--only belongs to `chatops plan`: a saved plan is applied whole")
        options = replace(
            options,
            file=options.file if "file" in given else Path(saved.spec),
            env=options.env if given & {"env", "server"} else saved.environment,
            only=saved.only,
            allow_removals=saved.allow_removals or options.allow_removals,
        )
        if saved.environment == environments.FROM_FLAGS and "server" not in given:
            # An address in a file that anybody may have written gets no credential of ours.
            raise UsageError(
                f"{plan_file} was made with --server {saved.url}",
                hint="say --server again, so that it is you who names the address",
            )
    company, environment = open_company(options, ui.notice)
    if environment.target == "sandbox" and admin_of(company, environment) is None:
        there = sandbox_status(company).running
        raise ChatopsError(
            "the sandbox has no admin yet" if there else "this company has no sandbox yet",
            hint="`chatops deploy` makes one" if there else "`chatops deploy` brings it up",
        )
    if environment.target == "hosts":
        environment = on_hosts.enter(company, environment)
    planned = plan_now(ui, options, company, environment)
    view = planned.plan.view
    if saved is not None:
        flow.refuse_stale(saved, view, str(plan_file))
    ui.findings(planned.findings)
    if not ui.as_json:
        ui.data(None, plan_text(view, everything=ui.verbose, width=ui.columns))
    flow.refuse_unsafe(planned.plan)
    if not view.changes:
        ui.data({"plan": view.to_json(), "events": []}, "")
        turn_secrets(ui, company, replace(environment, url=view.url))
        return
    refuse_unkept(options, planned, environment)
    consent(ui, yes or saved is not None, len(view.changes), "apply")
    if planned.server is None:
        environment = first_admin(ui, company, environment)
        planned = plan_again(ui, options, company, environment, view)
    report = make_changes(ui, options, planned, environment, cancelled)
    ui.data({"plan": view.to_json(), **report_json(report)}, report_summary(report))
    finish(report)
    turn_secrets(ui, company, replace(environment, url=planned.plan.view.url))


def deploy(ui: Ui, options: Options, *, yes: bool, cancelled: threading.Event) -> None:
    """Bring up the chat of an environment and make it as the file says."""
    company, environment = open_company(options, ui.notice)
    if environment.target == "hosts":
        on_hosts.deploy(ui, options, company, environment, yes=yes, cancelled=cancelled)
        return
    if environment.target != "sandbox":
        apply(ui, options, plan_file=None, given=frozenset(), yes=yes, cancelled=cancelled)
        return
    there = admin_of(company, environment) is not None
    if there and not sandbox_status(company).running:
        ui.say("the sandbox was stopped: starting it again")
        local.control("start", company.platform.name, sandbox_state(company))
    first = plan_now(ui, options, company, environment)
    view = first.plan.view
    ui.findings(first.findings)
    if not ui.as_json:
        ui.data(None, plan_text(view, everything=ui.verbose, width=ui.columns))
    flow.refuse_unsafe(first.plan)
    if view.changes:
        consent(ui, yes, len(view.changes), "deploy")
    folder = company.folder / "build" / environment.name
    files = _rendered(company, environment)
    changed = rendering.write(files, folder)
    ui.say(f"rendered {counted(len(files), 'file')} into {folder}, {len(changed)} changed")
    with ui.working("installing with Ansible"):
        installed = local.install(
            company.platform.name,
            state=sandbox_state(company),
            build=folder,
            on_event=lambda event: ui.step(f"ansible: {event.name}"),
        )
    ui.say(f"installed: {installed.changed} changed by Ansible")
    environment = first_admin(ui, company, replace(environment, url=installed.url))
    planned = plan_again(ui, options, company, environment, view)
    report = make_changes(ui, options, planned, environment, cancelled)
    ui.data(
        {"plan": view.to_json(), "address": environment.url, **report_json(report)},
        (f"{report_summary(report)}\n" if view.changes else "")
        + f"the workspace: {environment.url}",
    )
    ui.say(f"it runs until `chatops sandbox stop -f {options.file}`")
    finish(report)
    turn_secrets(ui, company, environment)


def sandbox(ui: Ui, what: str, file: Path, *, port: int = 0, yes: bool = False) -> None:
    """Start, stop, look at, or throw away the sandbox of a company."""
    product, state = _sandbox_of(file, even_broken=what in ("stop", "status"))
    if what == "reset" and not yes:
        question = f"Throw away the sandbox's data in {state}?"
        if not ui.can_ask:
            raise RefusedError("nobody to ask", hint="say --yes to reset without a question")
        if not ui.ask(question):
            raise RefusedError("declined; nothing was changed")
    status = local.control(what, product, state, port=port)
    said = {"stop": "is stopped; its data stays", "reset": "is gone, and its data with it"}
    ends = said.get(what, "does not run") if status.changed else "does not run"
    text = f"the {product} sandbox " + (f"runs at {status.url}" if status.running else ends)
    ui.data({"product": product, "running": status.running, "url": status.url}, text)


def _sandbox_of(file: Path, *, even_broken: bool) -> tuple[str, Path]:
    """The product and the folder of a company's sandbox.

    `even_broken`: one that runs can be stopped, and looked at, while its file is being mended.
    """
    try:
        company = load_company(file, env=environments.DEFAULT)
    except SpecError:
        there = sorted((file.absolute().parent / HOME / "sandbox").glob("*/"))
        if even_broken and len(there) == 1:
            return there[0].name, there[0]
        raise
    return company.platform.name, sandbox_state(company)


def serve(product: str, port: int, data: Path | None, host: str) -> None:
    """An empty sandbox in the foreground."""
    if product not in RELEASES:
        raise UsageError(
            f"no sandbox is named {product}", hint=f"there are: {', '.join(sorted(RELEASES))}"
        )
    try:
        serve_sandbox(product, port, data, host)
    except OSError as error:
        raise ChatopsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            hint="name another --port; 0 takes any free one",
        ) from error
    except ValueError as error:
        raise UsageError(str(error)) from error


def log_unexpected() -> None:
    """Keep the traceback of a fault of ours where --debug shows it."""
    log.debug("unexpected", exc_info=True)


def _rendered(company: Company, environment: Environment) -> tuple[rendering.RenderedFile, ...]:
    return rendering.render(
        company.loaded.spec, environment.name, company.platform.name, port=environment.port
    )


def _read_plan(path: Path) -> PlanView:
    try:
        text = read_ordinary(path, _MOST_OF_A_PLAN).decode("utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(
            f"cannot read the plan {path}: {why}", hint="`chatops plan -o FILE` saves one"
        ) from error
    return read_saved(text, str(path))


def _save(path: Path, view: PlanView) -> None:
    try:
        replace_text(path, json.dumps(view.to_json(), ensure_ascii=False, indent=2) + "\n")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can have this name"
        raise UsageError(f"cannot write the plan to {path}: {why}") from error
