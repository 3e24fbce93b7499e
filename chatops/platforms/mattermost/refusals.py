"""What the server's error ids mean, in words for the person who runs.

Messages of Mattermost are prose and translated, its ids are neither. What stands here is what a
run can meet; anything else is passed on in the server's own words. Ids that only say "that is so
already" are in `ALREADY`: no handler treats them as a failure.
"""

from dataclasses import dataclass

__all__ = [
    "ALREADY",
    "MFA_CODES",
    "NO_LICENCE",
    "SESSION_CODES",
    "SWITCHED_OFF",
    "TAKEN",
    "Refusal",
    "refusal",
]


@dataclass(frozen=True)
class Refusal:
    """Our words for one error id."""

    message: str
    hint: str = ""


ALREADY = frozenset(
    {
        "api.channel.delete_channel.deleted.app_error",
        "api.channel.restore_channel.restored.app_error",
        "app.channel.get_member.missing.app_error",
        "api.team.remove_user_from_team.missing.app_error",
        "app.team.get_member.missing.app_error",
        "api.user.demote_user_to_guest.already_guest.app_error",
        "api.user.promote_guest_to_user.no_guest.app_error",
        "api.channel.patch_update_channel.no_changes.app_error",
    }
)

TAKEN = frozenset({"store.sql_channel.save_channel.exists.app_error"})

SWITCHED_OFF = frozenset(
    {
        "api.incoming_webhook.disabled.app_error",
        "api.outgoing_webhook.disabled.app_error",
        "api.command.disabled.app_error",
        "api.emoji.disabled.app_error",
    }
)

SESSION_CODES = frozenset({"api.context.session_expired.app_error"})
MFA_CODES = frozenset(
    {
        "mfa.validate_token.authenticate.app_error",
        "api.context.mfa_required.app_error",
        "api.user.check_user_mfa.bad_code.app_error",
    }
)

# The status of a licence refusal differs by feature (400, 403, 501); the endings do not.
NO_LICENCE = (
    "license.error",
    "license_error",
    "license.app_error",
    "licence_disable.app_error",
    "feature.license",
)

_SEATS = Refusal(
    "the server has as many active people as its edition allows",
    "deactivate people who have left, or move to an edition with more seats",
)
_FULL_TEAM = Refusal(
    "the team is full: the server allows no more people in one team",
    "the limit is TeamSettings.MaxUsersPerTeam; the setting limits.people_per_team raises it",
)
_USERNAME = Refusal(
    "the server does not take this user name",
    "1 to 64 of a-z 0-9 . - _, and not: all, channel, matterbot, system",
)
_PASSWORD = Refusal(
    "the password does not meet the server's rules", "see sign_in.password in the company file"
)

_PICTURE = Refusal(
    "the server does not take this picture",
    "a PNG, JPEG or GIF file of not too many pixels; scale it down, or save it again",
)

_EMOJI = Refusal(
    "the picture is larger than the server takes for an emoji",
    "512 KiB and 1,028 pixels a side at most",
)
_GUESTS_OFF = Refusal(
    "guest accounts are switched off on the server", "GuestAccountsSettings.Enable must be on"
)
_SAME_WORDS = Refusal(
    "another outgoing webhook of this channel has the same words and address",
    "take one of the two out",
)

