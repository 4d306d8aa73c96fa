"""The limit of a reader: DuckDB writing the columns that it reads as Parquet, and nothing else.

    python -m benchmarks.reading.copied json|parquet FOLDER TARGET

prints CPU seconds without imports, and rows.
"""

import json
import sys
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.told_run import cpu_seconds

# Of a line of LiteLLM's log what its reader looks at. Times and costs come in several forms.
TEXTS: Final = (
    *("id", "trace_id", "session_id", "litellm_call_id", "call_type", "cache_hit", "status"),
    *("custom_llm_provider", "startTime", "endTime", "completionStartTime", "model"),
    *("model_group", "model_id", "api_base", "end_user", "response_cost"),
)
COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
OBJECTS: Final = (
    *("metadata", "request_tags", "hidden_params", "model_map_information"),
    *("error_information", "model_parameters", "standard_built_in_tools_params"),
)
LOGGED: Final = (
    *("request_id", "timestamp", "user_id", "session_id", "feature_tag", "team", "tier"),
    *("model_name", "provider", "input_token_count", "cached_tokens", "output_token_count"),
    *("latency", "status", "cost"),
)


def read_json(folder: Path) -> str:
    kinds = dict.fromkeys(TEXTS, "VARCHAR") | dict.fromkeys(COUNTS, "BIGINT")
    columns = ", ".join(
        f"'{name}': '{kind}'" for name, kind in (kinds | dict.fromkeys(OBJECTS, "JSON")).items()
    )
    # a line that is none is a row without values: it is not told apart, which costs more
    return (
        f"select * from read_json('{folder}/*.jsonl', columns = {{{columns}}},"
        " format = 'newline_delimited', ignore_errors = true, maximum_object_size = 100000000)"
    )


def read_parquet(folder: Path) -> str:
    return f"select {', '.join(LOGGED)} from read_parquet('{folder}/*.parquet')"


def main(kind: str, folder: Path, target: Path) -> None:
    read = read_json(folder) if kind == "json" else read_parquet(folder)
    before = cpu_seconds()
    with duckdb.connect() as connection:
        [(rows,)] = connection.execute(
            f"copy ({read}) to '{target}' (format parquet, compression zstd)"
        ).fetchall()
    print(json.dumps({"cpu": cpu_seconds() - before, "records": rows}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
