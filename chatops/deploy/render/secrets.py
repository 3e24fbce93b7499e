"""The files that hold secrets: made whole here, so that a role only has to write them."""

from collections.abc import Mapping
from dataclasses import dataclass

from chatops.deploy.render.model import HostPlan, Installation, SecretNeed, SecretText
from chatops.deploy.render.quoting import UnquotableError, dotenv, pasted
from chatops.deploy.render.site import Site
from chatops.errors import InstallError
from chatops.secrets import Secret

__all__ = ["SecretFile", "needs", "secret_files"]

_WHY = {
    "database_admin_password": "the database server's own administrator",
    "database_password": "the chat's account in its database",
    "database_url": "the address of the database, with its password",
    "grafana_password": "the administrator of Grafana",
    "jibri_password": "the recorder's account in prosody",
    "jicofo_password": "jicofo's account in prosody",
    "jvb_password": "the bridges' account in prosody",
    "mongodb_key": "the members of MongoDB's replica set know each other by it",
    "recorder_password": "the account with which the recorder enters a meeting",
    "tls_key": "the key of the certificate",
    "turn_secret": "prosody signs passes for the relay with it",
    "video_app_secret": "the chat signs the tokens of its meetings with it",
}
_PASTED = frozenset(("jibri_password", "jicofo_password", "jvb_password")) | frozenset(
    ("recorder_password", "turn_secret", "video_app_secret")
)


@dataclass(frozen=True, kw_only=True)
class SecretFile:
    """A file with secrets, as it is to be on a host."""

    path: str
    content: Secret
    mode: int
    owner: int
    group: int
    part: str


def needs(site: Site, hosts: tuple[HostPlan, ...]) -> tuple[SecretNeed, ...]:
    """Every secret that the parts of these hosts name, and where each comes from."""
    names = {n for h in hosts for part in h.parts for text in part.secrets for n in text.needs}
    turn = site.video and site.video.turn
    given = {
        "database_url": (site.database_url, ("storage", "database", "url")),
        "tls_key": (site.tls.key, ("tls", "key")),
        "turn_secret": ((turn and turn.secret) or "", ("video", "turn", "secret")),
    }
    return tuple(
        SecretNeed(
            name=name,
            why=_WHY[name],
            given=given[name][0] if name in given else "",
            said=given[name][1] if name in given else (),
            pasted=name in _PASTED,
            length=756 if name == "mongodb_key" else 40,
        )
        for name in sorted(names)
    )


def secret_files(
    installation: Installation, values: Mapping[str, Secret]
) -> dict[str, tuple[SecretFile, ...]]:
    """The secret files of each host. Raises InstallError for a value that cannot be written."""
    _check(installation, values)
    return {
        host.name: tuple(
            SecretFile(
                path=text.path,
                content=Secret(_content(text, values)),
                mode=text.mode,
                owner=text.owner,
                group=text.group,
                part=part.name,
            )
            for part in host.parts
            for text in part.secrets
        )
        for host in installation.hosts
    }


def _check(installation: Installation, values: Mapping[str, Secret]) -> None:
    for need in installation.secrets:
        value = values[need.name].reveal()
        if need.pasted and not (pasted_secret(value)):
            raise InstallError(
                f"{need.given or need.name} cannot be used: {need.why}, and Jitsi takes only "
                "letters, digits and . _ - + = / there, eight at least",
                hint="make a new one, as with `openssl rand -hex 32`",
            )


def pasted_secret(value: str) -> bool:
    """Whether Jitsi's images can take it: short words such as `0` or `false` are dropped there."""
    try:
        return len(pasted(value)) >= 8 and not set(value) & set(" ,:@%*~?&")
    except UnquotableError:
        return False


def _content(text: SecretText, values: Mapping[str, Secret]) -> str:
    def joined(pieces: tuple[str, ...]) -> str:
        return "".join(values[p[1:]].reveal() if p.startswith("\0") else p for p in pieces)

    if text.whole:
        return joined(text.whole)
    return "".join(dotenv(name, joined(pieces)) for name, pieces in text.variables)
