"""The shapes of requests, endpoint by endpoint, for those that the server checks as a whole.

What is not here is checked by the endpoint itself, one field at a time, with texts of its own.
`typed` endpoints refuse with the bare text, the older ones add the code in brackets (both as
recorded). Texts of queries arrive as texts, so numbers in them are taken as they come.
"""

from dataclasses import dataclass

from chatops.sandbox.rocketchat.listing import words
from chatops.sandbox.rocketchat.rules import (
    Choice,
    Fields,
    ListOf,
    Needs,
    Rule,
    Scalar,
    any_of,
    one_of,
    shape,
)


@dataclass(frozen=True)
class Schema:
    """A rule for the body (or query) of an endpoint."""

    rule: Rule
    typed: bool = False


def _old(rule: Rule) -> Schema:
    return Schema(rule)


def _typed(rule: Rule) -> Schema:
    return Schema(rule, typed=True)


PAGED = "count?:any offset?:any sort?:any query?:any fields?:any"
MEMBER = shape("userId:str roles?:[str]?")
PREFERENCES = words(
    "newRoomNotification newMessageNotification emailNotificationMode desktopNotifications "
    "pushNotifications sendOnEnter language sidebarSortby sidebarViewMode themeAppearence fontSize "
    "notificationsSoundVolume? masterVolume? voipRingerVolume? clockMode? idleTimeLimit? "
    "useEmojis! convertAsciiEmoji! saveMobileBandwidth! collapseMediaByDefault! autoImageLoad! "
    "unreadAlert! enableAutoAway! showThreadsInMainChannel! desktopNotificationVoiceCalls! "
    "desktopNotificationRequireInteraction! hideUsernames! hideRoles! displayAvatars! hideFlexTab! "
    "sidebarShowFavorites! sidebarShowUnread! sidebarDisplayAvatar! sidebarGroupByType! "
    "muteFocusedConversations! receiveLoginDetectionEmail! notifyCalendarEvents! "
    "omnichannelTranscriptPDF! omnichannelTranscriptEmail! enableMobileRinging! "
    "omnichannelHideConversationAfterClosing!"
)


def _preferences() -> Fields:
    known: dict[str, Rule] = {}
    for word in PREFERENCES:
        kind = {"?": "num", "!": "bool"}.get(word[-1], "str")
        known[word.rstrip("?!")] = Scalar(kind, nullable=True)
    known["alsoSendThreadToChannel"] = Scalar("str", options=("default", "always", "never"))
    known["highlights"] = ListOf(Scalar("str"), nullable=True)
    for name in ("dontAskAgainList", "featuresPreview", "sidebarSectionsOrder"):
        known[name] = ListOf(Scalar("any"), nullable=True)
    return Fields(known)


def _room(more: str = "", **nested: Rule) -> Choice:
    """A room by identifier or by name, and what else belongs to the call."""
    return one_of(*(shape(f"{key}:str {more}", **nested) for key in ("roomId", "roomName")))


def _team(more: str = "", **nested: Rule) -> Choice:
    return one_of(*(shape(f"{key}:str {more}", **nested) for key in ("teamId", "teamName")))


