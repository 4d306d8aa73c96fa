"""What Tollbook uses of dagster, dbt and dagster-dbt without their promise: an upgrade that changes
it fails here, and orchestration/*/…insides is the place to mend."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.dbt.assets import EXCLUDED
from orchestration.dbt.dagster_dbt_insides import NodeEvent, selection_of
from orchestration.dbt.insides import OBJECTS, invoke, manifest_object
from orchestration.dbt.insides.events import without_debugging
from orchestration.dbt.insides.macros import Calls
from orchestration.dbt.insides.namespaces import flat_namespaces
from orchestration.dbt.insides.serializers import unquestioned
from orchestration.dbt.invocation import MANIFEST
from orchestration.dbt.translation import Translator
from orchestration.running import dagster_insides as insides

MADE = dg.AssetKey("made")
PROJECT = {
    "dbt_project.yml": "name: small\nprofile: small\nmodel-paths: [models]\n",
    "profiles.yml": "small: {target: x, outputs: {x: {type: duckdb, path: w.duckdb}}}\n",
    "models/one.sql": "select 1 as id\n",
    "models/two.sql": "select id from {{ ref('one') }}\n",
    "models/models.yml": "models: [{name: two, columns: [{name: id, data_tests: [unique]}]}]\n",
}


def test_events_of_a_dagster_run_say_what_failed_what_was_made_and_which_steps_there_were() -> None:
    told: list[tuple[str, bool] | str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            step = insides.step_told(record)
            if step is not None or record.levelno == logging.INFO:
                told.append(step or insides.said_text(record))

    @dg.logger(config_schema={})
    def listening(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("listening", logging.DEBUG)
        logger.addHandler(Listener())
        return logger

    @dg.asset
    def made(context: dg.AssetExecutionContext) -> None:
        context.log.info("said\nas it is")

    @dg.asset(deps=[made])
    def sentence() -> None:
        raise dg.Failure("a sentence")

    @dg.asset(deps=[made])
    def chain() -> None:
        try:
            raise ValueError("at the bottom")
        except ValueError as error:
            raise RuntimeError("on top") from error

    definitions = dg.Definitions(
        [made, sentence, chain],
        jobs=[dg.define_asset_job("all")],
        loggers={"console": listening},
        executor=dg.in_process_executor,
    )
    job = definitions.resolve_job_def("all")
    assert insides.step_count(job) == 3
    config = {"loggers": {"console": {}}}
    result = job.execute_in_process(run_config=config, raise_on_error=False)
    assert insides.materialized(result) == {MADE}
    assert not insides.was_interrupted(result)
    failures = {failure.step: failure for failure in insides.step_failures(result)}
    assert failures["sentence"].description == "a sentence"
    # Dagster's own error stands around it
    assert [error.name for error in failures["chain"].errors][-2:] == ["RuntimeError", "ValueError"]
    assert failures["chain"].errors[-1].message.strip() == "ValueError: at the bottom"
    assert told[:3] == [("made", True), "said\nas it is", ("made", False)]
    assert {(name, begun) for name, begun in told[3:] if isinstance(begun, bool)} == {
        (name, begun) for name in ("sentence", "chain") for begun in (True, False)
    }


def test_a_run_that_nobody_looks_up_stores_no_event_and_its_result_has_all() -> None:
    @dg.asset
    def made() -> None: ...

    @dg.asset_check(asset=made, blocking=True)
    def whole() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    @dg.asset(deps=[made])
    def then() -> None: ...

    results = []
    definitions = dg.Definitions([made, then], asset_checks=[whole])
    job = definitions.resolve_implicit_global_asset_job_def()
    for opened in (dg.DagsterInstance.ephemeral, insides.passing_instance):
        with opened() as instance:
            result = job.execute_in_process(instance=instance)
            told = [(event.event_type_value, event.step_key) for event in result.all_events]
            results.append((told, insides.materialized(result)))
            stored = instance.all_logs(result.run_id)
            assert bool(stored) == (opened is dg.DagsterInstance.ephemeral)
    assert results[0] == results[1]


def test_a_dagster_run_that_cannot_begin_says_why() -> None:
    @dg.resource
    def broken(_: dg.InitResourceContext) -> None:
        raise OSError("no disk")

    @dg.op(required_resource_keys={"broken"})
    def never() -> None: ...

    @dg.job(resource_defs={"broken": broken})
    def beginning() -> None:
        never()

    result = beginning.execute_in_process(raise_on_error=False)
    assert insides.step_failures(result) == []
    [errors] = insides.run_failures(result)
    assert errors[-1] == insides.RaisedError("OSError", "OSError: no disk\n")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in PROJECT.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_dbt_builds_what_it_parsed_before_and_tells_every_node_with_its_place(
    project: Path,
) -> None:
    quiet = ["--log-level", "none", "--log-level-file", "none"]
    errors: list[Any] = []
    parsed = invoke([*quiet, "parse"], errors.append, None, project)
    assert parsed.success, errors
    manifest = manifest_object((project / "target" / OBJECTS).read_bytes())
    raw: list[dict[str, Any]] = []
    built = invoke([*quiet, "build"], raw.append, manifest, project)
    assert built.success
    assert [str(node.status) for node in built.result.results] == ["success", "success", "pass"]
    events = [NodeEvent(each) for each in raw]
    done = [(event.node, event.nodes) for event in events if event.is_result]
    assert done == [("one", 3), ("two", 3), ("unique_two_id", 3)]
    # nobody holds the database any more
    (project / "w.duckdb").rename(project / "moved.duckdb")
    result = _as_assets(json.loads((project / "target" / MANIFEST).read_bytes()), events)
    made = [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]
    assert made == ["one", "two"]
    [check] = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("unique_two_id", True)


def _with_macros(project: Path) -> None:
    """A model that calls one while it is built alone, one in a hook, and one below another."""
    (project / "macros").mkdir()
    (project / "macros/own.sql").write_text(
        "{% macro asked() %}{{ return(adapter.dispatch('asked')()) }}{% endmacro %}"
        "{% macro default__asked() %}{{ below() }}{% endmacro %}"
        "{% macro below() %}, 1 as one{% endmacro %}"
        "{% macro hooked() %}select 1{% endmacro %}"
        "{% macro unasked() %}{{ hooked() }}{% endmacro %}"
    )
    (project / "models/three.sql").write_text(
        "{{ config(materialized='incremental', on_schema_change='sync_all_columns', "
        "post_hook='{{ hooked() }}') }}"
        "select {{ dbt.string_literal('id') }} as id {% if execute %}{{ asked() }}{% endif %} "
        "from {{ ref('two') }} {% if is_incremental() %} where false {% endif %}"
    )


def test_a_build_makes_no_code_of_templates_that_another_made_and_keeps_the_macros_it_calls(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbt_common.clients.jinja import MacroFuzzEnvironment, template_cache

    _with_macros(project)
    quiet = ["--log-level", "none", "--log-level-file", "none"]
    assert invoke([*quiet, "parse"], _unheard, None, project).success
    data = (project / "target" / OBJECTS).read_bytes()
    whole = json.loads((project / "target" / MANIFEST).read_bytes())["macros"]
    made: list[str] = []
    generate = MacroFuzzEnvironment._parse

    def counted(environment: Any, source: str, *rest: Any) -> Any:
        made.append(source)
        return generate(environment, source, *rest)

    monkeypatch.setattr(MacroFuzzEnvironment, "_parse", counted)
    # the first one makes the table, the next one adds to it, the third one has done all before
    for _ in range(3):
        made.clear()
        template_cache.clear()
        assert invoke([*quiet, "build"], _unheard, manifest_object(data), project).success
    assert not made
    manifest = manifest_object(data)
    assert len(manifest.macros) < len(whole) / 2
    found = Calls(manifest.macros).of_node(manifest.nodes["model.small.three"])
    assert found["small"].keys() == {"asked", "default__asked", "below", "hooked"}
    assert len(found["dbt"]) < len(whole) / 3
    # one that is broken is made again
    [kept] = project.glob("*.marshal")
    kept.write_bytes(kept.read_bytes()[:1000])
    template_cache.clear()
    assert invoke([*quiet, "build"], _unheard, manifest_object(data), project).success
    assert made


def test_a_model_runs_in_the_context_it_was_compiled_in_and_macros_see_what_was_compiled(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb
    from dbt.context.providers import ModelContext

    (project / "macros").mkdir()
    (project / "macros/own.sql").write_text(
        "{% macro seen() %}"
        "select '{{ 'compiled' if sql and model.compiled_code and compiled_code else 'raw' }}' as a"
        "{% endmacro %}"
    )
    # called to compile the model, and again in a hook when it runs
    (project / "models/three.sql").write_text(
        "{{ config(post_hook='create table told as {{ seen() }}') }} {{ seen() }}"
    )
    made: list[str] = []
    begin = ModelContext.__init__

    def counted(context: ModelContext, node: Any, *rest: Any) -> None:
        made.append(node.name)
        begin(context, node, *rest)

    monkeypatch.setattr(ModelContext, "__init__", counted)
    quiet = ["--log-level", "none", "--log-level-file", "none"]
    assert invoke([*quiet, "parse"], _unheard, None, project).success
    manifest = manifest_object((project / "target" / OBJECTS).read_bytes())
    made.clear()
    assert invoke([*quiet, "build"], _unheard, manifest, project).success
    assert sorted(made) == ["one", "three", "two", "unique_two_id"]
    with duckdb.connect(project / "w.duckdb") as connection:
        told = connection.execute("select three.a, told.a from three, told").fetchall()
    assert told == [("raw", "compiled")]


WITHOUT_ITS_CODE = """
import sys
if sys.argv[1] == "when used":
    from orchestration.dbt.insides.serializers import make_when_used
    make_when_used()
