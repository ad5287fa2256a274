# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a CV does not take."""


class CvError(Exception):
    """The base of the errors below; their text holds nothing that was written."""


class CvGone(CvError):
    """There is no such CV in this appointment, or it was erased."""


class UnknownCvField(CvError):
    """A CV has no such field, or that entry of it was taken away meanwhile."""


class CvTooLong(CvError):
    """A text is longer, or there are more entries, than a CV may have; nothing changed."""


class CvNotText(CvError):
    """A text holds what cannot be stored: half a character, or the end of a text."""


class NobodyAgreed(CvError):
    """The booking knows no resident for whom the CV could be kept."""
