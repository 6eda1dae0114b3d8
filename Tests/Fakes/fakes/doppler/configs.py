"""Projects, their configs, and the secrets in these."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .replies import no_secret, refusal

NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_REFERENCE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
#: What the service adds to downloads by itself.
MANAGED = ("DOPPLER_PROJECT", "DOPPLER_CONFIG", "DOPPLER_ENVIRONMENT")


@dataclass
class Secret:
    raw: str
    visibility: str = "masked"


@dataclass
class Config:
    project: str
    name: str
    secrets: dict[str, Secret] = field(default_factory=dict)

    def managed(self) -> dict[str, str]:
        return dict(zip(MANAGED, (self.project, self.name, "dev")))

    def computed(self, raw: str) -> str:
        """With references to other secrets put in, one level deep."""
        known = self.managed() | {name: secret.raw for name, secret in self.secrets.items()}
        return _REFERENCE.sub(lambda found: known.get(found[1], found[0]), raw)

    def described(self, name: str, note: str, sees_restricted: bool = True) -> dict[str, Any]:
        secret = self.secrets[name]
        is_hidden = secret.visibility == "restricted" and not sees_restricted
        return {
            "raw": None if is_hidden else secret.raw,
            "computed": None if is_hidden else self.computed(secret.raw),
            "note": note,
            "rawVisibility": secret.visibility,
            "computedVisibility": secret.visibility,
            "rawValueType": {"type": "string"},
            "computedValueType": {"type": "string"},
        }

    def write(self, name: str, value: str | None, visibility: str | None = None) -> None:
        if not NAME.fullmatch(name) or name in MANAGED:
            raise refusal(400, f"Secret name {name} is invalid")
        if value is not None and not isinstance(value, str):
            raise refusal(400, "Secret values must be strings")
        secret = self.secrets.setdefault(name, Secret(""))
        if value is not None:
            secret.raw = value
        secret.visibility = visibility or secret.visibility

    def change(self, request: dict[str, Any]) -> None:
        """One of `change_requests`."""
        name, original = request["name"], request.get("originalName")
        if original is not None and original not in self.secrets:
            raise no_secret(original)
        if "originalValue" in request and self.secrets.get(name, Secret("")).raw != request["originalValue"]:
            raise refusal(400, "The secret's value has changed")
        if request.get("shouldDelete"):
            del self.secrets[name]
            return
        if original is not None and original != name:
            self.secrets[name] = self.secrets.pop(original)
        self.write(name, request.get("value"), request.get("visibility"))


class Configs:
    """All projects of a workplace."""

    def __init__(self) -> None:
        self._configs: dict[tuple[str, str], Config] = {}
        #: By project and secret: all configs of a project share them.
        self.notes: dict[tuple[str, str], str] = {}

    def make(self, project: str, name: str) -> Config:
        return self._configs.setdefault((project, name), Config(project, name))

    def find(self, project: str, name: str) -> Config:
        if not any(known == project for known, _ in self._configs):
            raise refusal(404, f"Could not find requested project '{project}'")
        found = self._configs.get((project, name))
        if found is None:
            raise refusal(404, f"Could not find requested config '{name}'")
        return found

    def note(self, project: str, name: str) -> str:
        return self.notes.get((project, name), "")
