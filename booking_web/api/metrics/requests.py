# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many requests the pages answer and how long they take, over all workers.

Each worker writes its own files into PROMETHEUS_MULTIPROC_DIR, as prometheus_client wants it;
where the variable is not set, a worker knows of its own requests alone.
"""

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class RequestMetrics:
    """Counts the requests of one application."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._count = Counter(
            "guichet_http_requests",
            "Requests that were answered, by room of pages, method and status.",
            ("room", "method", "status"),
            registry=self._own,
        )
        self._seconds = Histogram(
            "guichet_http_request_seconds",
            "How long the answers took.",
            ("room",),
            buckets=BUCKETS,
            registry=self._own,
        )

    def set_up(self, app: Flask) -> None:
        """Count the requests of this application from now on."""
        app.before_request(_begin)
        app.after_request(self._end)

    def registry(self) -> CollectorRegistry:
        """Give what all workers counted together."""
        if not os.environ.get(MULTIPROCESS):
            return self._own
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together

    def _end(self, answer: Response) -> Response:
        # A room of pages, never an address: an address may name somebody.
        room = request.blueprint or "other"
        method = request.method if request.method in METHODS else "other"
        self._count.labels(room, method, str(answer.status_code)).inc()
        began = g.pop("metrics_began", None)
        if began is not None:
            self._seconds.labels(room).observe(time.perf_counter() - began)
        return answer


def _begin() -> None:
    g.metrics_began = time.perf_counter()
