"""JWTs that a service account signs by itself: to get a token with, or to show instead of one."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .accounts import Account, Accounts

#: Clients name this one whatever their token_uri is.
TOKEN_AUDIENCE = "https://oauth2.googleapis.com/token"
SERVICE_AUDIENCE = "https://secretmanager.googleapis.com/"
LONGEST_LIFE = 3600
TOLERANCE = 10


class Rejected(Exception):
    """The text that Google has for it."""


def judge(jwt: str, accounts: Accounts, wall: float) -> tuple[Account, dict[str, Any]]:
    """Whose it is, and its claims: signature and times are right."""
    parts = jwt.split(".")
    if len(parts) != 3:
        raise Rejected("Invalid JWT: not three parts")
    try:
        header, claims = (json.loads(_decode(part)) for part in parts[:2])
        signature = _decode(parts[2])
    except ValueError as problem:
        raise Rejected("Invalid JWT: cannot be decoded") from problem
    account = accounts.with_key(str(header.get("kid")))
    if account is None or header.get("alg") != "RS256" or claims.get("iss") != account.email:
        raise Rejected("Invalid grant: account not found")
    signed = f"{parts[0]}.{parts[1]}".encode()
    try:
        account.key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as problem:
        raise Rejected("Invalid JWT Signature.") from problem
    _judge_times(claims, wall)
    return account, claims


def _judge_times(claims: dict[str, Any], wall: float) -> None:
    start, end = claims.get("iat"), claims.get("exp")
    is_right = (
        isinstance(start, int)
        and isinstance(end, int)
        and start <= wall + TOLERANCE
        and wall - TOLERANCE < end <= start + LONGEST_LIFE
    )
    if not is_right:
        raise Rejected(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
            "Check your iat and exp values in the JWT claim."
        )


def _decode(part: str) -> bytes:
    if "=" in part or "+" in part or "/" in part:
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
