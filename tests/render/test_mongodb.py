"""The setup of MongoDB, against a stand-in for the few calls of mongosh that it makes.

No MongoDB can be had here: the stand-in (below, in JavaScript) plays the server's answers as its
documentation gives them. It shows that the script's own logic holds, not that MongoDB agrees.
"""

import json
from pathlib import Path

import pytest

from tests.render import programs
from tests.render.company import ROCKETCHAT, Case, installation

STAND_IN = """
const state = JSON.parse(process.argv[2]);
let clock = 0;
const fail = (codeName) => { const e = new Error(codeName); e.codeName = codeName; throw e; };
globalThis.sleep = () => { clock += 1; if (clock >= state.ready) state.first = false; };
globalThis.print = (text) => console.log(JSON.stringify({ said: text, state, clock }));
globalThis.connect = () => {
  let who = "";
  const db = (name) => ({
    getSiblingDB: db,
    auth(user, password) {
      if (state.first && user === "__system") fail("AuthenticationFailed");
      const known = user === "__system" ? state.key : state.users[name + "." + user];
      if (password !== known) fail("AuthenticationFailed");
      who = user;
    },
    changeUserPassword(user, password) {
      if (!who) fail("Unauthorized");
      state.users[name + "." + user] = password;
    },
    createUser({ user, pwd }) {
      if (!who) fail("Unauthorized");
      state.users[name + "." + user] = pwd;
    },
    getUser: (user) => (state.users[name + "." + user] ? { user } : null),
    hello: () => ({ isWritablePrimary: Boolean(state.config) }),
    runCommand(command) {
      if (!who) fail("Unauthorized");
      if (state.first) fail("NoReplicationEnabled");
      if (command.replSetGetConfig) {
        return state.config ? { config: { ...state.config } } : fail("NotYetInitialized");
      }
      state.config = command.replSetInitiate
        ? { version: 1, members: command.replSetInitiate.members }
        : command.replSetReconfig;
    },
  });
  return db("admin");
};
"""

EMPTY = {"first": True, "ready": 3, "key": "k", "users": {"admin.root": "root-1"}}


def run(tmp_path: Path, state: object, **environment: str) -> dict[str, object]:
    if not (tmp_path / "setup.js").exists():
        planned = installation(Case(chat=ROCKETCHAT), tmp_path / "company")
        parts = [p for h in planned.hosts for p in h.parts if p.name == "mongodb"]
        (text,) = [f.text for f in parts[0].files if f.path.endswith("setup.js")]
        text = text.replace("/chatops/keyfile", str(tmp_path / "keyfile"))
        (tmp_path / "setup.js").write_text(STAND_IN + text)
        (tmp_path / "keyfile").write_text("k\n")
    values = {
        "MONGO_INITDB_ROOT_USERNAME": "root",
        "MONGO_INITDB_ROOT_PASSWORD": "root-1",
        "DATABASE_PASSWORD": "chat-1",
        **environment,
    }
    words = [f"{k}={v}" for k, v in values.items()]
    node = programs.program("node")
    said = programs.run("env", *words, node, str(tmp_path / "setup.js"), json.dumps(state))
    return dict(json.loads(said.splitlines()[-1]))


def test_it_is_made_once_and_follows_the_passwords(tmp_path: Path) -> None:
    first = run(tmp_path, EMPTY)
    assert first["said"] == "changed"
    assert first["clock"] == 3, "it waited for the real server"
    state = first["state"]
    assert isinstance(state, dict)
    assert state["config"]["members"] == [{"_id": 0, "host": "mongodb:27017"}]
    assert state["users"] == {"admin.root": "root-1", "rocketchat.rocketchat": "chat-1"}
    assert run(tmp_path, state)["said"] == "same"

    rotated = {"MONGO_INITDB_ROOT_PASSWORD": "root-2", "DATABASE_PASSWORD": "chat-2"}
    second = run(tmp_path, state, **rotated)
    assert second["said"] == "changed"
    moved = second["state"]
    assert isinstance(moved, dict)
    assert moved["users"] == {"admin.root": "root-2", "rocketchat.rocketchat": "chat-2"}
    assert run(tmp_path, moved, **rotated)["said"] == "same"


def test_a_member_that_has_another_name_now_is_renamed(tmp_path: Path) -> None:
    state = run(tmp_path, EMPTY)["state"]
    assert isinstance(state, dict)
    state["config"]["members"][0]["host"] = "10.0.0.9:27017"
    again = run(tmp_path, state)
    assert again["said"] == "changed"
    assert again["state"]["config"] == {  # type: ignore[index]
        "version": 2,
        "members": [{"_id": 0, "host": "mongodb:27017"}],
    }


def test_it_gives_up_with_the_server_s_word(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="AuthenticationFailed"):
        run(
            tmp_path,
            {**EMPTY, "users": {}, "first": False, "key": "other", "ready": 0}
            | {"first": True, "ready": 1000},
        )
