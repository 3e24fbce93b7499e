"""Is it up, how full is it, and other questions about the server itself."""

from chatops.sandbox.mattermost.errors import bad_body, refuse
from chatops.sandbox.mattermost.permissions import is_admin, need
from chatops.sandbox.mattermost.state import HARD_USER_LIMIT, SOFT_USER_LIMIT
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.store import Doc

routes = Routes()


@routes.get("/system/ping", session=False)
def ping(call: Call) -> Reply:
    """Alive; with `get_server_status=true` also the database and the file store."""
    body = {
        "ActiveSearchBackend": "database",
        "AndroidLatestVersion": "",
        "AndroidMinVersion": "",
        "IosLatestVersion": "",
        "IosMinVersion": "",
        "status": "OK",
    }
    if call.arg("get_server_status") != "true":
        return Reply(body)
    states = {"database_status": "OK", "filestore_status": "OK"}
    told: Doc = body | states | ({"root_status": False} if is_admin(call) else {})
    return Reply(told, 200, {"status": "OK", **states})


@routes.get("/limits/server")
def server_limits(call: Call) -> Doc:
    """How many people the edition allows, for administrators."""
    site, admin = call.site, is_admin(call)
    lifted = site.user_limit is None
    hard = HARD_USER_LIMIT if site.user_limit is None else site.user_limit
    return {
        "maxUsersLimit": min(SOFT_USER_LIMIT, hard) if admin and not lifted else 0,
        "maxUsersHardLimit": hard if admin and not lifted else 0,
        "activeUserCount": site.active_people if admin else 0,
        "singleChannelGuestCount": 0,
        "singleChannelGuestLimit": 0,
        "postHistoryLimit": 0,
        "lastAccessiblePostTime": 0,
    }


@routes.get("/system/timezones")
def timezones(call: Call) -> list[str]:
    """Time zones that people may choose; here a few of the real list."""
    return ["America/New_York", "Asia/Tokyo", "Europe/Berlin", "Europe/Copenhagen", "UTC"]


@routes.get("/analytics/old")
def analytics(call: Call) -> list[Doc]:
    """The numbers of the system console's front page."""
    site = call.site
    need(call, "get_analytics")
    kinds = [channel["type"] for channel in site.channels.all() if not channel["delete_at"]]
    rows = {
        "channel_open_count": kinds.count("O"),
        "channel_private_count": kinds.count("P"),
        "post_count": len(site.posts),
        "unique_user_count": site.active_people,
        "team_count": sum(1 for team in site.teams.all() if not team["delete_at"]),
        "inactive_user_count": sum(1 for user in site.users.all() if user["delete_at"]),
    }
    return [{"name": name, "value": value} for name, value in rows.items()]


@routes.get("/audits")
def audits(call: Call) -> list[Doc]:
    """Nothing is recorded here."""
    need(call, "read_audits")
    return []


@routes.get("/logs")
def logs(call: Call) -> list[str]:
    """Nothing is logged here."""
    need(call, "get_logs")
    return []


@routes.post("/caches/invalidate")
def invalidate_caches(call: Call) -> Doc:
    """There are no caches."""
    need(call, "invalidate_caches")
    return OK


@routes.post("/database/recycle")
def recycle_database(call: Call) -> Doc:
    """There is one connection, and it stays."""
    need(call, "recycle_database_connections")
    return OK


@routes.post("/email/test")
def test_email(call: Call) -> Doc:
    """No mail leaves a sandbox, so it cannot have arrived."""
    need(call, "test_email")
    if not call.site.setting("EmailSettings", "SMTPServer"):
        refuse("api.admin.test_email.missing_server")
    return OK


@routes.post("/file/s3_test")
def test_s3(call: Call) -> Doc:
    """There is no bucket to try."""
    need(call, "test_s3")
    refuse("api.file.test_connection_s3_settings_nil.app_error")


@routes.post("/site_url/test")
def test_site_url(call: Call) -> Doc:
    """Whether the server finds itself at an address."""
    need(call, "test_site_url")
    wanted = call.texts().get("site_url", "")
    if not wanted:
        bad_body("site_url")
    if wanted.rstrip("/") != call.site.site_url:
        refuse("app.admin.test_site_url.failure")
    return OK


@routes.get("/system/support_packet")
def support_packet(call: Call) -> Doc:
    """Only with a licence."""
    need(call, "manage_system")
    refuse("api.no_license", 403)
