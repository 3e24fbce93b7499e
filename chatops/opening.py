"""From options to a plan: which file, which server, as whom; and the first admin of a new one."""

import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from chatops import environments
from chatops.core.plan import PlanView
from chatops.deploy import flow, local, outputs
from chatops.deploy.company import Company, judge, load_company
from chatops.deploy.flow import Asked, Planned
from chatops.deploy.keeping import (
    FIRST_ADMIN,
    inventions,
    keep_admin,
    kept_admin,
    private_folder,
    sandbox_state,
    shelf_of,
    told_once,
)
from chatops.deploy.outputs import Looked
from chatops.deploy.rotation import in_force, turn_admin
from chatops.environments import Environment
from chatops.errors import ChatopsError, CredentialError, RefusedError, ServerError, UsageError
from chatops.platforms.base import (
    Action,
    AdminSeed,
    Change,
    Credential,
    Release,
    Run,
    Server,
    Target,
)
from chatops.resources import Ids, Kind
from chatops.sandbox import process
from chatops.sandbox.releases import RELEASES
from chatops.secrets import Secret
from chatops.ui import Ui
from chatops.vault import Shelf

__all__ = [
    "Options",
    "admin_of",
    "credential_of",
    "first_admin",
    "hold",
    "leave",
    "look_now",
    "open_company",
    "open_environment",
    "plan_again",
    "plan_now",
    "private_folder",
    "refuse_unkept",
    "sandbox_state",
    "sandbox_status",
    "secret_command",
    "shelf",
    "turn_secrets",
]

T = TypeVar("T")

_open_sessions = ExitStack()
"""Sessions of this process; `leave` ends them."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that several verbs share."""

    file: Path
    env: str = environments.DEFAULT
    server: str | None = None
    ca_file: Path | None = None
    proxy: str | None = None
    timeout: float | None = None
    only: tuple[str, ...] = ()
    allow_removals: bool = False
    parallelism: int = 8
    write_vault: bool = False

    @property
    def asked(self) -> Asked:
        """What of it a run needs."""
        return Asked(
            only=self.only, allow_removals=self.allow_removals, parallelism=self.parallelism
        )


def open_environment(options: Options) -> Environment:
    """Where the chat runs. Raises UsageError."""
    if options.server is not None:
        return environments.from_flags(options.server, **_network_flags(options))
    environment = environments.load(options.env, options.file)
    if any(_network_flags(options).values()):
        if environment.target == "sandbox":
            raise UsageError("--ca-file, --proxy and --timeout are for a server, not the sandbox")
        way = environments.from_flags(environment.url, **_network_flags(options)).network
        environment = replace(environment, network=way)
    return environment


def open_company(
    options: Options, say: Callable[[str], None] = lambda text: None
) -> tuple[Company, Environment]:
    """The file and the environment with its secrets. A sandbox is judged as what it answers as.

    `say` tells a person what they must know of the vault.
    """
    environment = open_environment(options)
    if options.server is not None:
        company = load_company(options.file)
    else:
        company = load_company(options.file, env=environment.name)
        if environment.target == "sandbox" and company.platform.name in RELEASES:
            company = judge(company, Release(*RELEASES[company.platform.name]))
    shelf = shelf_of(company, environment, write_vault=options.write_vault, say=say)
    return company, replace(environment, shelf=shelf)


def shelf(company: Company, environment: Environment) -> Shelf:
    """The environment's secrets."""
    return environment.shelf or shelf_of(company, environment)


def admin_of(company: Company, environment: Environment) -> Credential | None:
    """The first admin that we made; None where we made none."""
    return kept_admin(shelf(company, environment), private_folder(company, environment))


def turn_secrets(ui: Ui, company: Company, environment: Environment) -> None:
    """Bring into force what was made up anew for the server itself."""
    if turn_admin(company.platform, environment, shelf(company, environment)):
        ui.say(f"the new password of {FIRST_ADMIN} is in force")


