# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps the progress of every call that goes on, from events alone. No I/O."""

from collections import OrderedDict
from dataclasses import replace

from booking_web.dispatcher.following.call_events import (
    TABLE,
    CallProgress,
    Meaning,
    advance,
    begin,
    root_of,
)
from booking_web.dispatcher.manager.ami import AmiEvent

# A call's stragglers (its second leg's Hangup, a late OriginateResponse) come within
# seconds: this many ended calls are remembered so that they begin no ghost.
_ENDED_CALLS_REMEMBERED = 2000


class CallTracker:
    """The calls that go on, by the Uniqueid of their first channel."""

    def __init__(self) -> None:
        self._going_on: dict[str, CallProgress] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def hear(self, event: AmiEvent) -> Meaning | None:
        """Take an event in; gives what it means for an appointment, if anything."""
        if event.name not in TABLE:
            return None
        root = root_of(event)
        if root in self._ended:
            return None
        progress = self._going_on.get(root) or begin(event)
        if progress is None:
            return None
        following, meaning = advance(progress, event)
        if following is None:
            self._end(root)
        else:
            self._going_on[root] = following
        return meaning

    def concerns(self, event: AmiEvent) -> bool:
        """Tell whether the event is about a call of ours that is not over."""
        if event.name not in TABLE:
            return False
        root = root_of(event)
        return root not in self._ended and (
            root in self._going_on or begin(event) is not None
        )

    def doubt(self, event: AmiEvent) -> None:
        """Note that an event of a call of ours was not believed."""
        root = root_of(event)
        progress = self._going_on.get(root) or begin(event)
        if progress is not None and not progress.call.is_direct:
            self._going_on[root] = replace(progress, has_gaps=True)

    def restart(self, found: list[CallProgress]) -> None:
        """Begin again from Asterisk's list of channels, after events were missed."""
        roots = {progress.call.root for progress in found}
        for root in set(self._going_on) - roots:
            self._end(root)
        self._going_on = {progress.call.root: progress for progress in found}

    def add(self, found: list[CallProgress]) -> None:
        """Take in calls that no event has told of; what events told is better."""
        for progress in found:
            if progress.call.root not in self._ended:
                self._going_on.setdefault(progress.call.root, progress)

    def _end(self, root: str) -> None:
        self._going_on.pop(root, None)
        self._ended[root] = None
        while len(self._ended) > _ENDED_CALLS_REMEMBERED:
            self._ended.popitem(last=False)
