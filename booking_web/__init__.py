# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happens: appointments, their periods and journal, the pages and the calls."""
