"""Elasticsearch's document interface, with users, over two nodes of one cluster."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from typing import Any

from ..common.clock import Clock
from ..common.credentials import made_up
from ..common.exchange import Refusal, Reply, Request
from ..common.service import Service
from . import envelope
from .cluster import Cluster, Index
from .queries import aggregations, search
from .replies import error, refusal, reply, unauthenticated
from .users import User, Users

#: What the official clients of version 8 and 9 send.
_VENDOR_TYPE = re.compile(r"application/vnd\.elasticsearch\+json; ?compatible-with=[89]")


class ElasticsearchService(Service):
    """Options: `flavour=opensearch`, `version`, and `realm=pki`: who sends no credential is who the certificate names."""

    listeners = {"plain": False, "second": True}

    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self._is_opensearch = options.get("flavour") == "opensearch"
        self._version = options.get("version", "2.19.0" if self._is_opensearch else "9.1.0")
        self._cluster = Cluster()
        self._users = Users()
        self._password, self._key = made_up(), self._new_key()
        self._users.add_password("elastic", self._password, User("elastic"))
        self._users.add_key(self._key, User("agent"))
        if options.get("realm") == "pki":
            self._users.certificate_owner = User("certificate")
        #: Identifiers that a batch fails for, and how often.
        self._unreadable: dict[str, int] = {}

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        return {"username": "elastic", "password": self._password, "api-key": self._key}

    @staticmethod
    def _new_key() -> str:
        return base64.b64encode(f"{made_up()[:20].replace(':', '_')}:{made_up()}".encode()).decode()

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        try:
            answer = self._handle(request)
        except Refusal as refused:
            answer = refused.reply
        if not self._is_opensearch:
            answer.headers["X-Elastic-Product"] = "Elasticsearch"
            # A client that asks for its own type is answered with it.
            accepted = request.headers.get("accept", "")
            if _VENDOR_TYPE.fullmatch(accepted):
                answer.headers["Content-Type"] = accepted
        return answer

    def _handle(self, request: Request) -> Reply:
        user = self._users.find(request)
        if user is None:
            return unauthenticated(request.path)
        request.credential = user.label
        kind = request.headers.get("content-type", "")
        if request.body and kind.partition(";")[0] != "application/json":
            if self._is_opensearch or not _VENDOR_TYPE.fullmatch(kind):
                return error(406, "media_type_header_exception", f"Content-Type header [{kind}] is not supported")
        match [request.method, *request.segments]:
            case ["GET", ""]:
                user.demand("cluster:monitor/main")
                return reply(self._banner())
            case ["GET", "_security", "_authenticate"] if not self._is_opensearch:
                return reply({"username": user.label, "roles": [], "enabled": True, "authentication_type": "api_key"})
            case ["POST" | "PUT", "_security", "api_key"] if not self._is_opensearch:
                return self._make_key(request)
            case ["POST", "_security", "user", "_has_privileges"] if not self._is_opensearch:
                return self._privileges(request, user)
            case ["HEAD", name]:
                user.demand("indices:admin/get", name)
                self._cluster.index(name)
                return Reply(200)
            case ["PUT", name]:
                user.demand("indices:admin/create", name)
                self._cluster.make(name, self._body(request))
                return reply({"acknowledged": True, "shards_acknowledged": True, "index": name})
            case ["GET", name, "_mapping"]:
                user.demand("indices:admin/mappings/get", name)
                names = self._cluster.aliases.get(name, [name])
                found = [self._cluster.index(each) for each in names]
                return reply({each.name: {"mappings": each.mappings} for each in found})
            case ["POST", name, "_refresh"]:
                user.demand("indices:admin/refresh", name)
                self._cluster.index(name).refresh()
                return reply({"_shards": {"total": 1, "successful": 1, "failed": 0}})
            case ["GET", name, "_doc", identifier]:
                user.demand("indices:data/read/get", name)
                answer = self._found(self._cluster.index(name), identifier)
                return reply(answer, 200 if answer["found"] else 404)
            case ["POST" | "GET", name, "_mget"]:
                user.demand("indices:data/read/mget", name)
                return self._mget(request, self._cluster.index(name))
            case ["POST" | "GET", name, "_search"]:
                user.demand("indices:data/read/search", name)
                return self._search(request, self._cluster.index(name))
            case ["PUT" | "POST", name, "_create" | "_doc" as action, identifier]:
                return self._write(request, user, name, identifier, creates=action == "_create")
            case ["DELETE", name, "_doc", identifier]:
                user.demand("indices:data/write/delete", name)
                index = self._cluster.index(name)
                gone = index.documents.pop(identifier, None)
                index.unrefreshed[identifier] = request.now
                body = {"_index": index.name, "_id": identifier, "result": "deleted" if gone else "not_found"}
                return reply(body, 200 if gone else 404)
        return error(400, "illegal_argument_exception", f"no handler found for uri [{request.path}] and method [{request.method}]")

    @staticmethod
    def _body(request: Request) -> dict[str, Any]:
        try:
            return request.json()
        except ValueError:
            raise refusal(400, "parse_exception", "request body is not an object") from None

    def _banner(self) -> dict[str, Any]:
        version: dict[str, Any] = {"number": self._version, "build_type": "docker", "lucene_version": "10.2.2"}
        if self._is_opensearch:
            version["distribution"] = "opensearch"
        tagline = "The OpenSearch Project: https://opensearch.org/" if self._is_opensearch else "You Know, for Search"
        return {"name": "node", "cluster_name": "made-up", "cluster_uuid": "made-up", "version": version, "tagline": tagline}

    # MARK: documents

    def _found(self, index: Index, identifier: str) -> dict[str, Any]:
        document = index.documents.get(identifier)
        base = {"_index": index.name, "_id": identifier}
        if document is None:
            return {**base, "found": False}
        return {**base, **document.described(), "found": True, "_source": document.source}

    def _mget(self, request: Request, index: Index) -> Reply:
        docs = []
        for identifier in self._body(request).get("ids", []):
            left = self._unreadable.get(identifier, 0)
            if left:
                self._unreadable[identifier] = left - 1
                cause = {"type": "no_shard_available_action_exception", "reason": "made up"}
                docs.append({"_index": index.name, "_id": identifier, "error": {"root_cause": [cause], **cause}})
            else:
                docs.append(self._found(index, identifier))
        return reply({"docs": docs})

    def _search(self, request: Request, index: Index) -> Reply:
        index.refresh(request.now)
        body = self._body(request)
        found = sorted(index.searchable.items())
        hits = search(body, found, index.name)
        return reply(
            {
                "took": 2,
                "timed_out": False,
                "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
                "hits": {"max_score": None, "hits": hits},
            }
            | ({"aggregations": aggregations(body, found)} if "aggs" in body else {})
        )

    def _write(self, request: Request, user: User, name: str, identifier: str, creates: bool) -> Reply:
        user.demand("indices:data/write/index", name)
        if name not in self._cluster.indices and name not in self._cluster.aliases:
            # An index that is not there is made, with whatever mapping fits.
            user.demand("indices:admin/create", name)
            self._cluster.make(name, {})
        index = self._cluster.index(name)
        query = request.query
        condition = None
        if ("if_seq_no" in query) != ("if_primary_term" in query):
            raise refusal(400, "action_request_validation_exception", "if_seq_no and if_primary_term belong together")
        if "if_seq_no" in query:
            condition = (int(query["if_seq_no"]), int(query["if_primary_term"]))
        document, is_new = self._cluster.write(
            index,
            identifier,
            self._body(request),
            request.now,
            creates=creates or query.get("op_type") == "create",
            condition=condition,
            refresh=query.get("refresh", "false"),
        )
        body = {
            "_index": index.name,
            "_id": identifier,
            "result": "created" if is_new else "updated",
            "_shards": {"total": 2, "successful": 1, "failed": 0},
            **document.described(),
        }
        return reply(body, 201 if is_new else 200)

    # MARK: security

    def _make_key(self, request: Request) -> Reply:
        body = self._body(request)
        privileges, names = [], []
        for role in body.get("role_descriptors", {}).values():
            for each in role.get("indices", []):
                privileges += each["privileges"]
                names += each["names"]
        encoded = self._new_key()
        self._users.add_key(encoded, User(body["name"], privileges, names))
        identifier, _, key = base64.b64decode(encoded).decode().partition(":")
        return reply({"id": identifier, "name": body["name"], "api_key": key, "encoded": encoded})

    def _privileges(self, request: Request, user: User) -> Reply:
        answers: dict[str, dict[str, bool]] = {}
        for each in self._body(request).get("index", []):
            for name in each["names"]:
                has = {p: not user.privileges or p in user.privileges for p in each["privileges"]}
                answers[name] = has
        everything = all(value for has in answers.values() for value in has.values())
        return reply({"username": user.label, "has_all_requested": everything, "cluster": {}, "index": answers, "application": {}})

    # MARK: manners

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        answer = error(429, "es_rejected_execution_exception", "rejected execution of primary operation")
        if retry_after is not None:
            answer.headers["Retry-After"] = retry_after
        return answer

    def failed(self, request: Request, status: int) -> Reply:
        kind = "no_shard_available_action_exception" if status == 503 else "exception"
        return error(status, kind, "something went wrong")

    def token_expired(self, request: Request) -> Reply:
        return unauthenticated(request.path)

    def is_login(self, request: Request) -> bool:
        return request.path == "/" or request.path.endswith("/_mapping")

    def login_refused(self, request: Request) -> Reply:
        return unauthenticated(request.path)

    # MARK: commands

    def commands(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "revoke": lambda label=None: self._users.revoke(label),
            "index": self.index,
            "alias": self.alias,
            "stored": self.stored,
            "put": self.put,
            "remove": self.remove,
            "seal": self.seal,
            "open": self.open,
            "unreadable": self.unreadable,
            "refresh-interval": self.refresh_interval,
        }

    def user(
        self,
        label: str,
        username: str | None = None,
        password: str | None = None,
        token: str | None = None,
        key: str | None = None,
        **rights: Any,
    ) -> dict[str, str]:
        user = User(label, **rights)
        if username is not None:
            self._users.add_password(username, password or "", user)
            return {}
        if token is not None:
            self._users.add_token(token, user)
            return {}
        encoded = key or self._new_key()
        self._users.add_key(encoded, user)
        return {"api-key": encoded}

    def index(self, name: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Without a body: what there is. With one: instead of what there is."""
        if body is not None:
            self._cluster.indices.pop(name, None)
            self._cluster.make(name, body)
        found = self._cluster.indices.get(name)
        return {"settings": found.settings, "mappings": found.mappings} if found else {}

    def alias(self, name: str, indices: list[str]) -> None:
        self._cluster.aliases[name] = indices

    def stored(self, index: str, **members: Any) -> dict[str, Any]:
        """The documents with these members in their source."""
        documents = self._cluster.indices[index].documents if index in self._cluster.indices else {}
        return {
            "documents": [
                {"id": identifier, **document.described(), "source": document.source}
                for identifier, document in documents.items()
                if members.items() <= {k: v for k, v in document.source.items() if isinstance(v, (str, int))}.items()
            ]
        }

    def put(self, index: str, id: str, source: dict[str, Any]) -> None:
        """As somebody else would, who does not ask what is there."""
        found = self._cluster.index(index)
        self._cluster.write(found, id, source, self.clock.now(), creates=False, condition=None, refresh="true")

    def remove(self, index: str, id: str | None = None) -> None:
        """A document without leaving anything of it, or the index."""
        if id is None:
            self._cluster.indices.pop(index, None)
            return
        found = self._cluster.index(index)
        found.documents.pop(id, None)
        found.unrefreshed[id] = self.clock.now()

    def seal(self, index: str, secret: str, tenant: str, namespace: str, name: str, version: int, value: str):
        names = (tenant, namespace, name)
        sealed = envelope.seal(secret.encode(), names, version, value.encode())
        message = b"".join(struct.pack(">I", len(part)) + part for part in (each.encode() for each in names))
        source = {
            "tenant": tenant,
            "namespace": namespace,
            "name": name,
            "version": version,
            "key_id": envelope.key_id(secret.encode()).hex(),
            "envelope": base64.b64encode(sealed).decode(),
            "tags": [],
            "created_at": "2026-01-02T03:04:05.000Z",
            "updated_at": "2026-01-02T03:04:05.000Z",
        }
        self.put(index, hashlib.sha256(message).hexdigest(), source)

    def open(self, secret: str, index: str = "", id: str = "", source: dict[str, Any] | None = None) -> dict[str, str]:
        if source is None:
            source = self._cluster.index(index).documents[id].source
        names = (source["tenant"], source["namespace"], source["name"])
        sealed = base64.b64decode(source["envelope"], validate=True)
        return {"value": envelope.opened(secret.encode(), names, source["version"], sealed).decode()}

    def unreadable(self, id: str, times: int = 1) -> None:
        self._unreadable[id] = times

    def refresh_interval(self, seconds: float) -> None:
        self._cluster.refresh_seconds = seconds
