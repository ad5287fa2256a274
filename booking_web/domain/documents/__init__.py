# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents of an appointment: received, examined, encrypted, kept, shown, removed."""
