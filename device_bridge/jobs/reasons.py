# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why a device or a job is as it is: one code per cause, for journal and sentences."""

from enum import StrEnum


class Reason(StrEnum):
    """A cause. The counsellor reads its sentence, the server stores its code."""

    NONE = ""
    # Printer
    PAPER_OUT = "paper_out"
    PAPER_JAM = "paper_jam"
    DOOR_OPEN = "door_open"
    PRINTER_OFFLINE = "printer_offline"
    PRINTER_PAUSED = "printer_paused"
    PRINTER_UNKNOWN = "printer_unknown"
    PRINTER_STOPPED = "printer_stopped"
    PRINTER_FAULT = "printer_fault"
    PRINT_SERVICE_DOWN = "print_service_down"
    PRINT_SERVICE_RESTARTED = "print_service_restarted"
    TONER_LOW = "toner_low"
    TONER_EMPTY = "toner_empty"
    TRAY_MISSING = "tray_missing"
    OUTPUT_FULL = "output_full"
    JOB_HELD = "job_held"
    PRINT_TIMEOUT = "print_timeout"
    PRINT_UNCERTAIN = "print_uncertain"
    # Scanner
    SCANNER_OFFLINE = "scanner_offline"
    SCANNER_MISSING = "scanner_missing"
    SCANNER_BUSY = "scanner_busy"
    SCANNER_HUNG = "scanner_hung"
    SCANNER_FAULT = "scanner_fault"
    FEEDER_EMPTY = "feeder_empty"
    FEEDER_JAM = "feeder_jam"
    COVER_OPEN = "cover_open"
    SHORT_PAGE = "short_page"
    NO_FEEDER = "no_feeder"
    TOO_MANY_SCANNED = "too_many_scanned"
    # The document
    DOCUMENT_UNKNOWN = "document_unknown"
    DOCUMENT_NOT_PDF = "document_not_pdf"
    DOCUMENT_DAMAGED = "document_damaged"
    DOCUMENT_ENCRYPTED = "document_encrypted"
    DOCUMENT_ACTIVE = "document_active"
    DOCUMENT_TOO_LARGE = "document_too_large"
    DOCUMENT_TOO_LONG = "document_too_long"
    # Around
    JOB_UNKNOWN = "job_unknown"
    JOB_UNSUPPORTED = "job_unsupported"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_REFUSED = "server_refused"
    CALL_OVER = "call_over"
    CANCELED_BY_COUNSELLOR = "canceled_by_counsellor"
    BRIDGE_RESTARTED = "bridge_restarted"
    DISK_FULL = "disk_full"
    INTERNAL = "internal"


# A device that says one of these goes on working: they are told, nothing waits for them.
WARNINGS = frozenset({Reason.TONER_LOW})
