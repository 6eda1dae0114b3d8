"""Where machines and containers get their role's keys: instance metadata (version 2) and the container endpoint."""

from __future__ import annotations

import json
import secrets

from ..common.exchange import Reply, Request
from ..common.clock import rfc3339
from .identities import Identities, Role
from .library import REGION

CREDENTIALS_PATH = "/latest/meta-data/iam/security-credentials/"
CONTAINER_PATH = "/v2/credentials/task"
SESSION_SECONDS = 6 * 3600


class InstanceMetadata:
    def __init__(self, identities: Identities):
        self._identities = identities
        self._tokens: dict[str, float] = {}
        self.role: Role | None = None
        self.session_seconds = SESSION_SECONDS

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def handle(self, request: Request) -> Reply:
        if "x-forwarded-for" in request.headers:
            return Reply(403)
        if request.path == "/latest/api/token":
            return self._token(request)
        ends = self._tokens.get(request.headers.get("x-aws-ec2-metadata-token", ""))
        if ends is None or ends <= request.now:
            return Reply(401)
        request.credential = "(metadata)"
        name = self.role.arn.rpartition("/")[2] if self.role else None
        match request.path:
            case "/latest/meta-data/placement/region":
                return Reply.text(REGION)
            case "/latest/meta-data/placement/availability-zone":
                return Reply.text(REGION + "a")
            case path if name and path.rstrip("/") + "/" == CREDENTIALS_PATH:
                return Reply.text(name)
            case path if self.role and path == CREDENTIALS_PATH + str(name):
                return self._credentials(self.role, request)
        return Reply(404)

    def _token(self, request: Request) -> Reply:
        seconds = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if request.method != "PUT":
            return Reply(405)
        if not seconds.isdigit() or not 1 <= int(seconds) <= 21_600:
            return Reply(400)
        token = secrets.token_urlsafe(40)
        self._tokens[token] = request.now + int(seconds)
        return Reply.text(token, X_aws_ec2_metadata_token_ttl_seconds=seconds)

    def _credentials(self, role: Role, request: Request) -> Reply:
        session = self._identities.session(role, request.now, self.session_seconds, "instance")
        answer = {"Code": "Success", "LastUpdated": rfc3339(request.wall, 0), "Type": "AWS-HMAC", **session}
        # The service says text/plain of this JSON.
        return Reply.text(json.dumps(answer))


class ContainerCredentials:
    def __init__(self, identities: Identities):
        self._identities = identities
        self.authorization = secrets.token_urlsafe(24)
        self.role: Role | None = None
        self.session_seconds = SESSION_SECONDS

    def handle(self, request: Request) -> Reply:
        if request.headers.get("authorization") != self.authorization:
            return Reply.of({"code": "AccessDenied", "message": "wrong authorization"}, 401)
        request.credential = "(container)"
        if self.role is None:
            return Reply.of({"code": "NoIdInRequest", "message": "no role"}, 400)
        session = self._identities.session(self.role, request.now, self.session_seconds, "container")
        return Reply.of({"RoleArn": self.role.arn, **session})
