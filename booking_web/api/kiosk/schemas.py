# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes over the kiosk API, field by field."""

import unicodedata
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from booking_web.domain.kiosks.cues import Cue
from booking_web.tables.device_jobs import (
    MAX_COPIES,
    MAX_NUMBER,
    RESOLUTIONS_DPI,
    VOLUMES,
    JobState,
    Operation,
    Preset,
    ScanColour,
)

SHA256 = [validate.Regexp(r"^[0-9a-f]{64}$"), validate.Length(equal=64)]
MAX_PAGES = 100_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9998, 12, 31, tzinfo=UTC)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
CODE = [validate.Regexp(r"^[a-z0-9_:-]{0,60}$"), validate.Length(max=60)]


class Words(fields.String):
    """A text for people; what cannot be kept or shown of it is replaced, not refused.

    A report with half a character in it is still the only report of that job.
    """

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> Any:
        return _shown_of(super()._deserialize(value, *arguments, **named))


class Free(fields.Raw):
    """What a kiosk tells in its own words, kept as it is but for what cannot be shown."""

    def _deserialize(self, value: Any, *_arguments: Any, **_named: Any) -> Any:
        return _shown_of(value)


class FreeDetails(fields.Dict):
    """The same, told by name."""

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> Any:
        # marshmallow's Dict says no types here.
        told = super()._deserialize(value, *arguments, **named)  # type: ignore[no-untyped-call]
        return _shown_of(told)


class Instant(fields.AwareDateTime):
    """When something is, by the kiosk's clock; one that no clock of ours shows is moved.

    A certificate that never ends does so in the year 9999 (RFC 5280).
    """

    def _deserialize(self, value: Any, *arguments: Any, **named: Any) -> Any:
        told = super()._deserialize(value, *arguments, **named)
        # Compared as it is: a sum with its own zone may be out of every calendar.
        return min(max(told, EARLIEST), LATEST)


class Told(Schema):
    """What a kiosk tells: a newer kiosk may tell more than we know."""

    class Meta:
        unknown = EXCLUDE


class DocumentSchema(Schema):
    """A document of the appointment in call."""

    number = fields.Integer(required=True)
    title = fields.String(required=True)
    pages = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class ShownPageSchema(Schema):
    """The page on the second screen; `is_seen` once the screen says that it is."""

    document = fields.Integer(required=True, allow_none=True)
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    is_seen = fields.Boolean(required=True)


class CallSchema(Schema):
    """The appointment in call at this kiosk, its documents, what the screen shows."""

    appointment = fields.Integer(required=True, allow_none=True)
    # To be shown with what is brought of this appointment, now or later.
    nonce = fields.String(required=True)
    documents = fields.List(fields.Nested(DocumentSchema), required=True)
    shown = fields.Nested(ShownPageSchema, required=True, allow_none=True)
    # The screen shows what has no number: a form that is being filled in.
    follows = fields.Boolean(required=True)
    # In which the kiosk speaks by now; none without an appointment.
    language = fields.String(required=True, allow_none=True)


class SpokenSchema(Schema):
    """In which language the kiosk speaks by now: it may have been chosen in the call."""

    language = fields.String(required=True)


class FetchSchema(Schema):
    """How a document is fetched: ahead, before a code asked for its print, or not."""

    ahead = fields.Boolean(load_default=False)


class PreparedJobSchema(Schema):
    """A job whose parameters were stored before its code was keyed."""

    number = fields.Integer(required=True)
    # The job's one id: what runs once, is reported and scanned under it.
    uuid = fields.String(required=True)
    operation = fields.Enum(Operation, by_value=True, required=True)
    document = fields.Integer(required=True, allow_none=True)
    copies = fields.Integer(required=True, validate=validate.Range(1, MAX_COPIES))
    colour = fields.Boolean(required=True)
    duplex = fields.Boolean(required=True)
    preset = fields.Enum(Preset, by_value=True, required=True)
    resolution_dpi = fields.Integer(
        required=True, validate=validate.OneOf(RESOLUTIONS_DPI)
    )
    scan_colour = fields.Enum(ScanColour, by_value=True, required=True)


