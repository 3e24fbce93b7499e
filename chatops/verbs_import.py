"""What the verbs `import …` do: read, draft, judge, write, and prove it with a plan."""

import os
import tempfile
from pathlib import Path

from chatops import environments
from chatops.deploy.company import judge, load_company
from chatops.deploy.references import judge_secrets
from chatops.environments import Environment
from chatops.errors import ChatopsError, RunFailedError, SpecError, UsageError
from chatops.importers.draft import Draft
from chatops.importers.files import company_files, ignore, write_new
from chatops.importers.inventory import Inventory, take_inventory
from chatops.importers.judging import altered, refused, unsayable
from chatops.importers.leaving_out import Wrong, made_sound
from chatops.importers.live import draft_company
from chatops.opening import Options, open_company, open_environment, plan_now
from chatops.platforms.base import Platform, Target
from chatops.platforms.registry import platforms
from chatops.resources import Kind
from chatops.spec.text import counted
from chatops.ui import Ui, plan_text

__all__ = ["live"]


def live(ui: Ui, options: Options, product: str | None) -> None:
    """Write a running server down as a company file, and plan with it."""
    environment = open_environment(options)
    if environment.target != environments.Where.SERVER:
        raise UsageError(
            "import reads a server", hint="name it: --server URL, or --env with a server's name"
        )
    if options.file.exists():
        raise UsageError(
            f"{options.file} is there already, and is not written over",
            hint="name another one with -f FILE",
        )
    platform = _platform(product, environment)
    inventory = _read(ui, platform, environment, options.parallelism)
    folder, name = options.file.parent, options.file.name
    with ui.working("drafting the company file"):
        draft = made_sound(
            draft_company(inventory), (unsayable, lambda draft: _wrong(draft, name, inventory))
        )
    files = company_files(draft, name, environment.url)
    write_new(folder, files)
    written = [str(folder / name) for name in (*files, *ignore(folder))]
    for line in draft.left_out:
        ui.say(f"left out: {line}")
    company, environment = open_company(options)
    planned = plan_now(ui, options, company, environment)
    view = planned.plan.view
    counts = {k.value: len(v) for k, v in inventory.things.items() if v and k is not Kind.SETTING}
    ui.data(
        {
            "files": written,
            "read": counts,
            "left_out": draft.left_out,
            "plan": view.to_json(),
        },
        f"{', '.join(f'{n} {kind}' for kind, n in counts.items())}\nwritten: {', '.join(written)}",
    )
    if view.changes:
        if not ui.as_json:
            ui.data(None, plan_text(view, width=ui.columns))
        raise RunFailedError(
            f"the file is written, but its plan has {counted(len(view.changes), 'change')}",
            hint="read them: where the server is right, change the file; `chatops plan` shows them",
        )
    ui.say(f"its plan against {environment.url}: no changes")


def _wrong(draft: Draft, name: str, inventory: Inventory) -> list[Wrong]:
    """What `validate` refuses in the draft's files, or else what their plan would undo."""
    with tempfile.TemporaryDirectory() as folder:
        write_new(Path(folder), company_files(draft, name, inventory.url))
        try:
            company = judge_secrets(load_company(Path(folder) / name))
            company = judge(company, inventory.release)
        except SpecError as error:
            return refused(error.findings, folder + os.sep)
    return altered(draft, company.desired, inventory)


def _platform(product: str | None, environment: Environment) -> Platform:
    known = platforms()
    if product is not None:
        if product not in known:
            raise UsageError(
                f"no platform is named {product}", hint=f"there are: {', '.join(known)}"
            )
        return known[product]
    for platform in known.values():
        if platform.answers(environment.url, environment.network):
            return platform
    raise ChatopsError(
        f"what answers at {environment.url} is none of {', '.join(known)}",
        hint="check the address: it is the one that people open in the browser",
    )


def _read(ui: Ui, platform: Platform, environment: Environment, parallelism: int) -> Inventory:
    with ui.working(f"reading {environment.url}"):
        server = platform.connect(
            Target(
                url=environment.url,
                credential=environment.credential(),
                network=environment.network,
                side_by_side=parallelism,
            )
        )
        try:
            facts = platform.facts(server.release)
            return take_inventory(platform.name, environment.url, facts, server, ui.step)
        finally:
            server.close()
