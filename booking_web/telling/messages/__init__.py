# SPDX-License-Identifier: AGPL-3.0-or-later
"""What residents are told of their appointments, by e-mail, by SMS or by telephone."""