_USERS = {
    "POST users.create": _old(
        shape(
            "email:str name:str password:str username:str active?:bool? bio?:str? nickname?:str? "
            "statusText?:str? roles?:[str] joinDefaultChannels?:bool? requirePasswordChange?:bool? "
            "setRandomPassword?:bool? sendWelcomeEmail?:bool? verified?:bool? customFields?:obj "
            "fields?:str? freeSwitchExtension?:str?"
        )
    ),
    "POST users.update": _old(
        shape(
            "userId:str+ data:@ confirmRelinquish?:bool",
            data=shape(
                "email?:str? name?:str? password?:str? username?:str? bio?:str? nickname?:str? "
                "statusText?:str? active?:bool? roles?:[str]? requirePasswordChange?:bool? "
                "setRandomPassword?:bool? sendWelcomeEmail?:bool? verified?:bool? "
                "customFields?:obj? status?:str? freeSwitchExtension?:str?"
            ),
        )
    ),
    "POST users.updateOwnBasicInfo": _old(
        shape(
            "data:@ customFields?:obj?",
            data=shape(
                "email?:str? name?:str? username?:str? nickname?:str? bio?:str? statusType?:str? "
                "statusText?:str? currentPassword?:str? newPassword?:str?"
            ),
        )
    ),
    "POST users.setPreferences": _old(shape("userId?:str? data:@", data=_preferences())),
    "POST users.setAvatar": _old(shape("userId?:str? username?:str? avatarUrl?:str?")),
    "POST users.setActiveStatus": _old(
        shape("userId:str activeStatus:bool confirmRelinquish?:bool?")
    ),
    "POST users.deactivateIdle": _old(shape("daysIdle:num role?:str")),
    "POST users.register": _old(
        shape(
            "username:str email:str pass:str name?:str? secret?:str? reason?:str? "
            "customFields?:obj?"
        )
    ),
    "POST users.logout": _old(shape("userId?:str? ...")),
    "POST users.sendWelcomeEmail": _old(shape("email:str")),
    "POST users.sendConfirmationEmail": _old(shape("email:str")),
    "POST users.createToken": _typed(shape("userId:str+ secret:str+")),
    "GET users.info": _old(
        any_of(
            *(
                shape(f"{key}:str includeUserRooms?:str fields?:str?")
                for key in ("userId", "username", "importId")
            )
        )
    ),
    "GET users.listByStatus": _old(
        shape(
            "status?:active|deactivated hasLoggedIn?:any type?:str? roles?:any searchTerm?:str? "
            f"{PAGED} inactiveReason?:any"
        )
    ),
    "GET users.checkUsernameAvailability": _old(shape("username:str")),
    "GET users.autocomplete": _old(shape("selector:str")),
    "GET users.listTeams": _old(shape("userId:str")),
}

_CHANNELS = {
    "POST channels.addAll": _old(_room("activeUsersOnly?:bool?")),
    "POST channels.archive": _old(_room()),
    "POST channels.unarchive": _old(_room()),
    "POST channels.delete": _old(_room()),
    "POST channels.join": _old(_room("joinCode?:str?")),
    "POST channels.kick": _old(_room("userId:str")),
    "POST channels.leave": _old(_room()),
    "POST channels.open": _old(_room("query?:any sort?:any")),
    "POST channels.setReadOnly": _old(_room("readOnly:bool")),
    "POST channels.setAnnouncement": _old(_room("announcement:str")),
    "POST channels.convertToTeam": _old(one_of(shape("channelId:str"), shape("channelName:str"))),
    "GET channels.history": _old(
        one_of(
            *(
                shape(
                    f"{key}:str+ latest?:str+? showThreadMessages?:false|true? oldest?:str+? "
                    "inclusive?:false|true? unreads?:true|false? count?:any offset?:any sort?:any"
                )
                for key in ("roomId", "roomName")
            )
        )
    ),
    "GET channels.roles": _old(_room()),
    "GET channels.moderators": _old(_room("userId?:str? username?:str? user?:str?")),
    "GET channels.getAllUserMentionsByChannel": _old(
        shape("roomId:str count?:any offset?:any sort?:any query?:any")
    ),
    "GET channels.messages": _old(
        shape(f"roomId:str mentionIds?:str starredIds?:str pinned?:str {PAGED}")
    ),
}

_FILES = shape(
    "roomId?:str? roomName?:str? offset?:any count?:any sort?:any name?:str? typeGroup?:str? "
    "query?:str? onlyConfirmed?:any",
    one_of(Needs(("roomId",)), Needs(("roomName",))),
)
_LISTS = {
    "GET channels.list": _old(shape("_id?:str query?:str count?:any offset?:any sort?:str")),
    "GET channels.files": _old(_FILES),
    "GET groups.files": _old(_FILES),
    "GET channels.online": _old(shape("_id?:str? query?:str?")),
    "GET groups.online": _old(shape("_id?:str? query?:str?")),
}

