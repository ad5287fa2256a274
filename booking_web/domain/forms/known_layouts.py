# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lines and proposals of forms, kept in memory: to find them takes seconds."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.reader import FormReader

# A manager places the fields of one form at a time.
KEPT = 8


class KnownLayouts:
    """Gives the layout of a form, found once; any thread may ask."""

    def __init__(self, reader: FormReader) -> None:
        self._reader = reader
        self._known: OrderedDict[str, list[PageLayout]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, sha256: str, pdf: Callable[[], bytes]) -> list[PageLayout]:
        """Give the layout of this PDF; raises FormRefused or EngineUnavailable."""
        with self._lock:
            known = self._known.get(sha256)
        if known is not None:
            return known
        found = self._reader.lay_out(pdf())
        with self._lock:
            self._known[sha256] = found
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found
