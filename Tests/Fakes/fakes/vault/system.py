"""The state of the cluster, as health checks and every other request see it."""

from __future__ import annotations

from ..common.exchange import Reply, Request
from .replies import error, number, reply

#: The status of /sys/health, and the parameters of its query that change it.
STATES = {
    "active": (200, "activecode"),
    "standby": (429, "standbycode"),
    "performance-standby": (473, "performancestandbycode"),
    "dr-secondary": (472, "drsecondarycode"),
    "sealed": (503, "sealedcode"),
    "uninitialized": (501, "uninitcode"),
}
_OPEN_BAO_STATES = ("active", "standby", "sealed", "uninitialized")
VERSION = "1.17.2"
CLUSTER = "d2c3b1f0-0c5b-4d5a-9a36-8f3a4a8f0a11"


class System:
    def __init__(self, is_open_bao: bool):
        self._is_open_bao = is_open_bao
        self.state = "active"
        #: Where a standby sends others, because it may not forward; None: it forwards.
        self.redirect: str | None = None

    def become(self, state: str, redirect: str | None) -> None:
        if state not in (_OPEN_BAO_STATES if self._is_open_bao else STATES):
            raise ValueError(f"no such state: {state}")
        self.state, self.redirect = state, redirect

    def state_of(self, request: Request) -> str:
        """The second listener is always the active node."""
        return "active" if request.listener == "active" else self.state

    def check(self, request: Request) -> Reply | None:
        """What the state lets come through: None, or the reply instead."""
        state = self.state_of(request)
        if state == "sealed":
            raise error(503, "Vault is sealed")
        if state == "uninitialized":
            raise error(501, "Vault is not initialized")
        if state == "dr-secondary":
            raise error(400, "path disabled in replication DR secondary mode")
        if "standby" in state and self.redirect is not None:
            return Reply(307, b"", {"Location": self.redirect + request.target})
        return None

    def health(self, request: Request) -> Reply:
        state = self.state_of(request)
        query = request.query
        status, parameter = STATES[state]
        wanted = {"standby": "standbyok", "performance-standby": "perfstandbyok"}.get(state)
        if wanted and query.get(wanted, "false").lower() != "false":
            status = number(query.get("activecode"), 200)
        elif parameter in query:
            status = number(query[parameter], status)
        body = {
            "initialized": state != "uninitialized",
            "sealed": state in ("sealed", "uninitialized"),
            "standby": "standby" in state,
            "performance_standby": state == "performance-standby",
            "replication_performance_mode": "disabled",
            "replication_dr_mode": "secondary" if state == "dr-secondary" else "disabled",
            "server_time_utc": int(request.wall),
            "version": VERSION,
            "cluster_name": "vault-cluster-fake",
            "cluster_id": CLUSTER,
        }
        return reply(body, status)

    def seal_status(self, request: Request) -> Reply:
        sealed = self.state_of(request) == "sealed"
        return reply(
            {
                "type": "shamir",
                "initialized": True,
                "sealed": sealed,
                "t": 3,
                "n": 5,
                "progress": 0,
                "version": VERSION,
                "cluster_name": "vault-cluster-fake",
            }
        )

    def leader(self, request: Request, active: str) -> Reply:
        state = self.state_of(request)
        return reply(
            {
                "ha_enabled": True,
                "is_self": state == "active",
                "leader_address": active,
                "performance_standby": state == "performance-standby",
            }
        )
