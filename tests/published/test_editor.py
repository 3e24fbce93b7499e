"""VS Code's YAML language server with our schema: it completes, tells, and finds fault."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from chatops.spec.schema import Part
from chatops.verbs_file import schema_text

PATIENCE = 180.0
HEAD = "# yaml-language-server: $schema=company.schema.json\nversion: 1\n"


class Editor:
    """As much of an editor as opens a file and asks at a place."""

    def __init__(self, server: subprocess.Popen[bytes], folder: Path) -> None:
        assert server.stdin is not None
        assert server.stdout is not None
        self.to: IO[bytes] = server.stdin
        self.of: IO[bytes] = server.stdout
        self.folder = folder
        self.last = self.files = 0
        self.said: list[dict[str, Any]] = []
        self.ask("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri()}, CAN)
        self.tell("initialized", {})

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.to.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.to.flush()

    def tell(self, method: str, params: Any) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, params: Any, more: Any = None) -> Any:
        self.last += 1
        number = self.last
        self.send(id=number, method=method, params=params | (more or {}))
        return self._until(lambda m: m.get("id") == number and "method" not in m)["result"]

    def _until(self, wanted: Any) -> Any:
        while True:
            length = 0
            while line := self.of.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            assert length, "the server has ended"
            message = json.loads(self.of.read(length))
            if "id" in message and "method" in message:
                asked = message["params"].get("items") if message.get("params") else None
                self.send(id=message["id"], result=[SETTINGS] * len(asked) if asked else None)
            if wanted(message):
                return message
            self.said.append(message)

    def open(self, text: str) -> tuple[str, list[str]]:
        """The address of a new file with this text, and what the server finds wrong with it."""
        self.files += 1
        path = self.folder / f"company{self.files}.yaml"
        path.write_text(text)
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        told = self._until(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics"
                and m["params"]["uri"] == path.as_uri()
            )
        )
        return path.as_uri(), [d["message"] for d in told["params"]["diagnostics"]]

    def at(self, what: str, text: str) -> Any:
        """Ask about the place that is marked with ‸."""
        before, _, after = text.partition("‸")
        uri, _ = self.open(before + after)
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self.ask(f"textDocument/{what}", {"textDocument": {"uri": uri}, "position": place})


CAN = {
    "capabilities": {
        "workspace": {"configuration": True},
        "textDocument": {"hover": {}, "completion": {"completionItem": {}}},
    }
}
SETTINGS = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}


@pytest.fixture(scope="module")
def editor(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("company")
    (folder / "company.schema.json").write_text(schema_text(Part.COMPANY), encoding="utf-8")
    with subprocess.Popen(
        ["node", modules / "yaml-language-server/bin/yaml-language-server", "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    ) as server:
        # A server that says nothing any more is not waited for.
        patience = threading.Timer(PATIENCE, server.kill)
        patience.start()
        try:
            yield Editor(server, folder)
        finally:
            patience.cancel()
            server.kill()


def labels(answer: Any) -> set[str]:
    items = answer["items"] if isinstance(answer, dict) else answer
    return {item["label"] for item in items}


def test_it_completes_keys(editor: Editor) -> None:
    found = labels(editor.at("completion", HEAD + "‸"))
    assert {"company", "teams", "live_chat", "include"} <= found
    found = labels(editor.at("completion", HEAD + "teams:\n  - name: it\n    ‸"))
    assert {"channels", "visibility", "leads"} <= found
    assert "topic" not in found
    inside = HEAD + "teams:\n  - name: it\n    channels:\n      - name: a\n        ‸"
    assert {"topic", "posting", "pinned"} <= labels(editor.at("completion", inside))


def test_it_completes_words(editor: Editor) -> None:
    assert labels(editor.at("completion", HEAD + "policy:\n  unmanaged: ‸")) == {
        "report",
        "archive",
        "ignore",
    }
    found = labels(editor.at("completion", HEAD + "chat:\n  platform: ‸"))
    assert {"mattermost", "rocketchat"} <= found


def test_it_tells_what_a_key_is(editor: Editor) -> None:
    told = editor.at("hover", HEAD + "policy:\n  unsup‸ported: note\n")
    assert "What the platform cannot hold: refuse, or note" in json.dumps(told)


def test_it_finds_fault_and_lets_good_files_be(editor: Editor) -> None:
    good = HEAD + "company: {name: Acme}\nchat: {platform: mattermost}\n"
    assert editor.open(good)[1] == []
    people = good + "users:\n  - {username: ida, roles: [admin]}\n  - from: people.csv\n"
    assert editor.open(people)[1] == []
    _, found = editor.open(good.replace("name", "nam") + "smtp: {port: high}\n")
    assert any("nam" in text for text in found)
    assert any("integer" in text for text in found)
