# SPDX-License-Identifier: AGPL-3.0-or-later
"""The slip that a resident takes home: one page of A5 in very large type."""
