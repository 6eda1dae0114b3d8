"""What a token may do: paths with capabilities."""

from __future__ import annotations

#: A path, maybe with `*` at its end or `+` for a segment, and what is allowed there.
Paths = dict[str, list[str]]

EVERYTHING: Paths = {"*": ["create", "read", "update", "patch", "delete", "list"]}

DEFAULT: Paths = {
    "auth/token/lookup-self": ["read"],
    "auth/token/renew-self": ["update"],
    "auth/token/revoke-self": ["update"],
    "sys/internal/ui/mounts/*": ["read"],
    "sys/wrapping/lookup": ["update"],
    "sys/wrapping/unwrap": ["update"],
}


def capabilities(policies: list[Paths], path: str) -> set[str]:
    """What the most specific matching path of all policies allows; a denial there beats the rest."""
    best: tuple[int, bool] | None = None
    allowed: set[str] = set()
    for paths in policies:
        for pattern, granted in paths.items():
            if not _matches(pattern, path):
                continue
            rank = (len(pattern.rstrip("*")), not pattern.endswith("*"))
            if best is None or rank > best:
                best, allowed = rank, set()
            if rank == best:
                allowed |= set(granted)
    return set() if "deny" in allowed else allowed


def _matches(pattern: str, path: str) -> bool:
    is_prefix = pattern.endswith("*")
    wanted, given = pattern.removesuffix("*").split("/"), path.split("/")
    if len(given) < len(wanted) or (not is_prefix and len(given) != len(wanted)):
        return False
    *leading, last = wanted
    if not all(part in ("+", segment) for part, segment in zip(leading, given)):
        return False
    segment = given[len(leading)]
    return last in ("+", segment) or (is_prefix and segment.startswith(last))
