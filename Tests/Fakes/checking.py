"""What the checks share: a fake in a process of its own, in a clean environment."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Fake:
    """A running fake; ends with the `with` block."""

    def __init__(self, kind: str, **options: str):
        arguments = [f"{name.replace('_', '-')}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "serve.py"), kind, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        announcement = self._read()
        self.port: int = announcement["port"]
        self.authority: str = announcement["authority"]
        self.details: dict[str, str] = announcement["details"]
        self.address = self.details["tls-address"]

    def __enter__(self) -> Fake:
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def command(self, do: str, **members: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps({"do": do, **members}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        assert answer["ok"], answer["error"]
        return answer

    def requests(self) -> list[dict[str, Any]]:
        return self.command("requests")["requests"]

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        assert line, "the fake ended: see its standard error"
        return json.loads(line)


def isolate() -> None:
    """Nothing that the machine has set up may answer for the fake, and nothing but this machine is asked.

    Starts this program again with next to nothing in its environment.
    """
    if not os.environ.get("HOME", "").startswith(os.path.join(tempfile.gettempdir(), "tacit-check-")):
        with tempfile.TemporaryDirectory(prefix="tacit-check-") as home:
            environment = {"PATH": "/usr/bin:/bin", "HOME": home, "LANG": "C.UTF-8"}
            sys.exit(subprocess.call([sys.executable, "-B", *sys.argv], env=environment))
    resolve = socket.getaddrinfo

    def resolve_here(host, *more, **named):
        name = host.decode() if isinstance(host, bytes) else host or "localhost"
        # Names below localhost are this machine too, which not every resolver knows.
        if name.endswith(".localhost"):
            name = "localhost"
        if name not in ("localhost", "127.0.0.1", "::1"):
            raise socket.gaierror(socket.EAI_NONAME, f"a check may not ask {name}")
        return resolve(name, *more, **named)

    socket.getaddrinfo = resolve_here


def raises(kind: type[BaseException], work, *texts: str) -> BaseException:
    """Asserts that `work` raises, with all of these texts in what it says."""
    try:
        result = work()
    except kind as problem:
        for text in texts:
            assert text in str(problem), f"{text!r} is not in {problem}"
        return problem
    raise AssertionError(f"{kind.__name__} was expected, not {result!r}")
