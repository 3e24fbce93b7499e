"""The store: found again by index, kept over a restart, written together."""

import sqlite3
from pathlib import Path

import pytest

from chatops.sandbox.store import Collection, Store


def things(store: Store) -> Collection:
    return store.collection(
        "things",
        unique={"name": lambda doc: doc.get("name")},
        multi={"colour": lambda doc: doc.get("colour")},
    )


def test_documents_are_found_by_identifier_and_by_index() -> None:
    found = things(Store())
    found.put("1", {"name": "a", "colour": "red"})
    found.put("2", {"name": "b", "colour": "red"})
    found.put("3", {"name": None, "colour": "blue"})
    assert found.get("2") == {"name": "b", "colour": "red"}
    assert found.find("name", "a") == found.get("1")
    assert found.find("name", "c") is None
    assert found.find("name", None) is None
    assert found.where("colour", "red") == [found.get("1"), found.get("2")]
    assert (found.count("colour", "red"), found.count("colour", "green")) == (2, 0)
    assert len(found) == 3
    assert "3" in found
    assert "4" not in found


def test_a_change_moves_a_document_in_its_indexes() -> None:
    found = things(Store())
    found.put("1", {"name": "a", "colour": "red"})
    found.put("1", {"name": "b", "colour": "blue"})
    assert found.find("name", "a") is None
    assert found.find("name", "b") == found.get("1")
    assert found.where("colour", "red") == []
    assert found.where("colour", "blue") == [found.get("1")]


def test_a_deleted_document_is_gone_from_everywhere() -> None:
    found = things(Store())
    found.put("1", {"name": "a", "colour": "red"})
    found.delete("1")
    found.delete("1")
    assert found.get("1") is None
    assert found.find("name", "a") is None
    assert found.where("colour", "red") == []
    assert list(found.all()) == []


def test_a_file_keeps_documents_and_their_order(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = Store(path)
    kept = things(store)
    for name in ("a", "b", "c"):
        kept.put(name, {"name": name, "colour": "red"})
    kept.put("a", {"name": "a", "colour": "blue"})
    kept.delete("b")
    store.close()
    again = things(Store(path))
    assert [doc["name"] for doc in again.all()] == ["a", "c"]
    assert again.find("name", "a") == {"name": "a", "colour": "blue"}


def test_what_is_written_together_is_there_whole(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = Store(path)
    kept = things(store)
    kept.put("old", {"name": "old"})
    with store.together():
        kept.put("a", {"name": "a", "colour": "red"})
        kept.put("a", {"name": "a", "colour": "blue"})
        kept.put("b", {"name": "b"})
        kept.delete("b")
        kept.delete("old")
        beside = sqlite3.connect(path)
        assert beside.execute("SELECT id FROM docs").fetchall() == [("old",)]
        beside.close()
        assert kept.get("a") == {"name": "a", "colour": "blue"}
    store.close()
    assert list(things(Store(path)).all()) == [{"name": "a", "colour": "blue"}]


def test_a_failure_inside_does_not_lose_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    store = Store(path)
    kept = things(store)
    with pytest.raises(RuntimeError), store.together():
        kept.put("a", {"name": "a"})
        raise RuntimeError
    kept.put("b", {"name": "b"})
    store.close()
    assert [doc["name"] for doc in things(Store(path)).all()] == ["a", "b"]


def test_collections_do_not_see_each_other() -> None:
    store = Store()
    things(store).put("1", {"name": "a"})
    others = store.collection("others")
    assert others.get("1") is None
    others.put("1", {"other": True})
    assert things(store).get("1") == {"name": "a"}