class ReportSchema(Told):
    """A job's state; the highest sequence of a job wins."""

    operation = fields.Enum(Operation, by_value=True, required=True)
    state = fields.Enum(JobState, by_value=True, required=True)
    sequence = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 2**31 - 1)
    )
    number = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, MAX_NUMBER),
    )
    document = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, MAX_NUMBER),
    )
    reason = fields.String(load_default="", validate=CODE)
    sentence = Words(load_default="", validate=validate.Length(max=2000))
    page = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, MAX_PAGES)
    )
    pages = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, MAX_PAGES)
    )
    at = Instant(load_default=None, allow_none=True)


class ShowSchema(Told):
    """Which page of which document the second screen is to show; null: none."""

    document = fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, MAX_NUMBER),
    )
    page = fields.Integer(
        load_default=1, strict=True, validate=validate.Range(1, MAX_PAGES)
    )


class CueSchema(Told):
    """What the resident is told of the devices, and which page these are at."""

    cue = fields.Enum(Cue, by_value=True, required=True)
    page = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, MAX_PAGES)
    )
    pages = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, MAX_PAGES)
    )


class ScanSchema(Told):
    """A scan that is ready to be uploaded."""

    job = fields.UUID(required=True)
    sha256 = fields.String(required=True, validate=SHA256)
    size = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 2**31 - 1)
    )
    pages = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, MAX_PAGES)
    )
    verdicts = fields.List(
        fields.String(validate=CODE),
        load_default=list,
        validate=validate.Length(max=100),
    )


class UploadSchema(Schema):
    """Where a scan is to be uploaded, and how much of it is here."""

    upload = fields.String(required=True)
    offset = fields.Integer(required=True)


class UploadStateSchema(Schema):
    """What the server has of a scan, by its own reckoning."""

    complete = fields.Boolean(required=True)
    sha256 = fields.String(required=True)
    document = fields.Integer(required=True, allow_none=True)


class DeviceSchema(Told):
    """How one device is."""

    name = Words(load_default="")
    state = fields.String(required=True, validate=CODE)
    reasons = fields.List(
        fields.String(validate=CODE),
        load_default=list,
        validate=validate.Length(max=20),
    )
    sentence = Words(load_default="")


class LineSchema(Told):
    """How the line of the call that is up is, one word for each way."""

    from_kiosk = fields.String(load_default="", validate=CODE)
    to_kiosk = fields.String(load_default="", validate=CODE)


class WipeStateSchema(Told):
    """How a kiosk stands after its last call, and what is not wiped: `part:cause`."""

    state = fields.String(required=True, validate=CODE)
    appointment = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 2**31 - 1),
    )
    failures = fields.List(
        fields.String(validate=CODE),
        load_default=list,
        validate=validate.Length(max=20),
    )


class HeartbeatSchema(Told):
    """The bridge lives, how its devices are, and the line of a call."""

    line = fields.Nested(LineSchema, load_default=None, allow_none=True)

    printer = fields.Nested(DeviceSchema, required=True)
    scanner = fields.Nested(DeviceSchema, required=True)
    bridge = Words(load_default="", validate=validate.Length(max=40))
    # None: no sound server, or a kiosk that is older.
    volume = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.OneOf(list(VOLUMES)),
    )
    at = Instant(load_default=None, allow_none=True)
    # None: a kiosk too old to prove that it is wiped.
    wipe = fields.Nested(WipeStateSchema, load_default=None, allow_none=True)


def _shown_of(told: Any) -> Any:
    """Give what was told with each character that cannot be kept or shown replaced."""
    if isinstance(told, str):
        return "".join(
            REPLACEMENT if unicodedata.category(each) in ("Cc", "Cs") else each
            for each in told
        )
    if isinstance(told, dict):
        return {_shown_of(name): _shown_of(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_shown_of(each) for each in told]
    return told
