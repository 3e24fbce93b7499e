"""The basics of `livechat/*`: one department, agents and managers, the widget's configuration."""

from chatops.sandbox.rocketchat.directory_api import found_by
from chatops.sandbox.rocketchat.hours_api import open_now
from chatops.sandbox.rocketchat.listing import finder, only, ordered, without, words
from chatops.sandbox.rocketchat.refusals import coded, failure, forbidden
from chatops.sandbox.rocketchat.state import State, long_id
from chatops.sandbox.rocketchat.web import Call, Routes
from chatops.sandbox.store import Doc

routes = Routes()
KINDS = {"agent": "livechat-agent", "manager": "livechat-manager"}
REMOVAL = "Omnichannel_enable_department_removal"
NEEDED = {
    "enabled": bool,
    "name": str,
    "showOnRegistration": bool,
    "email": str,
    "showOnOfflineForm": bool,
}
VIEW = ("view-livechat-departments", "view-l-room")
LIVECHAT = "Livechat_"
# key of the answer: setting
SETTINGS = {
    "registrationForm": "registration_form",
    "allowSwitchingDepartments": "allow_switching_departments",
    "nameFieldRegistrationForm": "name_field_registration_form",
    "emailFieldRegistrationForm": "email_field_registration_form",
    "displayOfflineForm": "display_offline_form",
    "fileUpload": "fileupload_enabled",
    "transcript": "enable_transcript",
    "historyMonitorType": "history_monitor_type",
    "forceAcceptDataProcessingConsent": "force_accept_data_processing_consent",
    "clearLocalStorageWhenChatEnded": "clear_local_storage_when_chat_ended",
    "limitTextLength": "enable_message_character_limit",
}
MESSAGES = {
    "offlineMessage": "offline_message",
    "offlineSuccessMessage": "offline_success_message",
    "offlineUnavailableMessage": "offline_form_unavailable",
    "conversationFinishedMessage": "conversation_finished_message",
    "conversationFinishedText": "conversation_finished_text",
    "transcriptMessage": "transcript_message",
    "registrationFormMessage": "registration_form_message",
    "dataProcessingConsentText": "data_processing_consent_text",
}


def _online(state: State) -> bool:
    here = state.users.where("here", True)
    return open_now(state) and any(
        KINDS["agent"] in user["roles"] and user["active"] for user in here
    )


@routes.get("livechat/config", login=False)
def config(call: Call) -> Doc:
    """What the widget on a web page wants to know."""
    state = call.state
    table = state.settings
    if table["Livechat_enabled"] is not True:
        return {"config": {"enabled": False}}
    settings = {key: table[LIVECHAT + name] for key, name in SETTINGS.items()}
    settings |= {
        "videoCall": table["Omnichannel_call_provider"] == "default-provider",
        "language": table["Language"],
        "showConnecting": False,
        "agentHiddenInfo": table["Livechat_show_agent_info"] is not True,
        "livechatLogo": table["Assets_livechat_widget_logo"],
        "hideWatermark": False,
        "visitorsCanCloseChat": table["Omnichannel_allow_visitors_to_close_conversation"],
    }
    departments = [
        only(d, ("_id", "name", "showOnRegistration", "showOnOfflineForm"))
        for d in state.departments.all()
        if d["enabled"] and d["showOnRegistration"]
    ]
    buttons = [
        {"icon": "icon-videocam", "i18nLabel": "Accept"},
        {"icon": "icon-cancel", "i18nLabel": "Decline"},
    ]
    theme = {
        "title": table["Livechat_title"],
        "color": table["Livechat_title_color"],
        "offlineTitle": table["Livechat_offline_title"],
        "offlineColor": table["Livechat_offline_title_color"],
        "position": "right",
        "actionLinks": {"jitsi": buttons},
    }
    answer = {
        "enabled": True,
        "settings": settings,
        "theme": theme,
        "messages": {key: table[LIVECHAT + name] for key, name in MESSAGES.items()},
        "survey": {
            "items": ["satisfaction", "agentKnowledge", "agentResposiveness", "agentFriendliness"],
            "values": ["1", "2", "3", "4", "5"],
        },
        "triggers": [],
        "departments": departments,
        "resources": {
            "sound": f"{state.site_url}/sounds/chime.mp3",
            "emojis": list(state.emoji.all()),
        },
        "online": _online(state),
        "customFields": [],
    }
    return {"config": answer}


