"""A small warehouse as dbt would leave it, written by hand, and the models to publish of it."""

from datetime import date
from pathlib import Path

import duckdb

from ingestion.workspace.settings import Workspace, load_workspace
from orchestration.dbt.published_models import PublishedAs, PublishedModel
from orchestration.publishing.origin import Origin
from orchestration.warehouse.built_days import BY_DAY, forget_days
from orchestration.warehouse.parquet_days import day_file, record_files

# Marts that a month's pages read beside those of its files.
FOR_PAGES = (
    *("mart_likely_misspellings", "mart_variance_bridge", "mart_data_quality_daily"),
    *("mart_unpriced_usage", "dim_attribution_rules", "mart_tier_margin_monthly"),
    *("mart_runaways", "mart_unit_cost_daily", "dim_control_layers"),
)

MODELS = [
    PublishedModel("fct_requests", PublishedAs.PARQUET_BY_DAY),
    PublishedModel("fct_cost_allocations", PublishedAs.TABLE_BY_MONTH),
    PublishedModel("mart_chargeback_monthly", PublishedAs.TABLE),
    PublishedModel("mart_chargeback_phases", PublishedAs.TABLE),
    PublishedModel("mart_recovery_monthly", PublishedAs.TABLE),
    PublishedModel("mart_showback_monthly", PublishedAs.TABLE),
    PublishedModel("mart_reconciliation_monthly", PublishedAs.TABLE),
    PublishedModel("mart_month_completeness", PublishedAs.TABLE),
    PublishedModel("mart_focus", PublishedAs.TABLE),
    PublishedModel("mart_corrections", PublishedAs.TABLE),
    *(PublishedModel(name, PublishedAs.TABLE) for name in FOR_PAGES),
    PublishedModel(
        "requests_per_team",
        PublishedAs.VIEW,
        'select team, count(*) as requests from "main"."fct_requests" group by team',
    ),
]

ORIGIN = Origin("Acme", "billed")

# (month, team, cost_center, direct, residual, shared, correction, status)
Chargeback = tuple[str, str, str | None, str, str, str, str, str]

CHARGEBACK: list[Chargeback] = [
    ("2026-09-01", "search", "CC1", "10.005", "0.005", "0", "0", "billed"),
    ("2026-09-01", "hr", "CC2", "20.005", "0", "0", "0", "billed"),
    ("2026-09-01", "__unallocated__", None, "0", "3.335", "0", "0", "billed"),
    ("2026-10-01", "search", "CC1", "7.5", "0", "0", "0", "not_tied"),
]

