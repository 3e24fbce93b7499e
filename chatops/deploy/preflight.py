"""Whether hosts can hold an installation, judged from what they tell of themselves.

Pure: the facts are gathered by the role `survey`. A fact that is missing is not known, and no
problem comes of it.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatops.deploy.compatibility import SYSTEMS, version_of
from chatops.deploy.render.model import HostPlan, Installation, Port
from chatops.errors import Severity

__all__ = ["Problem", "judge"]

Facts = Mapping[str, Any]

SYSTEM_MIB: Final = 512
"""What a host takes for itself."""
CLOCK_SECONDS: Final = 10.0
"""Tokens of the video have no leeway at all: with clocks further apart no meeting starts."""
FULL_MIB: Final = 1024
_AMD64: Final = ("mattermost", "recorder")
"""Parts whose vendors make them for this processor only."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What stands against installing on a host (an error), or may (a warning)."""

    host: str
    severity: Severity
    rule: str
    message: str
    hint: str = ""


def judge(facts: Mapping[str, Facts], installation: Installation) -> tuple[Problem, ...]:
    """All problems of all hosts, errors first within a host."""
    found = [
        problem
        for host in installation.hosts
        for problem in sorted(
            _judged(host, facts.get(host.name, {}), installation),
            key=lambda p: p.severity is not Severity.ERROR,
        )
    ]
    return (*found, *_clocks(facts, installation))


def _judged(host: HostPlan, facts: Facts, installation: Installation) -> Iterator[Problem]:
    def error(rule: str, message: str, hint: str = "") -> Problem:
        return Problem(
            host=host.name, severity=Severity.ERROR, rule=rule, message=message, hint=hint
        )

    def warning(rule: str, message: str, hint: str = "") -> Problem:
        return Problem(
            host=host.name, severity=Severity.WARNING, rule=rule, message=message, hint=hint
        )

    parts = [part.name for part in host.parts]
    name, release = facts.get("distribution"), facts.get("release")
    system = next((s for s in SYSTEMS if (s.name, s.release) == (name, release)), None)
    if name and release and system is None:
        known = ", ".join(s.label for s in SYSTEMS)
        yield error("system", f"{name} {release} is not supported", f"there are {known}")

    machine = facts.get("architecture")
    if machine and machine != "x86_64":
        for part in _AMD64:
            if part in parts:
                yield error("processor", f"{part} is made for x86-64 only, and this is {machine}")
    flags = facts.get("cpu_flags")
    if "mongodb" in parts and machine == "x86_64" and flags and "avx" not in flags:
        yield error(
            "avx",
            "MongoDB wants a processor with AVX, and this one has none: it would stop at once",
            "choose another type of processor for the machine (a virtual one often hides AVX: "
            "`host` instead of `kvm64`)",
        )

    yield from _room(host, facts, error, warning)
    compose = None if system is None else system.compose
    yield from _docker(facts, installation, compose, error, warning)
    yield from _ports(host, facts, error)
    yield from _names(host, facts, installation, error, warning)


def _room(host: HostPlan, facts: Facts, error: Any, warning: Any) -> Iterator[Problem]:
    total = sum(part.memory_mib for part in host.parts)
    memory = facts.get("memory_mib")
    biggest = sorted(host.parts, key=lambda p: -p.memory_mib)[:2]
    names = " and ".join(f"{p.name} {p.memory_mib} MiB" for p in biggest)
    hint = f"more memory, or less for the programs under `memory` in environment.yaml ({names})"
    # The limits are what a program may take at most; in a small company it takes less than half.
    least = total * 2 // 5 + SYSTEM_MIB
    if memory is not None and memory < least:
        yield error(
            "memory",
            f"{memory} MiB of memory, and what runs here wants {least} MiB at "
            f"the least, {total + SYSTEM_MIB} MiB under load",
            hint,
        )
    elif memory is not None and memory < total + SYSTEM_MIB:
        yield warning(
            "memory",
            f"{memory} MiB of memory: it starts, but under load what runs here may take "
            f"{total + SYSTEM_MIB} MiB",
            hint,
        )
    wanted = sum(part.disk_mib for part in host.parts)
    installed = bool(facts.get("parts"))
    for folder, free in sorted((facts.get("disk_free_mib") or {}).items()):
        if free < FULL_MIB:
            yield error("disk", f"{free} MiB are free in {folder}: it is full")
        elif not installed and free < wanted:
            yield error("disk", f"{free} MiB are free in {folder}, and {wanted} MiB are wanted")
        elif installed and free < 5 * FULL_MIB:
            yield warning("disk", f"only {free} MiB are free in {folder}")
    cpus = facts.get("cpus")
    if cpus == 1 and any(part.name == "bridge" for part in host.parts):
        yield warning(
            "processor", "one processor for the chat and the media: meetings will stutter"
        )


