"""Jitsi's video bridge: carries the media. A project of its own, on each of its hosts."""

from typing import Final

from chatops.deploy.render.model import ROOT, PartPlan, Port, SecretText
from chatops.deploy.render.parts import jitsi
from chatops.deploy.render.parts.common import SECRETS, Context, between, publish, ref
from chatops.deploy.render.project import MONITORING, VIDEO, Health, Service
from chatops.inventory import Host

__all__ = ["MEDIA_PORT", "part", "public_ips"]

MEDIA_PORT: Final = 10000


def public_ips(c: Context, host: Host) -> tuple[str, ...]:
    """The addresses under which people reach the bridge of a host."""
    return host.public_ips or jitsi.video_of(c).public_ips


def part(c: Context, host: Host) -> PartPlan:
    """The bridge of a host."""
    media = Port(protocol="udp", number=MEDIA_PORT)
    watched = between(host, 8080, c.placement.others(host, "monitoring"))
    heap = c.memory("bridge")
    values = {
        "JVB_ADVERTISE_IPS": ",".join(public_ips(c, host)),
        # The addresses are known: nobody outside needs to be asked for them.
        "JVB_DISABLE_STUN": "1",
        "JVB_PORT": str(MEDIA_PORT),
        "TZ": c.site.timezone,
        "VIDEOBRIDGE_MAX_MEMORY": f"{heap}m",
    }
    video = c.placement.one("video")
    if video.name != host.name:
        values["XMPP_SERVER"] = video.address
    service = Service(
        name="jvb",
        image=c.image("jitsi-jvb"),
        memory_mib=heap + heap // 2 + 256,
        environment=jitsi.environment(values),
        env_files=(SECRETS,),
        published=(publish(media, MEDIA_PORT), *(publish(p, 8080) for p in watched)),
        networks=((VIDEO, ()), *(((MONITORING, ("jvb",)),) if c.hosting.monitoring else ())),
        tmpfs=(*jitsi.TMPFS, "/config:size=1m,mode=0755,uid=1000,gid=1000"),
        # A meeting hears of the end before it comes.
        stop_seconds=30,
        # Says little: it is well with a wrong password too. jicofo's health tells the truth.
        health=Health(
            test=("CMD", "curl", "-fsS", "-m", "4", "http://127.0.0.1:8080/about/health"),
        ),
    )
    return PartPlan(
        name="bridge",
        images=(("jvb", service.image),),
        files=(c.project("bridge", (service,)),),
        secrets=(
            SecretText(
                path=f"{ROOT}/bridge/{SECRETS}",
                variables=(("JVB_AUTH_PASSWORD", (ref("jvb_password"),)),),
            ),
        ),
        networks=c.networks((service,)),
        ports=(media, *watched),
        healthy=("jvb",),
        memory_mib=service.memory_mib,
        disk_mib=1024,
    )
