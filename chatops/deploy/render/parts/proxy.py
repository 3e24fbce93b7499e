"""Caddy, the door: TLS, and the way to the chat and the meetings. It starts last."""

from typing import Final

from chatops.deploy.render.model import ROOT, Folder, PartFile, PartPlan, Port, SecretText
from chatops.deploy.render.parts import jitsi, mattermost, rocketchat, turn
from chatops.deploy.render.parts.common import Context, filled, publish, ref
from chatops.deploy.render.project import EDGE, Health, Mount, Service
from chatops.deploy.render.site import Web
from chatops.inventory import Host

__all__ = ["CHATS", "part"]

CHATS: Final = {"mattermost": mattermost.PORT, "rocketchat": rocketchat.PORT}
"""Where each product listens; it is reached by its own name in Docker's network."""
_FOLDER: Final = f"{ROOT}/proxy"


def part(c: Context, host: Host) -> PartPlan:
    """The proxy of a host."""
    chat = c.site.chat
    assert chat is not None
    port = CHATS[c.site.platform]
    sites = [_site(chat, _upstream(c, "chat", c.site.platform, port), c.site.upload_mib)]
    video = c.site.video
    if video is not None:
        sites.append(_site(video.web, _upstream(c, "video", "jitsi-web", jitsi.WEB_PORT), 0))
    numbers = sorted({80, *(web.port for web in (chat, video and video.web) if web)})
    ports = tuple(
        Port(protocol=protocol, number=number)
        for number in numbers
        for protocol in (("tcp",) if number == 80 else ("tcp", "udp"))
    )
    files = c.site.tls.mode == "files"
    mounts = [
        Mount(source="./Caddyfile", target="/etc/caddy/Caddyfile"),
        Mount(source="./data", target="/data", read_only=False),
    ]
    if files:
        mounts.append(Mount(source="./certificates", target="/certificates"))
    service = Service(
        name="proxy",
        image=c.image("caddy"),
        memory_mib=c.memory("proxy"),
        capabilities=("NET_BIND_SERVICE",),
        command=("caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"),
        published=tuple(publish(p, p.number) for p in ports),
        # A container cannot reach another network's published port through the host (Docker
        # keeps its networks apart): on this one the public names lead here directly.
        networks=((EDGE, ("proxy", *sorted(str(s["host"]) for s in sites if not s["ip"]))),),
        mounts=tuple(mounts),
        tmpfs=("/config:size=4m", "/tmp:size=16m"),
        health=Health(
            test=("CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2020/"),
            start_period=20,
        ),
    )
    relay = c.placement.has("turn") and c.placement.together("turn", "proxy")
    text = filled(
        "proxy/Caddyfile.j2",
        sites=sites,
        tls=c.site.tls,
        relay=turn.turn_of(c).host if relay and not files and turn.turn_of(c).secure else "",
        bare_ip=next((s["host"] for s in sites if s["ip"]), ""),
    )
    certificate = f"{_FOLDER}/certificates"
    return PartPlan(
        name="proxy",
        images=(("proxy", service.image),),
        files=(
            c.project("proxy", (service,)),
            PartFile(path=f"{_FOLDER}/Caddyfile", text=text, restarts="proxy"),
            *(
                (
                    PartFile(
                        path=f"{certificate}/chain.pem", text=c.site.tls.chain, restarts="proxy"
                    ),
                )
                if files
                else ()
            ),
        ),
        # What Caddy keeps here is worth keeping: who loses it asks the authority anew, and soon
        # meets its limit.
        folders=(
            Folder(path=f"{_FOLDER}/data", mode=0o700, owner=0, group=0),
            *((Folder(path=certificate, mode=0o700, owner=0, group=0),) if files else ()),
        ),
        secrets=(
            (
                SecretText(
                    path=f"{certificate}/key.pem",
                    mode=0o400,
                    whole=(ref("tls_key"),),
                    restarts="proxy",
                ),
            )
            if files
            else ()
        ),
        networks=c.networks((service,)),
        ports=ports,
        healthy=("proxy",),
        memory_mib=service.memory_mib,
        disk_mib=512,
    )


def _upstream(c: Context, group: str, name: str, port: int) -> str:
    if c.placement.together("proxy", group):
        return f"{name}:{port}"
    address = c.placement.one(group).address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _site(web: Web, upstream: str, upload_mib: int) -> dict[str, object]:
    return {
        "address": web.origin,
        "host": web.host,
        "ip": web.host.replace(".", "").isdigit() or ":" in web.host,
        "upstream": upstream,
        "upload_mib": upload_mib,
    }