def _network_flags(options: Options) -> dict[str, Any]:
    return {
        "ca_file": str(options.ca_file or ""),
        "proxy": options.proxy or "",
        "timeout": options.timeout,
    }


def credential_of(company: Company, environment: Environment) -> Credential | None:
    """Who we are: what the environment says, else the first admin that we made and kept."""
    if environment.login == environments.Login():
        kept = admin_of(company, environment)
        if kept is not None:
            return _in_force(company, environment, kept)
        if company.platform.is_empty(environment.address, environment.network):
            return None
    return environment.credential()


def _in_force(company: Company, environment: Environment, admin: Credential) -> Credential:
    return in_force(company.platform, environment, shelf(company, environment), admin)


def sandbox_status(company: Company) -> process.Status:
    """Whether it runs, and where."""
    return local.control("status", company.platform.name, sandbox_state(company))


def plan_now(ui: Ui, options: Options, company: Company, environment: Environment) -> Planned:
    """Plan against the server as it is; against a fresh one where there is none yet."""
    if environment.target == "sandbox":
        status = sandbox_status(company)
        admin = admin_of(company, environment)
        if not status.running and admin is not None:
            raise ChatopsError(
                "the sandbox of this company is stopped",
                hint="`chatops sandbox start` starts it again, with its data",
            )
        if not status.running or admin is None:
            return flow.plan_empty(
                company,
                replace(environment, url=status.url or "the sandbox"),
                options.asked,
                "nothing runs here yet: compared with a fresh server",
            )
        environment = replace(environment, url=status.url)
        credential: Credential | None = _in_force(company, environment, admin)
    else:
        credential = credential_of(company, environment)
    with ui.working(f"reading {environment.url}"), _leaving_at_once():
        try:
            planned = flow.plan_live(
                company, environment, credential or Credential(), options.asked, ui.step
            )
        except CredentialError:
            # Nobody can be known to a server that has no user yet.
            if not company.platform.is_empty(environment.address, environment.network):
                raise
            return flow.plan_empty(
                company,
                environment,
                options.asked,
                "this server has no user yet: apply registers the first admin, then closes "
                "registration",
            )
    if planned.server is not None:
        _open_sessions.callback(_sign_out, planned.server)
    return planned


def look_now(ui: Ui, company: Company, environment: Environment) -> Looked:
    """Read the server as it is, with no look at what would be changed."""
    if environment.target == "sandbox":
        status = sandbox_status(company)
        if not status.running:
            raise ChatopsError(
                "the sandbox of this company does not run",
                hint="`chatops sandbox start` starts it; the first time `chatops deploy` does",
            )
        environment = replace(environment, url=status.url)
    credential = credential_of(company, environment)
    if credential is None:
        raise ChatopsError(
            f"nobody is on the server at {environment.url} yet", hint="`chatops apply` fills it"
        )
    with ui.working(f"reading {environment.url}"), _leaving_at_once():
        looked = outputs.look(company, environment, credential, ui.step)
    _open_sessions.callback(_sign_out, looked.server)
    return looked


