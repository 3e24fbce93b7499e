"""An installation on its hosts: looked at, installed, opened; by playbooks over SSH."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chatops.deploy import ansible, ssh
from chatops.deploy.hosts.told import GROUP, Told
from chatops.deploy.ssh import Door
from chatops.deploy.steps import Event, PlaybookError, RunResult
from chatops.errors import InstallError

__all__ = ["Site"]

PORTS: Final = {"mattermost": 8065, "rocketchat": 3000}
"""Where each chat listens on its host's loopback, whether the door is open or not."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """The hosts of one environment, and what is to be on them. `logs`: where runs are told."""

    inventory: Path
    told: Told
    logs: Path
    doors: Mapping[str, Door]
    on_event: Callable[[Event], None] = field(default=lambda event: None)

    def survey(self, names: Mapping[str, tuple[str, ...]]) -> Mapping[str, Mapping[str, Any]]:
        """What each host is; `names` are resolved there. Changes nothing. Raises InstallError."""
        wanted = {"chatops_names": {host: list(found) for host, found in names.items()}}
        result = self._run("survey.yml", report="Look at the host", more=wanted)
        now = time.time()
        facts = {}
        for host, text in result.reports.items():
            try:
                found = json.loads(text)
            except ValueError as error:
                raise InstallError(f"{host} did not say what it is: {error}") from error
            then = result.told_at.get(host, now)
            facts[host] = {**found, "clock_offset_seconds": found["now"] - then}
        return facts

    def install(self, *, check: bool = False) -> RunResult:
        """Everything but the door. Raises InstallError."""
        return self._run("site.yml", check=check)

    def door(self, *, open_it: bool = True, check: bool = False) -> RunResult:
        """The proxy, which lets people in; or have it shut. Raises InstallError."""
        return self._run(
            "door.yml",
            more={"chatops_door_open": open_it},
            report="Read the certificate of its own authority",
            check=check,
        )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Every host to ourselves. Raises RefusedError when another run has one."""
        with ExitStack() as stack:
            for host in sorted(self.told.groups[GROUP]):
                stack.enter_context(ssh.host_lock(self.doors[host]))
            yield

    @contextmanager
    def chat(self, platform: str) -> Iterator[str]:
        """The address of the chat from here, through a tunnel to its host's loopback."""
        (host,) = self.told.groups[f"{GROUP}_{platform}"]
        with ssh.tunnel(self.doors[host], PORTS[platform]) as port:
            yield f"http://127.0.0.1:{port}"

    def _run(
        self,
        playbook: str,
        *,
        more: Mapping[str, Any] | None = None,
        report: str = "",
        check: bool = False,
    ) -> RunResult:
        try:
            return ansible.run(
                playbook,
                inventory=self.inventory,
                variables={**self.told.variables, **(more or {})},
                on_event=self.on_event,
                logs=self.logs,
                ssh=ansible.Ssh(options=ssh.options(self.inventory.parent / ssh.KNOWN_HOSTS)),
                groups=self.told.groups,
                secret_files=self.told.secret_files,
                report=report,
                check=check,
            )
        except PlaybookError as error:
            raise ssh.key_advice(error, self.doors) from error
