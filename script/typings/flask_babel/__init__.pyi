# SPDX-License-Identifier: AGPL-3.0-or-later
# What we use of flask_babel, which marks no types.

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any, Literal

from babel import Locale
from flask import Flask

class LazyString:
    def __str__(self) -> str: ...
    def __format__(self, format_spec: str) -> str: ...

class Babel:
    def __init__(
        self,
        app: Flask | None = None,
        *,
        default_locale: str = "en",
        default_timezone: str = "UTC",
        locale_selector: Callable[[], str | None] | None = None,
    ) -> None: ...

def gettext(string: str, **variables: Any) -> str: ...
def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str: ...
def lazy_gettext(string: str, **variables: Any) -> LazyString: ...
def get_locale() -> Locale: ...
def force_locale(locale: str | Locale) -> AbstractContextManager[None]: ...
def format_date(
    date: date | datetime | None = None,
    format: str | None = None,
    rebase: bool = True,
) -> str: ...
def format_datetime(
    datetime: datetime | None = None,
    format: str | None = None,
    rebase: bool = True,
) -> str: ...
def format_decimal(number: float, format: str | None = None) -> str: ...
def format_timedelta(
    datetime_or_timedelta: datetime | timedelta,
    granularity: Literal[
        "year", "month", "week", "day", "hour", "minute", "second"
    ] = "second",
    add_direction: bool = False,
    threshold: float = 0.85,
) -> str: ...
