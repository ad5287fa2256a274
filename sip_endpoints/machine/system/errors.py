# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes wrong with a machine; each text is a French sentence for whoever set it up."""


class MachineError(Exception):
    """The machine cannot do what was asked; base of the family."""


class ProgramFailed(MachineError):
    """A program of the system is missing, took too long or said no."""


class ProgramTooSlow(ProgramFailed):
    """A program of the system did not end within its limit."""


class InCall(MachineError):
    """A call is up: the resident must not hear a tone, nor lose the camera."""
