"""What only the hosts themselves can tell: containers, disk, clock, the video's own health, mail.

Each check asks one thing over SSH and changes nothing. Health is taken from where it does not
lie: jicofo's is the video's, since the bridge calls itself well with a wrong password (seen on
real ones, jicofo and videobridge of 2026-08).
"""

import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chatops.deploy.render.model import HostPlan
from chatops.doctor.outcome import Check, Outcome, State
from chatops.doctor.running import LISTING, Part, containers, parts_of

__all__ = ["Asked", "Mail", "inside"]

Asked = Callable[[Sequence[str]], tuple[int, str]]
"""Runs a command on one host; its exit code and what it printed."""

FULL: Final = 0.9
"""From this share of a disk on it is told."""
CLOCK_SECONDS: Final = 5.0
"""Tokens of the video server are judged without leeway."""
JICOFO: Final = (
    *("docker", "exec", "chatops-jitsi-jicofo-1"),
    *("curl", "--silent", "--max-time", "10", "--output", "/dev/null"),
    *("--write-out", "%{http_code}", "http://127.0.0.1:8888/about/health"),
)
"""The status of its health: asked where it runs, since its port is published to nobody."""
UDP_PORT: Final = 10000
PROBES: Final = 3


@dataclass(frozen=True, kw_only=True)
class Mail:
    """The mail server that the chat sends through."""

    host: str
    port: int


def inside(host: HostPlan, ask: Asked, *, mail: Mail | None = None) -> list[Check]:
    """The checks of one host. `mail` where the chat is on it."""
    names = {part.name for part in host.parts}
    checks = [
        Check(f"{host.name}: containers", lambda: _containers(host, ask)),
        Check(f"{host.name}: disk", lambda: _disk(host, ask)),
        Check(f"{host.name}: clock", lambda: _clock(host, ask)),
        Check(f"{host.name}: services", lambda: _units(host, ask)),
    ]
    if "jitsi" in names:
        checks.append(Check(f"{host.name}: video", lambda: _video(host, ask)))
    if "bridge" in names:
        checks.append(Check(f"{host.name}: media", lambda: _media(host, ask)))
    if mail is not None:
        checks.append(Check(f"{host.name}: mail", lambda: _mail(host, mail, ask)))
    return checks


def _outcome(host: HostPlan, check: str, state: State, message: str, hint: str = "") -> Outcome:
    return Outcome(check=check, state=state, message=message, hint=hint, host=host.name)


def _containers(host: HostPlan, ask: Asked) -> Iterable[Outcome]:
    code, text = ask(LISTING)
    if code != 0:
        hint = "`systemctl status docker` there; `chatops deploy` installs it"
        yield _outcome(host, "containers", State.BAD, "Docker does not answer", hint)
        return
    parts = parts_of(host, containers(text))
    ill = [part for part in parts if not part.well]
    for part in ill:
        yield from _ill(host, part)
    count = sum(len(part.services) for part in parts if part.well)
    if count:
        text = f"{count} of {sum(len(p.services) for p in parts)} run and are healthy"
        yield _outcome(host, "containers", State.OK if not ill else State.WARNING, text)


def _ill(host: HostPlan, part: Part) -> Iterable[Outcome]:
    for service, container in part.services.items():
        if container is None:
            message = f"{part.name}: {service} is not there"
            hint = "`chatops deploy` starts it"
        elif container.well:
            continue
        else:
            message = f"{part.name}: {service} is {container.word}"
            hint = f"`docker compose -p chatops-{part.name} logs {service}` there tells why; "
            hint += "`chatops deploy` mends what it can"
        yield _outcome(host, "containers", State.BAD, message, hint)


def _disk(host: HostPlan, ask: Asked) -> Iterable[Outcome]:
    code, text = ask(("df", "-P", "-k", "/", "/opt", "/var/lib/docker"))
    rows = [line.split() for line in text.splitlines()[1:]]
    seen: dict[str, tuple[int, int]] = {}
    for row in rows:
        if len(row) >= 6 and row[1].isdigit() and row[3].isdigit():
            seen[row[5]] = (int(row[1]), int(row[3]))
    if not seen:
        yield _outcome(host, "disk", State.UNKNOWN, f"df says nothing (exit {code})", "look there")
        return
    for place, (size, free) in seen.items():
        used = 1 - free / size if size else 1.0
        gib = free / 2**20
        text = f"{place}: {gib:.1f} GiB free, {used:.0%} used"
        hint = "make room or a larger disk: a full one stops the database first"
        state = State.BAD if used > 0.97 else State.WARNING if used > FULL else State.OK
        yield _outcome(host, "disk", state, text, "" if state is State.OK else hint)


