"""Credentials that passed between a fake and its client, for those who search the client's memory for what it left there.

Kept only with the option `credentials=kept`.
"""

from __future__ import annotations

import random
import re
import secrets
import string
import threading

from .exchange import Reply, Request

#: Headers of requests that are credentials.
HEADERS = {
    "authorization",
    "proxy-authorization",
    "cookie",
    "secret",
    "x-vault-token",
    "x-identity-header",
    "x-amz-security-token",
    "x-aws-ec2-metadata-token",
}
#: Fields of forms that a client makes by itself.
_MADE_BY_CLIENTS = ["assertion"]
#: Members of answers to logins.
_GIVEN = "access_token|accessToken|client_token|id_token|SecretAccessKey|SessionToken|Token"
_IN_JSON = re.compile(rf'"({_GIVEN})":\s*"([^"]+)"')
_IN_XML = re.compile(rf"<({_GIVEN})>([^<]+)<")


class Credentials:
    def __init__(self, is_kept: bool) -> None:
        self._is_kept = is_kept
        self._lock = threading.Lock()
        self._seen: dict[str, dict[str, str | int]] = {}  # by text
        self._answers = 0

    def add(self, request: Request, answer: Reply | None) -> None:
        """`answer`: None where the client got nothing of it."""
        if not self._is_kept:
            return
        found = [
            (name, text)
            for name, value in request.headers.items()
            if _is_kept(name, value)
            for text in _credentials(name, value)
        ]
        found += [(name, request.form[name]) for name in _MADE_BY_CLIENTS if name in request.form]
        body = answer.body.decode("utf-8", "replace") if answer else ""
        with self._lock:
            self._answers += 1
            for name, text in found:
                self._seen.setdefault(text, {"name": name, "text": text})
            # What was given together is good, and ends, together.
            for name, text in _IN_JSON.findall(body) + _IN_XML.findall(body):
                self._seen[text] = {"name": name, "text": text, "answer": self._answers}

    def take(self) -> dict[str, list[dict[str, str | int]]]:
        """Those since the last time."""
        with self._lock:
            seen, self._seen = self._seen, {}
        return {"credentials": list(seen.values())}


def _is_kept(name: str, value: str) -> bool:
    """Not what is good for one request, of which there are too many to look for, and not what is configured as it is."""
    return name in HEADERS and not value.startswith(("AWS4-HMAC-SHA256", "PS-Auth "))


def _credentials(name: str, value: str) -> list[str]:
    if name == "cookie":
        return [each.partition("=")[2] for each in value.split("; ")]
    # Conjur's stand in quotes, after a name.
    return [value.rpartition(" ")[2].removeprefix('token="').removesuffix('"')]


def made_up() -> str:
    """A credential that nothing else holds, with characters that forms and URLs have to encode."""
    letters = [*"/+&%", *secrets.token_urlsafe(27)]
    random.shuffle(letters)
    return secrets.choice(string.ascii_letters) + "".join(letters)
