# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sends alerts to the one address that the site names for them, signed as webhooks are."""

import json
from collections.abc import Callable
from datetime import datetime

from booking_web.tables.alerts import AlertNotice, NoticeChannel
from booking_web.telling.alerts.notices import Notices
from booking_web.telling.webhooks.sender import Sender
from booking_web.telling.webhooks.signing import SIGNATURE_HEADER, signature
from provisioning.database.engine import Database


class AlertHook:
    """Sends what is due, in order; an address that fails is left alone until the next pass."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        url: str,
        secret: str,
        now: Callable[[], datetime],
    ) -> None:
        self._sender = sender
        self._url = url
        self._secret = secret
        self._now = now
        self._notices = Notices(database, NoticeChannel.WEBHOOK, now)

    def send_due(self) -> int:
        """Send what is due; gives how many notices were taken."""
        due = list(self._notices.take())
        for number, notice in enumerate(due):
            why_not = self._send(notice)
            if why_not:
                self._notices.settle(due[number:], why_not)
                return number
            self._notices.settle([notice])
        return len(due)

    def _send(self, notice: AlertNotice) -> str:
        """Send one; gives why it was not taken, as a code."""
        body = json.dumps(_told(notice), ensure_ascii=False).encode()
        answer = self._sender.post(
            self._url,
            body,
            {
                "Content-Type": "application/json",
                "User-Agent": "guichet-virtuel",
                "Guichet-Event": "alert",
                "Guichet-Delivery": notice.uuid,
                SIGNATURE_HEADER: signature(
                    self._secret, body, int(self._now().timestamp())
                ),
            },
            is_wanted=lambda: True,
        )
        return "" if answer.is_taken else answer.error or "refused"


def _told(notice: AlertNotice) -> dict[str, object]:
    alert = notice.alert
    ended = alert.past_since if notice.is_over else None
    return {
        "id": notice.uuid,
        "kind": "alert",
        "at": notice.created_at.isoformat(),
        "number": notice.id,
        "alert": {
            "number": alert.id,
            "kind": str(alert.kind),
            "subject": alert.subject,
            "state": "over" if notice.is_over else "raised",
            "since": alert.seen_at.isoformat(),
            "until": ended.isoformat() if ended else None,
            "detail": alert.detail,
        },
    }