_REFUSALS = {
    "api.team.demote_user_to_guest.disabled.error": _GUESTS_OFF,
    "api.team.invite_guests_to_channels.disabled.error": _GUESTS_OFF,
    "api.incoming_webhook.disabled.app_error": Refusal(
        "incoming webhooks are switched off on the server",
        "ServiceSettings.EnableIncomingWebhooks must be on",
    ),
    "api.outgoing_webhook.disabled.app_error": Refusal(
        "outgoing webhooks are switched off on the server, or the channel is private",
        "they hear public channels alone; ServiceSettings.EnableOutgoingWebhooks must be on",
    ),
    "api.webhook.create_outgoing.not_open.app_error": Refusal(
        "an outgoing webhook hears public channels alone"
    ),
    "api.webhook.create_outgoing.intersect.app_error": _SAME_WORDS,
    "api.webhook.update_outgoing.intersect.app_error": _SAME_WORDS,
    "api.command.disabled.app_error": Refusal(
        "slash commands are switched off on the server", "ServiceSettings.EnableCommands must be on"
    ),
    "api.command.duplicate_trigger.app_error": Refusal(
        "this word is taken in the team: by the server itself, a plugin, or another command",
        "choose another trigger",
    ),
    "api.bot.create_disabled": Refusal(
        "making bots is switched off on the server",
        "ServiceSettings.EnableBotAccountCreation must be on",
    ),
    "app.user_access_token.disabled": Refusal(
        "personal access tokens are switched off on the server",
        "ServiceSettings.EnableUserAccessTokens must be on",
    ),
    "api.emoji.disabled.app_error": Refusal(
        "emoji of one's own are switched off on the server",
        "ServiceSettings.EnableCustomEmoji must be on",
    ),
    "api.emoji.create.duplicate.app_error": Refusal(
        "an emoji of this name exists", "plan again to see it"
    ),
    "model.emoji.system_emoji_name.app_error": Refusal(
        "this is the name of an emoji that everybody has", "choose another name"
    ),
    "api.emoji.create.too_large.app_error": _EMOJI,
    "api.emoji.upload.large_image.too_large.app_error": _EMOJI,
    "api.emoji.upload.image.app_error": _PICTURE,
    "model.post.is_valid.message_length.app_error": Refusal(
        "the message is longer than the server's database takes",
        "make it shorter; older databases take 4,000 characters, newer ones 16,383",
    ),
    "api.user.upload_profile_user.check_image_limits.app_error": _PICTURE,
    "api.user.upload_profile_user.decode.app_error": _PICTURE,
    "api.user.upload_profile_user.decode_config.app_error": _PICTURE,
    "api.user.upload_profile_user.too_large.app_error": Refusal(
        "the picture is larger than the files that the server takes",
        "scale it down, or raise storage.files.max_file_size",
    ),
    "app.user.save.username_exists.app_error": Refusal(
        "the user name is taken on the server, perhaps by a bot or by someone deactivated",
        "plan again to see the account, or choose another user name",
    ),
    "app.user.save.email_exists.app_error": Refusal(
        "another account on the server has this e-mail address, perhaps a deactivated one",
        "give that account's user name, or free the address first",
    ),
    "store.sql_user.update.email_taken.app_error": Refusal(
        "another account on the server has this e-mail address",
        "give that account's user name, or free the address first",
    ),
    "app.user.update.email_taken.app_error": Refusal(
        "another account on the server has this e-mail address",
        "give that account's user name, or free the address first",
    ),
    "store.sql_user.update.username_taken.app_error": Refusal("the user name is taken"),
    "app.user.update.username_taken.app_error": Refusal("the user name is taken"),
    "api.user.create_user.accepted_domain.app_error": Refusal(
        "the server takes no e-mail address of this domain",
        "add the domain to sign_in.email_domains",
    ),
    "api.user.update_user.accepted_domain.app_error": Refusal(
        "the server takes no e-mail address of this domain",
        "add the domain to sign_in.email_domains",
    ),
    "model.user.is_valid.username.app_error": _USERNAME,
    "model.user.is_valid.email.app_error": Refusal("the server does not take this e-mail address"),
    "model.user.is_valid.pwd_min_length.app_error": _PASSWORD,
    "api.user.check_user_password.invalid.app_error": _PASSWORD,
    "api.user.create_user.user_limits.exceeded": _SEATS,
    "api.user.create_user.license_user_limits.exceeded": _SEATS,
    "app.user.update_active.user_limit.exceeded": _SEATS,
    "app.user.update_active.license_user_limit.exceeded": _SEATS,
    "api.user.create_user.no_open_server": Refusal(
        "the server has its first account already and takes no sign-ups",
        "sign in with that account: CHATOPS_USERNAME and CHATOPS_PASSWORD, or CHATOPS_TOKEN",
    ),
    "api.user.create_user.signup_email_disabled.app_error": Refusal(
        "accounts with a password are switched off on the server",
        "EmailSettings.EnableSignUpWithEmail and TeamSettings.EnableUserCreation must be on",
    ),
    "app.user.update.lastAdmin.app_error": Refusal(
        "this is the last administrator of the server", "make somebody else admin first"
    ),
    "api.user.update_active.cannot_modify_status_when_user_is_managed_by_ldap.app_error": Refusal(
        "LDAP decides whether this person is active"
    ),
    "api.user.patch_user.login_provider_attribute_set.app_error": Refusal(
        "this field belongs to the person's sign-on service", "change it there"
    ),
    "app.role.check_roles_exist.role_not_found": Refusal("the server has no such role"),
    "api.user.update_password.menu.app_error": Refusal("the password is kept elsewhere"),
    "api.user.send_password_reset.send.app_error": Refusal(
        "the server could not send its mail", "check the smtp section"
    ),
    "store.sql_team.save_team.existing.app_error": Refusal(
        "a team of this name exists, perhaps an archived one", "plan again to see it"
    ),
    "app.team.save.existing.app_error": Refusal(
        "a team of this name exists, perhaps an archived one", "plan again to see it"
    ),
    "model.team.is_valid.reserved.app_error": Refusal(
        "the team's name begins with a word that the server keeps for itself",
        "for example admin, api, help, login, plugins, post, signup",
    ),
    "app.team.join_user_to_team.save_member.max_accounts.app_error": _FULL_TEAM,
    "app.team.join_user_to_team.max_accounts.app_error": _FULL_TEAM,
    "store.sql_channel.save_channel.exists.app_error": Refusal(
        "a channel of this name exists in the team, perhaps an archived one",
        "plan again to see it",
    ),
    "store.sql_channel.save_channel.limit.app_error": Refusal(
        "the team has as many channels as the server allows, archived ones counted",
        "TeamSettings.MaxChannelsPerTeam",
    ),
    "api.channel.create_channel.max_channel_limit.app_error": Refusal(
        "the team has as many channels as the server allows, archived ones counted",
        "TeamSettings.MaxChannelsPerTeam",
    ),
    "app.channel.update.bad_id": Refusal(
        "the channel is archived and takes no changes", "bring it back first: archived: false"
    ),
    "api.channel.delete_channel.cannot.app_error": Refusal(
        "the server's own channel cannot be archived"
    ),
    "api.channel.update_channel_privacy.default_channel_error": Refusal(
        "the server's own channel cannot be made private"
    ),
    "api.channel.remove.default.app_error": Refusal(
        "nobody can be taken out of the server's own channel"
    ),
    "app.channel.add_member.deleted_user.app_error": Refusal("the account is deactivated"),
    "api.channel.add_user.to.channel.failed.deleted.app_error": Refusal(
        "this person is no longer in the team"
    ),
    "api.channel.add_members.user_denied": Refusal(
        "a group that is linked to the channel decides who is in it"
    ),
    "api.channel.remove_members.denied": Refusal(
        "a group that is linked to the channel decides who is in it"
    ),
    "api.team.add_members.user_denied": Refusal(
        "a group that is linked to the team decides who is in it"
    ),
    "api.team.remove_member.group_constrained.app_error": Refusal(
        "a group that is linked to the team decides who is in it"
    ),
    "api.config.update_config.not_allowed_security.app_error": Refusal(
        "the server lets nobody change this setting over the network"
    ),
    "ent.cluster.save_config.error": Refusal(
        "the server's configuration file is read-only", "change it where the server is installed"
    ),
    "model.config.is_valid.sitename_length.app_error": Refusal(
        "the company's name is longer than the 30 bytes that Mattermost shows"
    ),
    "model.config.is_valid.password_length.app_error": Refusal(
        "the shortest password must be between 5 and 72 characters long"
    ),
    "api.context.request_body_too_large.app_error": Refusal(
        "the request is larger than the server accepts",
        "ServiceSettings.MaximumPayloadSizeBytes",
    ),
    "api.context.404.app_error": Refusal("this version of the server has no such call"),
}


def refusal(code: str) -> Refusal | None:
    """Our words for an error id, where we have some."""
    known = _REFUSALS.get(code)
    if known is None and code.endswith(NO_LICENCE):
        return Refusal("the server's edition does not have this", "it needs a licence")
    return known
