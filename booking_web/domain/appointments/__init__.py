# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments: booked, moved, called, ended, and what each of these rests on."""
