# SPDX-License-Identifier: AGPL-3.0-or-later
"""The address that Prometheus asks; without the site's `metrics_token` it is not there."""

import hmac
from collections.abc import Iterator

from flask import Flask, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from booking_web.api.metrics.requests import RequestMetrics
from booking_web.domain.fleet.figures import Figure, figures
from booking_web.shell.services import services


class Figures(Collector):
    """The figures as they were read."""

    def __init__(self, read: list[Figure]) -> None:
        self._read = read

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give each figure with its values."""
        for figure in self._read:
            family = GaugeMetricFamily(figure.name, figure.says, labels=figure.labels)
            for told, value in figure.values:
                family.add_metric(told, value)
            yield family


def register(app: Flask) -> None:
    """Count the requests, and give the application the address."""
    metrics = RequestMetrics()
    metrics.set_up(app)

    def show() -> Response:
        """Give every figure to who shows the token."""
        _require_token()
        with services().database.read() as session:
            read = figures(session, services().now())
        registry = CollectorRegistry()
        registry.register(Figures(read))
        content = generate_latest(registry) + generate_latest(metrics.registry())
        return Response(content, content_type=CONTENT_TYPE_LATEST)

    app.add_url_rule("/metrics", "metrics", show)


def _require_token() -> None:
    token = services().settings.metrics_token
    if not token:
        abort(404)
    shown = request.headers.get("Authorization", "")
    if not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        abort(401)
