"""NetSuite by SuiteQL over REST: signed requests, pages by key, windows below its cap, its rate kept."""
