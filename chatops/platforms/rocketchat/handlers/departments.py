"""Departments: people who answer customers.

Their names are no key: the same one sent twice makes two where a licence lets there be several,
so it is looked up before anything is made. Whoever answers must have the role `livechat-agent`
first. What is removed is archived: the conversations stay, and the name comes back with it.
"""

from collections.abc import Iterable
from typing import Any

from chatops.errors import ApiError
from chatops.platforms.base import Change, Problem, Removal, Result, Run, Scope
from chatops.platforms.rocketchat.client import Client, Row
from chatops.resources import Department, Ids, Kind, Live

__all__ = ["Departments"]

AGENT = "livechat/users/agent"
PATH = "livechat/department"
GONE = frozenset({"department-not-found", "error-department-not-found"})


class Departments:
    """One call reads them all, archived ones too, and one each of them its agents."""

    removal = Removal.ARCHIVE

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, scope: Scope, ids: Ids) -> Iterable[Live[Department]]:
        """What is there. Of several with one name the oldest in use is it."""
        wanted = None if scope is None else {key.folded for key in scope}
        found: list[tuple[str, Row]] = []
        seen: set[str] = set()
        for row in self._rows():
            name = _name(row)
            if name.casefold() in seen:
                name = f"{name} (again, {row['_id']})"
            seen.add(name.casefold())
            found.append((name, row))
        asked = [
            (name, row)
            for name, row in found
            if wanted is None or Department(name=name).key.folded in wanted
        ]
        agents = self._client.side(lambda item: self._agents(str(item[1]["_id"]), ids), asked)
        for (name, row), people in zip(asked, agents, strict=True):
            yield Live(
                resource=Department(
                    name=name,
                    agents=frozenset(people),
                    email=str(row.get("email") or "").lower(),
                    description=" ".join(str(row.get("description") or "").split()),
                    active=_in_use(row),
                ),
                id=str(row["_id"]),
                archived=not _in_use(row),
            )

    def create(self, want: Department, run: Run) -> Result:
        """Make one where there is none of this name."""
        rows = self._rows()
        if any(_name(row).casefold() == want.name.casefold() for row in rows):
            raise ApiError(
                f"a department of the name {want.name} exists already",
                status=0,
                code="taken",
                hint="plan again: it is then compared with the file",
            )
        self._refuse_second(rows)
        failed: dict[str, Problem] = {}
        agents = self._make_agents(want.agents, run, failed)
        body = {
            "department": {
                "enabled": True,
                "name": want.name,
                "email": want.email if isinstance(want.email, str) else "",
                "description": want.description if isinstance(want.description, str) else "",
                "showOnRegistration": True,
                "showOnOfflineForm": True,
            },
            "agents": [{"agentId": ident, "count": 0, "order": 0} for ident in agents.values()],
        }
        made = self._client.post(PATH, body).get("department") or {}
        return Result(id=str(made.get("_id", "")), failed=failed)

    def update(self, change: Change[Department], run: Run) -> Result:
        """Bring it back first; what else it has goes along as it is."""
        want, have = change.want, change.have
        if want is None or have is None:
            return Result()
        if "active" in change.changed and want.active is True:
            self._client.post(f"{PATH}/{have.id}/unarchive", {}, repeatable=True)
        fields: dict[str, Any] = {
            name: getattr(want, name)
            for name in ("email", "description")
            if name in change.changed and isinstance(getattr(want, name), str)
        }
        if "active" in change.changed and isinstance(want.active, bool):
            fields["enabled"] = want.active
        if fields:
            row = self._client.get(f"{PATH}/{have.id}").get("department") or {}
            kept = {key: row[key] for key in KEPT if row.get(key) is not None}
            needed = {key: row.get(key) is True for key in SWITCHES} | {
                "name": row.get("name") or want.name,
                "email": row.get("email") or "",
            }
            self._client.put(f"{PATH}/{have.id}", {"department": kept | needed | fields})
        failed: dict[str, Problem] = {}
        if "agents" in change.changed and isinstance(want.agents, frozenset):
            self._change_agents(have, want.agents, run, failed)
        return Result(id=have.id, failed=failed)

    def remove(self, have: Live[Department], run: Run) -> Result:
        """Archive: customers no longer find it, its conversations stay."""
        self._client.post(f"{PATH}/{have.id}/archive", {}, repeatable=True, done=GONE)
        return Result(id=have.id)

    def _rows(self) -> list[Row]:
        """All of them: those in use first, then by age, as their identifiers tell it."""
        rows = self._client.every(PATH, "departments", showArchived="true")
        named = [row for row in rows if _name(row)]
        return sorted(named, key=lambda row: (not _in_use(row), str(row["_id"])))

    def _refuse_second(self, rows: list[Row]) -> None:
        answer = self._client.get(f"{PATH}/isDepartmentCreationAvailable")
        if answer.get("isDepartmentCreationAvailable") is not False:
            return
        names = ", ".join(_name(row) + ("" if _in_use(row) else " (archived)") for row in rows)
        raise ApiError(
            f"without a licence the server has one department, and there is one: {names}",
            status=0,
            code="error-max-departments-number-reached",
            hint="give the one in the file that name; archived ones count as well",
        )

    def _agents(self, department: str, ids: Ids) -> list[str]:
        rows = self._client.every(f"{PATH}/{department}/agents", "agents")
        names = (ids.name(Kind.USER, str(r.get("agentId"))) or r.get("username") for r in rows)
        return [name for name in names if isinstance(name, str)]

    def _make_agents(self, people: object, run: Run, failed: dict[str, Problem]) -> dict[str, str]:
        """Give these people the role that answering takes; who has it by then, with their ids."""
        found: dict[str, str] = {}
        for name in sorted(people) if isinstance(people, frozenset) else ():
            try:
                made = self._client.post(AGENT, {"username": name}, repeatable=True)
            except ApiError as error:
                failed[name] = Problem(error.message, error.code, error.hint)
                continue
            told = (made.get("user") or {}).get("_id")
            ident = run.ids.find(Kind.USER, name) or told
            if isinstance(ident, str):
                found[name] = ident
        return found

    def _change_agents(
        self,
        have: Live[Department],
        agents: frozenset[str],
        run: Run,
        failed: dict[str, Problem],
    ) -> None:
        before = have.resource.agents
        before = before if isinstance(before, frozenset) else frozenset()
        new = self._make_agents(agents - before, run, failed)
        gone = {name: run.ids.find(Kind.USER, name) for name in sorted(before - agents)}
        upsert = [{"agentId": i, "username": n, "count": 0, "order": 0} for n, i in new.items()]
        remove = [{"agentId": i, "username": n} for n, i in gone.items() if i is not None]
        if upsert or remove:
            body = {"upsert": upsert, "remove": remove}
            self._client.post(f"{PATH}/{have.id}/agents", body, repeatable=True)


SWITCHES = ("enabled", "showOnRegistration", "showOnOfflineForm")
KEPT = (
    "description",
    "requestTagBeforeClosingChat",
    "chatClosingTags",
    "fallbackForwardDepartment",
    "departmentsAllowedToForward",
    "allowReceiveForwardOffline",
    "offlineMessageChannelName",
    "abandonedRoomsCloseCustomMessage",
    "waitingQueueMessage",
    "maxNumberSimultaneousChat",
    "visitorInactivityTimeoutInSeconds",
)
"""What a department may have besides."""


def _name(row: Row) -> str:
    return " ".join(str(row.get("name") or "").split())


def _in_use(row: Row) -> bool:
    return row.get("archived") is not True and row.get("enabled") is True
