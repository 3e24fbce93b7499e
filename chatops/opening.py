"""From options to a plan: which file, which server, as whom; and the first admin of a new one."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatops import environments
from chatops.core.plan import PlanView
from chatops.deploy import flow, local
from chatops.deploy.company import Company, judge, load_company
from chatops.deploy.flow import Asked, Planned
from chatops.environments import Environment
from chatops.errors import ChatopsError, CredentialError, ServerError, UsageError
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
from chatops.secrets import Secret, invent_password
from chatops.ui import Ui

__all__ = [
    "Options",
    "first_admin",
    "leave",
    "open_company",
    "plan_again",
    "plan_now",
    "private_folder",
    "sandbox_state",
    "sandbox_status",
]

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

    @property
    def asked(self) -> Asked:
        """What of it a run needs."""
        return Asked(
            only=self.only, allow_removals=self.allow_removals, parallelism=self.parallelism
        )


def open_company(options: Options) -> tuple[Company, Environment]:
    """The file and the environment. A sandbox is judged as the release it answers as."""
    if options.server is not None:
        environment = environments.from_flags(options.server, **_network_flags(options))
        return load_company(options.file), environment
    environment = environments.load(options.env, options.file)
    if any(_network_flags(options).values()):
        if environment.target == "sandbox":
            raise UsageError("--ca-file, --proxy and --timeout are for a server, not the sandbox")
        way = environments.from_flags(environment.url, **_network_flags(options)).network
        environment = replace(environment, network=way)
    company = load_company(options.file, env=environment.name)
    if environment.target == "sandbox" and company.platform.name in RELEASES:
        company = judge(company, Release(*RELEASES[company.platform.name]))
    return company, environment


def _network_flags(options: Options) -> dict[str, Any]:
    return {
        "ca_file": str(options.ca_file or ""),
        "proxy": options.proxy or "",
        "timeout": options.timeout,
    }


def credential_of(company: Company, environment: Environment) -> Credential | None:
    """Who we are: what the environment says, else the first admin that we made and kept."""
    if environment.target == "sandbox":
        return local.read_admin(sandbox_state(company))
    if environment.login == environments.Login():
        kept = local.read_admin(private_folder(company, environment))
        if kept is not None or company.platform.is_empty(environment.url, environment.network):
            return kept
    return environment.credential()


def private_folder(company: Company, environment: Environment) -> Path:
    """Where what must not be lost or seen of an environment is kept."""
    if environment.target == "sandbox":
        return sandbox_state(company)
    name = environment.name
    if name == environments.FROM_FLAGS:
        # Two servers named on the command line are two servers.
        name = "server-" + re.sub(r"[^A-Za-z0-9.-]", "_", environment.url.partition("://")[2])
    return company.folder / ".chatops" / name


def sandbox_state(company: Company) -> Path:
    """Where the sandbox of a company keeps its things."""
    return company.folder / ".chatops" / "sandbox" / company.platform.name


def sandbox_status(company: Company) -> process.Status:
    """Whether it runs, and where."""
    return local.control("status", company.platform.name, sandbox_state(company))


def plan_now(ui: Ui, options: Options, company: Company, environment: Environment) -> Planned:
    """Plan against the server as it is; against a fresh one where there is none yet."""
    if environment.target == "sandbox":
        status = sandbox_status(company)
        admin = local.read_admin(sandbox_state(company))
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
        credential: Credential | None = admin
    else:
        credential = credential_of(company, environment)
    with ui.working(f"reading {environment.url}"), _leaving_at_once():
        try:
            planned = flow.plan_live(
                company, environment, credential or Credential(), options.asked, ui.step
            )
        except CredentialError:
            # Nobody can be known to a server that has no user yet.
            if not company.platform.is_empty(environment.url, environment.network):
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
    return planned


def first_admin(ui: Ui, company: Company, environment: Environment) -> Environment:
    """Register the first admin of an empty server. The password is on disk before the account."""
    folder = private_folder(company, environment)
    admin = local.read_admin(folder)
    if admin is not None and _closed_by(company, environment, admin):
        return environment
    if not company.platform.is_empty(environment.url, environment.network):
        return environment
    given = None
    if environment.target != "sandbox" and environment.login != environments.Login():
        given = environment.credential()
    if given is not None and given.token is not None:
        raise ChatopsError(
            "this server has no user yet, so no token can be valid",
            hint="leave the credential out (chatops makes the first admin and keeps its "
            "password), or give a username and password for it",
        )
    if given is not None:
        admin = given
        local.keep_admin(folder, admin)
    elif admin is None:
        admin = Credential(username="chatops", password=invent_password())
        local.keep_admin(folder, admin)
    domain = company.loaded.spec.company.domain or "example.org"
    company.platform.bootstrap(
        environment.url,
        AdminSeed(
            username=admin.username,
            email=f"{admin.username}@{domain}",
            name="chatops",
            password=admin.password or Secret(""),
        ),
        environment.network,
    )
    ui.say(f"registered the first admin, {admin.username}; its password is in {folder}/admin.json")
    return environment


def _closed_by(company: Company, environment: Environment, admin: Credential) -> bool:
    """Whether this admin is there already. A run that was cut off has registration shut now."""
    target = Target(url=environment.url, credential=admin, network=environment.network)
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


def leave() -> None:
    """End what is open: the last thing of every command."""
    _open_sessions.close()
