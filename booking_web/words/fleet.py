# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the fleet's page says of a machine: when it was seen, what is left of its disk."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask_babel import LazyString, get_locale, gettext, lazy_gettext, ngettext

from booking_web.base.local_time import local_day
from booking_web.tables.fleet import OrderKind, OrderState
from booking_web.words.dates import clock, short_date

ORDERS: Mapping[OrderKind, LazyString] = {
    OrderKind.SELF_TEST: lazy_gettext("auto-test"),
    OrderKind.DIAGNOSE: lazy_gettext("diagnostic"),
    OrderKind.ROTATE: lazy_gettext("nouveau secret"),
    OrderKind.UPDATE: lazy_gettext("mise à jour"),
}
ORDER_STATES: Mapping[OrderState, LazyString] = {
    OrderState.WAITING: lazy_gettext("attend la borne"),
    OrderState.TAKEN: lazy_gettext("en cours"),
    OrderState.DONE: lazy_gettext("fait"),
    OrderState.EXPIRED: lazy_gettext("abandonné : la borne n'a pas répondu"),
}


def seen_words(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Say when a machine was last heard: the hour today, else the day."""
    if local_day(at, zone) == local_day(now, zone):
        return clock(at, zone)
    return short_date(local_day(at, zone))


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    """Say a day and its hour, short."""
    return gettext(
        "%(day)s, %(hour)s", day=short_date(local_day(at, zone)), hour=clock(at, zone)
    )


def misuse_words(address: str) -> str:
    """Say that a kiosk's token is in other hands, and what to do."""
    return gettext(
        "De l'adresse %(address)s, quelqu'un a demandé de nouveaux secrets avec le jeton de "
        "la borne, sans que personne les ait prévus. C'est refusé, mais ce jeton ouvre "
        "encore la borne. À faire, sur le serveur : guichet-provision rotate et le nom de "
        "la borne ; si sa machine a pu être lue, un nouveau code.",
        address=address or "?",
    )


def failing_words(failing: str) -> str:
    """Say which checks of a server fail, by their names; empty: none does."""
    if not failing:
        return gettext("en ordre")
    return gettext("en panne : %(names)s", names=failing.replace(" ", ", "))


def size_words(size: int) -> str:
    """Say a number of bytes in the largest unit that leaves a whole part."""
    for unit, words in (
        (1_000_000_000, lazy_gettext("%(size)s Go")),
        (1_000_000, lazy_gettext("%(size)s Mo")),
        (1_000, lazy_gettext("%(size)s ko")),
    ):
        if size >= unit:
            value = size / unit
            rounded = round(value, 1) if value < 10 else round(value)
            return str(words) % {"size": format_decimal(rounded, locale=get_locale())}
    return ngettext("%(num)d octet", "%(num)d octets", size)


def disk_words(free_bytes: int | None, disk_bytes: int | None) -> str:
    """Say how much of a disk is free, and of how much; nothing where it is not known."""
    if free_bytes is None or not disk_bytes:
        return ""
    return gettext(
        "%(free)s sur %(size)s",
        free=size_words(free_bytes),
        size=size_words(disk_bytes),
    )