def _clock(host: HostPlan, ask: Asked) -> Iterable[Outcome]:
    before = time.time()
    code, text = ask(("date", "+%s.%N"))
    after = time.time()
    try:
        there = float(text.strip())
    except ValueError:
        yield _outcome(host, "clock", State.UNKNOWN, f"date says nothing (exit {code})", "look")
        return
    # What the way there took cannot be told apart from being wrong.
    off = max(0.0, before - there, there - after)
    state = State.OK if off <= CLOCK_SECONDS else State.BAD
    text = "agrees with this machine's" if state is State.OK else f"{off:.0f} seconds off"
    hint = "" if state is State.OK else "`timedatectl` there: is the time kept by the network?"
    yield _outcome(host, "clock", state, text, hint)


def _units(host: HostPlan, ask: Asked) -> Iterable[Outcome]:
    _, text = ask(("systemctl", "--failed", "--no-legend", "--plain"))
    failed = [line.split()[0] for line in text.splitlines() if line.strip()]
    if failed:
        what = ", ".join(failed[:5])
        hint = f"`systemctl status {failed[0]}` there tells why"
        yield _outcome(host, "services", State.WARNING, f"failed: {what}", hint)
    else:
        yield _outcome(host, "services", State.OK, "none has failed")


def _video(host: HostPlan, ask: Asked) -> Iterable[Outcome]:
    _, text = ask(JICOFO)
    status = text.strip().removeprefix("000")
    if status == "200":
        yield _outcome(host, "video", State.OK, "jicofo has a bridge that works")
    elif status == "500":
        hint = "is the bridge running, and may it reach prosody? `chatops status`"
        yield _outcome(host, "video", State.BAD, "jicofo has no bridge: nobody meets", hint)
    else:
        hint = "`docker compose -p chatops-jitsi logs jicofo` there tells why"
        said = f"jicofo answers {status}" if status else "jicofo is silent"
        yield _outcome(host, "video", State.BAD, said, hint)


def _media(host: HostPlan, ask: Asked) -> Iterable[Outcome]:
    """Send to the bridge's port from here, and ask the host's firewall whether it came."""
    target = host.public_ips[0] if host.public_ips else host.address
    before = _counted(ask)
    if before is None:
        text = "the firewall counts nothing at the bridge's port, so it cannot be told"
        yield _outcome(host, "media", State.UNKNOWN, text, "`chatops deploy` renews its rules")
        return
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    for _ in range(PROBES):
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.sendto(b"chatops doctor", (target, UDP_PORT))
        time.sleep(0.2)
    after = _counted(ask)
    if after is not None and after > before:
        text = f"what is sent to {target} port {UDP_PORT}/udp arrives"
        yield _outcome(host, "media", State.OK, text)
    else:
        text = f"nothing sent to {target} port {UDP_PORT}/udp arrives: two people may meet, "
        hint = f"let {UDP_PORT}/udp through on the way to the host"
        yield _outcome(host, "media", State.BAD, text + "three will not", hint)


def _counted(ask: Asked) -> int | None:
    """How many packets for the bridge's port the firewall has let in."""
    _, text = ask(("nft", "list", "chain", "inet", "chatops", "forward"))
    found = [
        int(match[1])
        for line in text.splitlines()
        if str(UDP_PORT) in line and (match := re.search(r"counter packets (\d+)", line))
    ]
    return sum(found) if found else None


def _mail(host: HostPlan, mail: Mail, ask: Asked) -> Iterable[Outcome]:
    # Host and port are arguments of the script, never a part of it.
    script = 'exec 3<>"/dev/tcp/$1/$2" && head -c 3 <&3'
    words = ("timeout", "15", "bash", "-c", script, "bash", mail.host, str(mail.port))
    code, text = ask(words)
    where = f"{mail.host}:{mail.port}"
    if code == 0 and text.startswith("220"):
        yield _outcome(host, "mail", State.OK, f"{where} greets as a mail server does")
    elif code == 0 or code == 124:
        hint = "port 465 wants `security: tls` and says nothing first; otherwise look at smtp.port"
        state = State.WARNING
        yield _outcome(host, "mail", state, f"{where} answers, and does not greet", hint)
    else:
        hint = "is the port open for this host? Many providers close 25"
        yield _outcome(host, "mail", State.BAD, f"{where} cannot be reached from the chat", hint)
