"""Who has which keys: users with keys that stay, roles with keys that end."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from ..common.clock import rfc3339
from .library import ACCOUNT, PARTITION, REGION

#: What the agent's documentation asks for; BatchGetSecretValue is not among it.
DOCUMENTED = [
    "CreateSecret",
    "DeleteSecret",
    "DescribeSecret",
    "GetSecretValue",
    "ListSecrets",
    "PutSecretValue",
    "RestoreSecret",
    "TagResource",
    "UpdateSecret",
]
ANYBODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*"}]}


@dataclass
class Role:
    arn: str
    label: str
    web_identity_tokens: list[str] = field(default_factory=list)


@dataclass
class Session:
    label: str
    expires: float  # by the fake's clock


class Identities:
    def __init__(self) -> None:
        self._iam = iam_backends[ACCOUNT][PARTITION]
        self._sts = sts_backends[ACCOUNT][PARTITION]
        self._labels: dict[str, str] = {}  # of users' keys
        self._sessions: dict[str, Session] = {}  # by access key
        self.roles: dict[str, Role] = {}  # by ARN

    def add_user(self, name: str, actions: list[str], label: str) -> dict[str, str]:
        """`actions` with or without their service; those without are of Secrets Manager."""
        self._iam.create_user(REGION, name)
        self._iam.put_user_policy(name, "allowed", _policy(actions))
        key = self._iam.create_access_key(name)
        self._labels[key.access_key_id] = label
        return {"access-key-id": key.access_key_id, "secret-access-key": key.secret_access_key}

    def add_role(self, name: str, actions: list[str], label: str, web_identity_tokens: list[str]) -> Role:
        """Again for the same name: other tokens are accepted from now on."""
        arn = f"arn:{PARTITION}:iam::{ACCOUNT}:role/{name}"
        if arn not in self.roles:
            self._iam.create_role(name, json.dumps(ANYBODY), "/", None, "", [], "43200")
        self._iam.put_role_policy(name, "allowed", _policy(actions))
        self.roles[arn] = Role(arn, label, web_identity_tokens)
        return self.roles[arn]

    def session(self, role: Role, now: float, seconds: int, label: str) -> dict[str, Any]:
        """Keys of a role, as a machine's metadata gives them out."""
        assumed = self._sts.assume_role(REGION, "fake", role.arn, "", seconds, "")
        self._sessions[assumed.access_key_id] = Session(label, now + seconds)
        return {
            "AccessKeyId": assumed.access_key_id,
            "SecretAccessKey": assumed.secret_access_key,
            "Token": assumed.session_token,
            # The client has the wall clock, and not the one that tests move.
            "Expiration": rfc3339(time.time() + seconds, 0),
        }

    def register(self, access_key: str, label: str, expires: float) -> None:
        """Keys that moto gave out by itself."""
        self._sessions[access_key] = Session(label, expires)

    def label(self, access_key: str) -> str:
        session = self._sessions.get(access_key)
        return session.label if session else self._labels.get(access_key, "(unknown)")

    def has_expired(self, access_key: str, now: float) -> bool:
        session = self._sessions.get(access_key)
        return session is not None and session.expires <= now

    def expire(self, label: str) -> int:
        """Ends all sessions with this label; how many there were."""
        ended = [session for session in self._sessions.values() if session.label == label]
        for session in ended:
            session.expires = 0
        return len(ended)


def _policy(actions: list[str]) -> str:
    named = [action if ":" in action else f"secretsmanager:{action}" for action in actions]
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": named, "Resource": "*"}]})
