# SPDX-License-Identifier: AGPL-3.0-or-later
"""The booking API does what its OpenAPI description says, whatever a client sends."""

import zlib

import pytest

from booking_web.api.public import access
from stage.described_api import DescribedApi

DESCRIPTION = "/api/v1/openapi.json"
EXAMPLES = 25
# Statuses that must have been met: else nothing but refusals was looked at.
MET = {
    "POST /api/v1/appointments": {201, 409, 422},
    "GET /api/v1/appointments": {200, 422},
    "GET /api/v1/appointments/{appointment_id}": {200, 404},
    "POST /api/v1/appointments/{appointment_id}/cancel": {200, 404, 409, 422},
    "POST /api/v1/appointments/{appointment_id}/reschedule": {404, 409, 422},
    "POST /api/v1/appointments/{appointment_id}/language": {200, 404, 422},
    "POST /api/v1/appointments/{appointment_id}/discretion": {200, 404, 422},
    "GET /api/v1/interpreters": {200},
    "GET /api/v1/organisations": {200},
    "GET /api/v1/organisations/{slug}/reasons": {200, 404},
    "GET /api/v1/relays": {200},
    "POST /api/v1/imports": {200, 422},
    "GET /api/v1/slots": {200, 422},
}
# What most invented values of these names give way to: nearly all would be unknown.
VALUES = {
    "organisation": ("msa",),
    "relay": ("wassigny", "guise"),
    "reason": (None, "illness"),
    "starts_at": tuple(f"2026-11-2{day}T08:00:00Z" for day in (5, 6, 7)),
    "resident_name": ("Mme Lefèvre",),
    "Idempotency-Key": ("a-key", "another-key"),
}
FILE = (
    "reference;relais;date;heure;nom\nA1;Wassigny;25/11/2026;11h;Mme Petit\nA2;Guise;"
)


class WithOurWords:
    """An operation whose requests mostly name what exists."""

    def __init__(self, operation) -> None:
        self.label = operation.label
        self._operation = operation

    def as_strategy(self, **options):
        """Give the requests to make."""
        return self._operation.as_strategy(**options).map(_named)


def _named(case):
    for part in (case.query, case.headers, case.body):
        if isinstance(part, dict) or hasattr(part, "items"):
            for name, value in list(part.items()):
                # By the value alone, so that the same request is made each time.
                number = zlib.crc32(repr(value).encode())
                if name in VALUES and number % 4:
                    part[name] = VALUES[name][number // 4 % len(VALUES[name])]
    if case.operation.path.endswith("/imports") and isinstance(case.body, str):
        if len(case.body) % 2:
            case.body = FILE + case.body
    return case


@pytest.fixture
def described(msa, app, msa_token, monkeypatch):
    """Give the API as the MSA's software sees it, with one appointment."""
    for limit in ("REQUESTS_PER_MINUTE", "REFUSALS_PER_WINDOW"):
        monkeypatch.setattr(access, limit, 1_000_000)
    known = {"appointment_id": (msa.book("first").json["id"],), "slug": ("msa",)}
    return DescribedApi(app, DESCRIPTION, msa_token, known)


def test_every_answer_is_one_that_the_description_knows(described) -> None:
    met = {
        operation.label: described.check(WithOurWords(operation), EXAMPLES)
        for operation in described.operations()
    }
    assert {label: met[label] & statuses for label, statuses in MET.items()} == MET
    assert met.keys() == MET.keys()
