"""A server under the contract: the sandbox, or a real one that a variable names."""

import os
import secrets
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chatops.core.events import Event, Outcome
from chatops.core.reading import observe
from chatops.deploy import flow
from chatops.deploy.company import load_company
from chatops.environments import Environment
from chatops.platforms.base import (
    Action,
    AdminSeed,
    Change,
    Credential,
    Network,
    Platform,
    Run,
    Server,
    Target,
)
from chatops.platforms.registry import platforms
from chatops.resources import UNKNOWN, Ids, Key, Kind, Live
from chatops.sandbox import Sandbox
from chatops.secrets import Secret
from chatops.ui import plan_text
from tests.contract.pictures import put_pictures

ADMIN = AdminSeed(
    username="contract-admin",
    email="contract-admin@contract.example",
    name="contract",
    password=Secret("Contract-admin-pw-1!"),
)
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBszCCARwCCQ\n-----END CERTIFICATE-----\n"
HEAD = "version: 1\ncompany: {name: Contract}\nchat: {platform: %s}\n"


def put_secrets(folder: Path) -> None:
    """The files that secrets of the company files refer to."""
    place = folder / "secrets"
    place.mkdir(mode=0o700, exist_ok=True)
    for name, text in (("password", "Contract-secret-1!"), ("idp.pem", CERTIFICATE)):
        (place / name).write_text(text, encoding="utf-8")
        (place / name).chmod(0o600)


@dataclass
class World:
    """One server, and a name that this run alone uses."""

    platform: Platform
    url: str
    credential: Credential
    sandbox: Sandbox | None
    folder: Path
    servers: list[Server] = field(default_factory=list)
    tags: list[str] = field(default_factory=lambda: [secrets.token_hex(3)])

    @property
    def tag(self) -> str:
        """What this test alone uses in its names."""
        return self.tags[-1]

    @property
    def environment(self) -> Environment:
        return Environment(
            name="contract", folder=self.folder, target="server", url=self.url, network=Network()
        )

    def connect(self, credential: Credential | None = None) -> Server:
        return self.platform.connect(Target(url=self.url, credential=credential or self.credential))

    def write(self, text: str) -> Path:
        body = text.replace("{t}", self.tag)
        head = HEAD % self.platform.name
        if body.startswith("company:"):
            head = head.replace("company: {name: Contract}\n", "")
        path = self.folder / "company.yaml"
        path.write_text(head + body, encoding="utf-8")
        put_pictures(self.folder)
        put_secrets(self.folder)
        return path

    def plan(
        self,
        text: str,
        *,
        only: tuple[str, ...] = (),
        credential: Credential | None = None,
        **asked: bool,
    ) -> flow.Planned:
        only = tuple(p.replace("{t}", self.tag) for p in only)
        self.leave()
        planned = flow.plan_live(
            load_company(self.write(text)),
            self.environment,
            credential or self.credential,
            flow.Asked(only=only, **asked),
            lambda step: None,
        )
        if planned.server is not None:
            self.servers.append(planned.server)
        return planned

    def leave(self) -> None:
        """End old sessions; those of the last plans may still be applied."""
        while len(self.servers) > 3:
            self.servers.pop(0).close()

    def apply(self, planned: flow.Planned, cancelled: threading.Event | None = None) -> list[Event]:
        done = flow.apply_plan(
            planned,
            self.environment,
            flow.Asked(),
            cancelled or threading.Event(),
            lambda event: None,
        )
        return list(done.report.events)

    def make(self, text: str, *, only: tuple[str, ...] = ()) -> str:
        """Apply, demand that all is done and that nothing is left; returns the printed plan."""
        planned = self.plan(text, only=only)
        shown = plan_text(planned.plan.view)
        assert not planned.plan.refusals, shown
        wrong = [e for e in self.apply(planned) if e.outcome is not Outcome.DONE]
        assert not wrong, wrong
        self.settled(text, only=only)
        return shown

    def settled(self, text: str, *, only: tuple[str, ...] = ()) -> None:
        again = self.plan(text, only=only)
        assert not again.plan.changes, plan_text(again.plan.view)

    def clean(self) -> None:
        """Archive and deactivate what this run made; everything else is left alone."""
        text = HEAD % self.platform.name + (
            "policy: {unsupported: note, unmanaged: archive, max_removals: 500}\n"
            "integrations: {incoming_webhooks: [], outgoing_webhooks: [], slash_commands: [], "
            "bots: [], emoji: []}\n"
        )
        (self.folder / "company.yaml").write_text(text, encoding="utf-8")
        server = self.connect()
        company = load_company(self.folder / "company.yaml")
        reading = observe(company.desired, company.facts, server)
        run = Run(ids=reading.ids)
        ours = [
            x
            for x in reading.observed.live.values()
            if any(tag in x.key.name for tag in self.tags) and not x.protected
        ]
        for live in sorted(ours, key=lambda x: x.key.kind is Kind.TEAM):
            handler = server.handlers[live.key.kind]
            if live.key.kind not in (Kind.SETTING, Kind.ROLE, Kind.USER) and not live.archived:
                handler.remove(live, run)
            elif live.key.kind is Kind.USER and live.resource.active is not False:
                want = replace(live.resource, active=False)
                handler.update(
                    Change(
                        action=Action.UPDATE,
                        key=live.key,
                        want=want,
                        have=live,
                        changed=("active",),
                    ),
                    run,
                )


