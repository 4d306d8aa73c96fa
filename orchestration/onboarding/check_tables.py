"""The tables of `tollbook check`: what no CSV or price book knows, and what has an owner."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

from orchestration.checks.unpriced_models import UnpricedUse
from orchestration.onboarding.names_seen import FILES, SeenName
from orchestration.onboarding.owner_coverage import Coverage
from orchestration.terminal.tables import as_table

# of a table; the dearest come first
LINES: Final = 20
# name, provider, service tier, requests, tokens, claimed
Row = tuple[str, str, str, int, int, Decimal | str]


def unknown_text(seen: Sequence[SeenName], currency: str) -> str:
    """Unknown names are no error: their money stays `__unallocated__`, and is told here."""
    told = []
    for kind, (table, column) in FILES.items():
        names = [name for name in seen if name.kind == kind and not name.is_known]
        if not names:
            continue
        rows = [_line(name, currency) for name in names[:LINES]]
        if rest := names[LINES:]:
            cost = _known_sum(name.cost for name in rest)
            requests = sum(name.requests for name in rest)
            rows.append(("", f"… {len(rest)} more", requests, _cents(cost), ""))
        columns = ["source", "name", "requests", currency, "dollars are"]
        told.append(f"\nnot in {table}.csv ({column}):\n{as_table(columns, rows)}")
    return "".join(told)


def unknown_models_text(unpriced: Iterable[UnpricedUse], currency: str) -> str:
    """No error: such a name is a model of its own, without a price."""
    rows = _by_model((use for use in unpriced if use.is_unknown), lambda use: use.raw_model)
    columns = ["name", "provider", "tier", "requests", "tokens", f"{currency} claimed"]
    title = "no known model (models.csv says which it is, or prices.csv what it costs):"
    return f"\n{title}\n{as_table(columns, rows)}" if rows else ""


def unpriced_text(unpriced: Iterable[UnpricedUse]) -> str:
    """No error either: the requests' costs stay unknown, and bills are split by tokens instead."""
    known = _by_model((use for use in unpriced if not use.is_unknown), lambda use: use.model)
    table = as_table(
        ["model", "provider", "tier", "requests", "tokens"], [row[:-1] for row in known]
    )
    return f"\nwithout a price (give them one in prices.csv):\n{table}" if known else ""


def _by_model(uses: Iterable[UnpricedUse], name: Callable[[UnpricedUse], str]) -> list[Row]:
    """Most tokens first, what is too many in one line."""
    of_model: dict[tuple[str, str, str], list[UnpricedUse]] = {}
    for use in uses:
        of_model.setdefault((name(use), use.provider, use.service_tier), []).append(use)
    keys = sorted(of_model, key=lambda key: (-sum(use.tokens for use in of_model[key]), key))
    rows: list[Row] = [(*key, *_summed(of_model[key])) for key in keys[:LINES]]
    if rest := [use for key in keys[LINES:] for use in of_model[key]]:
        rows.append((f"… {len(keys) - LINES} more", "", "", *_summed(rest)))
    return rows


def _summed(uses: Sequence[UnpricedUse]) -> tuple[int, int, Decimal | str]:
    cost = _cents(_known_sum(use.cost for use in uses))
    return sum(use.requests for use in uses), sum(use.tokens for use in uses), cost


def _line(name: SeenName, currency: str) -> tuple[str, str, int, Decimal | str, str]:
    basis = "claimed by the gateway" if name.requests else "billed"
    if name.currency not in ("", currency):
        basis = f"billed in {name.currency}"
    return name.source, " / ".join(name.names), name.requests, _cents(name.cost), basis


def _known_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal()) if known else None


def _cents(amount: Decimal | None) -> Decimal | str:
    return "unknown" if amount is None else amount.quantize(Decimal("0.01"))


def coverage_text(covered: Coverage, currency: str) -> str:
    """What is missing here is what the CSVs and `attribution` do not say yet."""
    charged = f"{_cents(covered.charged)} {currency} charged before credits"
    rows = [
        (dimension, _cents(owned), _percent(owned, covered.charged))
        for dimension, owned in covered.owned.items()
    ]
    table = as_table(["dimension", currency, "percent"], rows)
    return f"\n{covered.month:%Y-%m}, {charged}, of which these have an owner:\n{table}"


def _percent(part: Decimal, whole: Decimal) -> Decimal | str:
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole > 0 else ""
