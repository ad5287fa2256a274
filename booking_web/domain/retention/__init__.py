# SPDX-License-Identifier: AGPL-3.0-or-later
"""What need not be kept any longer."""
