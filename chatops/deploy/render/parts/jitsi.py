"""Jitsi's meetings: web, prosody and jicofo on one host, apart from the bridges.

Every variable here is one of jitsi/docker-jitsi-meet, tag stable-11146-2. The images paste the
values into Lua, HOCON, nginx and JavaScript, so each goes through `quoting.pasted`, and a yes or
no is `1` or `0`: any other word would be a yes (jitsi/tpl, func.go).
"""

from typing import Final

from chatops.core.expand.settings import VIDEO_APP
from chatops.deploy.render.model import ROOT, PartPlan, SecretText
from chatops.deploy.render.parts.common import SECRETS, Context, between, publish, ref
from chatops.deploy.render.project import EDGE, MONITORING, VIDEO, Health, Service
from chatops.deploy.render.quoting import pasted
from chatops.deploy.render.site import Video
from chatops.inventory import Host

__all__ = ["APP_ID", "TMPFS", "WEB_PORT", "XMPP_PORT", "environment", "part", "video_of"]

APP_ID: Final = VIDEO_APP
"""`iss` and `aud` of every token: the name under which the chat signs them."""
WEB_PORT: Final = 8000
XMPP_PORT: Final = 5222
XMPP_NAME: Final = "xmpp.meet.jitsi"
"""The name under which the images look for prosody unless told otherwise."""

TMPFS: Final = ("/run:size=16m,mode=1750,uid=1000,gid=1000,exec", "/tmp:size=16m,mode=1777")
_CONFIG: Final = "/config:size=1m,mode=0755,uid=1000,gid=1000"
"""The images look here for files of our own. There are none: what they need is in variables."""


def video_of(c: Context) -> Video:
    """The meetings, where there are any."""
    assert c.site.video is not None
    return c.site.video


