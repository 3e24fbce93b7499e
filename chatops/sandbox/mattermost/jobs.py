"""Uploads, imports and jobs: taken in, never run."""

from typing import Any

from chatops.sandbox.mattermost.errors import bad_body, bad_url, forbidden, refuse
from chatops.sandbox.mattermost.permissions import is_admin, need, need_in_channel
from chatops.sandbox.mattermost.web import OK, Call, Reply, Routes
from chatops.sandbox.mattermost.words import listed, new_id
from chatops.sandbox.store import Doc

routes = Routes()

# What somebody may start, and the permission it takes.
_CREATABLE = {
    "data_retention": "create_data_retention_job",
    "message_export": "create_compliance_export_job",
    "ldap_sync": "create_ldap_sync_job",
    **dict.fromkeys(
        listed(
            "active_users cloud expiry_notify export_delete export_process extract_content "
            "import_delete import_process migrations plugins product_notices"
        ),
        "manage_jobs",
    ),
}
_STATES = {"pending", "in_progress", "success", "error", "cancel_requested", "canceled", "warning"}


@routes.post("/uploads", files=True)
def create_upload(call: Call) -> Reply:
    """Announce a file that will come in pieces."""
    site = call.site
    shape = {"channel_id": str, "filename": str, "file_size": int, "type": str}
    given = call.record("upload", shape)
    if given.get("type") == "import":
        if not is_admin(call):
            forbidden()
    else:
        need_in_channel(call, given.get("channel_id", ""), "upload_file")
        given["type"] = "attachment"
    size = given.get("file_size", 0)
    if size > site.setting("FileSettings", "MaxFileSize"):
        refuse("api.upload.create.upload_too_large.app_error", 413)
    if not given.get("filename"):
        refuse("model.upload_session.is_valid.filename.app_error")
    if size <= 0:
        refuse("model.upload_session.is_valid.file_size.app_error")
    upload = {
        "id": new_id(),
        "type": given["type"],
        "create_at": site.now(),
        "user_id": call.my_id,
        **({"channel_id": given["channel_id"]} if given.get("channel_id") else {}),
        "filename": given["filename"].rsplit("/", 1)[-1],
        "file_size": size,
        "file_offset": 0,
        "remote_id": "",
        "req_file_id": "",
    }
    return Reply(site.uploads.put(upload["id"], upload), 201)


def _upload(call: Call) -> Doc:
    found = call.site.uploads.get(call.ident("upload_id"))
    return found or refuse("app.upload.get.app_error", 404)


@routes.get("/uploads/{upload_id}")
def get_upload(call: Call) -> Doc:
    """How far an upload is."""
    upload = _upload(call)
    if upload["user_id"] != call.my_id and not is_admin(call):
        refuse("api.upload.get_upload.forbidden.app_error", 403)
    return upload


@routes.post("/uploads/{upload_id}", files=True)
def upload_data(call: Call) -> Reply:
    """The next piece of a file."""
    upload = _upload(call)
    if upload["type"] == "import" and not is_admin(call):
        forbidden()
    if upload["user_id"] != call.my_id:
        forbidden()
    if len(call.body) > upload["file_size"] - upload["file_offset"]:
        refuse("api.upload.upload_data.invalid_content_length")
    done = upload["file_offset"] + len(call.body)
    call.site.uploads.put(upload["id"], upload | {"file_offset": done})
    if done < upload["file_size"]:
        return Reply(b"", 204)
    return Reply({"id": upload["id"], "name": upload["filename"], "size": done})


@routes.get("/users/{user_id}/uploads")
def uploads_of_user(call: Call) -> list[Doc]:
    """Somebody's uploads that are not complete."""
    user_id = call.ident("user_id")
    if user_id != call.my_id:
        refuse("api.user.get_uploads_for_user.forbidden.app_error", 403)
    return [
        upload
        for upload in call.site.uploads.all()
        if upload["user_id"] == user_id and upload["file_offset"] < upload["file_size"]
    ]


@routes.get("/imports")
def imports(call: Call) -> list[str]:
    """The files that are ready to import."""
    if not is_admin(call):
        forbidden()
    return [
        f"{upload['id']}_{upload['filename']}"
        for upload in call.site.uploads.all()
        if upload["type"] == "import" and upload["file_offset"] == upload["file_size"]
    ]


@routes.delete("/imports/{import_name:file}")
def delete_import(call: Call) -> Doc:
    """Throw a file away."""
    need(call, "manage_system")
    call.site.uploads.delete(call.params["import_name"].split("_", 1)[0])
    return OK


@routes.get("/exports")
def exports(call: Call) -> list[str]:
    """Nothing was ever exported here."""
    if not is_admin(call):
        forbidden()
    return []


@routes.post("/jobs")
def create_job(call: Call) -> Reply:
    """Ask for work that the server does when it has time: here never."""
    given = call.record("job", {"type": str, "data": dict})
    kind = given.get("type", "")
    if kind not in _CREATABLE:
        refuse("api.job.unable_to_create_job.incorrect_job_type")
    need(call, _CREATABLE[kind])
    job = {
        "id": new_id(),
        "type": kind,
        "priority": 0,
        "create_at": call.site.now(),
        "start_at": 0,
        "last_activity_at": 0,
        "status": "pending",
        "progress": 0,
        "data": given.get("data"),
    }
    return Reply(call.site.jobs.put(job["id"], job), 201)


@routes.get("/jobs")
def list_jobs(call: Call) -> list[Doc]:
    """Jobs, newest first."""
    kind, status = call.arg("job_type"), call.arg("status")
    if kind and kind not in _CREATABLE:
        bad_url("job_type")
    need(call, "read_jobs")
    if status and status not in _STATES:
        refuse("api.job.status.invalid")
    found: list[Any] = [
        job
        for job in call.site.jobs.all()
        if kind in ("", job["type"]) and status in ("", job["status"])
    ]
    return list(call.cut(found[::-1]))


@routes.get("/jobs/type/{job_type:name}")
def jobs_of_type(call: Call) -> list[Doc]:
    """Jobs of one kind, newest first."""
    kind = call.params["job_type"]
    if len(kind) > 32:
        bad_url("job_type")
    if kind not in _CREATABLE:
        refuse("api.job.retrieve.nopermissions")
    need(call, "read_jobs")
    found = [job for job in call.site.jobs.all() if job["type"] == kind]
    return list(call.cut(found[::-1]))


@routes.get("/jobs/{job_id}")
def get_job(call: Call) -> Doc:
    """One job."""
    job = call.site.jobs.get(call.ident("job_id")) or refuse("app.job.get.app_error", 404)
    need(call, "read_jobs")
    return job


@routes.post("/jobs/{job_id}/cancel")
def cancel_job(call: Call) -> Doc:
    """Call a job off."""
    job = call.site.jobs.get(call.ident("job_id")) or refuse("app.job.get.app_error", 404)
    need(call, _CREATABLE.get(job["type"], "manage_jobs"))
    if job["status"] not in ("pending", "in_progress"):
        refuse("jobs.request_cancellation.status.error", 500)
    call.site.jobs.put(job["id"], job | {"status": "canceled"})
    return OK


@routes.post("/users/{user_id}/convert_to_bot")
def convert_to_bot(call: Call) -> Doc:
    """Not something that can be taken back; refused here."""
    call.ident("user_id")
    need(call, "manage_system")
    bad_body("user_id")
