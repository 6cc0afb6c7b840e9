"""What an app may write: metafields and their definitions, tags, customers, segments, webhook subscriptions."""
