# SPDX-License-Identifier: AGPL-3.0-or-later
"""Draws a draft within a moment, or says that the picture is late: nobody waits for it.

What a person types is kept before it is drawn. Where the engine hangs or starts anew, their
next key is not to wait for it.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import structlog

from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.forms.engine import Draft, FormEngine, Shown
from booking_web.domain.forms.errors import EngineUnavailable, UnknownField

Picture = TypeVar("Picture")
# A key takes a few milliseconds; to open a large form takes some tenths of a second.
KEY_SECONDS = 0.7
PAGE_SECONDS = 4.0

logger = structlog.get_logger(__name__)


class PromptDrawing:
    """Has the engine draw, one picture at a time, and waits no longer than is good."""

    def __init__(self, engine: FormEngine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="form-drawing")

    def show(self, draft: Draft, place: str) -> Shown | None:
        """Give a place as it looks now, or None where that is late or cannot be drawn."""
        return self._within(KEY_SECONDS, lambda: self._engine.show(draft, place))

    def page(self, draft: Draft, number: int) -> bytes | None:
        """Give a page, made light, or None where that is late or cannot be drawn."""
        return self._within(
            PAGE_SECONDS, lambda: self._engine.page(draft, number, is_light=True)
        )

    def _within(self, seconds: float, draw: Callable[[], Picture]) -> Picture | None:
        work: Future[Picture] = self._thread.submit(draw)
        try:
            return work.result(seconds)
        except TimeoutError:
            # What is not begun will be asked for again, and newer then.
            work.cancel()
        except (EngineUnavailable, StoreUnavailable, UnknownField) as error:
            logger.warning("a draft is not drawn", error=type(error).__name__)
        return None
