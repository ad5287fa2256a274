# SPDX-License-Identifier: AGPL-3.0-or-later
"""Papers of an appointment: laid out within limits, as large as their sheet allows."""
