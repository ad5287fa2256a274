# SPDX-License-Identifier: AGPL-3.0-or-later
"""The shape of each entry of an inventory: keys, defaults and rules. Pure."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from provisioning.models import NAME_LENGTH, SLUG_LENGTH, UserRole
from provisioning.plan import Fields, Kind

SLUG_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
EMAIL_PATTERN = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+")
KIOSK_PREFIX = "kiosk-"
COUNSELLOR_PREFIX = "counsellor-"


def checked_slug(slug: str) -> str:
    """Give the slug back; raises ValueError where it breaks the rule."""
    if not SLUG_PATTERN.fullmatch(slug) or len(slug) > SLUG_LENGTH:
        raise ValueError(
            f'"{slug}" is no slug: use small letters without accents, digits and single'
            f' hyphens between them, at most {SLUG_LENGTH}, such as "marly-gomont"'
        )
    return slug


def _checked_kiosk_slug(slug: str) -> str:
    return _with_prefix(checked_slug(slug), KIOSK_PREFIX)


def _checked_counsellor_slug(slug: str) -> str:
    return _with_prefix(checked_slug(slug), COUNSELLOR_PREFIX)


def _with_prefix(slug: str, prefix: str) -> str:
    if not slug.startswith(prefix):
        raise ValueError(f'"{slug}" must begin with "{prefix}": write "{prefix}{slug}"')
    return slug


def _checked_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("the text holds a line break or a control character")
    return text


def _checked_email(email: str) -> str:
    if not EMAIL_PATTERN.fullmatch(email):
        raise ValueError(f'"{email}" is no e-mail address')
    return email.lower()


def _checked_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f'"{name}" is no time zone: use a name such as "Europe/Paris" or'
            ' "Indian/Reunion"'
        ) from error
    return name


Slug = Annotated[str, AfterValidator(checked_slug)]
Line = Annotated[str, AfterValidator(_checked_line)]
Name = Annotated[Line, Field(min_length=1, max_length=NAME_LENGTH)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, str_strip_whitespace=True
    )


class Entry(_Strict):
    """One entry of the directory."""

    key_name: ClassVar[str] = "slug"

    def fields(self) -> Fields:
        """Give the entry's fields without its key, as a snapshot holds them."""
        return self.model_dump(exclude={self.key_name})


class RelayEntry(Entry):
    """A room that houses a kiosk."""

    slug: Slug
    name: Name
    commune: Name
    address: Annotated[Line, Field(max_length=250)] = ""
    time_zone: Annotated[str, AfterValidator(_checked_time_zone)] = "Europe/Paris"


class KioskEntry(Entry):
    """A kiosk of a relay."""

    slug: Annotated[str, AfterValidator(_checked_kiosk_slug)]
    relay: Slug


class OrganisationEntry(Entry):
    """A public body; its short name is its name unless given."""

    slug: Slug
    name: Name
    short_name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    abandon_after_seconds: Annotated[int, Field(ge=10, le=7200)] = 300
    appointment_minutes: Annotated[int, Field(ge=5, le=480)] = 30

    def fields(self) -> Fields:
        """Give the fields, the short name filled in."""
        return {**super().fields(), "short_name": self.short_name or self.name}


class CounterEntry(Entry):
    """A bookable line of an organisation."""

    slug: Slug
    name: Name
    organisation: Slug


class CounsellorEntry(Entry):
    """Who answers an organisation's queue, on our program or on any softphone."""

    slug: Annotated[str, AfterValidator(_checked_counsellor_slug)]
    name: Name
    organisation: Slug
    softphone: bool = False


class UserEntry(Entry):
    """A person who signs in.

    A secretary has a relay, a manager and a counsellor have an organisation.
    """

    key_name: ClassVar[str] = "email"

    email: Annotated[str, Field(max_length=254), AfterValidator(_checked_email)]
    name: Name
    role: Annotated[UserRole, Field(strict=False)]
    relay: Slug | None = None
    organisation: Slug | None = None

    @model_validator(mode="after")
    def _check_belonging(self) -> Self:
        wanted = {
            UserRole.SECRETARY: "relay",
            UserRole.MANAGER: "organisation",
            UserRole.COUNSELLOR: "organisation",
        }
        for key in ("relay", "organisation"):
            given = getattr(self, key) is not None
            if given and wanted.get(self.role) != key:
                raise ValueError(
                    f'the role {self.role} takes no key "{key}": remove it'
                )
            if not given and wanted.get(self.role) == key:
                raise ValueError(
                    f'the role {self.role} needs a {key}: add a line {key} = "..."'
                )
        return self

    def fields(self) -> Fields:
        """Give the fields, the role as plain text."""
        return {**super().fields(), "role": str(self.role)}


class SipTable(_Strict):
    """How kiosks and counsellors reach Asterisk (TLS); written to their bundles."""

    server: Annotated[Line, Field(min_length=1, max_length=250)]
    port: Annotated[int, Field(ge=1, le=65535)] = 5061
    # The certificate authority's file, relative to the inventory.
    ca: Annotated[Line, Field(max_length=250)] = ""


class WebTable(_Strict):
    """Where kiosks reach the web application; written to their bundles."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=250)]


ENTRIES: Mapping[Kind, type[Entry]] = {
    Kind.RELAY: RelayEntry,
    Kind.KIOSK: KioskEntry,
    Kind.ORGANISATION: OrganisationEntry,
    Kind.COUNTER: CounterEntry,
    Kind.COUNSELLOR: CounsellorEntry,
    Kind.USER: UserEntry,
}


def key_of(entry: Entry) -> str:
    """Give the entry's slug, or a user's e-mail address."""
    return getattr(entry, entry.key_name)
