# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's desk: one page with the call, and the other pages in its frame."""