def environment(values: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Variables for one of Jitsi's images. Raises UnquotableError."""
    return tuple((key, pasted(value)) for key, value in sorted(values.items()))


def part(c: Context, host: Host) -> PartPlan:
    """The meetings' signalling of a host."""
    video = video_of(c)
    peers = c.placement.others(host, "video_bridges", "recorders")
    xmpp = between(host, XMPP_PORT, peers)
    web_ports = between(host, WEB_PORT, c.placement.others(host, "proxy"))
    watched = between(host, 8888, c.placement.others(host, "monitoring"))
    web = Service(
        name="web",
        image=c.image("jitsi-web"),
        memory_mib=c.memory("web"),
        environment=environment(_shared(c) | _web(c)),
        published=tuple(publish(p, WEB_PORT) for p in web_ports),
        networks=((EDGE, ("jitsi-web",)), (VIDEO, ())),
        tmpfs=(*TMPFS, _CONFIG),
        depends_on=("prosody",),
        health=Health(test=_curl("8000/")),
    )
    prosody = Service(
        name="prosody",
        image=c.image("jitsi-prosody"),
        memory_mib=c.memory("prosody"),
        environment=environment(_shared(c) | _prosody(c)),
        env_files=(SECRETS,),
        published=tuple(publish(p, XMPP_PORT) for p in xmpp),
        networks=((VIDEO, (XMPP_NAME,)),),
        # The image makes accounts at each start and never changes one that is there. In memory
        # they are always new, and a changed password is simply the password.
        tmpfs=(
            *TMPFS,
            _CONFIG,
            "/prosody-plugins-custom:size=1m,mode=0755,uid=1000,gid=1000",
            "/var/lib/prosody:size=32m,mode=0750,uid=1000,gid=1000",
        ),
        health=Health(test=_curl("5280/health")),
    )
    heap = c.memory("jicofo")
    jicofo = Service(
        name="jicofo",
        image=c.image("jitsi-jicofo"),
        # Beside the heap a JVM needs room for threads, classes and buffers.
        memory_mib=heap + heap // 4 + 256,
        environment=environment(_shared(c) | _jicofo(c, heap)),
        env_files=("jicofo.env",),
        published=tuple(publish(p, 8888) for p in watched),
        networks=((VIDEO, ()), *(((MONITORING, ("jicofo",)),) if c.hosting.monitoring else ())),
        tmpfs=(*TMPFS, _CONFIG),
        depends_on=("prosody",),
        # 500 without an operational bridge: this one is the health of the video.
        health=Health(test=_curl("8888/about/health"), start_period=30),
    )
    services = (prosody, jicofo, web)
    prosody_secrets = [
        ("JICOFO_AUTH_PASSWORD", (ref("jicofo_password"),)),
        ("JVB_AUTH_PASSWORD", (ref("jvb_password"),)),
    ]
    if video.token:
        prosody_secrets.append(("JWT_APP_SECRET", (ref("video_app_secret"),)))
    if video.recording:
        prosody_secrets.append(("JIBRI_RECORDER_PASSWORD", (ref("recorder_password"),)))
        prosody_secrets.append(("JIBRI_XMPP_PASSWORD", (ref("jibri_password"),)))
    if video.turn is not None:
        prosody_secrets.append(("TURN_CREDENTIALS", (ref("turn_secret"),)))
    return PartPlan(
        name="jitsi",
        images=tuple((s.name, s.image) for s in services),
        files=(c.project("jitsi", services),),
        secrets=(
            SecretText(path=f"{ROOT}/jitsi/{SECRETS}", variables=tuple(prosody_secrets)),
            SecretText(path=f"{ROOT}/jitsi/jicofo.env", variables=(prosody_secrets[0],)),
        ),
        networks=c.networks(services),
        ports=(*xmpp, *web_ports, *watched),
        healthy=("prosody", "web"),
        healthy_at_end=("jicofo",),
        memory_mib=sum(s.memory_mib for s in services),
        disk_mib=2048,
    )


def _shared(c: Context) -> dict[str, str]:
    """What several of the images must be told alike."""
    video = video_of(c)
    values = {"PUBLIC_URL": video.web.origin, "TZ": c.site.timezone}
    # ENABLE_AUTH=0 beside AUTH_TYPE=jwt would be an open server that looks like a closed one:
    # the two are said together or not at all.
    if video.token:
        values |= {"AUTH_TYPE": "jwt", "ENABLE_AUTH": "1"}
        values |= {"ENABLE_GUESTS": "1" if video.guests == "wait" else "0"}
    if video.recording:
        values["ENABLE_RECORDING"] = "1"
    return values


def _web(c: Context) -> dict[str, str]:
    video = video_of(c)
    values = {
        "DISABLE_HTTPS": "1",
        "ENABLE_HTTP_REDIRECT": "0",
        "ENABLE_IPV6": "0",
        "ENABLE_LETSENCRYPT": "0",
        "ENABLE_XMPP_WEBSOCKET": "1",
    }
    if c.site.locale:
        values["DEFAULT_LANGUAGE"] = c.site.locale
    if video.turn is not None:
        # Two people connect to each other directly, and ask somebody for their own address.
        values["P2P_STUN_SERVERS"] = f"{video.turn.host}:{video.turn.port}"
    return values


def _prosody(c: Context) -> dict[str, str]:
    video = video_of(c)
    values = {"ENABLE_IPV6": "0", "ENABLE_XMPP_WEBSOCKET": "1", "LOG_LEVEL": "info"}
    if video.token:
        values |= {
            "JWT_ACCEPTED_AUDIENCES": APP_ID,
            "JWT_ACCEPTED_ISSUERS": APP_ID,
            # 1 would let anybody without a token open rooms, and own them.
            "JWT_ALLOW_EMPTY": "0",
            "JWT_APP_ID": APP_ID,
            # With it `sub` must be the inner name meet.jitsi, which no chat's plugin writes, and
            # guests are refused. The room is checked without it, as long as no XMPP_…DOMAIN is
            # set: a MUC domain that does not fit the main one switches that check off.
            "JWT_ENABLE_DOMAIN_VERIFICATION": "0",
        }
        if video.guests == "wait":
            # Who has no token waits in the lobby until somebody with one comes, who owns the
            # room. It acts only while jicofo's own authentication is off (see _jicofo).
            values |= {
                "ENABLE_LOBBY": "1",
                "WAIT_FOR_HOST_DISABLE_AUTO_OWNERS": "0",
                "XMPP_MODULES": "persistent_lobby",
                "XMPP_MUC_MODULES": "muc_wait_for_host",
            }
    turn = video.turn
    if turn is not None:
        secure = {"TURNS_HOST": turn.host, "TURNS_PORT": str(turn.port)}
        plain = {
            "TURN_HOST": turn.host,
            "TURN_PORT": str(turn.port),
            "TURN_TRANSPORT": turn.transport,
        }
        values |= secure if turn.secure else plain
    return values


def _jicofo(c: Context, heap: int) -> dict[str, str]:
    video = video_of(c)
    values = {"JICOFO_ENABLE_HEALTH_CHECKS": "1", "JICOFO_MAX_MEMORY": f"{heap}m"}
    if video.token and video.guests == "wait":
        values |= {"ENABLE_AUTO_OWNER": "0", "JICOFO_ENABLE_AUTH": "0"}
    if c.hosting.monitoring:
        # Its interface has no password: it leaves the container only where it is watched.
        values["JICOFO_ENABLE_REST"] = "1"
    return values


def _curl(place: str) -> tuple[str, ...]:
    return ("CMD", "curl", "-fsS", "-m", "4", "-o", "/dev/null", f"http://127.0.0.1:{place}")
