# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms on paper: printed of a draft, looked for in scans, put together once signed."""
