"""What was sent and what became of it: the tables in the schema `ops`, and every write to them while a run lasts."""
