"""A running server written down: its next plan is empty, and it makes the same server again."""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from chatops.platforms.base import Release
from chatops.platforms.registry import platforms
from chatops.resources import Kind
from chatops.sandbox import Sandbox
from chatops.sandbox.releases import RELEASES
from tests.cli.conftest import run
from tests.importers.conftest import ENV, do

LISTS = (
    ("incoming_webhooks", Kind.INCOMING_WEBHOOK, "name"),
    ("outgoing_webhooks", Kind.OUTGOING_WEBHOOK, "name"),
    ("slash_commands", Kind.SLASH_COMMAND, "trigger"),
    ("bots", Kind.BOT, "username"),
    ("emoji", Kind.EMOJI, "name"),
)
EVERYTHING = Path(__file__).parent / "everything.yaml"


def png(colour: int = 0) -> bytes:
    """A picture of 16 by 16 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + bytes((colour, 90, 160)) * 16) * 16
    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def company(folder: Path, product: str) -> Path:
    folder.mkdir()
    (folder / "acme.png").write_bytes(png())
    text = EVERYTHING.read_text(encoding="utf-8").replace("PLATFORM", product)
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    return folder


def test_what_is_imported_plans_nothing_and_makes_the_same_again(
    product: str, servers: tuple[Sandbox, Sandbox], tmp_path: Path
) -> None:
    first, second = servers
    made = company(tmp_path / "made", product)
    do(made, first, "apply", "--yes")
    (tmp_path / "read").mkdir()
    answer = json.loads(do(tmp_path / "read", first, "import", "live", "--json").out)
    assert answer["plan"]["changes"] == []
    do(tmp_path / "read", first, "plan", "--expect-no-changes")
    do(tmp_path / "read", second, "apply", "--yes")
    (tmp_path / "again").mkdir()
    do(tmp_path / "again", second, "import", "live")
    one = yaml.safe_load((tmp_path / "read" / "company.yaml").read_text(encoding="utf-8"))
    two = yaml.safe_load((tmp_path / "again" / "company.yaml").read_text(encoding="utf-8"))
    one["chat"].pop("url")
    two["chat"].pop("url")
    assert one == two
    tables = [(tmp_path / f / "people.csv").read_text(encoding="utf-8") for f in ("read", "again")]
    assert tables[0] == tables[1]


def test_what_the_file_said_is_what_is_written(
    product: str, servers: tuple[Sandbox, Sandbox], tmp_path: Path
) -> None:
    made = company(tmp_path / "made", product)
    do(made, servers[0], "apply", "--yes")
    (tmp_path / "read").mkdir()
    do(tmp_path / "read", servers[0], "import", "live")
    wanted = yaml.safe_load((made / "company.yaml").read_text(encoding="utf-8"))
    read = yaml.safe_load((tmp_path / "read" / "company.yaml").read_text(encoding="utf-8"))
    for team in wanted["teams"]:
        there = next(t for t in read["teams"] if t["name"] == team["name"])
        for channel in team["channels"]:
            other = next(c for c in there["channels"] if c["name"] == channel["name"])
            for key in ("topic", "purpose", "private"):
                assert other.get(key) == channel.get(key)
    assert read["smtp"]["host"] == "mail.acme.example"
    assert read["sign_in"]["email_domains"] == ["acme.example"]
    facts = platforms()[product].facts(Release(*RELEASES[product]))
    for name, kind, key in LISTS:
        if facts.support_of_kind(kind).held:
            there = {x[key] for x in read["integrations"][name]}
            assert there == {x[key] for x in wanted["integrations"][name]}, name
    if facts.cell("setting.live_chat").held:
        assert read["live_chat"]["website"] == wanted["live_chat"]["website"]
        assert read["live_chat"]["hours"] == wanted["live_chat"]["hours"]
        assert [d["name"] for d in read["live_chat"]["departments"]] == ["support"]
    table = (tmp_path / "read" / "people.csv").read_text(encoding="utf-8")
    assert "ben@acme.example" in table
    assert '"Ben ""Bo"" Dahl"' in table


def test_no_file_is_written_over(
    product: str, servers: tuple[Sandbox, Sandbox], tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("mine", encoding="utf-8")
    done = run(tmp_path, "import", "live", "--server", servers[0].url, env=ENV)
    assert done.code == 2
    assert "people.csv is there already" in done.err
    assert not (tmp_path / "company.yaml").exists()
    assert (tmp_path / "people.csv").read_text(encoding="utf-8") == "mine"


def test_what_answers_is_no_chat(tmp_path: Path, chatless: str) -> None:
    done = run(tmp_path, "import", "live", "--server", chatless, env=ENV)
    assert done.code == 1
    assert "is none of mattermost, rocketchat" in done.err


@pytest.fixture
def chatless() -> Iterator[str]:
    """A web server that is something else."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<html>a shop</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
