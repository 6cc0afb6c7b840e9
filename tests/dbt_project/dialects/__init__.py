"""What dbt would send to Snowflake and BigQuery, checked without either: dialect, functions, names."""
