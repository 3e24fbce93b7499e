"""Jibri, which records a meeting by watching it in a browser: one meeting at a time."""

from typing import Final

from chatops.deploy.render.model import ROOT, Folder, PartPlan, SecretText
from chatops.deploy.render.parts import jitsi
from chatops.deploy.render.parts.common import SECRETS, Context, ref
from chatops.deploy.render.project import EDGE, VIDEO, Health, Mount, Service
from chatops.inventory import Host

__all__ = ["part"]

_FOLDER: Final = f"{ROOT}/recorder"


def part(c: Context, host: Host) -> PartPlan:
    """The recorder of a host."""
    video = c.placement.one("video")
    memory = c.memory("recorder")
    values = {
        "DISPLAY": ":0",
        "JIBRI_INSTANCE_ID": host.name,
        "PUBLIC_URL": jitsi.video_of(c).web.origin,
        "TZ": c.site.timezone,
    }
    if video.name != host.name:
        values["XMPP_SERVER"] = video.address
    if c.site.tls.mode == "internal":
        # Its browser knows only public authorities; it opens this one address and no other.
        values["IGNORE_CERTIFICATE_ERRORS"] = "1"
    service = Service(
        name="jibri",
        image=c.image("jitsi-jibri"),
        memory_mib=memory,
        environment=jitsi.environment(values),
        env_files=(SECRETS,),
        networks=((VIDEO, ()), *(((EDGE, ()),) if c.placement.one("proxy") == host else ())),
        mounts=(Mount(source="./storage", target="/storage", read_only=False),),
        tmpfs=(
            "/run:size=256m,mode=1750,uid=1000,gid=1000,exec",
            "/tmp:size=256m,mode=1777",
            "/config:size=1m,mode=0755,uid=1000,gid=1000",
        ),
        # The image refuses to start with less.
        shm_mib=2048,
        stop_seconds=120,
        # It answers 200 when it is ill as well: what it says is what counts.
        health=Health(
            test=(
                "CMD-SHELL",
                "curl -fsS -m 4 http://127.0.0.1:2222/jibri/api/v1.0/health"
                """ | grep -q '"healthStatus":"HEALTHY"'""",
            ),
        ),
    )
    return PartPlan(
        name="recorder",
        images=(("jibri", service.image),),
        files=(c.project("recorder", (service,)),),
        folders=(Folder(path=f"{_FOLDER}/storage", mode=0o750, owner=1000, group=1000),),
        secrets=(
            SecretText(
                path=f"{_FOLDER}/{SECRETS}",
                variables=(
                    ("JIBRI_RECORDER_PASSWORD", (ref("recorder_password"),)),
                    ("JIBRI_XMPP_PASSWORD", (ref("jibri_password"),)),
                ),
            ),
        ),
        networks=c.networks((service,)),
        healthy=("jibri",),
        memory_mib=memory,
        disk_mib=51200,
    )
