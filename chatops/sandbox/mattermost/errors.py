"""How Mattermost says no: an error with an identifier, a status and a sentence for people."""

from typing import Any, NoReturn

# Only the identifier and the status are to be relied on: a real server translates the sentence.
SENTENCES = {
    "api.bot.create_disabled": "Bot creation has been disabled.",
    "api.channel.add_user_to_channel.type.app_error": "Can not add user to this channel type.",
    "api.channel.create_group.bad_size.app_error": (
        "Group message channels must contain at least 3 and no more than 8 users."
    ),
    "api.channel.delete_channel.cannot.app_error": "Unable to archive the default channel.",
    "api.channel.delete_channel.deleted.app_error": "The channel has been archived or deleted.",
    "api.channel.patch_update_channel.no_changes.app_error": "No changes in the patch.",
    "api.channel.remove.default.app_error": (
        "Unable to remove user from the default channel town-square."
    ),
    "api.channel.restore_channel.restored.app_error": (
        "Unable to unarchive channel. The channel is not archived."
    ),
    "api.channel.update_channel_privacy.default_channel_error": (
        "The default channel cannot be made private."
    ),
    "api.command.duplicate_trigger.app_error": (
        "This trigger word is already in use. Please choose another word."
    ),
    "api.context.404.app_error": "Sorry, we could not find the page.",
    "api.context.invalid_body_param.app_error": "Invalid or missing {name} in request body.",
    "api.context.invalid_url_param.app_error": (
        "Invalid or missing {name} parameter in request URL."
    ),
    "api.context.permissions.app_error": "You do not have the appropriate permissions.",
    "api.context.request_body_too_large.app_error": (
        "Unable to process request. Request body too large."
    ),
    "api.context.session_expired.app_error": ("Invalid or expired session, please login again."),
    "api.emoji.create.duplicate.app_error": (
        "Unable to create emoji. Another emoji with the same name already exists."
    ),
    "api.team.remove_user_from_team.missing.app_error": (
        "The user does not appear to be part of this team."
    ),
    "api.team.update_team_member_roles.unset_user_scheme.app_error": (
        "Invalid team member update: A team member always has a user scheme."
    ),
    "api.user.create_user.no_open_server": (
        "This server does not allow open signups.  "
        "Please speak with your Administrator to receive an invitation."
    ),
    "api.user.create_user.user_limits.exceeded": (
        "Can't create user. Server exceeds safe user limit. "
        "Contact your administrator with: ERROR_SAFETY_LIMITS_EXCEEDED."
    ),
    "api.user.login.invalid_credentials_email_username": (
        "Enter a valid email or username and/or password."
    ),
    "api.webhook.create_outgoing.intersect.app_error": (
        "Outgoing webhooks from the same channel cannot have the same trigger words/callback URLs."
    ),
    "api.webhook.create_outgoing.triggers.app_error": (
        "Either trigger_words or channel_id must be set."
    ),
    "app.channel.add_member.deleted_user.app_error": (
        "Unable to add the user as a member of the channel."
    ),
    "app.channel.get_by_name.missing.app_error": "Channel does not exist.",
    "app.channel.get_member.missing.app_error": (
        "No channel member found for that user ID and channel ID."
    ),
    "app.channel.update.bad_id": "Unable to update the channel.",
    "app.plugin.disabled.app_error": (
        "Plugins have been disabled. Please check your logs for details."
    ),
    "app.role.check_roles_exist.role_not_found": "The provided role does not exist",
    "app.team.get_by_name.missing.app_error": "Unable to find the existing team.",
    "app.team.get_member.missing.app_error": ("No team member found for that user ID and team ID."),
    "app.team.join_user_to_team.save_member.max_accounts.app_error": (
        "This team has reached the maximum number of allowed accounts."
    ),
    "app.team.join_user_to_team.max_accounts.app_error": (
        "This team has reached the maximum number of allowed accounts."
    ),
    "app.user.get_by_username.app_error": (
        "Unable to find an existing account matching your username for this team. "
        "This team may require an invite from the team owner to join."
    ),
    "app.user.missing_account.const": "Unable to find the user.",
    "app.user.save.email_exists.app_error": "An account with that email already exists.",
    "app.user.save.username_exists.app_error": "An account with that username already exists.",
    "app.user.update.lastAdmin.app_error": ("The last active system admin cannot lose that role."),
    "app.user.update_active.user_limit.exceeded": (
        "Can't activate user. Server exceeds safe user limit. ERROR_SAFETY_LIMITS_EXCEEDED."
    ),
    "model.channel.is_valid.1_or_more.app_error": (
        "Name must be 1 or more lowercase alphanumeric character."
    ),
    "model.channel.is_valid.display_name.app_error": "Invalid display name.",
    "model.channel.is_valid.type.app_error": "Invalid type.",
    "model.config.is_valid.max_users.app_error": (
        "Invalid maximum users per team for team settings. Must be a positive number."
    ),
    "model.team.is_valid.characters.app_error": (
        "Name must be 2 or more lowercase alphanumeric characters."
    ),
    "model.team.is_valid.reserved.app_error": "This URL is unavailable. Please try another.",
    "model.team.is_valid.type.app_error": "Invalid type.",
    "model.user.is_valid.email.app_error": "Invalid email.",
    "model.user.is_valid.pwd_min_length.app_error": "Your password is too short.",
    "model.user.is_valid.username.app_error": (
        "Username must begin with a letter, and contain between 3 to 22 lowercase characters "
        'made up of numbers, letters, and the symbols ".", "-", and "_".'
    ),
    "store.sql_channel.save_channel.exists.app_error": (
        "A channel with that name already exists on the same team."
    ),
    "store.sql_team.save_team.existing.app_error": "A team with this URL already exists.",
    "api.command.execute_command.not_found.app_error": (
        'Command not found. To send a message beginning with "/", put a space before it.'
    ),
    "api.file.get_file_info.app_error": "Failed to get file info.",
    "api.file.get_file_preview.no_preview.app_error": "File doesn't have a preview image.",
    "api.file.get_file_thumbnail.no_thumbnail.app_error": "File doesn't have a thumbnail image.",
    "api.file.get_public_link.disabled.app_error": "Public links have been disabled.",
    "app.file_info.get.app_error": "Unable to get the file info.",
    "app.post.get.app_error": "Unable to get the post.",
}


class AppError(Exception):
    """An answer of the kind `{"id", "message", "detailed_error", "request_id", "status_code"}`."""

    def __init__(self, ident: str, status: int, name: str = "") -> None:
        super().__init__(ident)
        self.ident = ident
        self.status = status
        self.name = name

    def body(self, request_id: str) -> dict[str, Any]:
        """The answer's JSON."""
        request = {"request_id": request_id} if request_id else {}
        return {
            "id": self.ident,
            "message": SENTENCES.get(self.ident, self.ident).format(name=self.name),
            "detailed_error": "",
            **request,
            "status_code": self.status,
        }


def refuse(ident: str, status: int = 400) -> NoReturn:
    """Stop here with this error."""
    raise AppError(ident, status)


def bad_body(name: str) -> NoReturn:
    """Stop: something in the body is missing or makes no sense."""
    raise AppError("api.context.invalid_body_param.app_error", 400, name)


def bad_url(name: str) -> NoReturn:
    """Stop: something in the path or the query makes no sense."""
    raise AppError("api.context.invalid_url_param.app_error", 400, name)


def forbidden() -> NoReturn:
    """Stop: a permission is missing. Which one, a real server does not tell either."""
    raise AppError("api.context.permissions.app_error", 403)