_TEAMS = {
    "POST teams.addMembers": _old(
        _team("members:@", members=ListOf(MEMBER, minimum=1, unique=True))
    ),
    "POST teams.updateMember": _old(_team("member:@", member=MEMBER)),
    "POST teams.removeMember": _old(
        _team("userId:str rooms?:@", rooms=ListOf(Scalar("str"), True, 1, unique=True))
    ),
    "POST teams.leave": _old(_team("rooms?:@", rooms=ListOf(Scalar("str"), True, 1, unique=True))),
    "POST teams.removeRoom": _old(_team("roomId:str")),
    "POST teams.convertToChannel": _old(_team("roomsToRemove?:[str]?")),
    "POST teams.delete": _old(
        _team("roomsToRemove?:@", roomsToRemove=ListOf(Scalar("str"), True, 1, unique=True))
    ),
    "POST teams.update": _old(
        shape(
            "teamId?:str? teamName?:str? name?:str? updateRoom?:bool? data?:@",
            one_of(Needs(("teamId", "data")), Needs(("teamName", "data"))),
            data=shape(
                "name?:str? type?:@",
                any_of(Needs(("name",)), Needs(("type",))),
                type=Scalar("num", options=(0, 1)),
            ),
        )
    ),
    "GET teams.listChildren": _old(
        shape(
            "teamId?:str teamName?:str roomId?:str type?:channels|discussions filter?:str "
            "offset?:any count?:any sort?:any",
            one_of(Needs(("teamId",)), Needs(("teamName",)), Needs(("roomId",))),
        )
    ),
}

_DIRECT = {
    f"{method} {family}.{name}": _old(rule)
    for family in ("im", "dm")
    for method, name, rule in (
        (
            "POST",
            "create",
            one_of(
                shape("usernames:str excludeSelf?:bool"), shape("username:str excludeSelf?:bool")
            ),
        ),
        ("POST", "delete", one_of(shape("roomId:str"), shape("username:str"))),
        (
            "GET",
            "members",
            one_of(
                *(
                    shape(f"{key}:str status?:any filter?:str {PAGED}")
                    for key in ("roomId", "username")
                )
            ),
        ),
        (
            "GET",
            "messages",
            one_of(
                *(
                    shape(f"{key}:str mentionIds?:str starredIds?:str pinned?:str {PAGED}")
                    for key in ("roomId", "username")
                )
            ),
        ),
        (
            "GET",
            "history",
            shape(
                "roomId:str+ latest?:str+ showThreadMessages?:false|true oldest?:str+ "
                "inclusive?:false|true unreads?:true|false count?:any offset?:any sort?:any"
            ),
        ),
    )
}

_INCOMING = (
    "username:str channel:str scriptEnabled:bool name:str enabled:bool skipTranspile?:bool? "
    "overrideDestinationChannelEnabled?:bool? script?:str? alias?:str? avatar?:str? emoji?:str? "
    "scriptEngine?:str?"
)
_OUTGOING = (
    "username:str channel:str event:str scriptEnabled:bool name:str enabled:bool targetRoom?:str? "
    "urls?:[str+]? triggerWords?:[str+]? triggerWordAnywhere?:bool? token?:str? "
    "skipTranspile?:bool? script?:str? runOnEdits?:bool? retryFailedCalls?:bool? retryCount?:num? "
    "retryDelay?:str? impersonateUser?:bool? alias?:str? avatar?:str? emoji?:str? "
    "scriptEngine?:str?"
)
_INCOMING_TYPE = Scalar("str", pattern="webhook-incoming")
_OUTGOING_TYPE = Scalar("str", pattern="webhook-outgoing")

