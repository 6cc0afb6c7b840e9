"""The commands of `boomerang`, by subject: each loads settings, calls the platform once and prints the report."""
