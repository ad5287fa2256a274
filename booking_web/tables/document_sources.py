# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where documents come from: the values of `Document.source`."""

from enum import StrEnum


class Source(StrEnum):
    """Where a document came from."""

    UPLOAD = "upload"
    SCAN = "scan"
    # By the application itself, with the resident: a form, a CV, a receipt.
    MADE = "made"
    # The kiosk's picture in a call, as the counsellor's page showed it.
    STILL = "still"
