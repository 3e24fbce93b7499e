"""What one run on hosts knows and makes ready: installation, secrets, the hosts as found."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from chatops import installation as files
from chatops.deploy import render as rendering
from chatops.deploy import ssh
from chatops.deploy.company import Company
from chatops.deploy.hosts import Site, Told, told
from chatops.deploy.render import Installation, SecretNeed
from chatops.deploy.render.manifest import host_json
from chatops.deploy.steps import Event, EventKind, HostChange, RunResult
from chatops.environments import Environment
from chatops.opening import shelf
from chatops.private import HOME, make_home
from chatops.secrets import Secret
from chatops.spec.text import counted
from chatops.ui import Ui
from chatops.vault import Shape

__all__ = [
    "KEEPERS",
    "Work",
    "keep_authority",
    "look",
    "note_applied",
    "prepared",
    "require_secrets",
    "unseen",
    "would_change",
]

KEEPERS: Final = frozenset(("postgres", "mongodb", "mattermost", "rocketchat"))
"""Parts with messages or files in them."""
AUTHORITY: Final = "ca.crt"


@dataclass(frozen=True, kw_only=True)
class Work:
    """One run. `facts`: what each host was found to be. `gone`: parts there, wanted no longer."""

    company: Company
    environment: Environment
    installation: Installation
    site: Site
    facts: Mapping[str, Mapping[str, Any]]
    gone: Mapping[str, Sequence[str]]

    @property
    def platform(self) -> str:
        """The product's name, which is the name of its part, too."""
        return self.company.platform.name

    @property
    def hosts(self) -> str:
        """Their names, for people."""
        return ", ".join(host.name for host in self.installation.hosts)

    @property
    def build(self) -> Path:
        """Where the rendered files are kept."""
        return self.company.folder / "build" / self.environment.name

    def holds(self, part: str) -> bool:
        """Whether a part lies on some host already."""
        return any(part in facts.get("parts", ()) for facts in self.facts.values())


def unseen(
    company: Company, environment: Environment, on_event: Callable[[Event], None] = lambda e: None
) -> tuple[Site, Installation]:
    """The hosts as the inventory names them, before anybody has looked at them."""
    installation, _ = files.planned(company, environment)
    assert environment.hosting is not None
    inventory = environment.hosting.inventory.file
    home = company.folder / HOME
    make_home(home)
    site = Site(
        inventory=inventory,
        doors=ssh.doors(inventory),
        told=_told(installation, Path(), {}, {}),
        logs=home / "logs",
        on_event=on_event,
    )
    return site, installation


def look(ui: Ui, company: Company, environment: Environment) -> Work:
    """Everything that is known before anything is done; nothing is changed anywhere."""
    _, remarks = files.planned(company, environment)
    ui.findings(remarks)
    site, installation = unseen(company, environment, lambda event: _step(ui, event))
    with ui.working("looking at the hosts"):
        facts = site.survey({host.name: host.names for host in installation.hosts})
    wanted = {host.name: {part.name for part in host.parts} for host in installation.hosts}
    return Work(
        company=company,
        environment=replace(environment, url=installation.chat_url),
        installation=installation,
        site=site,
        facts=facts,
        gone={
            host: gone
            for host, found in facts.items()
            if (gone := sorted(set(found.get("parts", ())) - wanted[host]))
        },
    )


def would_change(ui: Ui, work: Work) -> tuple[HostChange, ...]:
    """What Ansible would change, asked in check mode. A secret that is yet to be made differs."""
    there = shelf(work.company, work.environment)
    values = {
        need.name: _given(work, need) or there.find(need.name) or Secret("0" * need.length)
        for need in work.installation.secrets
    }
    with (
        tempfile.TemporaryDirectory(prefix="chatops-plan-") as folder,
        ui.working("asking Ansible what it would change"),
    ):
        rendering.write(rendering.files(work.installation), Path(folder))
        site = replace(work.site, told=_told(work.installation, Path(folder), values, work.gone))
        return (*site.install(check=True).changes, *site.door(check=True).changes)


def require_secrets(work: Work) -> None:
    """Refuse before anything is done where what must be made up could not be kept."""
    there = shelf(work.company, work.environment)
    needed = [n.name for n in work.installation.secrets if not n.given]
    lacking = [name for name in needed if there.entry(name) is None]
    command = f"chatops secret invent {' '.join(lacking)} --env {work.environment.name}"
    there.require_writable(lacking, command)


def prepared(ui: Ui, work: Work) -> Work:
    """With every secret in the vault, and every file rendered."""
    there = shelf(work.company, work.environment)
    made = [n for n in work.installation.secrets if not n.given]
    values = {n.name: given for n in work.installation.secrets if (given := _given(work, n))}
    with there.change() as draft:
        values |= {n.name: draft.invent(n.name, Shape.TOKEN, length=n.length) for n in made}
    rendered = rendering.files(work.installation)
    changed = rendering.write(rendered, work.build)
    ui.say(f"rendered {counted(len(rendered), 'file')} into {work.build}, {len(changed)} changed")
    told_now = _told(work.installation, work.build, values, work.gone)
    return replace(work, site=replace(work.site, told=told_now))


def note_applied(ui: Ui, work: Work) -> None:
    """What was rotated is in force now: the values before it are forgotten."""
    there = shelf(work.company, work.environment)
    rotated = [
        need.name
        for need in work.installation.secrets
        if (entry := there.entry(need.name)) is not None and entry.previous is not None
    ]
    if not rotated:
        return
    with there.change() as draft:
        for name in rotated:
            draft.applied(name)
    ui.say(f"rotated: {', '.join(rotated)}")


def keep_authority(ui: Ui, work: Work, opened: RunResult) -> None:
    """Write down the certificate of the proxy's own authority, where it has one: it is no secret,
    and everybody who is to trust the chat needs it.
    """
    text = next((t for t in opened.reports.values() if "BEGIN CERTIFICATE" in t), "")
    if not text:
        return
    path = work.build / AUTHORITY
    if not path.exists() or path.read_text(encoding="ascii") != text + "\n":
        path.write_text(text + "\n", encoding="ascii")
        ui.say(f"the certificate that people's machines are to trust: {path}")


def _given(work: Work, need: SecretNeed) -> Secret | None:
    if not need.given:
        return None
    return work.environment.secret(need.given, work.company.beside(need.said))


def _told(
    installation: Installation,
    build: Path,
    values: Mapping[str, Secret],
    gone: Mapping[str, Sequence[str]],
) -> Told:
    secrets = rendering.secret_files(installation, values) if values else {}
    return told(
        {host.name: host_json(installation, host) for host in installation.hosts},
        build.absolute(),
        secrets,
        gone=gone,
        archives=installation.hosting.archives,
    )


def _step(ui: Ui, event: Event) -> None:
    if event.kind is EventKind.TASK:
        ui.step(f"{event.role}: {event.name}" if event.role else event.name)
