"""What Rocket.Chat can hold and would refuse, by release; all offline."""

from collections.abc import Collection

from chatops.platforms.base import Facts, Release
from chatops.platforms.rocketchat.normalize import NORMALIZE
from chatops.platforms.rocketchat.permissions import BORN, BUILT_IN, DESCRIPTIONS, words_held
from chatops.platforms.rocketchat.rules import rules
from chatops.platforms.rocketchat.settings import pristine
from chatops.platforms.rocketchat.support import cells
from chatops.resources import MEMBER, UNKNOWN, Live, Resource, Role, Setting, User

__all__ = ["EDITIONS", "NEWEST", "OLDEST", "bot", "facts"]

EDITIONS = ("community", "starter", "pro", "enterprise")
_OIDC = Setting(name="sign_in.oidc.enabled", value=True).key
OLDEST, NEWEST = 8, 9
"""The majors that are spoken first; 7 works, older ones are survived."""


def facts(release: Release) -> Facts:
    """What this release can hold."""
    major = release.version[0] if release.version else NEWEST
    return Facts(
        label=f"Rocket.Chat {release.text} ({release.edition})",
        editions=EDITIONS,
        support=cells(release),
        rules=rules(release.edition),
        normalize=NORMALIZE,
        implied=_implied,
        pristine=(bot(), *_roles(), *_pristine_settings(major)),
        remarks=_remarks(major),
    )


def bot() -> Live[User]:
    """The bot that every server is born with."""
    return Live(
        resource=User(
            username="rocket.cat",
            name="Rocket.Cat",
            email="",
            title="",
            picture=UNKNOWN,
            roles=frozenset({MEMBER}),
            active=True,
        ),
        id="rocket.cat",
        protected=True,
    )


def _roles() -> tuple[Live[Role], ...]:
    grants = {permission: frozenset(roles.split()) for permission, roles in BORN.items()}
    return tuple(
        Live(
            resource=Role(
                name=name,
                description=DESCRIPTIONS.get(ident, ""),
                may=words_held(name, ident, grants),
            ),
            id=ident,
            protected=True,
        )
        for name, ident in BUILT_IN.items()
    )


def _implied(resources: Collection[Resource]) -> tuple[Resource, ...]:
    """What a provider is asked for unless the file says: without it, it tells no address.

    No setting of this product depends on how many people there are.
    """
    if any(r.key == _OIDC for r in resources):
        return (Setting(name="sign_in.oidc.scopes", value=("openid", "profile", "email")),)
    return ()


def _pristine_settings(major: int) -> tuple[Live[Setting], ...]:
    return tuple(Live(resource=setting, id=ident) for ident, setting in pristine(major))


def _remarks(major: int) -> tuple[str, ...]:
    if major > NEWEST:
        return (f"Rocket.Chat {major} is newer than what chatops has been tried with ({NEWEST}.0)",)
    if major < OLDEST - 1:
        return (
            f"Rocket.Chat {major} is far behind what chatops is made for ({OLDEST}.0 and later) "
            "and gets no security fixes: upgrade it, one major version at a time, before you "
            "rely on a run",
        )
    if major < OLDEST:
        return (
            f"Rocket.Chat {major} is older than what chatops is made for ({OLDEST}.0 and later); "
            "most things work",
        )
    return ()
