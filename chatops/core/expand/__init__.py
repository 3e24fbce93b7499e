"""From the company file to the things that should be there: defaults in, groups flattened.

Pure, and free of products. Where the file points at something that does not exist the reference
is recorded and judged in `checks`.
"""

from chatops.core.desired import Desired, Path, Policy
from chatops.core.expand.book import Book
from chatops.core.expand.integrations import expand_integrations
from chatops.core.expand.live_chat import expand_live_chat
from chatops.core.expand.people import break_glass, expand_roles, expand_users
from chatops.core.expand.places import expand_conversations, expand_teams
from chatops.core.expand.settings import expand_settings
from chatops.platforms.base import Onboarding
from chatops.resources import ADMIN, User
from chatops.spec.models import Spec

__all__ = ["expand"]


def expand(spec: Spec) -> Desired:
    """Say what the file asks for. Never raises: what is wrong is recorded in `dangling`."""
    book = Book(spec)
    expand_settings(book)
    expand_roles(book)
    expand_users(book)
    book.flatten_groups()
    expand_teams(book)
    expand_conversations(book)
    expand_integrations(book)
    expand_live_chat(book)
    policy, chat = spec.policy, spec.chat
    glass = break_glass(book)
    return Desired(
        platform=chat.platform,
        edition=chat.edition,
        version=chat.version,
        url=chat.url,
        policy=Policy(
            unmanaged=policy.unmanaged,
            max_removals=policy.max_removals,
            min_admins=policy.min_admins,
            unsupported=policy.unsupported,
        ),
        onboarding=Onboarding(spec.sign_in.onboarding),
        resources=tuple(book.resources),
        origins=book.origins,
        exact=frozenset(book.exact),
        inactive=book.inactive,
        admins=frozenset(
            r.username
            for r in book.resources
            if isinstance(r, User)
            and isinstance(r.roles, frozenset)
            and ADMIN in r.roles
            and r.active is not False
        ),
        ignore=tuple(spec.ignore),
        renames=book.renames,
        secrets=book.secrets,
        dangling=tuple(book.dangling),
        implied_team_members=book.implied,
        pictures=book.pictures,
        sections=frozenset(book.sections),
        own_roles=frozenset(book.own_roles),
        break_glass=glass,
        installers=_installers(spec),
    )


def _installers(spec: Spec) -> tuple[Path, ...]:
    found: list[Path] = [(n,) for n in ("video", "tls", "backup") if getattr(spec, n) is not None]
    if spec.storage is not None and spec.storage.database is not None:
        found.append(("storage", "database"))
    return tuple(found)
