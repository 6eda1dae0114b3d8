"""The fake's clock, which tests can move ahead to let end what it gave out.

The wall clock stays where it is: a client's does too.
"""

from __future__ import annotations

import datetime
import time


class Clock:
    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


def rfc3339(seconds: float, digits: int = 6) -> str:
    """UTC, with the fraction that the manager writes."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    fraction = f"{moment.microsecond:06d}".ljust(digits, "0")[:digits]
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}Z" if digits else "Z")
