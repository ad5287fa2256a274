# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a command, or a prepared job, to the job that is written down. Pure."""

from dataclasses import replace

from device_bridge.call.call import Call
from device_bridge.call.codes import MAX_COPIES, PRESET_NUMBERS, Command, Verb
from device_bridge.jobs.job import (
    Job,
    Operation,
    Preset,
    ScanColour,
    new_job_id,
)
from device_bridge.server.port import PreparedJob

OPERATIONS = {
    Verb.PRINT: Operation.PRINT,
    Verb.SCAN: Operation.SCAN,
    Verb.COPY: Operation.COPY,
}
RESOLUTIONS_DPI = (75, 1200)


def job_from_command(command: Command, call: Call) -> Job:
    """Give the job that `*1<n>#`, `*2<p>#` or `*3<n>#` asks for."""
    job = Job(
        uuid=new_job_id(),
        operation=OPERATIONS[command.verb],
        call=call.id,
        appointment=call.appointment,
    )
    if command.verb is Verb.PRINT:
        return replace(job, document=command.number)
    if command.verb is Verb.COPY:
        return replace(job, copies=command.number or 1)
    if command.number is None:
        return job
    return replace(job, preset=PRESET_NUMBERS[command.number])


def job_from_prepared(prepared: PreparedJob, call: Call) -> Job | None:
    """Give the prepared job, or None where its parameters make no sense here.

    Its id is the server's, so that it can exist only once, whatever was restarted or
    restored in between.
    """
    low, high = RESOLUTIONS_DPI
    is_print = prepared.operation is Operation.PRINT
    try:
        preset = Preset(prepared.preset)
        colour = ScanColour(prepared.scan_colour)
    except ValueError:
        return None
    if not 1 <= prepared.copies <= MAX_COPIES or (is_print and not prepared.document):
        return None
    if not low <= prepared.resolution_dpi <= high:
        return None
    return Job(
        uuid=prepared.uuid,
        operation=prepared.operation,
        call=call.id,
        appointment=call.appointment,
        document=prepared.document if is_print else None,
        prepared=prepared.number,
        copies=prepared.copies,
        colour=prepared.colour,
        duplex=prepared.duplex,
        preset=preset,
        resolution_dpi=prepared.resolution_dpi,
        scan_colour=colour,
    )
