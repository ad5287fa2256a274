# SPDX-License-Identifier: AGPL-3.0-or-later
"""A report of an import in the shape that programs read."""

from typing import Any

from booking_web.domain.imports.lines import Line, Report
from booking_web.words.imports import note_sentence, why_sentence


def as_data(report: Report) -> dict[str, Any]:
    """Describe the report; sentences are in the reader's language."""
    return {
        "dry_run": report.is_dry_run,
        "counts": report.counts,
        "lines": [_line(line) for line in report.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "line": line.number,
        "outcome": str(line.outcome),
        "why": str(line.why) if line.why else None,
        "sentences": [
            *([why_sentence(line.why)] if line.why else []),
            *(note_sentence(note) for note in line.notes),
        ],
        "reference": line.reference,
        "starts_at": line.starts_at.isoformat() if line.starts_at else None,
        "appointment": line.appointment_id,
    }
