"""Making a plan, and whether it may be applied: the diff, its rejections and guards, its premises and approvals."""