@routes.get("livechat/department", permissions=VIEW)
def list_departments(call: Call) -> Doc:
    """The departments."""
    query = call.query
    pattern = finder(query["text"]) if query.get("text") else None
    archived = query.get("showArchived") == "true"
    found = [
        d
        for d in call.state.departments.all()
        if (pattern is None or pattern.search(d["name"]))
        # `enabled=false` asks for nothing in particular.
        and (query.get("enabled") != "true" or d["enabled"])
        and (archived or not d.get("archived"))
        and d["_id"] != query.get("excludeDepartmentId")
    ]
    page = call.page()
    docs = page.of(ordered(found, call.sort({"name": 1})))
    return page.answer("departments", [without(d, "agents") for d in docs], len(found))


def _answer(department: Doc) -> Doc:
    return {"department": without(department, "agents"), "agents": department["agents"]}


def _agents(call: Call, department: str, wanted: list[Doc]) -> list[Doc]:
    agents = []
    for entry in wanted:
        user = call.state.user(entry["agentId"])
        if user is None:
            continue  # Strangers are left out without a word.
        agent = {"_id": long_id(), "agentId": user["_id"], "departmentId": department}
        agent |= {"username": user["username"], "count": entry.get("count", 0)}
        agents.append(agent | {"order": entry.get("order", 0)})
    return agents


@routes.post("livechat/department", permissions=("manage-livechat-departments",))
def create_department(call: Call) -> Doc:
    """The first department; there is no second without a licence."""
    if not _may_be_another(call.state):
        raise coded(
            "error-max-departments-number-reached",
            "Maximum number of departments reached",
            method="livechat:saveDepartment",
        )
    return _save(call, {"_id": long_id()})


def _may_be_another(state: State) -> bool:
    """Several come with a licence."""
    return not len(state.departments) or state.licence is not None


def _save(call: Call, kept: Doc) -> Doc:
    wanted = dict(call.body["department"])
    for key, kind in NEEDED.items():
        if not isinstance(wanted.get(key), kind):
            raise failure(f"Match error: Missing key '{key}'")
    if kept.get("archived") and wanted["enabled"]:
        raise coded(
            "error-archived-department-cant-be-enabled",
            "Archived departments cant be enabled",
            method="livechat:saveDepartment",
        )
    mail_room = wanted.get("offlineMessageChannelName")
    if mail_room and call.state.room_named(mail_room) is None:
        wanted.pop("offlineMessageChannelName")
    kept |= wanted
    kept["_updatedAt"] = call.state.now()
    _put_in(call, kept, call.body.get("agents") or [])
    return _answer(call.state.departments.put(kept["_id"], kept))


def _put_in(call: Call, kept: Doc, wanted: list[Doc]) -> None:
    """Put agents into a department; who is in it and not named stays."""
    new = _agents(call, kept["_id"], wanted)
    named = {agent["agentId"] for agent in new}
    kept["agents"] = [a for a in kept.get("agents", ()) if a["agentId"] not in named] + new
    if new:
        kept["numAgents"] = len(kept["agents"])


@routes.get("livechat/department/isDepartmentCreationAvailable")
def creation_available(call: Call) -> Doc:
    """Whether there may be another department."""
    return {"isDepartmentCreationAvailable": _may_be_another(call.state)}


@routes.get("livechat/departments/archived", permissions=VIEW)
def archived_departments(call: Call) -> Doc:
    """The departments that were put aside."""
    found = [d for d in call.state.departments.all() if d.get("archived")]
    page = call.page()
    docs = page.of(ordered(found, call.sort({"name": 1})))
    return page.answer("departments", [without(d, "agents") for d in docs], len(found))


@routes.get("livechat/department/:_id", permissions=VIEW)
def get_department(call: Call) -> Doc:
    """One department with its agents; an unknown one is nothing, with 200."""
    department = call.state.departments.get(call.path["_id"])
    if department is None:
        return {"department": None, "agents": []}
    return _answer(department)


@routes.put("livechat/department/:_id", permissions=("manage-livechat-departments",))
def update_department(call: Call) -> Doc:
    """Change a department."""
    kept = call.state.departments.get(call.path["_id"])
    if not isinstance(call.body.get("department"), dict):
        raise failure("Match error: Missing key 'department'")
    if kept is None:
        raise coded("error-department-not-found", "Department not found")
    return _save(call, kept)


