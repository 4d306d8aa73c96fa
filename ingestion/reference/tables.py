"""Which reference CSVs there are, their columns and what each column holds."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from ingestion.contracts import INSTANT, MONEY
from ingestion.reference.columns import (
    ABOVE,
    EVERY,
    EVERY_REGION,
    NAME,
    TEXT,
    VALIDITY,
    Column,
    ReferenceTable,
)
from ingestion.reference.conflicts import ACCOUNT_SCOPES, overage_problem, scope_problem
from ingestion.reference.csvs.accepted_losses import ACCEPTED_LOSSES
from ingestion.reference.csvs.budgets import BUDGETS
from ingestion.reference.csvs.business_figures import FEATURE_PLANS, OUTCOMES, REVENUE
from ingestion.reference.csvs.capacity_pools import account_problem
from ingestion.reference.csvs.chargeback_phases import CHARGEBACK_PHASES, DISPUTES
from ingestion.reference.csvs.commitments import COMMITMENTS
from ingestion.reference.csvs.exchange_rates import EXCHANGE_RATES
from ingestion.reference.csvs.invoices import IDENTITY, INVOICE_KINDS, invoice_problem
from ingestion.reference.csvs.levers import LEVERS, PLANS
from ingestion.reference.csvs.rate_card import RATE_CARD
from ingestion.reference.csvs.shared_costs import (
    BASES,
    EVERY_TEAM,
    METHODS,
    method_problem,
    shared_cost_match,
    targets_text,
)
from ingestion.reference.rules.match import match_text
from ingestion.reference.values import (
    capacity,
    choice,
    cost,
    currency,
    dimensions,
    instant,
    lower_case,
    money,
    month,
    percent,
    priority,
    seat_count,
    text,
    true_false,
)
from ingestion.vocabulary import CREDENTIAL_OWNERS, CUSTOMER_OWNERS, OWNERS, PRICED

CAPACITY_UNITS: Final = ("tokens", "requests", "gpu_seconds")

TABLES: Final[Mapping[str, ReferenceTable]] = {
    "teams": ReferenceTable(
        {
            "team_id": NAME,
            **dict.fromkeys(("team_name", "cost_center", "business_unit", "owner_email"), TEXT),
            **VALIDITY,
        },
        key=("team_id",),
    ),
    "credentials": ReferenceTable(
        {
            "source": NAME,
            "credential_id": NAME,
            **dict.fromkeys(CREDENTIAL_OWNERS, TEXT),
            **VALIDITY,
        },
        key=("source", "credential_id"),
        globs=("credential_id",),
    ),
    "deployments": ReferenceTable(
        {
            "gateway": NAME,
            "deployment_id": NAME,
            **dict.fromkeys(("provider", "billing_account", "sub_account"), TEXT),
            **dict.fromkeys(("provider_credential_id", "region"), TEXT),
            # a key that rotates is two lines
            **VALIDITY,
        },
        key=("gateway", "deployment_id"),
        globs=("deployment_id",),
    ),
    "models": ReferenceTable(
        {
            "provider": NAME,
            "raw_model": Column(pa.string(), lower_case, required=True),
            "model": NAME,
            **VALIDITY,
        },
        key=("provider", "raw_model"),
        globs=("raw_model",),
    ),
    "customers": ReferenceTable(
        {
            "customer_id": NAME,
            **dict.fromkeys(CUSTOMER_OWNERS, TEXT),
            "converted": Column(pa.bool_(), true_false),
            **VALIDITY,
        },
        key=("customer_id",),
        globs=("customer_id",),
    ),
    "aliases": ReferenceTable(
        {
            "dimension": Column(pa.string(), choice(*OWNERS), required=True),
            # spellings compare in any case
            "raw": Column(pa.string(), lower_case, required=True),
            "value": NAME,
        },
        key=("dimension", "raw"),
    ),
    "invoices": ReferenceTable(
        {
            **dict.fromkeys(("provider", "billing_account", "invoice_id"), NAME),
            "billing_month": Column(pa.date32(), month, required=True),
            "kind": Column(pa.string(), choice(*INVOICE_KINDS), empty="usage"),
            "amount": Column(MONEY, money, required=True),
            "tax": Column(MONEY, money),
            "credits": Column(MONEY, money),
            "currency": Column(pa.string(), currency, required=True),
            "issued_at": Column(INSTANT, instant),
            "commitment_id": TEXT,
            # the months that a payment is spread over, half-open
            **dict.fromkeys(("pays_from", "pays_to"), Column(pa.date32(), month)),
            # all: other services of the cloud are on it, too
            "covers": Column(pa.string(), choice("ai", "all"), empty="ai"),
        },
        key=IDENTITY,
        problem=invoice_problem,
    ),
    "prices": ReferenceTable(
        {
            "provider": NAME,
            "model": NAME,
            "meter": Column(pa.string(), choice(*PRICED), required=True),
            "service_tier": Column(pa.string(), text, empty="standard"),
            "region": EVERY_REGION,
            "context_above": ABOVE,
            "volume_above": ABOVE,
            # empty: not sold
            "unit_price_per_million": Column(MONEY, money, in_header=True),
            **VALIDITY,
        },
        key=(
            *("provider", "model", "meter", "service_tier", "region"),
            *("context_above", "volume_above"),
        ),
    ),
    "contracts": ReferenceTable(
        {
            "provider": NAME,
            **dict.fromkeys(("model", "meter", "service_tier"), EVERY),
            "volume_above": ABOVE,
            "discount_percent": Column(MONEY, percent),
            "unit_price_per_million": Column(MONEY, money),
            **VALIDITY,
        },
        key=("provider", "model", "meter", "service_tier", "volume_above"),
        globs=("model", "meter", "service_tier"),
        any_of=("discount_percent", "unit_price_per_million"),
    ),
    "commitments": COMMITMENTS,
    "accepted_losses": ACCEPTED_LOSSES,
    "chargeback_phases": CHARGEBACK_PHASES,
    "disputes": DISPUTES,
    "rate_card": RATE_CARD,
    "budgets": BUDGETS,
    "fx_rates": EXCHANGE_RATES,
    "revenue": REVENUE,
    "outcomes": OUTCOMES,
    "feature_plans": FEATURE_PLANS,
    "levers": LEVERS,
    "plans": PLANS,
    # who ties is told by conflicts.py
    "attribution_rules": ReferenceTable(
        {
            "priority": Column(pa.int64(), priority, required=True),
            "match": Column(pa.string(), match_text, required=True),
            **dict.fromkeys((f"set_{dimension}" for dimension in OWNERS), TEXT),
            **VALIDITY,
            "note": TEXT,
        },
        key=(),
        some_of=tuple(f"set_{dimension}" for dimension in OWNERS),
    ),
    "shared_costs": ReferenceTable(
        {
            "priority": Column(pa.int64(), priority, required=True),
            "match": Column(pa.string(), shared_cost_match, required=True),
            "method": Column(pa.string(), choice(*METHODS), required=True),
            "basis": Column(pa.string(), choice(*BASES), empty=BASES[0]),
            "targets": Column(pa.string(), targets_text, empty=EVERY_TEAM),
            **VALIDITY,
        },
        key=("priority",),
        problem=method_problem,
    ),
    "seats": ReferenceTable(
        {
            **dict.fromkeys(("provider", "billing_account", "product"), NAME),
            # without a person nobody holds them
            **dict.fromkeys(("plan", "person", "owner"), TEXT),
            "seats": Column(pa.int64(), seat_count, empty=1),
            # of one seat and a period
            "price": Column(MONEY, cost, required=True),
            "currency": Column(pa.string(), currency),
            "period": Column(pa.string(), choice("month", "year"), empty="month"),
            **VALIDITY,
            # worth of the credits that come with one seat and a month
            "included": Column(MONEY, cost),
        },
        key=("provider", "billing_account", "product", "plan", "person", "owner"),
    ),
    # what a product's own report says of a person's month, as far as it is worth money
    "seat_usage": ReferenceTable(
        {
            **dict.fromkeys(("provider", "billing_account"), NAME),
            "billing_month": Column(pa.date32(), month, required=True),
            **dict.fromkeys(("product", "person"), NAME),
            # all of it by the vendor's prices (0: nothing), and what of that is billed
            "used": Column(MONEY, cost, required=True),
            "overage": Column(MONEY, cost),
            "currency": Column(pa.string(), currency),
        },
        key=("provider", "billing_account", "billing_month", "product", "person"),
        problem=overage_problem,
    ),
    # one owner's part of a pool: cost and capacity of a pool are the sums of its lines
    "capacity": ReferenceTable(
        {
            "pool": NAME,
            "supply": Column(pa.string(), choice("self_hosted", "provisioned"), required=True),
            "monthly_cost": Column(MONEY, cost, required=True),
            "capacity": Column(pa.int64(), capacity, required=True),
            "capacity_unit": Column(pa.string(), choice(*CAPACITY_UNITS), required=True),
            "owner": TEXT,
            "deployments": NAME,
            # whose invoice has the cost; empty is one of the pool's own
            **dict.fromkeys(("provider", "billing_account"), TEXT),
            **VALIDITY,
        },
        key=("pool", "owner"),
        problem=account_problem,
    ),
    # under which account of the general ledger it is posted
    "accounts": ReferenceTable(
        {
            "scope": Column(pa.string(), choice(*ACCOUNT_SCOPES), required=True),
            "scope_id": TEXT,
            "gl_account": NAME,
            "dimensions": Column(pa.string(), dimensions),
            **VALIDITY,
        },
        key=("scope", "scope_id"),
        problem=scope_problem,
    ),
}