TABLES = """
create schema landing;
create table landing.invoices (
    line integer, provider varchar, billing_account varchar, invoice_id varchar,
    billing_month date, kind varchar, amount decimal(38, 12), tax decimal(38, 12),
    credits decimal(38, 12), covers varchar);
create table main.fct_requests (
    usage_date date, day_hash varchar, request_id varchar, team varchar, list_cost decimal(38, 12));
create table main.fct_cost_allocations (
    billing_month date, feature varchar, team varchar, tier varchar,
    billed_cost decimal(38, 12), estimated_cost decimal(38, 12), provider varchar default 'openai',
    billing_account varchar default 'org-a', billed_cost_in_billing_currency decimal(38, 12),
    usage_date date default '2026-09-30', model varchar, meter varchar, quantity bigint,
    residual_cause varchar, showback_date date default '2026-09-30',
    environment varchar default 'prod', plan varchar default 'annual');
create table main.mart_chargeback_monthly (
    billing_month date, provider varchar, billing_account varchar, team varchar,
    team_name varchar, cost_center varchar, direct_cost decimal(38, 12),
    residual_cost decimal(38, 12), shared_cost decimal(38, 12), correction_cost decimal(38, 12),
    timing_cost decimal(38, 12), total_cost decimal(38, 12), estimated_cost decimal(38, 12),
    recovered_cost decimal(38, 12), currency varchar, phase varchar, status varchar);
create table main.mart_chargeback_phases (billing_month date, team varchar, phase varchar);
create table main.mart_recovery_monthly (
    billing_month date, scope varchar, scope_id varchar, method varchar, meter varchar,
    quantity bigint);
create table main.mart_showback_monthly (
    showback_month date, team varchar, feature varchar, billed_cost decimal(38, 12),
    list_cost decimal(38, 12), requests bigint, cost_per_request decimal(38, 12),
    line_kind varchar default 'owner', tier varchar default 'pro',
    environment varchar default 'prod', plan varchar default 'annual',
    estimated_cost decimal(38, 12) default 0, shared_cost decimal(38, 12) default 0);
create table main.mart_reconciliation_monthly (
    provider varchar, billing_account varchar, billing_month date, invoice_amount decimal(38, 12),
    billed decimal(38, 12), allocated decimal(38, 12), requests_cost decimal(38, 12),
    tax decimal(38, 12), unexplained decimal(38, 12), invoice_id varchar,
    foreign_services decimal(38, 12), invoice_status varchar,
    billing_currency varchar, fx_rate_id varchar,
    contracted decimal(38, 12), rate_variance decimal(38, 12), quantity_variance decimal(38, 12),
    unpriced_cost decimal(38, 12));
create table main.mart_likely_misspellings (
    dimension varchar, spelling varchar, likely_owner varchar);
create table main.mart_variance_bridge (
    billing_month date, scope varchar, team varchar, feature varchar, model varchar,
    residual_cause varchar, requests bigint, requests_before bigint,
    unpriced_quantity bigint, unpriced_quantity_before bigint,
    volume_effect decimal(38, 12), feature_mix_effect decimal(38, 12),
    model_mix_effect decimal(38, 12), tokens_effect decimal(38, 12), price_effect decimal(38, 12));
create table main.mart_data_quality_daily (
    source varchar, kind varchar, day date, objects bigint, records_read bigint,
    records_landed bigint, records_quarantined bigint, records_duplicate bigint,
    contracted_cost decimal(38, 12), feature_owned_cost decimal(38, 12),
    team_owned_cost decimal(38, 12), tier_owned_cost decimal(38, 12),
    environment_owned_cost decimal(38, 12), plan_owned_cost decimal(38, 12));
create table main.mart_unpriced_usage (
    queue_rank bigint, provider varchar, model varchar, service_tier varchar, meter varchar,
    reason varchar, requests bigint, tokens bigint, first_day date, last_day date);
create table main.mart_runaways (
    axis varchar, entity varchar, signature varchar, first_seen_at timestamp,
    detected_at timestamp, last_seen_at timestamp, hours_over bigint, is_open boolean,
    feature varchar, team varchar, call_owner varchar, requests bigint, unpriced_quantity bigint,
    exposure_at_detection decimal(38, 12), exposure_so_far decimal(38, 12),
    exposure_by_morning decimal(38, 12), first_layer integer, first_limit varchar,
    first_layer_at timestamp);
create table main.dim_control_layers (control_layer integer, layer_name varchar);
create table main.mart_unit_cost_daily (
    usage_date date, feature varchar, total_cost decimal(38, 12),
    cost_per_request decimal(38, 12), is_change_point boolean, baseline_model varchar,
    main_model varchar, baseline_cost_per_request decimal(38, 12),
    changed_cost_per_request decimal(38, 12), change_percent decimal(18, 2));
create table main.mart_tier_margin_monthly (
    showback_month date, tier varchar, plan varchar, revenue decimal(38, 12));
create table main.dim_attribution_rules (
    rule varchar, rule_rank bigint, status varchar, matched_requests bigint,
    matched_cost decimal(38, 12));
create table main.mart_month_completeness (
    billing_month date, gateway varchar, reason varchar, what varchar,
    uncovered_cost decimal(38, 12), accepted_line integer, accepting_line varchar,
    is_incomplete boolean);
create table main.mart_corrections (
    billing_month date, posting_month date, provider varchar, billing_account varchar,
    team varchar, cost_center varchar, feature varchar, reason varchar, part varchar,
    status varchar, amount decimal(38, 12), currency varchar);
create table main.mart_focus (
    "BilledCost" decimal(38, 12), "BillingAccountId" varchar, "BillingCurrency" varchar,
    "BillingPeriodStart" timestamp, "ChargeCategory" varchar, "ChargePeriodStart" timestamp,
    "ConsumedQuantity" decimal(38, 6), "ConsumedUnit" varchar, "EffectiveCost" decimal(38, 12),
    "InvoiceId" varchar, "InvoiceIssuerName" varchar, "PricingCategory" varchar,
    "ProviderName" varchar, "ServiceName" varchar, "Tags" varchar,
    "x_AllocationMethod" varchar, "x_ChargeId" varchar, "x_ContextBand" varchar,
    "x_CredentialId" varchar, "x_MatchLevel" varchar, "x_Meter" varchar, "x_Model" varchar,
    "x_Provider" varchar, "x_ResidualCause" varchar, "x_ServiceTier" varchar, "x_UsageDate" date);
insert into main.mart_focus by name
    select 33.35 as "BilledCost", 'org-a' as "BillingAccountId", 'USD' as "BillingCurrency",
        timestamp '2026-09-01' as "BillingPeriodStart", 'Usage' as "ChargeCategory",
        timestamp '2026-09-03 10:00:00' as "ChargePeriodStart", '{"team":"=hr"}' as "Tags",
        'OpenAI' as "ProviderName", 'OpenAI' as "InvoiceIssuerName", 'INV-9' as "InvoiceId",
        'OpenAI API' as "ServiceName", 'quantity' as "x_AllocationMethod",
        '-c' as "x_ChargeId", date '2026-09-03' as "x_UsageDate";
insert into main.fct_cost_allocations
    (billing_month, feature, team, tier, billed_cost, estimated_cost, provider, billing_account,
     billed_cost_in_billing_currency) values
    ('2026-09-01', 'search', 'search', 'pro', 33.35, 0, 'openai', 'org-a', 33.35),
    ('2026-10-01', 'search', 'hr', 'pro', 7, 0, 'openai', 'org-a', 7);
insert into main.mart_showback_monthly
    (showback_month, team, feature, billed_cost, list_cost, requests, cost_per_request) values
    ('2026-09-01', 'search', '=cmd()', 10.004, null, 3, 3.334666666666),
    ('2026-09-01', 'hr', '-2', 10.004, 1.5, 2, 5.002),
    ('2026-09-01', '@hr', 'x', 10.004, 1.5, 2, 5.002);
insert into main.mart_reconciliation_monthly
    (provider, billing_account, billing_month, invoice_amount, billed, allocated, requests_cost,
     tax, unexplained, invoice_id, foreign_services, invoice_status, billing_currency,
     fx_rate_id) values
    ('openai', 'org-a', '2026-09-01', 33.35, 33.35, 33.35, 30.01, 3.34, 0, 'INV-9', 0,
    'tied', 'USD', 'identity'),
    ('openai', 'org-a', '2026-10-01', 9.5, 7.5, 7.5, 7.5, 0, 2, 'INV-10', 0,
    'not_tied', 'USD', 'identity');
"""