@contextmanager
def _leaving_at_once() -> Iterator[None]:
    """Reading changes nothing, so Ctrl-C need not wait for calls that are under way."""

    def leave_now(number: int, frame: Any) -> None:
        os.write(2, b"\ninterrupted; nothing more was changed\n")
        os._exit(130)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {n: signal.signal(n, leave_now) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sign_out(server: Server) -> None:
    with suppress(ServerError):
        server.close()


def plan_again(
    ui: Ui, options: Options, company: Company, environment: Environment, shown: PlanView
) -> Planned:
    """Plan once more now that there is a server, and do nothing that was not shown."""
    planned = plan_now(ui, options, company, environment)
    flow.refuse_surprises(shown, planned.plan.view)
    flow.refuse_unsafe(planned.plan)
    settled = flow.no_longer_needed(shown, planned.plan.view)
    if settled:
        # The summary counts what was done, so whoever read the plan would miss these in it.
        ui.say(f"already so, now that there is a server: {', '.join(settled)}")
    return planned


def refuse_unkept(options: Options, planned: Planned, environment: Environment) -> None:
    """Stop before anything happens where what must be made up could not be kept."""
    company = planned.company
    there = shelf(company, environment)
    nobody = planned.server is None and environment.login == environments.Login()
    names = inventions(
        planned.plan,
        there,
        admin=nobody and admin_of(company, environment) is None,
        onboarding=company.desired.onboarding,
    )
    told = told_once(planned.plan, planned.server.handlers if planned.server else {})
    if told:
        # No vault entry made beforehand helps here: the server is the one who makes them up.
        run = f"chatops apply{_where(company, environment)}"
        there.require_writable((*names, *told), run)
    there.require_writable(names, secret_command(company, environment, "invent", *names))


def unkept_secrets(
    options: Options, planned: Planned, environment: Environment
) -> RefusedError | None:
    """What `refuse_unkept` would say; None where it would say nothing."""
    try:
        refuse_unkept(options, planned, environment)
    except RefusedError as refused:
        return refused
    return None


def first_admin(ui: Ui, company: Company, environment: Environment) -> Environment:
    """Register the first admin of an empty server. The password is kept before the account is."""
    there = shelf(company, environment)
    given = None
    if environment.target != "sandbox" and environment.login != environments.Login():
        given = environment.credential()
    admin = given or admin_of(company, environment)
    if admin is not None and admin.token is None and _closed_by(company, environment, admin):
        return environment
    if not company.platform.is_empty(environment.address, environment.network):
        return environment
    if given is not None and given.token is not None:
        raise ChatopsError(
            "this server has no user yet, so no token can be valid",
            hint="leave the credential out (chatops makes the first admin and keeps its "
            "password), or give a username and password for it",
        )
    if admin is None:
        admin = keep_admin(there, "chatops")
    domain = company.loaded.spec.company.domain or "example.org"
    company.platform.bootstrap(
        environment.address,
        AdminSeed(
            username=admin.username,
            email=f"{admin.username}@{domain}",
            name="chatops",
            password=admin.password or Secret(""),
        ),
        environment.network,
    )
    asked = secret_command(company, environment, "get", FIRST_ADMIN)
    where = "" if given else f"; its password is in the vault: `{asked}`"
    ui.say(f"registered the first admin, {admin.username}{where}")
    return environment


def secret_command(company: Company, environment: Environment, *words: str) -> str:
    """A command about the secrets of this environment, as it is to be typed."""
    return shlex.join(["chatops", "secret", *words]) + _where(company, environment)


def _where(company: Company, environment: Environment) -> str:
    """The options that name this environment of this company."""
    words = []
    if environment.name == environments.FROM_FLAGS:
        words += ["--server", environment.url]
    elif environment.name != environments.DEFAULT:
        words += ["--env", environment.name]
    if company.path != Path("company.yaml"):
        words += ["-f", str(company.path)]
    return "".join(f" {shlex.quote(w)}" for w in words)


def _closed_by(company: Company, environment: Environment, admin: Credential) -> bool:
    """Whether this admin is there already. A run that was cut off has registration shut now."""
    target = Target(url=environment.address, credential=admin, network=environment.network)
    try:
        server = company.platform.connect(target)
    except CredentialError:
        return False
    try:
        handler = server.handlers[Kind.SETTING]
        for live in handler.read(None, Ids()):
            setting = live.resource
            wanted = company.loaded.spec.sign_in.self_registration is True
            if setting.name == "sign_in.self_registration" and setting.value is True and not wanted:
                shut = Change(
                    action=Action.UPDATE,
                    key=live.key,
                    want=replace(setting, value=False),
                    have=live,
                    changed=("value",),
                )
                handler.update(shut, Run(ids=Ids()))
    finally:
        _sign_out(server)
    return True


def hold(context: AbstractContextManager[T]) -> T:
    """Enter a context that ends with the command."""
    return _open_sessions.enter_context(context)


def leave() -> None:
    """End what is open: the last thing of every command."""
    _open_sessions.close()
