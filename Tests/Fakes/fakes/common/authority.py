"""A certificate authority that lives as long as the process, and the certificates that it issues."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """Signs leaves; everything is written to a folder that the caller removes."""

    def __init__(self, folder: Path, name: str = "ca"):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Fake {name}")])
        now = datetime.datetime.now(datetime.timezone.utc)
        self._certificate = (
            self._builder(self._name, self._name, self._key, now - DAY, now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(_pem(self._certificate))

    def server(self, kind: str = "good") -> tuple[Path, Path]:
        """A leaf for localhost and 127.0.0.1, or one that clients must refuse: `expired`, `wrong-host`."""
        names = (
            ["somewhere-else.example"] if kind == "wrong-host" else ["localhost", "*.localhost", "*.vault.localhost"]
        )
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        if kind != "wrong-host":
            alternatives.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        return self._leaf(f"server-{kind}", ExtendedKeyUsageOID.SERVER_AUTH, alternatives, expired=kind == "expired")

    def client(self) -> tuple[Path, Path]:
        """A leaf with which a client can show who it is."""
        return self._leaf("client", ExtendedKeyUsageOID.CLIENT_AUTH, [x509.DNSName("agent.example")])

    def _leaf(
        self,
        name: str,
        usage: x509.ObjectIdentifier,
        alternatives: list[x509.GeneralName],
        expired: bool = False,
    ) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        end = now - datetime.timedelta(hours=1) if expired else now + DAY
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer_key = self._key.public_key()
        certificate = (
            self._builder(subject, self._name, key, now - DAY, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        certificate_path, key_path = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        certificate_path.write_bytes(_pem(certificate))
        key_path.touch(mode=0o600)
        key_path.write_bytes(private_pem(key))
        return certificate_path, key_path

    @staticmethod
    def _builder(subject, issuer, key, start, end) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
        )


def private_pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
