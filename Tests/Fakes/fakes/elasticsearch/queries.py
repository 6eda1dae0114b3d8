"""The part of the query language that documents of names need."""

from __future__ import annotations

from typing import Any

from .mappings import order
from .replies import refusal

LARGEST_PAGE = 10_000
LARGEST_COMPOSITE = 65_536


def matches(query: dict[str, Any] | None, source: dict[str, Any]) -> bool:
    if not query:
        return True
    if len(query) != 1:
        raise refusal(400, "parsing_exception", "[bool] malformed query, expected [END_OBJECT]")
    [(kind, body)] = query.items()
    match kind:
        case "match_all":
            return True
        case "bool":
            return _bool(body, source)
        case "term":
            [(field, wanted)] = body.items()
            return (wanted["value"] if isinstance(wanted, dict) else wanted) in _values(source, field)
        case "terms":
            [(field, wanted)] = body.items()
            return any(value in wanted for value in _values(source, field))
        case "prefix":
            [(field, wanted)] = body.items()
            start = wanted["value"] if isinstance(wanted, dict) else wanted
            return any(value.startswith(start) for value in _values(source, field))
        case "exists":
            return bool(_values(source, body["field"]))
    raise refusal(400, "parsing_exception", f"unknown query [{kind}]")


def _bool(body: dict[str, Any], source: dict[str, Any]) -> bool:
    def clauses(name: str) -> list[dict[str, Any]]:
        given = body.get(name, [])
        return given if isinstance(given, list) else [given]

    if set(body) - {"filter", "must", "must_not"}:
        raise refusal(400, "parsing_exception", f"[bool] query does not support {sorted(body)}")
    wanted = clauses("filter") + clauses("must")
    return all(matches(each, source) for each in wanted) and not any(
        matches(each, source) for each in clauses("must_not")
    )


def _values(source: dict[str, Any], field: str) -> list[Any]:
    value = source.get(field)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def search(body: dict[str, Any], found: list[tuple[str, dict[str, Any]]], index: str) -> list[dict[str, Any]]:
    """`found`: identifiers and sources of the index."""
    if unknown := set(body) - {"size", "query", "sort", "search_after", "_source", "track_total_hits", "aggs"}:
        raise refusal(400, "parsing_exception", f"unknown key for a VALUE in {sorted(unknown)}")
    size = body.get("size", 10)
    if size > LARGEST_PAGE:
        raise refusal(400, "illegal_argument_exception", "Result window is too large")
    fields = []
    for each in body.get("sort", []):
        if isinstance(each, str):
            fields.append(each)
            continue
        [(field, direction)] = each.items()
        if (direction["order"] if isinstance(direction, dict) else direction) != "asc":
            raise refusal(400, "illegal_argument_exception", "this fake sorts ascending only")
        fields.append(field)
    hits = []
    for identifier, source in found:
        if matches(body.get("query"), source):
            hits.append((tuple(source.get(field) for field in fields), identifier, source))
    hits.sort(key=lambda hit: tuple(order(value) for value in hit[0]))
    after = body.get("search_after")
    if after is not None:
        if len(after) != len(fields):
            raise refusal(400, "illegal_argument_exception", "search_after has not as many values as sort")
        start = tuple(order(value) for value in after)
        hits = [hit for hit in hits if tuple(order(value) for value in hit[0]) > start]
    wanted = body.get("_source", True)
    return [
        {
            "_index": index,
            "_id": identifier,
            "_score": None,
            **({} if wanted is False else {"_source": _picked(source, wanted)}),
            "sort": list(values),
        }
        for values, identifier, source in hits[:size]
    ]


def aggregations(body: dict[str, Any], found: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Composite ones of fields that are searched for as they are."""
    answers = {}
    for name, wanted in body.get("aggs", {}).items():
        if set(wanted) != {"composite"}:
            raise refusal(400, "parsing_exception", f"this fake knows no {sorted(wanted)}")
        composite = wanted["composite"]
        if unknown := set(composite) - {"size", "sources", "after"}:
            raise refusal(400, "x_content_parse_exception", f"[composite] unknown field {sorted(unknown)}")
        if composite.get("size", 10) > LARGEST_COMPOSITE:
            raise refusal(400, "illegal_argument_exception", "Trying to create too many buckets")
        fields = {label: source["terms"]["field"] for each in composite["sources"] for label, source in each.items()}
        counts: dict[tuple[str, ...], int] = {}
        for _, source in found:
            values = [_values(source, field) for field in fields.values()]
            # A document without one of the fields is in no bucket.
            if matches(body.get("query"), source) and all(values):
                key = tuple(each[0] for each in values)
                counts[key] = counts.get(key, 0) + 1
        if (after := composite.get("after")) is not None:
            if set(after) != set(fields):
                raise refusal(400, "illegal_argument_exception", "[after] has not as many values as sources")
            start = tuple(order(after[label]) for label in fields)
            counts = {key: count for key, count in counts.items() if tuple(map(order, key)) > start}
        keys = sorted(counts, key=lambda key: tuple(map(order, key)))[: composite.get("size", 10)]
        buckets = [{"key": dict(zip(fields, key, strict=True)), "doc_count": counts[key]} for key in keys]
        answers[name] = {"buckets": buckets} | ({"after_key": buckets[-1]["key"]} if buckets else {})
    return answers


def _picked(source: dict[str, Any], wanted: bool | list[str]) -> dict[str, Any]:
    return source if wanted is True else {name: value for name, value in source.items() if name in wanted}
