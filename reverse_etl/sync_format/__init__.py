"""What a sync file may say, and the one form in which its values are sent. Knows no warehouse and no destination."""
