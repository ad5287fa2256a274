# SPDX-License-Identifier: AGPL-3.0-or-later
"""The shape of each entry of an inventory: keys, defaults and rules. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from provisioning.database.models import DEFAULT_TIME_ZONE, NAME_LENGTH, UserRole
from provisioning.inventory.plan import Fields, Kind
from provisioning.inventory.values import (
    CounsellorSlug,
    Email,
    KioskSlug,
    Line,
    Minutes,
    Name,
    Pictogram,
    Slug,
    Telephone,
    TimeZone,
)


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
    time_zone: TimeZone = DEFAULT_TIME_ZONE
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
    telephone: Telephone = ""
    room: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""

    @model_validator(mode="after")
    def _check_coordinates(self) -> Self:
        for given, missing in (("latitude", "longitude"), ("longitude", "latitude")):
            if getattr(self, given) is not None and getattr(self, missing) is None:
                raise ValueError(
                    f"the {given} alone is no place: add a line {missing} = ..., or"
                    f" remove the {given}"
                )
        return self


class KioskEntry(Entry):
    """A kiosk of a relay."""

    slug: KioskSlug
    relay: Slug


class OrganisationEntry(Entry):
    """A public body; its short name is its name unless given."""

    slug: Slug
    name: Name
    short_name: Annotated[Line, Field(max_length=NAME_LENGTH)] = ""
    abandon_after_seconds: Annotated[int, Field(ge=10, le=7200)] = 300
    appointment_minutes: Minutes = 30
    telephone: Telephone = ""
    time_zone: TimeZone = DEFAULT_TIME_ZONE
    # A service of interpreters, and of which kind; see `InterpreterKind`.
    interprets: Literal["", "sign", "spoken", "typed"] = ""
    wrap_up_seconds: Annotated[int, Field(ge=0, le=3600)] = 120
    # 0: never.
    missed_rings_allowed: Annotated[int, Field(ge=0, le=100)] = 3

    def fields(self) -> Fields:
        """Give the fields, the short name filled in."""
        return {**super().fields(), "short_name": self.short_name or self.name}


class CounterEntry(Entry):
    """A bookable line of an organisation."""

    slug: Slug
    name: Name
    organisation: Slug


def _written_out(paper: Any) -> Any:
    """Give a paper that was written as a plain text with both of its keys."""
    if isinstance(paper, str):
        return {"name": paper}
    if not isinstance(paper, dict):
        raise ValueError(
            'write a paper as a text or as { name = "...", pictogram = "..." }'
        )
    return paper


class PaperEntry(_Strict):
    """A paper to bring, of a reason."""

    name: Name
    pictogram: Pictogram = ""


class ReasonEntry(Entry):
    """Why a resident comes; without minutes, as long as the organisation's appointments."""

    slug: Slug
    organisation: Slug
    name: Name
    pictogram: Pictogram = ""
    minutes: Minutes | None = None
    # Smaller comes first.
    position: Annotated[int, Field(ge=0, le=9999)] = 0
    papers: list[Annotated[PaperEntry, BeforeValidator(_written_out)]] = []


class CounsellorEntry(Entry):
    """Who answers an organisation's queue: on our program, any softphone, or in a page."""

    slug: CounsellorSlug
    name: Name
    organisation: Slug
    softphone: bool = False
    # A softphone may come without TLS and SRTP; our own program never does.
    in_clear: bool = False
    # The telephone is a page of the site; its owner needs nothing but an account.
    browser: bool = False

    @model_validator(mode="after")
    def _check_browser(self) -> Self:
        if self.browser and (self.softphone or self.in_clear):
            raise ValueError(
                "a telephone is a softphone or a page of the site: remove browser, or"
                " softphone and in_clear"
            )
        return self

    @model_validator(mode="after")
    def _check_clear(self) -> Self:
        if self.in_clear and not self.softphone:
            raise ValueError(
                "our own program is always encrypted: add softphone = true, or remove"
                " in_clear"
            )
        return self


class UserEntry(Entry):
    """A person who signs in.

    A secretary has a relay, a manager and a counsellor have an organisation, and a counsellor
    may have a telephone of it.
    """

    key_name: ClassVar[str] = "email"

    email: Email
    name: Name
    role: Annotated[UserRole, Field(strict=False)]
    relay: Slug | None = None
    organisation: Slug | None = None
    # The telephone that a counsellor answers.
    counsellor: CounsellorSlug | None = None

    @model_validator(mode="after")
    def _check_telephone(self) -> Self:
        if self.counsellor is not None and self.role is not UserRole.COUNSELLOR:
            raise ValueError(
                f'the role {self.role} takes no key "counsellor": remove it'
            )
        return self

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
    Kind.REASON: ReasonEntry,
    Kind.COUNSELLOR: CounsellorEntry,
    Kind.USER: UserEntry,
}


def key_of(entry: Entry) -> str:
    """Give the entry's slug, or a user's e-mail address."""
    return str(getattr(entry, entry.key_name))
