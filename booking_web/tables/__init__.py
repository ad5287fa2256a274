# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every table, and the enums that its columns hold; to import one imports them all.

Foreign keys then find each other, and a database that is made is whole.
"""

from booking_web.tables import (
    administration,
    alerts,
    appointment,
    arrangements,
    calendar_feeds,
    clients,
    cv,
    device_jobs,
    document_kinds,
    document_mails,
    documents,
    fleet,
    forms,
    held_days,
    hours,
    known_places,
    live_kind,
    messages,
    password_links,
    postal_address,
    presence,
    printed_forms,
    rate_limits,
    receipts,
    sent_forms,
)
from booking_web.tables import state_reasons as reasons
from booking_web.tables import states, waiting, web_sessions, webhooks

__all__ = [
    "administration",
    "alerts",
    "appointment",
    "arrangements",
    "calendar_feeds",
    "clients",
    "cv",
    "device_jobs",
    "document_kinds",
    "document_mails",
    "documents",
    "fleet",
    "forms",
    "held_days",
    "hours",
    "known_places",
    "live_kind",
    "messages",
    "password_links",
    "postal_address",
    "presence",
    "printed_forms",
    "rate_limits",
    "reasons",
    "receipts",
    "sent_forms",
    "states",
    "waiting",
    "web_sessions",
    "webhooks",
]