from dbt.artifacts.resources import SourceConfig
from dbt.contracts.graph.nodes import SourceDefinition
from dbt.adapters.base.relation import BaseRelation, Policy
said = {"path": {"database": "d", "schema": "s", "identifier": "i"}, "type": "view"}
relation = BaseRelation.from_dict(said)
print(relation, relation.to_dict(omit_none=True), relation.to_msgpack())
print(Policy.from_dict({"schema": False}).to_dict(), Policy.from_msgpack(Policy().to_msgpack()))
try:
    SourceDefinition.from_dict({"name": "n"})
except Exception as error:
    print(type(error).__name__, error)
print(SourceConfig.from_dict({"enabled": False, "more": 1}).to_dict(omit_none=True))
"""


def test_dataclasses_of_dbt_whose_code_is_made_when_used_read_and_write_the_same() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", WITHOUT_ITS_CODE, when],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for when in ("at once", "when used")
    ]
    assert told[0] == told[1]
    assert "MissingField" in told[0]


def test_settings_that_were_parsed_are_held_against_no_schema_and_all_else_is() -> None:
    from dbt.artifacts.resources import Quoting
    from dbt.contracts.project import ProfileConfig
    from dbt_common.dataclass_schema import ValidationError

    with unquestioned():
        ProfileConfig.validate({"target_name": 1})
        with pytest.raises(ValidationError):
            Quoting.validate({"schema": "perhaps"})
    with pytest.raises(ValidationError):
        ProfileConfig.validate({"target_name": 1})


def test_resources_of_a_step_are_made_once_for_each_set_that_is_asked_for() -> None:
    from dagster._core.definitions.scoped_resources_builder import ScopedResourcesBuilder

    builder = ScopedResourcesBuilder({"here": 1, "there": 2})
    with insides.resources_built_once():
        both, one = builder.build({"here", "there"}), builder.build({"here"})
        assert builder.build({"there", "here"}) is both
        assert builder.build(None) is builder.build(set())
    assert (both.here, both.there, one.here) == (1, 2, 1)
    assert one.original_resource_dict == {"here": 1}
    assert not hasattr(one, "there")


def test_an_event_for_who_debugs_dbt_is_composed_where_it_is_asked_for() -> None:
    from dbt.adapters.events.types import SQLCommit
    from dbt_common.events.functions import fire_event

    with without_debugging():
        event = SQLCommit(conn_name="here", node_info={})
        fire_event(event)
        assert "pb_msg" not in event.__dict__
        assert event.message() == "On here: COMMIT"
        assert event.to_dict()["conn_name"] == "here"
    assert "pb_msg" in SQLCommit(conn_name="here", node_info={}).__dict__


def test_a_name_is_the_same_macro_in_a_flat_namespace_as_in_one_of_dbt() -> None:
    from types import SimpleNamespace

    from dbt.context.macros import MacroNamespaceBuilder

    packages = {
        package: {name: SimpleNamespace(name=name, package_name=package) for name in names}
        for package, names in {
            "dbt": ["of_dbt", "of_adapter", "of_project", "of_package"],
            "dbt_duckdb": ["of_adapter", "of_project"],
            "small": ["of_project", "of_package", "of_root"],
            "other": ["of_package", "of_root"],
        }.items()
    }

    def found(search: str) -> Any:
        builder = MacroNamespaceBuilder("small", search, None, ["dbt_duckdb", "dbt"])
        names = builder.build_namespace(packages, {})
        plain = {
            name: given if isinstance(given, dict) else given.macro for name, given in names.items()
        }
        asked = [(None, "of_root"), ("dbt", "of_adapter"), ("other", "of_root"), ("dbt", "no")]
        by_package = [names.get_from_package(*each) for each in asked]
        return (
            {name: given for name, given in plain.items() if not isinstance(given, dict)},
            {name: sorted(given) for name, given in plain.items() if isinstance(given, dict)},
            [each and each.macro for each in by_package],
        )

    for search in ("small", "other", "dbt"):
        usual = found(search)
        with flat_namespaces():
            assert found(search) == usual


def _unheard(_: Any) -> None: ...


def _as_assets(manifest: Any, events: list[NodeEvent]) -> dg.ExecuteInProcessResult:
    from dagster_dbt import dbt_assets

    translator = Translator()

    @dbt_assets(manifest=manifest, exclude=EXCLUDED, dagster_dbt_translator=translator)
    def build(context: dg.AssetExecutionContext) -> Any:
        selection = selection_of(context, manifest, translator, EXCLUDED)
        assert selection == (["--select", "fqn:*", "--exclude", EXCLUDED], None)
        for event in events:
            yield from event.as_dagster(context, manifest, translator)

    return dg.materialize([build])
