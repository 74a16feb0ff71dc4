"""Who invited a member, and from which browser and when the second step was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_invitation", sa.Column("invited_by", sa.String(), nullable=True))
    op.create_index("member_invitation_inviter", "member_invitation", ["invited_by"])
    op.add_column("member_second_step", sa.Column("begun_in", sa.String(), nullable=True))
    op.add_column("member_second_step", sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("member_second_step", "begun_at")
    op.drop_column("member_second_step", "begun_in")
    op.drop_index("member_invitation_inviter", "member_invitation")
    op.drop_column("member_invitation", "invited_by")
