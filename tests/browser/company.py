"""The same small company on either product, told through its REST interface."""

import hashlib
from collections.abc import Callable
from typing import Any

import requests

from chatops.sandbox import Sandbox

NAME = "Nordlys Logistics"
PASSWORD = "Sup3r-secret!pw"
PEOPLE = {"ann": "Ann Holm", "bo": "Bo Lund", "eva": "Eva Bak"}
INACTIVE = "eva"
TOPIC = "On call: Ann until Friday"
PURPOSE = "Where every deployment is announced"
MARKUP = "<b>bold</b> <script>document.title = 'taken over'</script><img src=x onerror=alert(1)>"
TEMPLATE = "{{ 7 * 7 }} {% raw %} $(id) `id`"
RIGHT_TO_LEFT = "\u202eevil\u202c \u0645\u0631\u062d\u0628\u0627"
SAID = ("2026.11 is out 🚀", MARKUP, TEMPLATE, RIGHT_TO_LEFT)

Call = Callable[..., Any]


def set_up(sandbox: Sandbox) -> None:
    """A team with a public, a private and an archived channel; two people in and one gone."""
    sandbox.workspace.seed_admin("root", PASSWORD, "root@acme.example")
    tell = {"mattermost": _mattermost, "rocketchat": _rocketchat}[sandbox.workspace.product]
    tell(sandbox.url)


def _caller(url: str, session: requests.Session) -> Call:
    def call(method: str, path: str, **body: Any) -> Any:
        answer = session.request(method, url + path, json=body.get("each", body), timeout=30)
        assert answer.status_code < 300, (method, path, answer.text)
        return answer.json()

    return call


def _mattermost(url: str) -> None:
    session = requests.Session()
    call = _caller(f"{url}/api/v4", session)
    fields = {"login_id": "root", "password": PASSWORD}
    login = session.post(f"{url}/api/v4/users/login", json=fields, timeout=30)
    session.headers["Authorization"] = f"Bearer {login.headers['Token']}"
    call("PUT", "/config/patch", TeamSettings={"SiteName": NAME})
    ids = {}
    for username, name in PEOPLE.items():
        first, last = name.split()
        ids[username] = call(
            "POST", "/users", username=username, first_name=first, last_name=last,
            email=f"{username}@acme.example", password=PASSWORD, position=f"{first}'s job",
        )["id"]  # fmt: skip
    team = call("POST", "/teams", name="eng", display_name="Engineering", type="O")["id"]
    members = [{"team_id": team, "user_id": each} for each in ids.values()]
    call("POST", f"/teams/{team}/members/batch", each=members)
    rooms = {
        name: call("POST", "/channels", team_id=team, name=name, display_name=name, type=kind)["id"]
        for name, kind in (("deploys", "O"), ("salaries", "P"), ("old-plans", "O"))
    }
    call("PUT", f"/channels/{rooms['deploys']}/patch", header=TOPIC, purpose=PURPOSE)
    for username in ("ann", "bo", "eva"):
        call("POST", f"/channels/{rooms['deploys']}/members", user_id=ids[username])
    for text in SAID:
        call("POST", "/posts", channel_id=rooms["deploys"], message=text)
    call("DELETE", f"/channels/{rooms['old-plans']}")
    call("PUT", f"/users/{ids[INACTIVE]}/active", active=False)


def _rocketchat(url: str) -> None:
    session = requests.Session()
    call = _caller(f"{url}/api/v1", session)
    login = call("POST", "/login", user="root", password=PASSWORD)["data"]
    session.headers.update({"X-User-Id": login["userId"], "X-Auth-Token": login["authToken"]})
    # Settings want a second factor, which is the password's digest.
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    session.headers.update({"x-2fa-code": digest, "x-2fa-method": "password"})
    call("POST", "/settings/Site_Name", value=NAME)
    ids = {
        username: call(
            "POST", "/users.create", username=username, name=name,
            email=f"{username}@acme.example", password=PASSWORD,
        )["user"]["_id"]
        for username, name in PEOPLE.items()
    }  # fmt: skip
    everyone = list(PEOPLE)
    rooms = {
        "deploys": call("POST", "/channels.create", name="deploys", members=everyone)["channel"],
        "salaries": call("POST", "/groups.create", name="salaries", members=[])["group"],
        "old-plans": call("POST", "/channels.create", name="old-plans")["channel"],
    }
    inside = {name: room["_id"] for name, room in rooms.items()}
    call("POST", "/channels.setTopic", roomId=inside["deploys"], topic=TOPIC)
    call("POST", "/channels.setDescription", roomId=inside["deploys"], description=PURPOSE)
    team = call("POST", "/teams.create", name="Engineering", type=0)["team"]["_id"]
    call("POST", "/teams.addRooms", teamId=team, rooms=list(inside.values()))
    for text in SAID:
        call("POST", "/chat.postMessage", roomId=inside["deploys"], text=text)
    call("POST", "/channels.archive", roomId=inside["old-plans"])
    call("POST", "/users.setActiveStatus", userId=ids[INACTIVE], activeStatus=False)