def write_days(connection: duckdb.DuckDBPyConnection, days: dict[str, tuple[str, int]]) -> None:
    """`days`: usage date -> its day_hash and its number of requests."""
    connection.execute("delete from main.fct_requests")
    for day, (day_hash, requests) in days.items():
        connection.execute(
            "insert into main.fct_requests select ?, ?, 'r' || i, 'team' || i % 2, i / 1000"
            " from range(?) as numbers (i)",
            [date.fromisoformat(day), day_hash, requests],
        )
    write_day_files(connection)


def write_day_files(connection: duckdb.DuckDBPyConnection) -> None:
    """As a build leaves them beside the warehouse, for its tables of requests that are there."""
    [(place,)] = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    folder = Path(place).with_name("marts.requests")
    forget_days(connection)
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'main'"
    ).fetchall()
    for table in [name for [name] in tables if name in BY_DAY]:
        days = connection.execute(f"select distinct usage_date, day_hash from {table}").fetchall()
        for day in days:
            file = day_file(folder, table, *day)
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                connection.execute(
                    f"copy (select * from {table} where usage_date = '{day[0]}') to '{file}'"
                )
                record_files(folder, [file])
        connection.execute(
            f"insert into built.built_days select distinct usage_date, day_hash from {table}"
        )


def write_chargeback(connection: duckdb.DuckDBPyConnection, rows: list[Chargeback]) -> None:
    connection.execute("delete from main.mart_chargeback_monthly")
    for month, team, cost_center, direct, residual, shared, correction, status in rows:
        connection.execute(
            "insert into main.mart_chargeback_monthly select ?, 'openai', 'org-a', ?, ?, ?,"
            " d, r, s, c, 0, d + r + s + c, 0, d + r + s + c, 'USD', 'showback', ? from"
            " (select ?::decimal(38, 12) as d, ?::decimal(38, 12) as r,"
            " ?::decimal(38, 12) as s, ?::decimal(38, 12) as c)",
            [month, team, team.title(), cost_center, status, direct, residual, shared, correction],
        )


def write_warehouse(path: Path, days: dict[str, tuple[str, int]]) -> None:
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        connection.execute(TABLES)
        write_days(connection, days)
        write_chargeback(connection, CHARGEBACK)


def write_workspace(folder: Path) -> Workspace:
    """A workspace of one gateway that has no logs yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "tollbook.yaml").write_text(
        "company: Acme\ngateways:\n  - {name: prod, format: litellm, location: logs}\n"
    )
    return load_workspace(folder)
