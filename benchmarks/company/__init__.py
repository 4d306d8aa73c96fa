"""A company of any size for measurements: a generic Parquet log drawn by DuckDB, and its bill."""