_REST = {
    "GET settings.public": _typed(shape("_id?:str query?:str count?:any offset?:any sort?:str")),
    "GET licenses.info": _old(shape("loadValues?:any")),
    "GET livechat/config": _old(shape("token?:str? department?:str? businessUnit?:str?")),
    "GET settings": _typed(shape(f"{PAGED} includeDefaults?:any")),
    "POST roles.addUserToRole": _typed(shape("username:str roleId?:str roomId?:str?")),
    "POST roles.removeUserFromRole": _typed(
        shape("username:str roleId?:str roomId?:str? scope?:str?")
    ),
    "POST roles.delete": _typed(shape("roleId:str")),
    "GET roles.getUsersInRole": _typed(shape(f"roomId?:str? role:str {PAGED}")),
    "GET roles.sync": _typed(shape("updatedSince:str")),
    "GET permissions.listAll": _typed(shape("updatedSince?:str?")),
    "POST permissions.update": _typed(
        shape("permissions:@", permissions=ListOf(shape("_id:str roles:[str]")))
    ),
    "POST integrations.create": _typed(
        one_of(
            shape(f"type:@ {_INCOMING}", type=_INCOMING_TYPE),
            shape(f"type:@ {_OUTGOING}", type=_OUTGOING_TYPE),
        )
    ),
    "PUT integrations.update": _typed(
        one_of(
            shape(
                f"integrationId:str type:@ {_INCOMING.replace('username:str', '')} ...",
                type=_INCOMING_TYPE,
            ),
            shape(
                f"type:@ {_OUTGOING} integrationId?:str? target_url?:str?",
                type=_OUTGOING_TYPE,
            ),
        )
    ),
    "POST integrations.remove": _typed(
        one_of(
            shape("type:@ integrationId:str ...", type=_INCOMING_TYPE),
            shape("type:@ target_url:str ...", type=_OUTGOING_TYPE),
            shape("type:@ integrationId:str ...", type=_OUTGOING_TYPE),
        )
    ),
    "GET integrations.get": _typed(shape("integrationId:str createdBy?:str? ...")),
    "GET integrations.history": _typed(shape(f"id:str+ {PAGED}")),
    "GET integrations.list": _typed(shape(f"name?:str? type?:str? {PAGED}")),
    "POST chat.pinMessage": _typed(shape("messageId:str+")),
    **{
        f"POST chat.{name}": _typed(shape("messageId:str+"))
        for name in ("unPinMessage", "starMessage", "unStarMessage")
    },
    **{
        f"POST chat.{name}": _typed(shape("mid:str+"))
        for name in ("followMessage", "unfollowMessage")
    },
    "GET chat.getPinnedMessages": _old(shape("roomId:str+ count?:any offset?:any sort?:any")),
    "POST chat.reportMessage": _old(shape("messageId:str+ description:str+")),
    "GET subscriptions.get": _old(shape("updatedSince?:str?")),
    "GET subscriptions.getOne": _old(shape("roomId:str")),
    "POST subscriptions.read": _old(
        any_of(shape("rid:str readThreads?:bool?"), shape("roomId:str readThreads?:bool?"))
    ),
    "GET rooms.nameExists": _old(shape("roomName:str")),
    "GET rooms.isMember": _old(
        shape(
            "roomId?:str+ userId?:str+ username?:str+",
            one_of(Needs(("roomId", "userId")), Needs(("roomId", "username"))),
        )
    ),
    "GET rooms.membersOrderedByRole": _old(
        shape(
            "roomId?:str roomName?:str status?:any filter?:str count?:any offset?:any sort?:any",
            one_of(Needs(("roomId",)), Needs(("roomName",))),
        )
    ),
    "GET directory": _old(shape(f"text?:str? type?:str? workspace?:str? {PAGED}")),
    "GET spotlight": _old(shape("query:str usernames?:str? type?:str? rid?:str?")),
    "GET livechat/department": _old(
        shape(
            "text?:str? onlyMyDepartments?:true|false? enabled?:str? excludeDepartmentId?:str? "
            f"showArchived?:str? {PAGED}"
        )
    ),
    "POST livechat/users/:type": _old(shape("username:str")),
    "GET livechat/business-hour": _old(shape("_id?:str? type?:str?")),
    "POST livechat/business-hours.save": _typed(
        shape(
            "name:str timezoneName:str daysOpen:[str] daysTime?:any "
            "departmentsToApplyBusinessHour:str active:bool _id?:str? type:str timezone?:str "
            "workHours:@",
            workHours=ListOf(shape("day:str start:str finish:str open:bool"), minimum=1),
        )
    ),
    "POST livechat/department": _old(
        shape(
            "department:@ agents?:@ departmentUnit?:any",
            department=shape(
                "name:str email:str enabled:bool showOnRegistration:bool showOnOfflineForm:bool "
                "description?:str? requestTagBeforeClosingChat?:bool? chatClosingTags?:[str]? "
                "fallbackForwardDepartment?:str? departmentsAllowedToForward?:[str]? "
                "allowReceiveForwardOffline?:bool? offlineMessageChannelName?:str? "
                "abandonedRoomsCloseCustomMessage?:str? waitingQueueMessage?:str? ..."
            ),
            agents=ListOf(
                shape("agentId:str count?:num? order?:num? username?:any"), nullable=True
            ),
        )
    ),
}

SCHEMAS: dict[str, Schema] = _USERS | _CHANNELS | _LISTS | _TEAMS | _DIRECT | _REST
