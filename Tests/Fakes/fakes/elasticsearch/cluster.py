"""Indices, their documents, and what a search sees of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from . import mappings as checks
from .replies import conflict, no_index, refusal

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,254}")


@dataclass
class Document:
    source: dict[str, Any]
    version: int
    seq_no: int
    primary_term: int = 1

    def described(self) -> dict[str, Any]:
        return {"_version": self.version, "_seq_no": self.seq_no, "_primary_term": self.primary_term}


@dataclass
class Index:
    name: str
    settings: dict[str, Any]
    mappings: dict[str, Any]
    documents: dict[str, Document] = field(default_factory=dict)
    #: What a search sees; behind `documents` until the next refresh.
    searchable: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Identifiers, and the time from which a search sees the change.
    unrefreshed: dict[str, float] = field(default_factory=dict)
    next_seq_no: int = 0

    def refresh(self, until: float | None = None) -> None:
        for identifier, due in list(self.unrefreshed.items()):
            if until is not None and due > until:
                continue
            del self.unrefreshed[identifier]
            document = self.documents.get(identifier)
            if document is None:
                self.searchable.pop(identifier, None)
            else:
                self.searchable[identifier] = document.source


class Cluster:
    def __init__(self) -> None:
        self.indices: dict[str, Index] = {}
        #: Alias to the names of indices.
        self.aliases: dict[str, list[str]] = {}
        self.refresh_seconds = 1.0

    def index(self, name: str) -> Index:
        names = self.aliases.get(name, [name])
        if len(names) != 1:
            raise refusal(400, "illegal_argument_exception", f"alias [{name}] has more than one index associated with it")
        if names[0] not in self.indices:
            raise no_index(name)
        return self.indices[names[0]]

    def make(self, name: str, body: dict[str, Any]) -> Index:
        if not _NAME.fullmatch(name):
            raise refusal(400, "invalid_index_name_exception", f"Invalid index name [{name}]", index=name)
        if name in self.indices:
            raise refusal(400, "resource_already_exists_exception", f"index [{name}/made-up] already exists", index=name)
        if unknown := set(body) - {"settings", "mappings", "aliases"}:
            raise refusal(400, "parse_exception", f"unknown key {sorted(unknown)} for create index")
        made = Index(name, body.get("settings", {}), body.get("mappings", {}))
        self.indices[name] = made
        return made

    def write(
        self,
        index: Index,
        identifier: str,
        source: dict[str, Any],
        now: float,
        *,
        creates: bool,
        condition: tuple[int, int] | None,
        refresh: str,
    ) -> tuple[Document, bool]:
        """Whether it was made is told beside it."""
        if len(identifier.encode()) > 512:
            raise refusal(400, "illegal_argument_exception", "id is too long, must be no longer than 512 bytes")
        current = index.documents.get(identifier)
        if creates and current is not None:
            raise conflict(index.name, identifier, "document already exists (current version [1])")
        if condition is not None:
            found = (current.seq_no, current.primary_term) if current else None
            if found != condition:
                there = f"current document has seqNo [{found[0]}] and primary term [{found[1]}]" if found else "but no document was found"
                raise conflict(
                    index.name,
                    identifier,
                    f"required seqNo [{condition[0]}], primary term [{condition[1]}]. {there}",
                )
        checks.check(index.mappings, source)
        document = Document(source, current.version + 1 if current else 1, index.next_seq_no)
        index.next_seq_no += 1
        index.documents[identifier] = document
        # Nobody waits here: who asked to wait sees it at once.
        index.unrefreshed[identifier] = now if refresh in ("true", "", "wait_for") else now + self.refresh_seconds
        return document, current is None
