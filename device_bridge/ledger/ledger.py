# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one place where a job changes: written down, then reported, then told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import structlog

from device_bridge.call import sentences
from device_bridge.call.cues import Cue
from device_bridge.call.link import Audience
from device_bridge.jobs.job import Job, JobState, Operation
from device_bridge.jobs.reasons import Reason
from device_bridge.ledger.store import Store
from device_bridge.ledger.stored import StoredScan

log = structlog.get_logger(__name__)


class Voice(Protocol):
    """Tells a sentence in a call, or nobody if that call is over."""

    def say(self, text: str, to: Audience, call: str) -> None:
        """Tell it."""

    def cue(self, cue: Cue, job: Job, is_spoken: bool) -> None:
        """Show the resident what a job wants of them or is at; speak it where asked."""


class Ledger:
    """Jobs and their folders. `on_change` is called after each change, on its thread."""

    def __init__(
        self, store: Store, folder: Path, voice: Voice, on_change: Callable[[], None]
    ) -> None:
        self.store = store
        self.voice = voice
        self._folder = folder
        self._on_change = on_change

    def open(self, job: Job) -> Job | None:
        """Write a new job down; None when the same one was there before."""
        added = self.store.add_job(job)
        if added is not None:
            log.info("job opened", **_identity(added))
            self._on_change()
        return added

    def change(self, job: Job, **values: Any) -> Job:
        """Write values down and give the job as it is now.

        The resident sees that a scan begins, and each page that is done.
        """
        before, job = job, self.store.save_job(replace(job, **values))
        self._on_change()
        if job.state is JobState.PROCESSING:
            is_printing = job.operation is Operation.PRINT or job.is_scanned
            cue = Cue.PRINTING if is_printing else Cue.SCANNING
            if not is_printing and job.is_touched and not before.is_touched:
                self.tell_resident(job, cue)
            elif job.page > before.page:
                self.voice.cue(cue, job, is_spoken=False)
        return job

    def move(
        self,
        job: Job,
        state: JobState,
        reason: Reason = Reason.NONE,
        sentence: str = "",
        scan: StoredScan | None = None,
        **values: Any,
    ) -> Job:
        """Move a job, and tell the counsellor the sentence if there is one.

        A scan that the move brings is written down with it, all or nothing.
        """
        sentence = sentence or job.sentence
        moved = replace(job.move(state, reason), sentence=sentence, **values)
        moved = self.store.save_job(moved, scan)
        log.info("job moved", state=state.value, reason=reason.value, **_identity(job))
        self._on_change()
        if sentence and sentence != job.sentence:
            self.tell(moved, sentence)
        if state is JobState.CANCELED and job.state is JobState.PROCESSING:
            self.voice.cue(Cue.NONE, moved, is_spoken=False)
        return moved

    def fail(
        self,
        job: Job,
        reason: Reason,
        sentence: str = "",
        scan: StoredScan | None = None,
    ) -> Job:
        """Abort a job, saying why; a scan is what could be kept of it."""
        aborted = replace(job, reason=reason)
        text = sentence or sentences.failed(aborted)
        self.tell_resident(job, Cue.PROBLEM)
        return self.move(job, JobState.ABORTED, reason, text, scan)

    def cancel(self, job: Job, reason: Reason) -> Job:
        """End a job that somebody or something gave up."""
        return self.move(job, JobState.CANCELED, reason, sentences.canceled(job))

    def tell(self, job: Job, text: str) -> None:
        """Tell the counsellor of the job's call."""
        self.voice.say(text, Audience.COUNSELLOR, job.call)

    def tell_resident(self, job: Job, cue: Cue) -> None:
        """Tell whoever sits at the kiosk in the job's call, aloud and on the screen."""
        self.voice.cue(cue, job, is_spoken=True)

    def appointment_folder(self, appointment: int) -> Path:
        """Give the folder of all that the kiosk holds of an appointment."""
        folder = self._folder / str(appointment)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def job_folder(self, job: Job) -> Path:
        """Give the folder of a job's files."""
        folder = self.appointment_folder(job.appointment) / job.uuid
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


def _identity(job: Job) -> dict[str, Any]:
    return {
        "job": job.uuid,
        "operation": job.operation.value,
        "appointment": job.appointment,
        "call": job.call,
    }
