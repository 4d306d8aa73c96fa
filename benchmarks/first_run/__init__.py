"""A whole first run, beside what DuckDB needs to copy the requests that it published."""
