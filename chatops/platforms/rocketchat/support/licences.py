"""What a licence decides."""

from typing import Final

from chatops.platforms.base import Release

__all__ = ["LICENSED_FROM_9", "UNLICENSED", "needs_licence"]

UNLICENSED: Final = ("community", "starter")
"""Editions that cost nothing: Starter has a licence, which holds none of what is asked for here."""

LICENSED_FROM_9: Final = "RocketChat/Rocket.Chat pull requests #41643 (LDAP, SAML), #42477 (OAuth)"


def needs_licence(release: Release) -> bool:
    """Whether sign-in by a directory or a provider is paid for: from 9.0 on."""
    newest = not release.version or release.version[0] >= 9
    return newest and release.edition in UNLICENSED
