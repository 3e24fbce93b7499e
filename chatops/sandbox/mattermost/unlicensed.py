"""What a Team Edition without a licence answers to what needs one, and without plugins to those.

Identifiers and their odd statuses as the handlers in server/channels/api4 have them: 403 here,
501 there. Some look at the body or at permissions before they look for a licence.
"""

from collections.abc import Callable

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import need
from chatops.sandbox.mattermost.web import Call, Routes
from chatops.sandbox.mattermost.words import is_id

routes = Routes()

_LDAP = ("api.ldap_groups.license_error", 501)
_GROUPS = ("api.license_error", 501)
_PLUGINS = ("app.plugin.disabled.app_error", 501)
_RETENTION = ("ent.data_retention.generic.license.error", 501)
_COMPLIANCE = ("ent.compliance.licence_disable.app_error", 501)
_BOOKMARKS = ("api.channel.bookmark.channel_bookmark.license.error", 501)
_ATTRIBUTES = ("api.custom_profile_attributes.license_error", 403)
_NO_PHASE_TWO = (
    "app.schemes.is_phase_2_migration_completed.not_completed.app_error",
    501,
)

# method, path, identifier, status, permission that is asked for first
_REFUSED: tuple[tuple[str, str, str, int, str], ...] = (
    ("POST", "/teams/{team_id}/invite-guests/email",
     "api.team.invite_guests_to_channels.license.error", 501, ""),
    ("GET", "/schemes", *_NO_PHASE_TWO, "sysconsole_read_user_management_permissions"),
    ("GET", "/schemes/{scheme_id}", *_NO_PHASE_TWO, "sysconsole_read_user_management_permissions"),
    ("GET", "/schemes/{scheme_id}/teams", *_NO_PHASE_TWO,
     "sysconsole_read_user_management_teams"),
    ("GET", "/schemes/{scheme_id}/channels", *_NO_PHASE_TWO,
     "sysconsole_read_user_management_channels"),
    ("POST", "/schemes", "api.scheme.create_scheme.license.error", 501, ""),
    ("PUT", "/schemes/{scheme_id}/patch", "api.scheme.patch_scheme.license.error", 501, ""),
    ("DELETE", "/schemes/{scheme_id}", "api.scheme.delete_scheme.license.error", 501, ""),
    ("GET", "/channels/{channel_id}/moderations",
     "api.channel.get_channel_moderations.license.error", 403, ""),
    ("PUT", "/channels/{channel_id}/moderations/patch",
     "api.channel.patch_channel_moderations.license.error", 403, ""),
    ("GET", "/channels/{channel_id}/member_counts_by_group",
     "api.channel.channel_member_counts_by_group.license.error", 403, ""),
    ("GET", "/channels/{channel_id}/bookmarks", *_BOOKMARKS, ""),
    ("POST", "/channels/{channel_id}/bookmarks", *_BOOKMARKS, ""),
    ("PATCH", "/channels/{channel_id}/bookmarks/{bookmark_id}", *_BOOKMARKS, ""),
    ("DELETE", "/channels/{channel_id}/bookmarks/{bookmark_id}", *_BOOKMARKS, ""),
    ("POST", "/channels/{channel_id}/bookmarks/{bookmark_id}/sort_order", *_BOOKMARKS, ""),
    ("GET", "/groups", *_GROUPS, ""),
    ("POST", "/groups", *_GROUPS, ""),
    ("POST", "/groups/names", *_GROUPS, ""),
    ("GET", "/groups/{group_id}", *_GROUPS, ""),
    ("PUT", "/groups/{group_id}/patch", *_GROUPS, ""),
    ("DELETE", "/groups/{group_id}", *_GROUPS, ""),
    ("POST", "/groups/{group_id}/restore", *_GROUPS, ""),
    ("GET", "/groups/{group_id}/stats", *_GROUPS, ""),
    ("GET", "/groups/{group_id}/members", *_GROUPS, ""),
    ("POST", "/groups/{group_id}/members", *_GROUPS, ""),
    ("DELETE", "/groups/{group_id}/members", *_GROUPS, ""),
    ("GET", "/groups/{group_id}/teams", *_GROUPS, ""),
    ("GET", "/groups/{group_id}/channels", *_GROUPS, ""),
    ("POST", "/groups/{group_id}/teams/{team_id}/link", *_GROUPS, ""),
    ("DELETE", "/groups/{group_id}/teams/{team_id}/link", *_GROUPS, ""),
    ("POST", "/groups/{group_id}/channels/{channel_id}/link", *_GROUPS, ""),
    ("DELETE", "/groups/{group_id}/channels/{channel_id}/link", *_GROUPS, ""),
    ("GET", "/users/{user_id}/groups", *_GROUPS, ""),
    ("GET", "/teams/{team_id}/groups", "api.ldap_groups.license_error", 403, ""),
    ("GET", "/teams/{team_id}/groups_by_channels", "api.ldap_groups.license_error", 403, ""),
    ("GET", "/channels/{channel_id}/groups", "api.ldap_groups.license_error", 403, ""),
    ("POST", "/ldap/sync", *_LDAP, ""),
    ("POST", "/ldap/test", *_LDAP, ""),
    ("POST", "/ldap/test_connection", *_LDAP, ""),
    ("POST", "/ldap/test_diagnostics", *_LDAP, ""),
    ("GET", "/ldap/groups", *_LDAP, "sysconsole_read_user_management_groups"),
    ("POST", "/ldap/groups/{remote_id}/link", *_LDAP, "sysconsole_write_user_management_groups"),
    ("DELETE", "/ldap/groups/{remote_id}/link", *_LDAP, "sysconsole_write_user_management_groups"),
    ("POST", "/ldap/migrateid", *_LDAP, "manage_system"),
    ("GET", "/saml/metadata", "api.admin.saml.not_available.app_error", 501, ""),
    ("GET", "/data_retention/policy", *_RETENTION, ""),
    ("GET", "/data_retention/policies", *_RETENTION,
     "sysconsole_read_compliance_data_retention_policy"),
    ("GET", "/data_retention/policies_count", *_RETENTION,
     "sysconsole_read_compliance_data_retention_policy"),
    ("POST", "/data_retention/policies", *_RETENTION,
     "sysconsole_write_compliance_data_retention_policy"),
    ("GET", "/data_retention/policies/{policy_id}", *_RETENTION,
     "sysconsole_read_compliance_data_retention_policy"),
    ("PATCH", "/data_retention/policies/{policy_id}", *_RETENTION,
     "sysconsole_write_compliance_data_retention_policy"),
    ("DELETE", "/data_retention/policies/{policy_id}", *_RETENTION,
     "sysconsole_write_compliance_data_retention_policy"),
    ("GET", "/compliance/reports", *_COMPLIANCE, "read_compliance_export_job"),
    ("POST", "/compliance/reports", *_COMPLIANCE, "create_compliance_export_job"),
    ("GET", "/compliance/reports/{report_id}", *_COMPLIANCE, "read_compliance_export_job"),
    ("GET", "/custom_profile_attributes/fields", *_ATTRIBUTES, ""),
    ("POST", "/custom_profile_attributes/fields", *_ATTRIBUTES, ""),
    ("PATCH", "/custom_profile_attributes/fields/{field_id}", *_ATTRIBUTES, ""),
    ("DELETE", "/custom_profile_attributes/fields/{field_id}", *_ATTRIBUTES, ""),
    ("PATCH", "/custom_profile_attributes/values", *_ATTRIBUTES, ""),
    ("GET", "/custom_profile_attributes/group", *_ATTRIBUTES, ""),
    ("GET", "/users/{user_id}/custom_profile_attributes", *_ATTRIBUTES, ""),
    ("POST", "/elasticsearch/test", "ent.elasticsearch.test_config.license.error", 501,
     "test_elasticsearch"),
    ("POST", "/plugins", "app.plugin.upload_disabled.app_error", 501, ""),
    ("GET", "/plugins", *_PLUGINS, ""),
    ("GET", "/plugins/statuses", *_PLUGINS, ""),
    ("GET", "/plugins/webapp", *_PLUGINS, ""),
    ("GET", "/plugins/marketplace", *_PLUGINS, ""),
    ("POST", "/plugins/marketplace", *_PLUGINS, ""),
    ("POST", "/plugins/install_from_url", *_PLUGINS, ""),
    ("DELETE", "/plugins/{plugin_id:plugin}", *_PLUGINS, ""),
    ("POST", "/plugins/{plugin_id:plugin}/enable", *_PLUGINS, ""),
    ("POST", "/plugins/{plugin_id:plugin}/disable", *_PLUGINS, ""),
    ("POST", "/trial-license", "api.license.request-trial.bad-request", 400,
     "manage_license_information"),
    ("POST", "/users/{user_id}/mfa/generate", "mfa.mfa_disabled.app_error", 501, ""),
    ("PUT", "/users/{user_id}/mfa", "mfa.mfa_disabled.app_error", 501, ""),
)  # fmt: skip


