# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sheets that go with kiosks to their relays: one an A4, with the code and what to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import render_template
from sqlalchemy.orm import Session

from booking_web.domain.residents.telephones import readable_telephone
from booking_web.shell.site.qr_codes import qr_picture
from booking_web.telling.slips.paper import pages_of, pdf_of
from booking_web.words.dates import dated_hour
from provisioning.directory.machine_access import kiosk_called


@dataclass(frozen=True)
class EnrolmentSheet:
    """What one sheet says; `command` holds the code."""

    kiosk: str
    relay: str
    room: str
    address: str
    telephone: str
    command: str
    ends_at: datetime
    zone: ZoneInfo

    @property
    def until(self) -> str:
        """Say until when the code is good, in the language of the moment."""
        return dated_hour(self.ends_at, self.zone)

    @property
    def picture(self) -> str:
        """Give the command as a QR code, for a reader that types what it sees."""
        return qr_picture(self.command)


def sheets_of(
    session: Session, codes: Mapping[str, str], ends_at: datetime, site: str
) -> list[EnrolmentSheet]:
    """Give a sheet for each kiosk, by its relay's name; `site` is the pages' address."""
    host = urlsplit(site).netloc
    kiosks = [(kiosk_called(session, slug), code) for slug, code in codes.items()]
    kiosks.sort(key=lambda each: (each[0].relay.name, each[0].slug))
    return [
        EnrolmentSheet(
            kiosk.slug,
            kiosk.relay.name,
            kiosk.relay.room,
            kiosk.relay.address or kiosk.relay.commune,
            readable_telephone(kiosk.relay.telephone),
            f"guichet-kiosk enrol {host} {code}",
            ends_at,
            ZoneInfo(kiosk.relay.time_zone),
        )
        for kiosk, code in kiosks
    ]


def pdf_of_sheets(sheets: Iterable[EnrolmentSheet]) -> bytes:
    """Write them as one PDF, a page each, in the language of the moment."""
    shown: Sequence[EnrolmentSheet] = list(sheets)
    return pdf_of(pages_of(render_template("slips/enrolment.html", sheets=shown)))
