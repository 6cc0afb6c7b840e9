"""Everything Dagster shows: assets, checks, jobs, schedules and sensors, found by folder."""
