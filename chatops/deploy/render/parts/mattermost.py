"""Mattermost. Its environment owns what it must know at start; REST owns every other setting."""

from typing import Final

from chatops.deploy.render.model import ROOT, Folder, PartPlan, Port, SecretText
from chatops.deploy.render.parts import postgres
from chatops.deploy.render.parts.common import (
    LOOPBACK,
    SECRETS,
    Context,
    between,
    publish,
    ref,
)
from chatops.deploy.render.project import DATA, EDGE, Health, Mount, Service, Volume
from chatops.inventory import Host

__all__ = ["PORT", "part"]

PORT: Final = 8065
_FOLDER: Final = f"{ROOT}/mattermost"
_USER: Final = 2000
"""`mattermost` in the image (mattermost/mattermost, server/build/Dockerfile, 11.2)."""


def part(c: Context, host: Host) -> PartPlan:
    """The chat server of a host."""
    assert c.site.chat is not None
    ports = (
        Port(protocol="tcp", number=PORT, address=LOOPBACK),
        *between(host, PORT, c.placement.others(host, "proxy", "monitoring")),
    )
    memory = c.memory("mattermost")
    environment = {
        "MM_LOGSETTINGS_CONSOLEJSON": "true",
        "MM_LOGSETTINGS_CONSOLELEVEL": "INFO",
        "MM_LOGSETTINGS_ENABLECONSOLE": "true",
        "MM_LOGSETTINGS_ENABLEFILE": "false",
        "MM_SERVICESETTINGS_LISTENADDRESS": f":{PORT}",
        "MM_SERVICESETTINGS_SITEURL": c.site.chat.origin,
        "MM_SERVICESETTINGS_TRUSTEDPROXYIPHEADER": "X-Forwarded-For",
        "MM_SQLSETTINGS_DRIVERNAME": "postgres",
        "TZ": c.site.timezone,
    }
    if c.site.video is not None:
        # Over REST this one can only be read (403): without it the video plugin stays out.
        environment["MM_PLUGINSETTINGS_ENABLEUPLOADS"] = "true"
    service = Service(
        name="mattermost",
        image=c.chat_image,
        memory_mib=memory,
        user=f"{_USER}:{_USER}",
        read_only=False,
        environment=tuple(sorted(environment.items())),
        env_files=(SECRETS,),
        published=tuple(publish(p, PORT) for p in ports),
        networks=((DATA, ()), (EDGE, ("mattermost",))),
        mounts=(
            Mount(source="./data", target="/mattermost/data", read_only=False),
            Mount(source="./logs", target="/mattermost/logs", read_only=False),
        ),
        # Filled from the image the first time: its config.json has the defaults of a new
        # server, which an empty folder in its place would not (server/config/store.go).
        volumes=(
            Volume(name="chatops-mattermost-config", target="/mattermost/config"),
            Volume(name="chatops-mattermost-plugins", target="/mattermost/plugins"),
            Volume(name="chatops-mattermost-client-plugins", target="/mattermost/client/plugins"),
        ),
        stop_seconds=60,
        # There is no shell in the image since 10.10. This asks for the database and the files too.
        health=Health(
            test=("CMD", "/mattermost/bin/mmctl", "system", "status", "--local"),
            timeout=15,
            start_period=180,
        ),
    )
    return PartPlan(
        name="mattermost",
        images=(("mattermost", service.image),),
        files=(c.project("mattermost", (service,)),),
        folders=tuple(
            Folder(path=f"{_FOLDER}/{name}", mode=0o750, owner=_USER, group=_USER)
            for name in ("data", "logs")
        ),
        secrets=(
            SecretText(
                path=f"{_FOLDER}/{SECRETS}",
                variables=(("MM_SQLSETTINGS_DATASOURCE", _source(c)),),
            ),
        ),
        networks=c.networks((service,)),
        ports=ports,
        healthy=("mattermost",),
        memory_mib=memory,
        disk_mib=5120,
    )


def _source(c: Context) -> tuple[str, ...]:
    if c.site.external_database:
        return (ref("database_url"),)
    here = c.placement.together("chat", "database")
    host = "postgres" if here else c.placement.one("database").address
    return (
        f"postgres://{postgres.NAME}:",
        ref("database_password"),
        f"@{host}:{postgres.PORT}/{postgres.NAME}?sslmode=disable&connect_timeout=10",
    )
