"""Listeners, TLS or plain, that hand requests to a service and write its replies, with faults on the way."""

from __future__ import annotations

import select
import ssl
import sys
import threading
import time
import traceback
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .credentials import Credentials
from .exchange import Refusal, Reply, Request
from .faults import Fault, Faults, instead
from .record import Record
from .service import Service

LARGEST_BODY = 32 << 20
IDLE_SECONDS = 600


class Server:
    """All listeners of one fake."""

    def __init__(
        self,
        service: Service,
        faults: Faults,
        record: Record,
        credentials: Credentials,
        context: ssl.SSLContext,
    ):
        self.service = service
        self.faults = faults
        self.record = record
        self.credentials = credentials
        self._turn = threading.Lock()
        self._connections: dict[str, int] = {}
        self._open = 0
        self._counting = threading.Lock()
        kinds = {"tls": True, **service.listeners}
        self._listeners = {name: _Listener(self, name, context if tls else None) for name, tls in kinds.items()}

    def start(self) -> dict[str, str]:
        """Returns the address of each listener."""
        for listener in self._listeners.values():
            threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 3600}, daemon=True).start()
        return {name: listener.address for name, listener in self._listeners.items()}

    def connections(self) -> dict[str, Any]:
        with self._counting:
            return {
                "total": sum(self._connections.values()),
                "open": self._open,
                "listeners": dict(self._connections),
            }

    def opened(self, listener: str) -> int:
        with self._counting:
            self._connections[listener] = self._connections.get(listener, 0) + 1
            self._open += 1
            return sum(self._connections.values())

    def closed(self) -> None:
        with self._counting:
            self._open -= 1

    def in_turn(self, work) -> Any:
        """One at a time: a fake's state needs no locks of its own."""
        with self._turn:
            return work()

    def answer(self, request: Request) -> tuple[Reply, Fault | None]:
        fault = self.faults.meet(request, self.service.is_login(request))
        if fault is not None:
            if fault.kind == "slow":
                time.sleep(float(fault.more.get("seconds", 1)))
            if fault.kind == "skew":
                request.wall += float(fault.more.get("seconds", 3600))
            replacement = self.in_turn(lambda: instead(fault, request, self.service))
            if replacement is not None:
                return replacement, fault
        try:
            reply = self.in_turn(lambda: self.service.handle(request))
        except Refusal as refusal:
            reply = refusal.reply
        except Exception:
            traceback.print_exc(file=sys.stderr)
            reply = Reply.text("the fake itself failed: see its standard error", 500)
        if fault is not None and fault.kind == "content-type":
            reply.headers["Content-Type"] = fault.more.get("type", "text/html")
        return reply, fault


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, server: Server, name: str, context: ssl.SSLContext | None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = server
        self.name = name
        self.context = context

    @property
    def address(self) -> str:
        return f"{'https' if self.context else 'http'}://localhost:{self.server_address[1]}"

    def server_bind(self) -> None:
        # The base class would ask the resolver for the host's name, which can take seconds.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, request, client_address) -> None:
        """Connections that break are what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _Listener

    # The handshake is made here, in the connection's own thread, so that one that stalls holds up nobody else.
    def setup(self) -> None:
        self.number = self.server.owner.opened(self.server.name)
        if self.server.context is not None:
            self.request.settimeout(IDLE_SECONDS)
            try:
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
            except OSError:
                self.server.owner.closed()
                raise
        super().setup()

    def finish(self) -> None:
        self.server.owner.closed()
        super().finish()
        # The base class closes the socket that it accepted, which TLS has taken over.
        self.request.close()

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = self.headers.get("Content-Length", "0")
        refusal = None
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            refusal = Reply.text("a body needs a Content-Length", 411)
        elif int(length) > LARGEST_BODY:
            refusal = Reply.text("a body may have 32 MiB", 413)
        if refusal is not None:
            self.close_connection = True
            self.connection.sendall(self._bytes(refusal, None))
            return
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
            listener=self.server.name,
            connection=self.number,
            now=self.server.owner.service.clock.now(),
            wall=time.time(),
        )
        self._serve(request)

    def _serve(self, request: Request) -> None:
        reply, fault = self.server.owner.answer(request)
        kind = fault.kind if fault else None
        silent = kind in ("hang", "drop")
        self.server.owner.record.add(request, None if silent else reply.status, kind)
        self.server.owner.credentials.add(request, None if silent else reply)
        if silent:
            if kind == "hang":
                self._wait_for_the_end()
            self.close_connection = True
            return
        data = self._bytes(reply, request)
        if kind == "cut":
            self.connection.sendall(data[: len(data) - (len(reply.body) + 1) // 2])
            self.close_connection = True
            return
        if kind == "drip":
            for byte in data:
                self.connection.sendall(bytes([byte]))
                time.sleep(float(fault.more.get("seconds", 0.05)))
            return
        self.connection.sendall(data)

    def _bytes(self, reply: Reply, request: Request | None) -> bytes:
        now = request.wall if request else time.time()
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
        lines += [
            f"{name}: {value}" for name, value in {"Date": formatdate(now, usegmt=True), **reply.headers}.items()
        ]
        if reply.status != 204:
            lines.append(f"Content-Length: {len(reply.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        without_body = reply.status == 204 or (request is not None and request.method == "HEAD")
        return head if without_body else head + reply.body

    def _wait_for_the_end(self) -> None:
        """Until the client gives up; a TLS close_notify makes the socket readable too."""
        self.connection.settimeout(IDLE_SECONDS)
        try:
            select.select([self.connection], [], [], IDLE_SECONDS)
        except (OSError, ValueError):
            return

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error: the record has it all."""


def server_context(certificate, key, client_authority=None) -> ssl.SSLContext:
    """`client_authority`: clients must show a certificate that it issued."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    if client_authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_authority)
    return context
