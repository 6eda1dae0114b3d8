"""Starts a fake, and keeps it until standard input ends."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Callable

from . import control
from .authority import Authority
from .clock import Clock
from .credentials import Credentials
from .faults import Faults
from .record import Record
from .server import Server, server_context
from .service import Service

#: Which certificate the server shows.
CERTIFICATES = ("good", "expired", "wrong-host", "other-authority")


def serve(make: Callable[[Clock, dict[str, str]], Service], options: dict[str, str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="tacit-fake-"))
    try:
        _serve(make, options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(make: Callable[[Clock, dict[str, str]], Service], options: dict[str, str], folder: Path) -> None:
    clock = Clock()
    faults = Faults(int(options.pop("seed", "1")))
    record = Record()
    credentials = Credentials(options.pop("credentials", "") == "kept")
    authority = Authority(folder)
    context, details = _identities(authority, options, folder)
    service = make(clock, {**options, "folder": str(folder)})
    server = Server(service, faults, record, credentials, context)
    addresses = server.start()
    details |= {f"{name}-address": address for name, address in addresses.items()}
    details |= service.started(addresses)
    announcement = {
        "port": int(addresses["tls"].rpartition(":")[2]),
        "authority": str(authority.path),
        "details": details,
    }

    commands = {
        "fault": lambda kind, **more: faults.add(kind, **more),
        "clear-faults": faults.clear,
        "seed": lambda seed: faults.seed(int(seed)),
        "requests": lambda: {"requests": record.entries()},
        "clear-requests": record.clear,
        "take-credentials": credentials.take,
        "connections": server.connections,
        "advance": lambda seconds: clock.advance(float(seconds)),
        **{name: _in_turn(server, command) for name, command in service.commands().items()},
    }
    control.run(announcement, commands)


def _in_turn(server: Server, command: control.Command) -> control.Command:
    return lambda **arguments: server.in_turn(lambda: command(**arguments))


def _identities(authority: Authority, options: dict[str, str], folder: Path):
    shown = options.pop("certificate", "good")
    if shown not in CERTIFICATES:
        raise ValueError(f"certificate must be one of {', '.join(CERTIFICATES)}")
    if shown == "other-authority":
        certificate, key = Authority(folder, "other-ca").server()
    else:
        certificate, key = authority.server(shown)
    demands_client = options.pop("client-certificate", "") == "demanded"
    client_certificate, client_key = authority.client()
    context = server_context(certificate, key, authority.path if demands_client else None)
    return context, {"client-certificate": str(client_certificate), "client-key": str(client_key)}
