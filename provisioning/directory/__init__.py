# SPDX-License-Identifier: AGPL-3.0-or-later
"""The directory as a service: what exists is planned, changed and let in here, and nowhere else."""
