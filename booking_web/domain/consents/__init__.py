# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a resident agrees to, and what follows where they do not."""