@routes.delete(
    "livechat/department/:_id",
    permissions=("manage-livechat-departments", "remove-livechat-department"),
)
def delete_department(call: Call) -> None:
    """Delete a department, where a setting allows it."""
    if call.state.settings[REMOVAL] is not True:
        raise failure("error-department-removal-disabled")
    if call.path["_id"] not in call.state.departments:
        raise failure("error-department-not-found")
    call.state.departments.delete(call.path["_id"])


@routes.post("livechat/department/:_id/archive", permissions=("manage-livechat-departments",))
def archive_department(call: Call) -> None:
    """Put a department aside."""
    _archive(call, True)


@routes.post("livechat/department/:_id/unarchive", permissions=("manage-livechat-departments",))
def unarchive_department(call: Call) -> None:
    """Bring a department back."""
    _archive(call, False)


def _archive(call: Call, archived: bool) -> None:
    kept = call.state.departments.get(call.path["_id"])
    if kept is None:
        raise failure("department-not-found")
    # Who comes back is not switched on by that.
    kept |= {"archived": True, "enabled": False} if archived else {"archived": False}
    call.state.departments.put(kept["_id"], kept)


@routes.get("livechat/department/:_id/agents", permissions=VIEW)
def department_agents(call: Call) -> Doc:
    """The agents of a department."""
    kept = call.state.departments.get(call.path["_id"]) or {"agents": []}
    page = call.page()
    return page.answer("agents", page.of(kept["agents"]), len(kept["agents"]))


@routes.post("livechat/department/:_id/agents", permissions=("add-livechat-department-agents",))
def change_department_agents(call: Call) -> None:
    """Put agents into a department and take others out."""
    kept = call.state.departments.get(call.path["_id"])
    if kept is None:
        raise coded("error-department-not-found", "Department not found")
    upsert, remove = call.body.get("upsert"), call.body.get("remove")
    for key, value in (("upsert", upsert), ("remove", remove)):
        if not isinstance(value, list):
            raise failure(f"Match error: Missing key '{key}'")
    gone = {entry["agentId"] for entry in remove or ()}
    kept["agents"] = [a for a in kept["agents"] if a["agentId"] not in gone]
    _put_in(call, kept, upsert or [])
    kept["numAgents"] = len(kept["agents"])
    call.state.departments.put(kept["_id"], kept)


def _role(call: Call) -> str:
    role = KINDS.get(call.path["type"])
    if role is None:
        raise failure("Invalid type")
    return role


@routes.get("livechat/users/:type")
def list_users(call: Call) -> Doc:
    """Agents, or managers."""
    role = _role(call)
    if not call.can(*(("manage-livechat-agents", "transfer-livechat-guest"))):
        raise forbidden()
    text = call.query.get("text")
    pattern = finder(text or "")
    found = [
        user
        for user in call.state.users.all()
        if role in user["roles"]
        and (not text or found_by(user, pattern, ["username", "name", "emails.address"]))
    ]
    page = call.page()
    fields = words("_id username name status statusLivechat emails avatarETag")
    docs = [only(user, fields) for user in page.of(ordered(found, call.sort({"name": 1})))]
    return page.answer("users", docs, len(found))


@routes.post("livechat/users/:type", permissions=("view-livechat-manager",))
def add_user(call: Call) -> Doc:
    """Make somebody agent or manager; again is fine."""
    role = _role(call)
    user = call.state.named(call.body["username"])
    if user is None:
        raise failure("error-invalid-user")
    if role not in user["roles"]:
        user["roles"].append(role)
        call.state.save_user(user)
    return {"user": {"_id": user["_id"], "username": user["username"]}}


@routes.get("livechat/users/:type/:_id")
def get_user(call: Call) -> Doc:
    """One agent or manager; nothing for those who are neither."""
    role, user = _role(call), call.state.user(call.path["_id"])
    if user is None or role not in user["roles"]:
        return {"user": None}
    fields = words("_id username name status statusLivechat emails livechat")
    return {"user": only(user, fields)}


@routes.delete("livechat/users/:type/:_id", permissions=("view-livechat-manager",))
def remove_user(call: Call) -> None:
    """Somebody is no longer agent or manager."""
    role, user = _role(call), call.state.user(call.path["_id"])
    if user is None or role not in user["roles"]:
        raise failure()
    user["roles"].remove(role)
    call.state.save_user(user)
    for kept in call.state.departments.all() if role == KINDS["agent"] else ():
        agents = [a for a in kept["agents"] if a["agentId"] != user["_id"]]
        if len(agents) < len(kept["agents"]):
            kept |= {"agents": agents, "numAgents": len(agents)}
            call.state.departments.put(kept["_id"], kept)
