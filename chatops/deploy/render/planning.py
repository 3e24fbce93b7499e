"""From a company, an environment and a lock to an installation: pure, and nothing is written."""

from dataclasses import replace

from chatops.deploy.company import Company
from chatops.deploy.compatibility import image_name
from chatops.deploy.images import Lock, Locked
from chatops.deploy.render import sense
from chatops.deploy.render.base import base_files, base_units
from chatops.deploy.render.model import HostPlan, Installation, PartPlan
from chatops.deploy.render.parts import (
    bridge,
    jitsi,
    mattermost,
    mongodb,
    monitoring,
    postgres,
    proxy,
    recorder,
    rocketchat,
    turn,
)
from chatops.deploy.render.parts.common import Context
from chatops.deploy.render.placement import Placement, place
from chatops.deploy.render.secrets import needs
from chatops.deploy.render.site import Site, site_of
from chatops.environments import Environment
from chatops.errors import Finding, SpecError
from chatops.inventory import Host
from chatops.spec.files import Findings
from chatops.spec.nodes import SourceMap

__all__ = ["plan", "plan_site"]

_CHATS = {
    "mattermost": {"database": postgres.part, "chat": mattermost.part},
    "rocketchat": {"database": mongodb.part, "chat": rocketchat.part},
}
"""What a product brings: its server, and the database that it wants."""


def plan(
    company: Company, environment: Environment, lock: Lock
) -> tuple[Installation, tuple[Finding, ...]]:
    """The installation, and remarks about it. Raises SpecError with all findings."""
    return plan_site(site_of(company), environment, lock, company.loaded.places)


def plan_site(
    site: Site, environment: Environment, lock: Lock, places: SourceMap
) -> tuple[Installation, tuple[Finding, ...]]:
    """The same from what an installation takes of the file; `places` says where it stands."""
    hosting = environment.hosting
    if hosting is None:
        raise ValueError("the environment has no hosts")
    findings = Findings()
    lock = _chosen(site, lock)
    placement = place(site, hosting, findings)
    sense.check(site, placement, hosting, lock, places, findings)
    if findings.errors:
        raise SpecError(sorted(findings, key=lambda f: f.place))
    context = Context(site=site, placement=placement, hosting=hosting, lock=lock)
    hosts = tuple(_host(context, host) for host in placement.hosts if placement.groups_of(host))
    assert site.chat is not None
    return Installation(
        environment=environment.name,
        platform=site.platform,
        edition=site.edition,
        version=site.version,
        chat_url=site.chat.origin,
        video_url=site.video.web.origin if site.video else "",
        tls=site.tls.mode,
        timezone=site.timezone,
        hosts=hosts,
        secrets=needs(site, hosts),
        hosting=hosting,
    ), tuple(findings)


def _chosen(site: Site, lock: Lock) -> Lock:
    """The lock with the release that the file names whole, where no lock of its own says more."""
    name = image_name(site.platform, site.edition)
    locked = lock.images[name]
    if lock.file or site.told.count(".") != 2 or locked.tag == site.told:
        return lock
    image = replace(locked.image, tag=site.told, digest="")
    return replace(lock, images={**lock.images, name: Locked(image=image)})


def _host(c: Context, host: Host) -> HostPlan:
    groups = c.placement.groups_of(host)
    chat = _CHATS[c.site.platform]
    makers = [chat[group] for group in ("database", "chat") if group in groups]
    makers += [
        maker
        for group, maker in (
            ("video", jitsi.part),
            ("video_bridges", bridge.part),
            ("recorders", recorder.part),
            ("turn", turn.part),
        )
        if group in groups
    ]
    if c.hosting.monitoring:
        makers.append(monitoring.part)
    if "proxy" in groups:
        makers.append(proxy.part)
    parts: tuple[PartPlan, ...] = tuple(maker(c, host) for maker in makers)
    units = base_units(c) + (turn.units(c, host) if "turn" in groups else ())
    return HostPlan(
        name=host.name,
        groups=groups,
        address=host.address,
        ssh_port=host.ssh_port,
        connection=host.connection,
        public_ips=_public_ips(c, host),
        names=_names(c.site, c.placement, groups),
        parts=parts,
        base=base_files(c, host, parts),
        units=units,
    )


def _public_ips(c: Context, host: Host) -> tuple[str, ...]:
    if host in c.placement.groups["video_bridges"]:
        return bridge.public_ips(c, host)
    return host.public_ips


def _names(site: Site, placement: Placement, groups: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    if "proxy" in groups:
        found += [web.host for web in (site.chat, site.video and site.video.web) if web]
    if "turn" in groups and site.video and site.video.turn:
        found.append(site.video.turn.host)
    return tuple(sorted(set(found)))