@contextmanager
def world(name: str, **options: Any) -> Iterator[World]:
    """The sandbox of a platform, or the real server that CHATOPS_LIVE_<PLATFORM> names.

    With options it is the sandbox in any case, made so.

    Its admin: CHATOPS_LIVE_<PLATFORM>_TOKEN (and _USER_ID), or _USERNAME and _PASSWORD; without
    them what the command line takes, CHATOPS_TOKEN and so on.
    """
    platform = platforms()[name]
    live = None if options else os.environ.get(f"CHATOPS_LIVE_{name.upper()}")
    with tempfile.TemporaryDirectory() as folder:
        if live:
            yield World(platform, live, live_credential(name), None, Path(folder))
            return
        with Sandbox(name, **options) as sandbox:
            platform.bootstrap(sandbox.url, ADMIN, Network())
            credential = Credential(username=ADMIN.username, password=ADMIN.password)
            yield World(platform, sandbox.url, credential, sandbox, Path(folder))


def live_credential(name: str) -> Credential:
    """Who we are on the real server: its own variables, else those of the command line."""

    def given(key: str) -> str:
        plain = os.environ.get(f"CHATOPS_{key}", "")
        return os.environ.get(f"CHATOPS_LIVE_{name.upper()}_{key}", plain)

    token, password = given("TOKEN"), given("PASSWORD")
    return Credential(
        token=Secret(token) if token else None,
        user_id=given("USER_ID"),
        username=given("USERNAME"),
        password=Secret(password) if password else None,
    )


def settings(server: Server) -> dict[Key, Live]:
    """Every setting as it is now."""
    return {x.key: x for x in server.handlers[Kind.SETTING].read(None, Ids())}


def restore(server: Server, before: dict[Key, Live]) -> None:
    """Put every setting back as it was: the suite leaves a server as it found it."""
    for key, live in settings(server).items():
        old = before[key].resource.value
        if old is not UNKNOWN and live.resource.value != old:
            set_to(server, live, old)


def roles(server: Server) -> dict[Key, Live]:
    """What the built-in roles may do now."""
    handler = server.handlers.get(Kind.ROLE)
    found = handler.read(None, Ids()) if handler is not None else ()
    return {x.key: x for x in found if not x.resource.own}


def restore_roles(server: Server, before: dict[Key, Live]) -> None:
    """Let the built-in roles do what they might before."""
    for key, live in roles(server).items():
        old = before.get(key)
        if old is not None and old.resource.may != live.resource.may:
            back = Change(
                action=Action.UPDATE, key=key, want=old.resource, have=live, changed=("may",)
            )
            server.handlers[Kind.ROLE].update(back, Run(ids=Ids()))


def set_to(server: Server, live: Live, value: object) -> None:
    """Write one setting."""
    server.handlers[Kind.SETTING].update(
        Change(
            action=Action.UPDATE,
            key=live.key,
            want=replace(live.resource, value=value),
            have=live,
            changed=("value",),
        ),
        Run(ids=Ids()),
    )
