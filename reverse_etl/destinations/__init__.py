"""Where values go. A destination packs planned rows into calls, sends them, and says what became of each row."""
