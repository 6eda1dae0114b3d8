"""What stands before moto: the clock of signatures, the end of sessions, and AWS's way to answer."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path

from ..common.clock import Clock
from ..common.credentials import made_up
from ..common.exchange import Reply, Request
from ..common.service import Service
from . import likeness
from .identities import DOCUMENTED, Identities
from .library import REGION, Library
from .metadata import CONTAINER_PATH, ContainerCredentials, InstanceMetadata
from .replies import error, is_for_sts, refusal

ACCEPTED_SKEW = 5 * 60
WEB_IDENTITY_TOKEN = made_up()


class AWSService(Service):
    """The main listener serves Secrets Manager and STS; `plain` also instance metadata and the container endpoint."""

    def __init__(self, clock: Clock, options: dict[str, str]):
        super().__init__(clock, options)
        self._library = Library()
        self._identities = Identities()
        self._metadata = InstanceMetadata(self._identities)
        self._container = ContainerCredentials(self._identities)
        self._lag: float = 0

    def started(self, addresses: dict[str, str]) -> dict[str, str]:
        full = self._identities.add_user("agent", ["*", "sts:AssumeRole"], "agent")
        restricted = self._identities.add_user("restricted", DOCUMENTED, "restricted")
        role = self._identities.add_role("agent-role", ["*"], "agent-role", [WEB_IDENTITY_TOKEN])
        self._metadata.role = self._container.role = role
        return {
            "region": REGION,
            **full,
            **{f"restricted-{name}": value for name, value in restricted.items()},
            "role-arn": role.arn,
            "web-identity-token-file": self._file("web-identity-token", WEB_IDENTITY_TOKEN),
            "metadata-address": addresses["plain"],
            "container-address": addresses["plain"] + CONTAINER_PATH,
            "container-authorization-file": self._file("container-authorization", self._container.authorization),
        }

    def _file(self, name: str, content: str) -> str:
        path = Path(self.options["folder"]) / name
        path.write_text(content)
        return str(path)

    def commands(self):
        return {
            "user": self._user,
            "role": self._role,
            "call": lambda action, body: {"answer": self._library.call(action, body)},
            "expire": lambda label: {"expired": self._identities.expire(label)},
            "lag": self._set_lag,
            "metadata": self._set_metadata,
            "forget-metadata-tokens": self._metadata.forget_tokens,
        }

    def _user(self, name: str, actions: list[str], label: str | None = None) -> dict[str, str]:
        return self._identities.add_user(name, actions, label or name)

    def _role(
        self, name: str, actions: list[str], label: str | None = None, web_identity_tokens: list[str] | None = None
    ) -> dict[str, str]:
        return {"role-arn": self._identities.add_role(name, actions, label or name, web_identity_tokens or []).arn}

    def _set_lag(self, seconds: float) -> None:
        """Secrets made less than this ago are not listed."""
        self._lag = seconds

    def _set_metadata(self, role_arn: str | None = None, session_seconds: int = 6 * 3600) -> None:
        """Which role the instance and the container have, and how long its keys live."""
        role = self._identities.roles[role_arn] if role_arn else None
        for source in (self._metadata, self._container):
            source.role, source.session_seconds = role, session_seconds

    # MARK: requests

    def handle(self, request: Request) -> Reply:
        if request.path.startswith("/latest/"):
            return self._metadata.handle(request)
        if request.path == CONTAINER_PATH:
            return self._container.handle(request)
        if is_for_sts(request):
            return self._sts(request)
        self._judge(request)
        action = request.headers.get("x-amz-target", "").removeprefix("secretsmanager.")
        self._library.authorize(request, action)
        likeness.check(request, action)
        unlisted_since = time.time() - self._lag if self._lag else None
        return likeness.rewritten(request, self._library.trusted(request), unlisted_since)

    def _judge(self, request: Request) -> None:
        """What moto does not look at: the clock, and the end of a session."""
        authorization = request.headers.get("authorization", "")
        found = re.match(r"AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/", authorization)
        if found is None:
            status, code = (403, "") if is_for_sts(request) else (400, "Exception")
            raise refusal(request, status, "MissingAuthenticationToken" + code, "Missing Authentication Token")
        access_key = found.group(1)
        request.credential = self._identities.label(access_key)
        self._judge_clock(request)
        if self._identities.has_expired(access_key, request.now):
            raise self._expired(request)

    def _judge_clock(self, request: Request) -> None:
        text = request.headers.get("x-amz-date", "")
        try:
            signed = (
                datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
            )
        except ValueError:
            raise refusal(request, 400, "IncompleteSignature", "Date must be in ISO-8601 'basic format'.") from None
        now, edge = _stamp(request.wall), _stamp(request.wall - ACCEPTED_SKEW)
        code = "SignatureDoesNotMatch" if is_for_sts(request) else "InvalidSignatureException"
        if signed < request.wall - ACCEPTED_SKEW:
            raise refusal(
                request, 400, code, f"Signature expired: {text} is now earlier than {edge} ({now} - 5 min.)"
            )
        if signed > request.wall + ACCEPTED_SKEW:
            edge = _stamp(request.wall + ACCEPTED_SKEW)
            text = f"Signature not yet current: {text} is still later than {edge} ({now} + 5 min.)"
            raise refusal(request, 400, code, text)

    @staticmethod
    def _expired(request: Request):
        return refusal(request, 400, "ExpiredTokenException", "The security token included in the request is expired")

    def _sts(self, request: Request) -> Reply:
        form = request.form
        action = form.get("Action", "")
        if action == "AssumeRoleWithWebIdentity":
            self._judge_web_identity(request, form)
            reply = self._library.trusted(request)
        else:
            self._judge(request)
            reply = self._library.judged(request)
        self._register(request, form, reply)
        return reply

    def _judge_web_identity(self, request: Request, form: dict[str, str]) -> None:
        role = self._identities.roles.get(form.get("RoleArn", ""))
        token = form.get("WebIdentityToken", "")
        if role is None:
            raise refusal(request, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        request.credential = role.label
        if token.startswith("expired"):
            raise refusal(request, 400, "ExpiredTokenException", "Token expired")
        if token not in role.web_identity_tokens:
            raise refusal(request, 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account")

    def _register(self, request: Request, form: dict[str, str], reply: Reply) -> None:
        """Keys that STS gave out end, and have the name of their role."""
        made = re.search(r"<AccessKeyId>(\w+)</AccessKeyId>", reply.body.decode())
        role = self._identities.roles.get(form.get("RoleArn", ""))
        if reply.status == 200 and made and role:
            seconds = int(form.get("DurationSeconds", "3600"))
            self._identities.register(made.group(1), role.label, request.now + seconds)

    # MARK: what goes wrong

    def throttled(self, request: Request, retry_after: str | None) -> Reply:
        """AWS says so by its code, and names milliseconds where it names a time at all."""
        if not self._is_api(request):
            return Reply(429)
        reply = error(request, 400, "ThrottlingException", "Rate exceeded")
        if retry_after is not None:
            reply.headers["x-amz-retry-after"] = str(int(float(retry_after) * 1000))
        return reply

    def failed(self, request: Request, status: int) -> Reply:
        if not self._is_api(request):
            return Reply(status)
        code = {500: "InternalServiceError", 503: "ServiceUnavailable"}.get(status, "InternalFailure")
        return error(request, status, code, "An error occurred on the server side.")

    def token_expired(self, request: Request) -> Reply:
        found = re.search(r"Credential=([A-Z0-9]+)/", request.headers.get("authorization", ""))
        request.credential = self._identities.label(found.group(1)) if found else None
        return self._expired(request).reply

    def is_login(self, request: Request) -> bool:
        return not self._is_api(request) or (is_for_sts(request) and b"Action=AssumeRole" in request.body)

    def login_refused(self, request: Request) -> Reply:
        if not self._is_api(request):
            return Reply(403)
        return error(request, 403, "AccessDenied", "Not authorized to perform this")

    @staticmethod
    def _is_api(request: Request) -> bool:
        return not request.path.startswith("/latest/") and request.path != CONTAINER_PATH


def _stamp(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
