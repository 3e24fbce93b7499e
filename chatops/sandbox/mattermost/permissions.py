"""Roles and what they allow, as a fresh 11.6 has them.

The lists of channel_user, channel_admin and system_user are what a real 11.6 answered, that of
team_admin is what an 11.2 did; the others follow MakeDefaultRoles of its model package
(server/public/model/role.go).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatops.sandbox.mattermost.errors import forbidden
from chatops.sandbox.mattermost.words import listed
from chatops.sandbox.store import Doc

if TYPE_CHECKING:
    from chatops.sandbox.mattermost.state import Site
    from chatops.sandbox.mattermost.web import Call

CHANNEL_USER = listed("""
add_bookmark_private_channel add_bookmark_public_channel add_reaction create_post
delete_bookmark_private_channel delete_bookmark_public_channel delete_post delete_private_channel
delete_public_channel edit_bookmark_private_channel edit_bookmark_public_channel edit_post
get_public_link manage_private_channel_members manage_private_channel_properties
manage_public_channel_members manage_public_channel_properties order_bookmark_private_channel
order_bookmark_public_channel read_channel read_channel_content read_private_channel_groups
read_public_channel_groups remove_reaction upload_file use_channel_mentions use_group_mentions
""")
CHANNEL_ADMIN = listed("""
add_bookmark_private_channel add_bookmark_public_channel add_reaction create_post
delete_bookmark_private_channel delete_bookmark_public_channel edit_bookmark_private_channel
edit_bookmark_public_channel manage_channel_access_rules manage_channel_roles
manage_private_channel_auto_translation manage_private_channel_banner
manage_private_channel_members manage_public_channel_auto_translation manage_public_channel_banner
manage_public_channel_members order_bookmark_private_channel order_bookmark_public_channel
read_private_channel_groups read_public_channel_groups remove_reaction upload_file
use_channel_mentions use_group_mentions
""")
CHANNEL_GUEST = listed("""
add_reaction create_post edit_post read_channel read_channel_content remove_reaction upload_file
use_channel_mentions
""")
TEAM_USER = listed("""
add_user_to_team create_private_channel create_public_channel invite_user join_public_channels
list_team_channels playbook_private_create playbook_public_create read_public_channel view_team
""")
TEAM_ADMIN = listed("""
add_bookmark_private_channel add_bookmark_public_channel add_reaction
bypass_incoming_webhook_channel_lock convert_private_channel_to_public
convert_public_channel_to_private create_post delete_bookmark_private_channel
delete_bookmark_public_channel delete_others_posts delete_post edit_bookmark_private_channel
edit_bookmark_public_channel import_team manage_channel_access_rules manage_channel_roles
manage_others_incoming_webhooks manage_others_outgoing_webhooks manage_others_slash_commands
manage_own_incoming_webhooks manage_own_outgoing_webhooks manage_own_slash_commands
manage_private_channel_banner manage_private_channel_members manage_public_channel_banner
manage_public_channel_members manage_team manage_team_roles order_bookmark_private_channel
order_bookmark_public_channel playbook_private_manage_roles playbook_public_manage_roles
read_private_channel_groups read_public_channel_groups remove_reaction remove_user_from_team
upload_file use_channel_mentions use_group_mentions
""")
SYSTEM_USER = listed("""
create_custom_group create_direct_channel create_emojis create_group_channel create_team
delete_custom_group delete_emojis edit_custom_group join_public_teams list_public_teams
manage_custom_group_members restore_custom_group view_members
""")
_SYSTEM_ADMIN_ALONE = listed("""
assign_bot assign_system_admin_role create_bot create_compliance_export_job
create_data_retention_job create_ldap_sync_job create_post_ephemeral create_post_public
create_user_access_token delete_others_emojis demote_to_guest download_compliance_export_result
edit_brand edit_other_users edit_others_posts get_analytics get_logs invalidate_caches
invalidate_email_invite invite_guest join_private_teams list_private_teams
list_users_without_team manage_bots manage_jobs manage_license_information manage_oauth
manage_others_bots manage_outgoing_oauth_connections manage_roles manage_secure_connections
manage_shared_channels manage_system manage_system_wide_oauth promote_guest read_audits read_bots
read_compliance_export_job read_data_retention_job read_deleted_posts read_jobs
read_ldap_sync_job read_license_information read_other_users_teams read_others_bots
read_user_access_token recycle_database_connections reload_config remove_others_reactions
revoke_user_access_token test_elasticsearch test_email test_ldap test_s3 test_site_url
""")
_CONSOLE_PAGES = listed("""
about_edition_and_license authentication_email authentication_guest_access authentication_ldap
authentication_mfa authentication_openid authentication_password authentication_saml
authentication_signup billing compliance_compliance_export compliance_compliance_monitoring
compliance_custom_terms_of_service compliance_data_retention_policy environment_database
environment_developer environment_elasticsearch environment_file_storage
environment_high_availability environment_image_proxy environment_logging
environment_mobile_security environment_performance_monitoring
environment_push_notification_server environment_rate_limiting environment_session_lengths
environment_smtp environment_web_server experimental_feature_flags experimental_features
integrations_bot_accounts integrations_cors integrations_gif
integrations_integration_management plugins products_boards reporting_server_logs
reporting_site_statistics reporting_team_statistics site_announcement_banner site_customization
site_emoji site_file_sharing_and_downloads site_ip_filters site_localization site_notices
site_notifications site_posts site_public_links site_users_and_teams
user_management_channels user_management_groups user_management_permissions
user_management_system_roles user_management_teams user_management_users
""")
CONSOLE_READ = frozenset(f"sysconsole_read_{page}" for page in _CONSOLE_PAGES)
CONSOLE_WRITE = frozenset(f"sysconsole_write_{page}" for page in _CONSOLE_PAGES)
SYSTEM_ADMIN = sorted(
    {
        *CHANNEL_USER, *CHANNEL_ADMIN, *TEAM_USER, *TEAM_ADMIN, *SYSTEM_USER,
        *_SYSTEM_ADMIN_ALONE, *CONSOLE_READ, *CONSOLE_WRITE,
    }
)  # fmt: skip
_MANAGER_PAGES = ("environment", "integrations", "reporting", "site", "user_management")

# Roles that need a licence before anyone may carry them.
DELEGATED = {
    "system_user_manager",
    "system_read_only_admin",
    "system_manager",
    "shared_channel_manager",
    "secure_connection_manager",
}
GUEST_ROLES = {"system_guest", "team_guest", "channel_guest"}
# Permissions that nobody may give or take over the API.
FIXED = {
    "manage_system",
    "manage_roles",
    "sysconsole_read_user_management_system_roles",
    "sysconsole_write_user_management_system_roles",
}


def _console(access: str, *pages: str) -> list[str]:
    return [f"sysconsole_{access}_{p}" for p in _CONSOLE_PAGES if p.startswith(pages)]


# name: (permissions, scheme managed, the word in its display name where it differs)
BUILT_IN: dict[str, tuple[list[str], bool, str]] = {
    "system_admin": (SYSTEM_ADMIN, True, "global_admin"),
    "system_user": (SYSTEM_USER, True, "global_user"),
    "system_guest": (["create_direct_channel", "create_group_channel"], True, "global_guest"),
    "system_post_all": (["create_post", "use_channel_mentions"], False, ""),
    "system_post_all_public": (["create_post_public", "use_channel_mentions"], False, ""),
    "system_user_access_token": (
        ["create_user_access_token", "read_user_access_token", "revoke_user_access_token"],
        False,
        "",
    ),
    "system_user_manager": (
        [
            *_console("read", "user_management", "authentication"),
            *_console("write", "user_management_users", "user_management_teams"),
        ],
        False,
        "",
    ),
    "system_read_only_admin": (sorted(CONSOLE_READ), False, ""),
    "system_manager": (
        sorted([*CONSOLE_READ, *_console("write", *_MANAGER_PAGES)]),
        False,
        "",
    ),
    "system_custom_group_admin": (
        [
            "create_custom_group",
            "delete_custom_group",
            "edit_custom_group",
            "manage_custom_group_members",
            "restore_custom_group",
        ],
        False,
        "",
    ),
    "shared_channel_manager": (["manage_shared_channels"], False, ""),
    "secure_connection_manager": (["manage_secure_connections"], False, ""),
    "team_user": (TEAM_USER, True, ""),
    "team_admin": (TEAM_ADMIN, True, ""),
    "team_guest": (["view_team"], True, ""),
    "team_post_all": (["create_post", "use_channel_mentions"], False, ""),
    "team_post_all_public": (["create_post_public", "use_channel_mentions"], False, ""),
    "channel_user": (CHANNEL_USER, True, ""),
    "channel_admin": (CHANNEL_ADMIN, True, ""),
    "channel_guest": (CHANNEL_GUEST, True, ""),
    "custom_group_user": ([], False, ""),
    "playbook_admin": (
        [
            "playbook_public_manage_members",
            "playbook_public_manage_properties",
            "playbook_public_manage_roles",
        ],
        True,
        "",
    ),
    "playbook_member": (["playbook_public_view", "run_create"], True, ""),
    "run_admin": (["run_manage_members", "run_manage_properties"], True, ""),
    "run_member": (["run_view"], True, ""),
}


def has(site: "Site", user: Doc, permission: str) -> bool:
    """Whether a user may do this everywhere."""
    return _grant(site, str(user.get("roles", "")).split(), permission)


def has_in_team(site: "Site", user: Doc, team_id: str, permission: str) -> bool:
    """Whether a user may do this in a team."""
    if not team_id:
        return False
    member = site.team_members.get(f"{team_id}:{user.get('id')}")
    if member and not member["delete_at"] and _grant(site, member_roles(member), permission):
        return True
    return has(site, user, permission)


def has_in_channel(site: "Site", user: Doc, channel_id: str, permission: str) -> bool:
    """Whether a user may do this in a channel; in one that is not there nobody may anything."""
    channel = site.channels.get(channel_id)
    if channel is None:
        return False
    member = site.channel_members.get(f"{channel_id}:{user.get('id')}")
    roles = member_roles(member) if member else []
    if permission == "create_post" and "create_post:members" in site.taken_in(channel_id):
        roles = [role for role in roles if role not in ("channel_user", "channel_guest")]
    if _grant(site, roles, permission):
        return True
    if has(site, user, "manage_system"):
        return True
    if channel["team_id"]:
        return has_in_team(site, user, channel["team_id"], permission)
    return has(site, user, permission)


def may_read(site: "Site", user: Doc, channel: Doc) -> bool:
    """Whether a user may read what is said in a channel."""
    if has_in_channel(site, user, channel["id"], "read_channel_content"):
        return True
    return channel["type"] == "O" and has_in_team(
        site, user, channel["team_id"], "read_public_channel"
    )


def need(call: "Call", permission: str) -> None:
    """Stop with 403 unless the caller may do this everywhere."""
    if not has(call.site, call.me, permission):
        forbidden()


def need_any(call: "Call", permissions: Iterable[str]) -> None:
    """Stop with 403 unless the caller may do one of these everywhere."""
    if not any(has(call.site, call.me, permission) for permission in permissions):
        forbidden()


def need_in_team(call: "Call", team_id: str, permission: str) -> None:
    """Stop with 403 unless the caller may do this in the team."""
    if not has_in_team(call.site, call.me, team_id, permission):
        forbidden()


def need_in_channel(call: "Call", channel_id: str, permission: str) -> None:
    """Stop with 403 unless the caller may do this in the channel."""
    if not has_in_channel(call.site, call.me, channel_id, permission):
        forbidden()


def need_user(call: "Call", user_id: str) -> None:
    """Stop with 403 unless this is the caller, a bot of theirs, or they may edit others."""
    bot = call.site.bots.get(user_id)
    if user_id == call.my_id or (bot and bot["owner_id"] == call.my_id):
        return
    need(call, "manage_others_bots" if bot else "edit_other_users")


def is_admin(call: "Call") -> bool:
    """Whether the caller administers the whole server."""
    return has(call.site, call.me, "manage_system")


def member_roles(member: Doc) -> list[str]:
    """The roles of a membership: explicit ones first, then those that its scheme gives."""
    kind = "channel" if "channel_id" in member else "team"
    implied = [f"{kind}_{name}" for name in ("guest", "user", "admin") if member[f"scheme_{name}"]]
    return [*str(member["explicit_roles"]).split(), *implied]


def _grant(site: "Site", roles: Iterable[str], permission: str) -> bool:
    return any(permission in site.permissions_of(role) for role in roles)
