"""Where a sandbox server keeps its documents: in memory to read, in SQLite to survive a restart.

A collection holds plain dictionaries by identifier. Reads never touch the disk; each write goes
through to SQLite. One thread (the event loop) uses a store, so nothing here locks.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_WRITE = (
    "INSERT INTO docs (collection, id, body) VALUES (?, ?, ?) "
    "ON CONFLICT (collection, id) DO UPDATE SET body = excluded.body"
)
_ERASE = "DELETE FROM docs WHERE collection = ? AND id = ?"


class Collection:
    """Documents by identifier, with look-up by declared fields.

    `unique` maps an index name to a function from a document to its key, or to None where the
    document has none; `multi` is the same where many documents share a key.
    """

    def __init__(
        self,
        store: "Store",
        name: str,
        unique: dict[str, Callable[[Doc], Any]] | None = None,
        multi: dict[str, Callable[[Doc], Any]] | None = None,
    ) -> None:
        self._store = store
        self._name = name
        self._docs: dict[str, Doc] = {}
        self._unique: dict[str, tuple[Callable[[Doc], Any], dict[Any, str]]] = {
            n: (f, {}) for n, f in (unique or {}).items()
        }
        self._multi: dict[str, tuple[Callable[[Doc], Any], dict[Any, dict[str, None]]]] = {
            n: (f, {}) for n, f in (multi or {}).items()
        }
        self._keys: dict[str, tuple[list[Any], list[Any]]] = {}
        for ident, body in store.rows(name):
            self._remember(ident, json.loads(body))

    def get(self, ident: str) -> Doc | None:
        """The document itself, not a copy: change it only to `put` it back."""
        return self._docs.get(ident)

    def find(self, index: str, key: Any) -> Doc | None:
        """The one document with this key in a unique index."""
        ident = self._unique[index][1].get(key)
        return None if ident is None else self._docs[ident]

    def where(self, index: str, key: Any) -> list[Doc]:
        """All documents with this key in a multi index, oldest first."""
        return [self._docs[i] for i in self._multi[index][1].get(key, ())]

    def count(self, index: str, key: Any) -> int:
        """How many documents have this key in a multi index."""
        return len(self._multi[index][1].get(key, ()))

    def all(self) -> Iterator[Doc]:
        """All documents, oldest first."""
        return iter(list(self._docs.values()))

    def put(self, ident: str, doc: Doc) -> Doc:
        """Write a document, new or changed."""
        self._forget(ident)
        self._remember(ident, doc)
        self._store.keep(self._name, ident, doc)
        return doc

    def delete(self, ident: str) -> None:
        """Take a document away; one that is not there is fine."""
        if ident in self._docs:
            self._forget(ident)
            del self._docs[ident]
            self._store.erase(self._name, ident)

    def __len__(self) -> int:
        return len(self._docs)

    def __contains__(self, ident: str) -> bool:
        return ident in self._docs

    def _remember(self, ident: str, doc: Doc) -> None:
        self._docs[ident] = doc
        uniques, multis = [], []
        for key_of, table in self._unique.values():
            key = key_of(doc)
            uniques.append(key)
            if key is not None:
                table[key] = ident
        for key_of, many in self._multi.values():
            key = key_of(doc)
            multis.append(key)
            if key is not None:
                many.setdefault(key, {})[ident] = None
        self._keys[ident] = (uniques, multis)

    def _forget(self, ident: str) -> None:
        uniques, multis = self._keys.pop(ident, ([], []))
        for key, (_, table) in zip(uniques, self._unique.values(), strict=False):
            if table.get(key) == ident:
                del table[key]
        for key, (_, many) in zip(multis, self._multi.values(), strict=False):
            many.get(key, {}).pop(ident, None)


class Store:
    """All collections of one sandbox server. `path` None keeps them in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._pending: dict[tuple[str, str], Doc | None] | None = None
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS docs (collection TEXT, id TEXT, body TEXT, "
            "seq INTEGER PRIMARY KEY AUTOINCREMENT, UNIQUE (collection, id))"
        )

    def collection(
        self,
        name: str,
        unique: dict[str, Callable[[Doc], Any]] | None = None,
        multi: dict[str, Callable[[Doc], Any]] | None = None,
    ) -> Collection:
        """Open a collection with its indexes."""
        return Collection(self, name, unique, multi)

    def rows(self, name: str) -> list[tuple[str, str]]:
        """What SQLite holds of a collection, oldest first."""
        query = "SELECT id, body FROM docs WHERE collection = ? ORDER BY seq"
        return list(self._db.execute(query, (name,)))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what the block writes at its end, each document once, in one transaction.

        The block must not hand over to other work (no `await`): all of a sandbox shares the store.
        """
        self._pending = {}
        try:
            yield
        finally:
            pending, self._pending = self._pending, None
            self._flush(pending)

    def _flush(self, pending: dict[tuple[str, str], Doc | None]) -> None:
        if not pending:
            return
        kept = [(n, i, json.dumps(doc)) for (n, i), doc in pending.items() if doc is not None]
        gone = [key for key, doc in pending.items() if doc is None]
        self._db.execute("BEGIN")
        self._db.executemany(_WRITE, kept)
        self._db.executemany(_ERASE, gone)
        self._db.execute("COMMIT")

    def keep(self, name: str, ident: str, doc: Doc) -> None:
        """Keep a document, at once or at the end of the block that writes together."""
        if self._pending is None:
            self.write(name, ident, json.dumps(doc))
        else:
            self._pending[name, ident] = doc

    def write(self, name: str, ident: str, body: str) -> None:
        """Keep a document's text."""
        self._db.execute(_WRITE, (name, ident, body))

    def erase(self, name: str, ident: str) -> None:
        """Forget a document."""
        if self._pending is None:
            self._db.execute(_ERASE, (name, ident))
        else:
            self._pending[name, ident] = None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
