# SPDX-License-Identifier: AGPL-3.0-or-later
"""What this machine is and keeps: places, files, programs, units."""
