"""Rocket.Chat. Its environment owns what it must know at start; REST owns every other setting."""

from typing import Final

from chatops.deploy.compatibility import version_of
from chatops.deploy.render.model import ROOT, Folder, PartPlan, Port, SecretText
from chatops.deploy.render.parts import mongodb
from chatops.deploy.render.parts.common import (
    LOOPBACK,
    SECRETS,
    Context,
    between,
    publish,
    ref,
)
from chatops.deploy.render.project import DATA, EDGE, Health, Mount, Service
from chatops.inventory import Host

__all__ = ["PORT", "part"]

PORT: Final = 3000
_FOLDER: Final = f"{ROOT}/rocketchat"
_USER, _USER_SINCE, _USER_BEFORE = 65533, (8, 5), 999
"""The user of the image, which changed (RocketChat/helm-charts, chart 7.0.0): the files of an
older one must be given to the new one when it is upgraded."""
READY_SINCE: Final = (7, 11)
"""The release that has /readyz; before it there is /health alone (RocketChat/Rocket.Chat#36955)."""


def part(c: Context, host: Host) -> PartPlan:
    """The chat server of a host."""
    assert c.site.chat is not None
    ports = (
        Port(protocol="tcp", number=PORT, address=LOOPBACK),
        *between(host, PORT, c.placement.others(host, "proxy", "monitoring")),
    )
    memory = c.memory("rocketchat")
    image = c.chat_image
    user = _USER if version_of(image.tag) >= _USER_SINCE else _USER_BEFORE
    environment = {
        "DEPLOY_METHOD": "docker",
        "DEPLOY_PLATFORM": "chatops",
        # The proxy is one hop: the last address of X-Forwarded-For is the person's.
        "HTTP_FORWARDED_COUNT": "1",
        "OVERWRITE_SETTING_Show_Setup_Wizard": "completed",
        "PORT": str(PORT),
        "ROOT_URL": c.site.chat.origin,
        "TZ": c.site.timezone,
    }
    probe = "/readyz" if version_of(image.tag) >= READY_SINCE else "/health"
    service = Service(
        name="rocketchat",
        image=image,
        memory_mib=memory,
        user=f"{user}:{user}",
        read_only=False,
        environment=tuple(sorted(environment.items())),
        env_files=(SECRETS,),
        published=tuple(publish(p, PORT) for p in ports),
        networks=((DATA, ()), (EDGE, ("rocketchat",))),
        mounts=(Mount(source="./uploads", target="/app/uploads", read_only=False),),
        tmpfs=("/tmp:size=512m,mode=1777",),
        stop_seconds=60,
        health=Health(
            test=(
                "CMD",
                "node",
                "-e",
                f"require('http').get('http://127.0.0.1:{PORT}{probe}',"
                "r=>process.exit(r.statusCode===200?0:1)).on('error',()=>process.exit(1))",
            ),
            start_period=300,
        ),
    )
    return PartPlan(
        name="rocketchat",
        images=(("rocketchat", service.image),),
        files=(c.project("rocketchat", (service,)),),
        folders=(Folder(path=f"{_FOLDER}/uploads", mode=0o750, owner=user, group=user),),
        secrets=(SecretText(path=f"{_FOLDER}/{SECRETS}", variables=(("MONGO_URL", _source(c)),)),),
        networks=c.networks((service,)),
        ports=ports,
        healthy=("rocketchat",),
        memory_mib=memory,
        disk_mib=5120,
    )


def _source(c: Context) -> tuple[str, ...]:
    if c.site.external_database:
        return (ref("database_url"),)
    return (
        f"mongodb://{mongodb.NAME}:",
        ref("database_password"),
        f"@{mongodb.address(c)}/{mongodb.NAME}?authSource={mongodb.NAME}&replicaSet=rs0",
    )
