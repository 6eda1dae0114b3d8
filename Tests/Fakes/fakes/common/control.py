"""The control channel: a line of JSON on standard input is a command, a line on standard output its answer.

The first line on standard output announces the fake. It ends when standard input does.
"""

from __future__ import annotations

import json
import os
import select
import sys
from typing import Any, Callable

Command = Callable[..., "dict[str, Any] | None"]


def run(announcement: dict[str, Any], commands: dict[str, Command]) -> None:
    _say(announcement)
    for line in _lines():
        try:
            command = json.loads(line)
            name = command.pop("do")
            if name not in commands:
                raise ValueError(f"no such command: {name}; there are {', '.join(sorted(commands))}")
            _say({"ok": True, **(commands[name](**command) or {})})
        except Exception as problem:
            _say({"ok": False, "error": f"{type(problem).__name__}: {problem}"})


def _lines():
    """Also ends where the parent is gone while somebody else still holds the other end."""
    parent = os.getppid()
    rest = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], 1)[0]:
            continue
        data = os.read(0, 1 << 16)
        if not data:
            return
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
