"""What Prometheus reads: how much is asked, how long it takes, how many follow; no name of anybody in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of one server process."""

    def __init__(self, followers: Callable[[], float]) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "deskterm_requests", "Requests answered.", ("route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "deskterm_request_seconds", "How long answers took, but for the feed.", ("route",),
            buckets=_BUCKETS, registry=self._registry,
        )  # fmt: skip
        followers_now = Gauge("deskterm_feed_followers", "Clients that follow the feed.", registry=self._registry)
        followers_now.set_function(followers)

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        if route != "watch":
            self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self._registry)
