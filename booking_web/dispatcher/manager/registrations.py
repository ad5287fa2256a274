# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads where endpoints are registered out of Asterisk's own database. Pure.

There, `registrar/contact/<endpoint>;@<hash>` holds an object of texts in JSON (Asterisk 22,
res_pjsip's `contact` in sorcery's astdb). What a peer wrote in it goes nowhere from here.
"""

import json
from collections.abc import Mapping

import structlog

from booking_web.dispatcher.manager.ami import Registration

logger = structlog.get_logger(__name__)

REGISTRATIONS = "registrar/contact"


def registrations_of(
    endpoint: str, remembered: Mapping[str, str]
) -> list[Registration]:
    """Give those of this endpoint among all that Asterisk remembers."""
    found = []
    for key, text in remembered.items():
        if key.partition(";@")[0] != endpoint:
            continue
        try:
            ends = str(json.loads(text)["expiration_time"])
        except (ValueError, KeyError, TypeError):
            logger.warning("registration not read", endpoint=endpoint)
            continue
        if ends.isascii() and ends.isdigit():
            found.append(Registration(key, ends))
    return found
