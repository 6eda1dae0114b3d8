"""elasticsearch, the vendor's client, is served by the fake as by a cluster.

What it cannot show: that a cluster's own words are those of the fake (only their statuses and the members that the client
reads), OpenSearch (the client refuses it, which is checked), how long a refresh takes, and a mapping's finer rules. That a get
by identifier sees what a search does not see yet is the vendor's promise; here it is only looked at that the fake keeps it.
"""

from __future__ import annotations

import ssl

import elastic_transport
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    BadRequestError,
    ConflictError,
    Elasticsearch,
    NotFoundError,
    UnsupportedProductError,
)

from checking import Fake, isolate, raises

INDEX = "kestra_agent_secrets_v1"
MAPPINGS = {
    "dynamic": "strict",
    "_meta": {"format": "SAE1", "schema": 1},
    "properties": {
        "tenant": {"type": "keyword"},
        "namespace": {"type": "keyword"},
        "name": {"type": "keyword"},
        "version": {"type": "long"},
        "envelope": {"type": "binary"},
        "tags": {"type": "keyword"},
        "description": {"type": "text", "index": False},
        "updated_at": {"type": "date"},
        "deleted_at": {"type": "date"},
    },
}


def client(fake: Fake, *addresses: str, **more) -> Elasticsearch:
    if not {"api_key", "basic_auth", "bearer_auth", "client_cert"} & set(more):
        more["api_key"] = fake.details["api-key"]
    return Elasticsearch(
        list(addresses) or [fake.address], ca_certs=fake.authority, **{"max_retries": 0, **more}
    )


def document(name: str, version: int = 1, **more) -> dict:
    return {
        "tenant": "main",
        "namespace": "company.team",
        "name": name,
        "version": version,
        "envelope": "U0FFAQ==",
        "tags": ["owner=team"],
        "updated_at": "2026-01-02T03:04:05.000Z",
        "deleted_at": None,
        **more,
    }


def indices(fake: Fake) -> None:
    es = client(fake)
    assert es.info()["version"]["number"] == "9.1.0"
    assert not es.indices.exists(index=INDEX)
    missing = raises(NotFoundError, lambda: es.get(index=INDEX, id="a"), "index_not_found_exception")
    assert missing.info["error"]["type"] == "index_not_found_exception"
    es.indices.create(index=INDEX, mappings=MAPPINGS, settings={"number_of_shards": 1})
    raises(BadRequestError, lambda: es.indices.create(index=INDEX), "resource_already_exists_exception")
    assert es.indices.exists(index=INDEX)
    assert es.indices.get_mapping(index=INDEX)[INDEX]["mappings"]["_meta"] == {"format": "SAE1", "schema": 1}


def documents(fake: Fake) -> None:
    es = client(fake)
    made = es.create(index=INDEX, id="one", document=document("ONE"))
    assert (made["result"], made["_version"], made["_seq_no"], made["_primary_term"]) == ("created", 1, 0, 1)
    raises(ConflictError, lambda: es.create(index=INDEX, id="one", document=document("ONE")))
    condition = {"if_seq_no": 0, "if_primary_term": 1}
    changed = es.index(index=INDEX, id="one", document=document("ONE", 2), **condition)
    assert (changed["result"], changed["_version"], changed["_seq_no"]) == ("updated", 2, 1)
    raises(ConflictError, lambda: es.index(index=INDEX, id="one", document=document("ONE", 2), **condition))
    found = es.get(index=INDEX, id="one")
    assert found["_source"]["version"] == 2 and found["_seq_no"] == 1
    gone = raises(NotFoundError, lambda: es.get(index=INDEX, id="two"))
    assert gone.info["found"] is False
    several = es.mget(index=INDEX, ids=["two", "one"])["docs"]
    assert [each["found"] for each in several] == [False, True]
    fake.command("unreadable", id="one")
    assert "error" in es.mget(index=INDEX, ids=["one"])["docs"][0]
    for wrong in ({"value": "plain"}, {"envelope": "no base64!"}, {"version": "x"}, {"updated_at": "x"}):
        raises(BadRequestError, lambda: es.create(index=INDEX, id="bad", document=document("BAD", **wrong)))


