"""The envelope of format SAE1, made and opened with `cryptography`: what an agent seals has to open here, and the reverse."""

from __future__ import annotations

import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER_BYTES = 89


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def key_id(secret: bytes) -> bytes:
    return _derive(secret, b"", b"SAE1 key-id", 8)


def _bound(header: bytes, names: tuple[str, str, str], version: int) -> bytes:
    parts = [name.encode() for name in names]
    return header + b"".join(struct.pack(">I", len(part)) + part for part in parts) + struct.pack(">Q", version)


def seal(secret: bytes, names: tuple[str, str, str], version: int, value: bytes) -> bytes:
    identifier, salt, nonce = key_id(secret), os.urandom(32), os.urandom(12)
    commitment = _derive(secret, salt, b"SAE1 commit\x01" + identifier, 32)
    header = b"SAE\x01\x01" + identifier + salt + commitment + nonce
    key = _derive(secret, salt, b"SAE1 encrypt\x01" + identifier, 32)
    return header + AESGCM(key).encrypt(nonce, value, _bound(header, names, version))


def opened(secret: bytes, names: tuple[str, str, str], version: int, envelope: bytes) -> bytes:
    """Raises where it is not sealed under this secret for these names and this version."""
    header = envelope[:HEADER_BYTES]
    identifier, salt, commitment, nonce = header[5:13], header[13:45], header[45:77], header[77:]
    assert header[:5] == b"SAE\x01\x01" and identifier == key_id(secret)
    assert hmac.compare_digest(commitment, _derive(secret, salt, b"SAE1 commit\x01" + identifier, 32))
    key = _derive(secret, salt, b"SAE1 encrypt\x01" + identifier, 32)
    return AESGCM(key).decrypt(nonce, envelope[HEADER_BYTES:], _bound(header, names, version))
