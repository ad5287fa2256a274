# SPDX-License-Identifier: AGPL-3.0-or-later
"""What all forms share: fields, days and hours, what is kept of them, how large they are."""