def searches(fake: Fake) -> None:
    es = client(fake)
    for name in ("ALPHA", "ALPHABET", "BETA", "caf\u00e9"):
        es.create(index=INDEX, id=name, document=document(name))
    filters = [{"term": {"tenant": "main"}}, {"term": {"namespace": "company.team"}}]
    query = {"bool": {"filter": filters, "must_not": [{"exists": {"field": "deleted_at"}}]}}

    def names(**more) -> list[str]:
        page = es.search(index=INDEX, query=query, sort=[{"name": "asc"}], source=["name"], size=2, **more)
        assert page["timed_out"] is False and page["_shards"]["failed"] == 0
        return [hit["_source"]["name"] for hit in page["hits"]["hits"]]

    assert es.get(index=INDEX, id="BETA")["found"] and names() == []
    fake.command("advance", seconds=1.1)
    assert names() == ["ALPHA", "ALPHABET"]
    assert names(search_after=["ALPHABET"]) == ["BETA", "ONE"]

    def places(size: int, **more) -> tuple[list[str], dict | None]:
        fields = [{"tenant": {"terms": {"field": "tenant"}}}, {"place": {"terms": {"field": "namespace"}}}]
        composite = {"composite": {"size": size, "sources": fields} | more}
        page = es.search(index=INDEX, query=query, size=0, aggs={"places": composite})
        found = page["aggregations"]["places"]
        return [bucket["key"]["place"] for bucket in found["buckets"]], found.get("after_key")

    (first, after), (all_of_them, _) = places(1), places(10)
    assert first == ["company.team"] and all_of_them == first and after == {"tenant": "main", "place": first[0]}
    assert places(1, after=after) == ([], None)
    raises(BadRequestError, lambda: places(1, after={"tenant": "main"}))
    filters.append({"prefix": {"name": "ALPHAB"}})
    assert names() == ["ALPHABET"]
    filters[-1] = {"term": {"tags": "owner=other"}}
    assert names() == []
    filters.pop()
    es.index(
        index=INDEX,
        id="ALPHA",
        document=document("ALPHA", 2, deleted_at="2026-01-02T03:04:05.000Z"),
        refresh="wait_for",
    )
    assert names() == ["ALPHABET", "BETA"]
    es.indices.refresh(index=INDEX)


def credentials(fake: Fake) -> None:
    raises(AuthenticationException, lambda: client(fake, api_key="d3Jvbmc6d3Jvbmc=").info())
    raises(AuthenticationException, lambda: client(fake, basic_auth=("elastic", "wrong")).info())
    assert client(fake, basic_auth=("elastic", fake.details["password"])).info()
    fake.command("user", label="bearer", token="made-up-token")
    assert client(fake, bearer_auth="made-up-token").info()
    rights = {"names": [INDEX], "privileges": ["read", "index", "view_index_metadata"]}
    made = client(fake).security.create_api_key(name="agent", role_descriptors={"agent": {"indices": [rights]}})
    agent = client(fake, api_key=made["encoded"])
    wanted = [{"names": [INDEX], "privileges": ["read", "index"]}]
    assert agent.security.has_privileges(index=wanted)["has_all_requested"]
    agent.index(index=INDEX, id="three", document=document("THREE"))
    raises(AuthorizationException, lambda: agent.delete(index=INDEX, id="three"), "is unauthorized")
    raises(AuthorizationException, lambda: agent.indices.create(index=INDEX + "_other"))
    raises(AuthorizationException, lambda: agent.info())
    fake.command("revoke", label="agent")


def faults(fake: Fake) -> None:
    key = fake.command("user", label="again")["api-key"]
    es = client(fake, api_key=key)
    fake.command("fault", kind="throttle")
    assert raises(ApiError, lambda: es.get(index=INDEX, id="one")).status_code == 429
    fake.command("fault", kind="answer", status=413, body="")
    assert raises(ApiError, lambda: es.get(index=INDEX, id="one")).status_code == 413
    fake.command("fault", kind="error", status=503)
    assert raises(ApiError, lambda: es.get(index=INDEX, id="one")).status_code == 503
    for kind in ("cut", "drop"):
        fake.command("fault", kind=kind)
        raises(elastic_transport.ConnectionError, lambda: es.get(index=INDEX, id="one"))
    # The answer is lost, and the document is there all the same.
    fake.command("fault", kind="cut", method="PUT")
    raises(elastic_transport.ConnectionError, lambda: es.create(index=INDEX, id="lost", document=document("LOST")))
    assert es.get(index=INDEX, id="lost")["_source"]["name"] == "LOST"


def hosts(fake: Fake) -> None:
    second = fake.details["second-address"]
    key = fake.command("user", label="hosts")["api-key"]
    fake.command("fault", kind="error", status=503, listener="second", times=0)
    es = client(fake, fake.address, second, api_key=key, max_retries=3)
    for _ in range(6):
        assert es.get(index=INDEX, id="one")["found"]
    fake.command("clear-faults")
    met = [each for each in fake.requests() if each["fault"]]
    assert {each["listener"] for each in met if each["status"] == 503} >= {"second"}
    assert client(fake, second, api_key=key).get(index=INDEX, id="one")["found"]


def others() -> None:
    with Fake("elasticsearch", flavour="opensearch") as fake:
        raises(UnsupportedProductError, lambda: client(fake, basic_auth=("elastic", fake.details["password"])).info())
    with Fake("elasticsearch", realm="pki", **{"client-certificate": "demanded"}) as fake:
        own = {"client_cert": fake.details["client-certificate"], "client_key": fake.details["client-key"]}
        assert client(fake, **own).info()["cluster_name"] == "made-up"
        raises(
            (elastic_transport.ConnectionError, elastic_transport.TlsError, ssl.SSLError),
            lambda: client(fake).info(),
        )


def main() -> None:
    isolate()
    with Fake("elasticsearch") as fake:
        for check in (indices, documents, searches, credentials, faults, hosts):
            check(fake)
            print(check.__name__)
        assert fake.details["api-key"] not in str(fake.requests())
    others()
    print("others")


if __name__ == "__main__":
    main()