def _docker(
    facts: Facts, installation: Installation, compose: bool | None, error: Any, warning: Any
) -> Iterator[Problem]:
    source = installation.hosting.docker_source
    there = set(facts.get("packages_conflicting") or ())
    if source == "distribution" and compose is False:
        yield error(
            "docker",
            "its own packages have no Compose v2",
            "docker: {source: auto} takes Docker's own repository here",
        )
    if source == "distribution" and "docker-ce" in there:
        yield error("docker", "docker-ce is installed, and `docker.source` says distribution")
    if source == "docker" and "docker.io" in there:
        yield error(
            "docker",
            "docker.io is installed, and `docker.source` says docker",
            "take it off first, or say auto: what is there is then used",
        )
    if "podman-docker" in there:
        yield error("docker", "podman-docker is installed, which calls itself docker")
    if installation.hosting.firewall:
        for other in sorted(there & {"ufw", "firewalld"}):
            yield warning(
                "firewall",
                f"{other} is installed: a packet must pass it and our firewall",
                f"open the same ports there, or take {other} off",
            )
    found = (facts.get("docker") or {}).get("compose") or ""
    if found and version_of(found) < (2, 20) and source == "distribution":
        yield error("docker", f"Compose {found} is too old: 2.20 is wanted")


def _ports(host: HostPlan, facts: Facts, error: Any) -> Iterator[Problem]:
    taken = [s for s in facts.get("listening") or () if not s.get("ours")]
    for port in host.ports:
        for socket in taken:
            if _meet(port, socket):
                who = socket.get("process") or "another program"
                yield error(
                    "port",
                    f"port {socket['port']}/{port.protocol} is taken by {who}",
                    f"stop {who}, or move it to another port",
                )
                break


def _meet(port: Port, socket: Facts) -> bool:
    if socket.get("protocol") != port.protocol:
        return False
    if not port.number <= socket.get("port", 0) <= (port.last or port.number):
        return False
    everywhere = ("", "0.0.0.0", "::", "*")
    address = socket.get("address", "")
    return port.address in everywhere or address in everywhere or address == port.address


def _names(
    host: HostPlan, facts: Facts, installation: Installation, error: Any, warning: Any
) -> Iterator[Problem]:
    acme = installation.tls == "acme"
    known = {*(facts.get("addresses") or ()), *host.public_ips, host.connection, host.address}
    ours = {str(a) for a in known if _ip(a)}
    public = any(ipaddress.ip_address(a).is_global for a in ours)
    resolved = facts.get("names") or {}
    for name in host.names:
        if _ip(name) or name not in resolved:
            continue
        there = set(resolved[name])
        tell = error if acme else warning
        if not there:
            yield tell("dns", f"{name} does not resolve", f"an A record to {_some(ours)}")
        elif not there & ours:
            tell = error if acme and public else warning
            yield tell(
                "dns",
                f"{name} leads to {', '.join(sorted(there))}, and this host is {_some(ours)}",
                "point it here" if public else "point it to the address that leads here",
            )


def _clocks(facts: Mapping[str, Facts], installation: Installation) -> Iterator[Problem]:
    for host in installation.hosts:
        offset = facts.get(host.name, {}).get("clock_offset_seconds")
        if offset is None or abs(offset) <= CLOCK_SECONDS:
            continue
        yield Problem(
            host=host.name,
            severity=Severity.ERROR,
            rule="clock",
            message=f"its clock is off by {abs(offset):.0f} s: tokens of the video and "
            "certificates are judged by it",
            hint="`timedatectl set-ntp true`, or let a time server be reached",
        )


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _some(addresses: set[str]) -> str:
    public = sorted(a for a in addresses if ipaddress.ip_address(a).is_global)
    return ", ".join(public or sorted(addresses)) or "another"
