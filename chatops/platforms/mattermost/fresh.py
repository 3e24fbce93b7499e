"""What a Mattermost server holds that was installed a moment ago."""

from collections.abc import Mapping
from typing import Any

from chatops.platforms.base import Release
from chatops.platforms.mattermost.permissions import WORDS
from chatops.platforms.mattermost.settings import SETTINGS
from chatops.resources import (
    ADMIN,
    CHANNEL_LEAD,
    GUEST,
    MEMBER,
    TEAM_LEAD,
    UNKNOWN,
    Live,
    Role,
    Setting,
)

__all__ = ["PEOPLE_PER_TEAM", "pristine"]

PEOPLE_PER_TEAM = 50
"""How many people the server lets into a team until it is told otherwise."""


_FRESH: Mapping[str, Any] = {
    "company.name": "Mattermost",
    "company.locale": "en",
    "sign_in.password.min_length": 8,
    "sign_in.self_registration": False,
    "sign_in.email_domains": (),
    "smtp.host": "",
    "smtp.port": 10025,
    "smtp.security": "none",
    "smtp.username": "",
    "smtp.password": "",
    "smtp.from": "",
    "storage.files.backend": "local",
    "storage.files.endpoint": "https://s3.amazonaws.com",
    "storage.files.bucket": "",
    "storage.files.region": "",
    "storage.files.access_key": "",
    "storage.files.secret_key": "",
    "storage.files.max_file_size": 104_857_600,
    "limits.people_per_team": PEOPLE_PER_TEAM,
    "sign_in.guests": False,
    "sign_in.ldap.enabled": False,
    "sign_in.ldap.host": "",
    "sign_in.ldap.port": 389,
    "sign_in.ldap.security": "none",
    "sign_in.ldap.base_dn": "",
    "sign_in.ldap.bind_dn": "",
    "sign_in.ldap.bind_password": "",
    "sign_in.ldap.user_filter": "",
    "sign_in.ldap.id_attribute": "",
    "sign_in.ldap.username_attribute": "",
    "sign_in.ldap.email_attribute": "",
    "sign_in.ldap.name_attribute": "",
    "sign_in.oidc.enabled": False,
    "sign_in.oidc.issuer": "",
    "sign_in.oidc.client_id": "",
    "sign_in.oidc.client_secret": "",
    "sign_in.oidc.scopes": ("profile", "openid", "email"),
    "sign_in.oidc.label": "",
    "sign_in.saml.enabled": False,
    "sign_in.saml.login_url": "",
    "sign_in.saml.issuer": "",
    "sign_in.saml.certificate": "",
    "sign_in.saml.username_attribute": "",
    "sign_in.saml.email_attribute": "",
    "sign_in.saml.label": "SAML",
    "storage.message_retention": 0,
    "video.enabled": False,
    "video.url": "",
    "video.auth": "",
    "video.app_id": "",
    "video.secret": "",
    "integrations.incoming_webhooks": True,
    "integrations.outgoing_webhooks": True,
    "integrations.slash_commands": True,
    "integrations.bots": False,
    "integrations.emoji": True,
    "integrations.other_names": False,
    "integrations.other_pictures": False,
}


_PERMITTED: Mapping[str, str] = {
    MEMBER: "channel.create_public channel.create_private channel.manage channel.manage_members "
    "channel.archive team.create team.invite post.edit_own post.delete_own post.mention_all "
    "emoji.create direct_message.create",
    GUEST: "post.edit_own post.mention_all direct_message.create",
    TEAM_LEAD: "channel.manage_members team.manage_members post.delete_own post.delete_others "
    "post.mention_all integration.manage_own integration.manage",
    CHANNEL_LEAD: "channel.manage_members post.mention_all",
    ADMIN: " ".join(WORDS),
}
"""What the built-in roles may do (11.2 and 11.6, which agree in these)."""


def pristine(release: Release) -> tuple[Live[Any], ...]:
    """A fresh server: settings and built-in roles; teams, channels and people come from us."""
    settings = (
        Live(resource=Setting(name=name, value=_FRESH.get(name, UNKNOWN)), id=entry.keys[0])
        for name, entry in SETTINGS.items()
    )
    roles = (
        Live(resource=Role(name=name, may=frozenset(words.split())), id=name, protected=True)
        for name, words in _PERMITTED.items()
    )
    return (*settings, *roles)
