"""A licence, for what it changes: modules, seats, guests.

No licensed server was recorded. What is here follows the vendor's public source
(ee/packages/license, apps/meteor/ee/app/authorization, apps/meteor/ee/server/lib/roles; 8.x).
"""

from dataclasses import dataclass

from chatops.sandbox.rocketchat.listing import words

GUESTS_MAY = frozenset(
    words("view-d-room view-joined-room view-p-room start-discussion mobile-upload-file")
)
"""All that guests may do under a licence, whatever their role holds."""


@dataclass(frozen=True)
class Licence:
    """What somebody bought."""

    plan: str
    modules: tuple[str, ...] = ("custom-roles", "ldap-enterprise", "saml-enterprise")
    seats: int = 1000
    guests: int = 3
