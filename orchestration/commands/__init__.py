"""The commands of `boomerang`, by subject. Each loads settings, calls one function of the platform and prints its report."""
