# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes over the booking API, field by field."""

from datetime import UTC, date, datetime
from enum import StrEnum

from marshmallow import Schema, fields, validate

from booking_web.api.public.access import MAX_ID
from booking_web.base.languages import FRENCH, LANGUAGES
from booking_web.domain.appointments.acts import ActReason
from booking_web.domain.imports.lines import Outcome, WhyRefused
from booking_web.domain.residents.postal import LONGEST, Part
from booking_web.tables.appointment import REASON_LENGTH, RESIDENT_NAME_LENGTH
from booking_web.tables.states import AppointmentSource, AppointmentState
from provisioning.database.models import InterpreterKind

# No clock of ours goes further, and no zone's rules are known so far.
INSTANT = validate.Range(
    datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
)
DAY = validate.Range(date(2000, 1, 1), date(2200, 1, 1))
# Nothing else is ever looked up: the database would not even take some of it.
SLUG = validate.Regexp(r"^[a-z0-9-]{1,60}$")
# What the kiosk can write and say.
LANGUAGE = validate.OneOf(list(LANGUAGES))
MAX_SLOTS = 100
MAX_PAGE = 200


def _one_of(values: type[StrEnum]) -> validate.OneOf:
    return validate.OneOf([str(value) for value in values])


def _part(part: Part) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(max=LONGEST[part]))


class OrganisationSchema(Schema):
    """A public body."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    telephone = fields.String(required=True)
    time_zone = fields.String(required=True)
    appointment_minutes = fields.Integer(required=True)


class InterpreterSchema(Schema):
    """A service of interpreters, which joins appointments with other organisations."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    interprets = fields.String(required=True, validate=_one_of(InterpreterKind))


class PaperSchema(Schema):
    """A paper that the resident should bring."""

    name = fields.String(required=True)
    pictogram = fields.String()


class ReasonSchema(Schema):
    """Why a resident comes; without `minutes`, as long as the organisation's."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    minutes = fields.Integer(required=True, allow_none=True)
    papers = fields.List(fields.Nested(PaperSchema), required=True)


class RelaySchema(Schema):
    """A room with a kiosk."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    commune = fields.String(required=True)
    address = fields.String(required=True)
    room = fields.String(required=True)
    telephone = fields.String(required=True)
    time_zone = fields.String(required=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)


class SlotQuerySchema(Schema):
    """Which slots are asked for; without `relay`, at every relay within reach.

    With `interpreter`, those at which one of that service is free too.
    """

    organisation = fields.String(required=True, validate=SLUG)
    relay = fields.String(load_default=None, validate=SLUG)
    reason = fields.String(load_default=None, validate=SLUG)
    interpreter = fields.String(load_default=None, validate=SLUG)
    after = fields.AwareDateTime(load_default=None, validate=INSTANT)
    until = fields.AwareDateTime(load_default=None, validate=INSTANT)
    limit = fields.Integer(load_default=12, validate=validate.Range(1, MAX_SLOTS))


class SlotSchema(Schema):
    """A stretch in which a kiosk of the relay and a counter are free."""

    relay = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class SlotsSchema(Schema):
    """The slots, or why there is none."""

    slots = fields.List(fields.Nested(SlotSchema), required=True)
    why = fields.String(required=True, allow_none=True)
    next_opening = fields.Date(required=True, allow_none=True)


class PostalAddressSchema(Schema):
    """Where post reaches the resident; without `country`, in France.

    Told and never shown again: no answer, list or webhook has it.
    """

    street = _part(Part.STREET)
    postcode = _part(Part.POSTCODE)
    commune = fields.String(
        required=True, validate=validate.Length(min=1, max=LONGEST[Part.COMMUNE])
    )
    country = _part(Part.COUNTRY)


class BookSchema(Schema):
    """What is to be booked. `details` are the caller's own words on the reason."""

    organisation = fields.String(required=True, validate=SLUG)
    relay = fields.String(required=True, validate=SLUG)
    starts_at = fields.AwareDateTime(required=True, validate=INSTANT)
    resident_name = fields.String(
        required=True, validate=validate.Length(min=1, max=RESIDENT_NAME_LENGTH)
    )
    reason = fields.String(load_default=None, allow_none=True, validate=SLUG)
    details = fields.String(
        load_default="", validate=validate.Length(max=REASON_LENGTH)
    )
    # What the kiosk writes and says to the resident.
    language = fields.String(load_default=FRENCH, validate=LANGUAGE)
    # A service whose interpreter is to be there.
    interpreter = fields.String(load_default=None, allow_none=True, validate=SLUG)
    # Boards and messages tell neither who comes nor why.
    discreet = fields.Boolean(load_default=False)
    address = fields.Nested(PostalAddressSchema, load_default=None, allow_none=True)


class KeySchema(Schema):
    """The caller's own name for the request: the same again books nothing twice."""

    idempotency_key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=[
            validate.Length(min=1, max=200),
            validate.Regexp(r"^[\x21-\x7e]{1,200}$"),
        ],
    )


class AppointmentSchema(Schema):
    """An appointment. `resident_name` is there only for clients that may see it."""

    id = fields.Integer(required=True)
    organisation = fields.String(required=True)
    relay = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    interpreter = fields.String(required=True, allow_none=True)
    discreet = fields.Boolean(required=True)
    starts_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})
    state = fields.String(required=True, validate=_one_of(AppointmentState))
    state_reason = fields.String(required=True)
    sequence = fields.Integer(required=True)
    source = fields.String(required=True, validate=_one_of(AppointmentSource))
    resident_name = fields.String()
    details = fields.String()


class ListQuerySchema(Schema):
    """Which appointments; each condition given narrows the list."""

    day = fields.Date(load_default=None, validate=DAY)
    relay = fields.String(load_default=None, validate=SLUG)
    organisation = fields.String(load_default=None, validate=SLUG)
    state = fields.Enum(AppointmentState, by_value=True, load_default=None)
    changed_since = fields.AwareDateTime(load_default=None, validate=INSTANT)
    after_id = fields.Integer(load_default=0, validate=validate.Range(0, MAX_ID))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_PAGE))


class AppointmentsSchema(Schema):
    """A page of appointments; `next` is the `after_id` of the following page, if any."""

    appointments = fields.List(fields.Nested(AppointmentSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


class LanguageSchema(Schema):
    """What the kiosk is to write and say."""

    language = fields.String(required=True, validate=LANGUAGE)


class DiscretionSchema(Schema):
    """Whether boards and messages tell neither who comes nor why."""

    discreet = fields.Boolean(required=True)


class CancelSchema(Schema):
    """Why it is cancelled."""

    reason = fields.Enum(ActReason, by_value=True, load_default=None, allow_none=True)


class RescheduleSchema(CancelSchema):
    """Where and when it is to be instead; without `relay`, at the same."""

    starts_at = fields.AwareDateTime(required=True, validate=INSTANT)
    relay = fields.String(load_default=None, allow_none=True, validate=SLUG)


class ImportQuerySchema(Schema):
    """Whether the file is only looked at, which is the default."""

    dry_run = fields.Boolean(load_default=True)


class ImportedLineSchema(Schema):
    """What became of one line, by its number in the file."""

    line = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=_one_of(Outcome))
    why = fields.String(required=True, allow_none=True, validate=_one_of(WhyRefused))
    sentences = fields.List(fields.String(), required=True)
    reference = fields.String(required=True)
    starts_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time"}
    )
    appointment = fields.Integer(required=True, allow_none=True)


class ReportSchema(Schema):
    """What became of a file."""

    dry_run = fields.Boolean(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    lines = fields.List(fields.Nested(ImportedLineSchema), required=True)