def _refusal(ident: str, status: int, permission: str) -> Callable[[Call], None]:
    def answer(call: Call) -> None:
        if permission:
            need(call, permission)
        refuse(ident, status)

    return answer


for _method, _path, _ident, _status, _permission in _REFUSED:
    routes.at(_method, _path)(_refusal(_ident, _status, _permission))


@routes.post("/users/{user_id}/demote")
def demote(call: Call) -> None:
    """Make somebody a guest."""
    call.ident("user_id")
    refuse("api.team.demote_user_to_guest.license.error", 501)


@routes.post("/users/{user_id}/promote")
def promote(call: Call) -> None:
    """Make a guest a member; nobody is a guest here."""
    user = call.site.user(call.ident("user_id"))
    need(call, "promote_guest")
    if "system_guest" not in user["roles"].split():
        refuse("api.user.promote_guest_to_user.no_guest.app_error", 501)


@routes.put("/teams/{team_id}/scheme")
def team_scheme(call: Call) -> None:
    """Give a team a permission scheme."""
    call.ident("team_id")
    wanted = call.record("scheme_id", {"scheme_id": str}).get("scheme_id")
    if wanted is None or (wanted and not is_id(wanted)):
        bad_body("scheme_id")
    refuse("api.team.update_team_scheme.license.error", 501)


@routes.put("/channels/{channel_id}/scheme")
def channel_scheme(call: Call) -> None:
    """Give a channel a permission scheme."""
    call.ident("channel_id")
    wanted = call.record("scheme_id", {"scheme_id": str}).get("scheme_id", "")
    if not is_id(wanted):
        bad_body("scheme_id")
    refuse("api.channel.update_channel_scheme.license.error", 403)
