"""What people see from outside: the name, the certificate, the page, the live connection."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chatops.doctor import probes
from chatops.doctor.outcome import Check, Outcome, State
from chatops.doctor.probes import Address, ProbeError

__all__ = ["Site", "outside"]

DAYS_TO_RENEW: Final = 14
"""Public certificates are renewed with a month left: with less something is wrong."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """One address that people use. `expected`: where its name should lead, if that is known.

    `websocket` is the path of the live connection; empty for the sandbox, which has none.
    """

    what: str
    address: Address
    websocket: str
    protocol: str = ""
    answers: Callable[[], bool] | None = None
    expected: tuple[str, ...] = ()
    product: str = ""


def outside(sites: Sequence[Site]) -> list[Check]:
    """The checks of each site."""
    found: list[Check] = []
    for site in sites:
        found.append(Check(f"name of the {site.what}", _bound(_name, site)))
        if site.address.secure:
            found.append(Check(f"certificate of the {site.what}", _bound(_certificate, site)))
        found.append(Check(f"page of the {site.what}", _bound(_page, site)))
        if site.websocket:
            found.append(Check(f"live connection to the {site.what}", _bound(_websocket, site)))
    return found


def _bound(
    look: Callable[[Site], Iterable[Outcome]], site: Site
) -> Callable[[], Iterable[Outcome]]:
    return lambda: look(site)


def _name(site: Site) -> Iterable[Outcome]:
    check, host = f"name of the {site.what}", site.address.host
    try:
        found = probes.resolve(host)
    except ProbeError as error:
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"{host} is no name that can be found: {error}",
            hint=f"order a DNS record for {host}"
            + (f" that leads to {', '.join(site.expected)}" if site.expected else ""),
        )
        return
    if site.expected and not set(found) & set(site.expected):
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"{host} leads to {', '.join(found)}, not to {', '.join(site.expected)}",
            hint="correct the DNS record; an old one may be remembered for as long as its TTL says",
        )
        return
    yield Outcome(check=check, state=State.OK, message=f"{host} leads to {', '.join(found)}")


def _certificate(site: Site) -> Iterable[Outcome]:
    check = f"certificate of the {site.what}"
    try:
        shown = probes.certificate(site.address)
    except ProbeError as error:
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"{site.address.host}:{site.address.port}: {error}",
            hint="is the proxy running, and port 443 open?",
        )
        return
    if shown.trouble or shown.ends is None:
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"not trusted: {shown.trouble}",
            hint="for an authority of your own name its certificate: --ca-file, or ca_file in "
            "environment.yaml; otherwise look at the proxy's log for why it got none",
        )
        return
    span = shown.ends - datetime.now(UTC)
    until = f"until {shown.ends.date().isoformat()} ({span.days} days)"
    if span.days < 1:
        until = f"for {span.total_seconds() / 3600:.0f} hours"
    renewed = span.days >= DAYS_TO_RENEW or _short_lived(shown.issuer)
    state = State.OK if renewed else State.WARNING
    yield Outcome(
        check=check,
        state=state,
        message=f"from {shown.issuer or 'an unnamed authority'}, good {until}",
        hint=""
        if state is State.OK
        else "it should have been renewed by now: look at the proxy's log",
    )


def _short_lived(issuer: str) -> bool:
    """Caddy's own authority gives certificates for half a day, and renews them all the time."""
    return "Caddy" in issuer


def _page(site: Site) -> Iterable[Outcome]:
    check = f"page of the {site.what}"
    try:
        answer = probes.ask(site.address, "/")
    except ProbeError as error:
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"{site.address.host}: {error}",
            hint=f"is {site.product or 'it'} running, and the proxy in front of it?",
        )
        return
    if answer.status >= 500:
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"the proxy answers {answer.status}: what is behind it does not",
            hint=f"look whether {site.product or 'it'} is running: `chatops status`",
        )
        return
    known = site.answers is None or site.answers()
    yield Outcome(
        check=check,
        state=State.OK if known else State.BAD,
        message=f"answers {answer.status}"
        + ("" if known else f", but what answers is no {site.product}"),
        hint="" if known else "does the address lead to another server?",
    )


def _websocket(site: Site) -> Iterable[Outcome]:
    check = f"live connection to the {site.what}"
    try:
        probes.upgrade(site.address, site.websocket, protocol=site.protocol)
    except ProbeError as error:
        yield Outcome(
            check=check,
            state=State.BAD,
            message=f"no websocket opens at {site.websocket}: {error}",
            hint="people see messages late or never; a proxy in between must let upgrades through",
        )
        return
    yield Outcome(check=check, state=State.OK, message=f"a websocket opens at {site.websocket}")
