"""The other side of a webhook destination: takes signed messages as a careful receiver does."""
