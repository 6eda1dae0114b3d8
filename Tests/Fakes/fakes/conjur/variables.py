"""Variables with their versions, and the pieces of policy that make and delete them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..common.clock import rfc3339
from ..common.exchange import Refusal, Reply

#: Versions that are kept of a variable.
KEPT = 20
MOST_RESULTS = 1000


def refused(status: int, code: str = "", message: str = "", target: str = "") -> Refusal:
    """Without a code there is no body."""
    if not code:
        return Refusal(Reply(status))
    error: dict[str, Any] = {"code": code, "message": message}
    if target:
        error |= {"target": "variable", "details": {"code": code, "target": "id", "message": target}}
    return Refusal(Reply.of({"error": error}, status))


def missing(id: str) -> Refusal:
    return refused(404, "not_found", f"CONJ00076E Variable {id} is empty or not found.", id)


@dataclass
class Variable:
    policy: str
    made: float
    #: By number, in ascending order.
    versions: dict[int, bytes] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    def add(self, value: bytes) -> None:
        number = max(self.versions, default=0)
        if number and self.versions[number] == value:
            return
        self.versions[number + 1] = value
        for old in sorted(self.versions)[:-KEPT]:
            del self.versions[old]

    def described(self, id: str) -> dict[str, Any]:
        return {
            "id": id,
            "owner": self.policy,
            "policy": self.policy,
            "created_at": rfc3339(self.made, 3).replace("Z", "+00:00"),
            "annotations": [
                {"name": name, "value": value, "policy": self.policy} for name, value in self.annotations.items()
            ],
            "permissions": [],
            "secrets": [{"version": number, "expires_at": None} for number in sorted(self.versions)],
        }


def wrapped(value: bytes) -> str:
    """Base64 with a line break after every 60 characters, as Ruby writes it."""
    text = base64.b64encode(value).decode()
    return "".join(text[place : place + 60] + "\n" for place in range(0, len(text), 60))


class Statement:
    """A tagged piece of policy."""

    def __init__(self, kind: str, value: Any):
        self.kind, self.value = kind, value


class _Loader(yaml.SafeLoader):
    pass


def _statement(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Statement:
    if isinstance(node, yaml.ScalarNode):
        return Statement(suffix, {"id": loader.construct_scalar(node)})
    if isinstance(node, yaml.MappingNode):
        return Statement(suffix, loader.construct_mapping(node, deep=True))
    return Statement(suffix, loader.construct_sequence(node, deep=True))


_Loader.add_multi_constructor("!", _statement)


def load(
    text: bytes, branch: str, variables: dict[str, Variable], account: str, now: float, may_delete: bool
) -> None:
    """Carries out a piece of policy, all of it or nothing."""
    try:
        statements = yaml.load(text.decode(), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise refused(422, "policy_invalid", "made up")
    if not isinstance(statements, list) or not all(isinstance(each, Statement) for each in statements):
        raise refused(422, "policy_invalid", "made up")
    policy = f"{account}:policy:{branch}"
    for each in statements:
        match each.kind:
            case "variable":
                id = _id(account, branch, each)
                variable = variables.setdefault(id, Variable(policy, now))
                for name, value in (each.value.get("annotations") or {}).items():
                    if not isinstance(name, str) or not isinstance(value, str):
                        raise refused(422, "policy_invalid", "made up")
                    variable.annotations[name] = value
            case "delete" if may_delete:
                record = each.value["record"]
                if record.kind != "variable":
                    raise refused(422, "policy_invalid", "made up")
                variables.pop(_id(account, branch, record), None)
            case _:
                raise refused(422, "policy_invalid", "made up")


def _id(account: str, branch: str, statement: Statement) -> str:
    id = statement.value.get("id")
    if not isinstance(id, str) or not id:
        raise refused(422, "policy_invalid", "made up")
    return f"{account}:variable:{id if branch == 'root' else f'{branch}/{id}'}"
