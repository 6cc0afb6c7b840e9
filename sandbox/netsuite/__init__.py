"""The stand-in for NetSuite: SuiteQL over REST, its sign-on, its limits."""
