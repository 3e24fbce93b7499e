"""What runs on a host: its containers, as Docker tells of them. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chatops.deploy.render.model import HostPlan, PartPlan

__all__ = ["LISTING", "Container", "Part", "containers", "parts_of"]

LISTING = (
    *("docker", "ps", "--all", "--no-trunc", "--filter", "label=com.docker.compose.project"),
    *("--format", "{{json .}}"),
)
"""The command that lists them."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container. `health` is empty where its image has no check."""

    project: str
    service: str
    image: str
    state: str
    health: str
    since: str

    @property
    def well(self) -> bool:
        """Whether it runs, and is healthy as far as it tells."""
        return self.state == "running" and self.health in ("", "healthy")

    @property
    def word(self) -> str:
        """How it stands, in a word or two."""
        return self.health if self.state == "running" and self.health else self.state


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of an installation on one host, and what runs of it."""

    host: str
    name: str
    services: Mapping[str, Container | None]

    @property
    def well(self) -> bool:
        """Whether all of it runs."""
        return all(c is not None and c.well for c in self.services.values())


def containers(text: str) -> tuple[Container, ...]:
    """What `LISTING` printed: a JSON object a line."""
    found = []
    for line in text.splitlines():
        if not line.startswith("{"):
            continue
        row = json.loads(line)
        labels = dict(p.partition("=")[::2] for p in str(row.get("Labels", "")).split(","))
        status = str(row.get("Status", ""))
        health = status.partition("(")[2].partition(")")[0] if "(" in status else ""
        found.append(
            Container(
                project=labels.get("com.docker.compose.project", ""),
                service=labels.get("com.docker.compose.service", ""),
                image=str(row.get("Image", "")),
                state=str(row.get("State", "")),
                health=_health(health),
                since=str(row.get("RunningFor", "")).removesuffix(" ago"),
            )
        )
    return tuple(found)


def _health(word: str) -> str:
    """`health: starting` is how Docker writes that one; `Exited (1)` is no health at all."""
    word = word.removeprefix("health: ")
    return word if word in ("healthy", "unhealthy", "starting") else ""


def parts_of(host: HostPlan, running: Iterable[Container]) -> tuple[Part, ...]:
    """Each part that is to be on a host, beside what runs of it."""
    by_name = {(c.project, c.service): c for c in running}

    def part(plan: PartPlan) -> Part:
        services = {name: by_name.get((plan.project, name)) for name in plan.services}
        return Part(host=host.name, name=plan.name, services=services)

    return tuple(part(plan) for plan in host.parts)
