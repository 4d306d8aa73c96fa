"""A Spark session: of this process, or of a cluster that listens with Spark Connect."""

import os
from typing import TYPE_CHECKING, Final

from ingestion.workspace.entries import FROM_ENVIRONMENT
from ingestion.workspace.sections.memory import memory_bytes, usable_memory
from ingestion.workspace.settings import LOCAL_SPARK, Workspace, WorkspaceError
from orchestration.running.working_folder import working_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What the SQL of the models takes for granted. Plain UTC timestamps have no zone; what overflows is
# refused instead of becoming NULL.
SETTINGS: Final = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    # what follows from a CASE of many branches takes minutes to write out, and nothing is gained
    "spark.sql.constraintPropagation.enabled": "false",
}
# Of a session of this process alone.
LOCAL: Final = {
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
}


def open_session(workspace: Workspace) -> "SparkSession":
    """As `spark:` of tollbook.yaml says; dbt takes the session that the process has."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise WorkspaceError(
            f"`spark: {workspace.spark}` needs dbt-spark and pyspark: make spark-setup ({error})"
        ) from error
    try:
        session = _session(SparkSession, workspace)
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
    except Exception as error:  # a JVM that is not there, a cluster that does not answer
        reason = " ".join(str(error).split())
        raise WorkspaceError(f"`spark: {workspace.spark}` cannot be reached: {reason}") from error
    return session


def _session(spark: "type[SparkSession]", workspace: Workspace) -> "SparkSession":
    if workspace.spark != LOCAL_SPARK:
        variable = FROM_ENVIRONMENT.fullmatch(workspace.spark)
        address = os.environ[variable[1]] if variable else workspace.spark
        # for dbt, which asks for a session without a word of where
        os.environ["SPARK_REMOTE"] = address
        return spark.builder.remote(address).getOrCreate()
    memory = (memory_bytes(workspace.memory_limit, usable_memory()) or 0) // 2**20
    options = {
        **LOCAL,
        "spark.driver.memory": f"{memory}m",
        "spark.local.dir": str(working_folder(workspace, "spark", "spill")),
    }
    builder = spark.builder.master("local[*]").appName("tollbook")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
