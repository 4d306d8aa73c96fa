"""Records a CPU second from a log to the landing, beside DuckDB and beside another release."""
