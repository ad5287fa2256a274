# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of forms that come back in another appointment; words that ask for a page."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0031"
down_revision = "appointments_0030"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('expected', 'other_printing', 'other_form', 'other_appointment', "
    "'not_ours', 'several_marks', 'no_mark', 'blank')"
)
KINDS = KINDS_BEFORE.replace("'expected', ", "'expected', 'to_confirm', ")
IS_OF_A_FORM_BEFORE = "kind = 'expected'"
IS_OF_A_FORM = "kind IN ('expected', 'to_confirm')"


def upgrade() -> None:
    """Let a page wait for somebody to say whose it is; no words ask for a page."""
    _let_kinds_be(KINDS, IS_OF_A_FORM)
    with op.batch_alter_table("kiosk_screen") as table:
        table.add_column(sa.Column("asked_print_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_kiosk_screen_asked_print_id_printed_form"),
            "printed_form",
            ["asked_print_id"],
            ["id"],
        )


def downgrade() -> None:
    """What waits for an answer is of another appointment again."""
    with op.batch_alter_table("kiosk_screen") as table:
        table.drop_constraint(
            op.f("fk_kiosk_screen_asked_print_id_printed_form"), type_="foreignkey"
        )
        table.drop_column("asked_print_id")
    op.execute(
        sa.text(
            "UPDATE returned_page SET kind = 'other_appointment',"
            " printed_form_id = NULL, page = 0, zones = '{}'"
            " WHERE kind = 'to_confirm'"
        )
    )
    _let_kinds_be(KINDS_BEFORE, IS_OF_A_FORM_BEFORE)


def _let_kinds_be(kinds: str, is_of_a_form: str) -> None:
    rules = {
        "kind_known": kinds,
        "expected_of_a_form": f"({is_of_a_form}) = (printed_form_id IS NOT NULL)",
        "expected_is_a_page": f"(page > 0) = ({is_of_a_form})",
    }
    with op.batch_alter_table("returned_page") as table:
        for name, rule in rules.items():
            name = op.f(f"ck_returned_page_{name}")
            table.drop_constraint(name, type_="check")
            table.create_check_constraint(name, rule)
