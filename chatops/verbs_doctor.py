"""What the verbs `doctor` and `status` do: say where to look, look, and hand it to `ui`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from chatops.deploy import ssh
from chatops.deploy.company import Company
from chatops.deploy.render import Installation
from chatops.deploy.render.parts.jitsi import APP_ID
from chatops.deploy.ssh import Door
from chatops.doctor.inside import Asked, Mail, inside
from chatops.doctor.outcome import Check, Outcome, State, carry_out, worst
from chatops.doctor.outside import Site, outside
from chatops.doctor.probes import address_of
from chatops.doctor.running import LISTING, Part, containers, parts_of
from chatops.doctor.server import server_checks
from chatops.doctor.video import ROOM, token_checks
from chatops.doctor.video import Door as VideoDoor
from chatops.environments import Environment, Where
from chatops.errors import ChatopsError, RunFailedError, UsageError
from chatops.hosts_work import AUTHORITY, unseen
from chatops.on_hosts import enter
from chatops.opening import Options, credential_of, open_company, sandbox_status, shelf
from chatops.platforms.base import Credential, Server, Target
from chatops.review.lines import clean
from chatops.spec.models import Video
from chatops.spec.text import counted
from chatops.ui import Ui

__all__ = ["doctor", "status"]

_SIGNS = {State.OK: "✓", State.WARNING: "!", State.BAD: "✗", State.UNKNOWN: "?"}
SECRET = "video_app_secret"
"""What the secret of meeting tokens is called in the vault."""


def doctor(ui: Ui, options: Options) -> None:
    """Look at everything, and say what to do."""
    company, environment = open_company(options, ui.say)
    with ui.working("looking"):
        found = carry_out(_checks(company, environment), ui.step)
    ui.data([_plain(o) for o in found], outcomes_text(found))
    count = sum(o.state is State.BAD for o in found)
    if worst(found) is State.BAD:
        raise RunFailedError(
            f"{count} thing{'s are' if count > 1 else ' is'} not as it should be",
            hint="the lines with ✗ say what to do",
        )


def outcomes_text(found: Iterable[Outcome]) -> str:
    """A line for each, and what to do below it."""
    lines: list[str] = []
    for outcome in found:
        where = f"{outcome.host}: " if outcome.host else ""
        lines.append(f"  {_SIGNS[outcome.state]} {where}{outcome.check}: {outcome.message}")
        if outcome.hint:
            lines.append(f"      {outcome.hint}")
    return "\n".join(map(clean, lines))


def status(ui: Ui, options: Options) -> None:
    """A line for each part of an installation: what runs of it."""
    company, environment = open_company(options, ui.say)
    if environment.target == Where.SANDBOX:
        there = sandbox_status(company)
        text = f"sandbox: {'runs at ' + there.url if there.running else 'does not run'}"
        ui.data([{"part": "sandbox", "well": there.running, "url": there.url}], text)
        return
    if environment.target != Where.HOSTS:
        raise UsageError(
            "this server was not installed by chatops, so its parts are not known",
            hint="`chatops doctor` looks at it from outside",
        )
    site, installation = unseen(company, environment)
    parts: list[Part] = []
    with ui.working("asking the hosts"):
        for host in installation.hosts:
            code, text = ssh.ask(site.doors[host.name], *LISTING)
            parts += parts_of(host, containers(text) if code == 0 else ())
    ui.data([_part_json(p) for p in parts], parts_text(parts))
    ill = [p for p in parts if not p.well]
    if ill:
        raise RunFailedError(
            f"{len(ill)} of {counted(len(parts), 'part')} "
            f"{'does not run as it' if len(ill) == 1 else 'do not run as they'} should",
            hint="`chatops doctor` says why, `chatops deploy` mends what it can",
        )


def parts_text(parts: Sequence[Part]) -> str:
    """One line a part: its host, its name, its services with how they stand."""
    width = max((len(f"{p.host} {p.name}") for p in parts), default=0)
    lines = []
    for part in parts:
        told = [
            f"{name} {c.word}{f' for {c.since}' if c.state == 'running' else ''}"
            if c is not None
            else f"{name} is not there"
            for name, c in part.services.items()
        ]
        sign = "✓" if part.well else "✗"
        lines.append(f"  {sign} {f'{part.host} {part.name}':<{width}}  {', '.join(told)}")
    return "\n".join(map(clean, lines))


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "check": outcome.check,
        "state": outcome.state.value,
        "message": outcome.message,
        "hint": outcome.hint,
        "host": outcome.host,
    }


def _part_json(part: Part) -> dict[str, Any]:
    services = {
        name: None if c is None else {"state": c.state, "health": c.health, "image": c.image}
        for name, c in part.services.items()
    }
    return {"host": part.host, "part": part.name, "well": part.well, "services": services}


def _checks(company: Company, environment: Environment) -> list[Check]:
    if environment.target == Where.HOSTS:
        return _on_hosts(company, environment)
    url, ca_file, websocket = environment.url, environment.network.ca_file, ""
    if environment.target == Where.SANDBOX:
        there = sandbox_status(company)
        if not there.running:
            raise ChatopsError(
                "the sandbox of this company does not run",
                hint="`chatops deploy` brings it up, `chatops sandbox start` starts it again",
            )
        url = there.url
    else:
        websocket = company.platform.websocket
    sites = [_chat(company, environment, url, ca_file, websocket, ())]
    stand_in = environment.target == Where.SANDBOX
    way = _way(company, environment, url)
    return [*outside(sites), *server_checks(company.platform, way, stand_in=stand_in)]


def _on_hosts(company: Company, environment: Environment) -> list[Check]:
    site, installation = unseen(company, environment)
    authority = company.folder / "build" / environment.name / AUTHORITY
    ca_file = environment.network.ca_file or (str(authority) if authority.exists() else "")
    proxies = _addresses(installation)
    websocket = company.platform.websocket
    sites = [_chat(company, environment, installation.chat_url, ca_file, websocket, proxies)]
    checks: list[Check] = []
    video = company.loaded.spec.video
    if video is not None and installation.video_url:
        sites.append(_video_site(installation.video_url, ca_file))
        door = _video_door(company, environment, video, installation.video_url, ca_file)
        checks += [] if door is None else token_checks(door)
    for host in installation.hosts:
        chat_is_here = any(part.name == company.platform.name for part in host.parts)
        mail = _mail(company) if chat_is_here else None
        checks += inside(host, _asked(site.doors[host.name]), mail=mail)

    def connect() -> Server:
        there = enter(company, environment)
        return _way(company, there, there.address)()

    return [*outside(sites), *checks, *server_checks(company.platform, connect)]


def _chat(
    company: Company,
    environment: Environment,
    url: str,
    ca_file: str,
    websocket: str,
    expected: tuple[str, ...],
) -> Site:
    network = replace(environment.network, ca_file=ca_file)
    return Site(
        what="chat",
        address=address_of(url, ca_file=ca_file),
        websocket=websocket,
        answers=lambda: company.platform.answers(url, network),
        expected=expected,
        product=company.platform.name,
    )


def _video_site(url: str, ca_file: str) -> Site:
    return Site(
        what="video server",
        address=address_of(url, ca_file=ca_file),
        websocket=f"/xmpp-websocket?room={quote(ROOM)}",
        protocol="xmpp",
        product="the video server",
    )


def _video_door(
    company: Company, environment: Environment, video: Video, url: str, ca_file: str
) -> VideoDoor | None:
    secret = shelf(company, environment).find(SECRET)
    if secret is None:
        return None
    return VideoDoor(
        address=address_of(url, ca_file=ca_file),
        app=APP_ID,
        audience=APP_ID,
        secret=secret,
        # Guests have a domain of their own; at this door nobody is let in without a token.
        open=video.auth == "open",
    )


def _way(company: Company, environment: Environment, url: str) -> Callable[[], Server]:
    def connect() -> Server:
        found = credential_of(company, environment) or Credential()
        network = environment.network
        return company.platform.connect(
            Target(url=url, credential=found, network=network, side_by_side=1)
        )

    return connect


def _asked(door: Door) -> Asked:
    return lambda words: ssh.ask(door, *words)


def _mail(company: Company) -> Mail | None:
    smtp = company.loaded.spec.smtp
    return None if smtp is None else Mail(host=smtp.host, port=smtp.port or 587)


def _addresses(installation: Installation) -> tuple[str, ...]:
    """Where the name of the chat should lead: the proxy's own addresses, where they are known."""
    found: list[str] = []
    for host in installation.hosts:
        if any(part.name == "proxy" for part in host.parts):
            found += [*host.public_ips]
    return tuple(found)
