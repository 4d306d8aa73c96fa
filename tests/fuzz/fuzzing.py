"""Runs mutated files through the readers and the landing, and says what got through.

No input may raise anything but a sentence; every record lands or is quarantined; what was planted
is found nowhere below the workspace.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pyarrow.parquet as pq

from ingestion.landing.bills import load_bill
from ingestion.landing.landing import open_landing
from ingestion.landing.loading import load_gateway
from ingestion.records import SourceError
from ingestion.workspace.settings import Workspace, load_workspace
from tests.fuzz.corpus import Sample, samples
from tests.fuzz.mutations import OWN_SECRET, PROMPT, SECRET, mutated

SETTINGS = """\
company: Fuzz
gateways:
  - {name: litellm, format: litellm, location: logs/litellm}
  - {name: generic, format: generic, location: logs/generic}
  - name: generic_paths
    format: generic
    location: logs/generic_paths
    columns:
      request_id: [response.id, id]
      input_token_count: [response.usage.prompt_tokens, response.usage.input_tokens]
      output_token_count: response.usage.completion_tokens
      finish_reason: response.choices[0].finish_reason
      tag:team: metadata.nested.deep[1]
  - {name: otel, format: otel, location: logs/otel}
  - {name: phoenix, format: phoenix, location: logs/phoenix}
  - {name: bedrock_invocations, format: bedrock_invocations, location: logs/bedrock_invocations}
  - {name: langsmith, format: langsmith, location: logs/langsmith}
  - {name: claude_code, format: claude_code, location: logs/claude_code}
  - {name: cloudflare, format: cloudflare, location: logs/cloudflare}
  - {name: agentgateway, format: agentgateway, location: logs/agentgateway}
  - {name: envoy, format: envoy, location: logs/envoy}
  - {name: kong, format: kong, location: logs/kong}
  - {name: codex, format: codex, location: logs/codex}
  - {name: datadog, format: datadog, location: logs/datadog}
  - {name: openrouter, format: openrouter, location: logs/openrouter}
  - {name: langfuse, format: langfuse, location: logs/langfuse}
  - {name: helicone, format: helicone, location: logs/helicone}
  - {name: azure_apim, format: azure_apim, location: logs/azure_apim}
  - {name: azure_diagnostics, format: azure_diagnostics, location: logs/azure_diagnostics}
  - {name: vertex_logs, format: vertex_logs, location: logs/vertex_logs}
  - {name: bifrost, format: bifrost, location: logs/bifrost}
  - {name: portkey, format: portkey, location: logs/portkey}
  - {name: vllm, format: vllm, location: logs/vllm}
bills:
  - {name: openai, format: openai, account: org-o, location: bills/openai}
  - {name: anthropic, format: anthropic, account: org-a, location: bills/anthropic}
"""
LOGS = (
    "litellm",
    "generic",
    "generic_paths",
    "otel",
    "phoenix",
    "bedrock_invocations",
    "langsmith",
    "claude_code",
    "cloudflare",
    "agentgateway",
    "envoy",
    "kong",
    "codex",
    "datadog",
    "openrouter",
    "langfuse",
    "helicone",
    "azure_apim",
    "azure_diagnostics",
    "vertex_logs",
    "bifrost",
    "portkey",
    "vllm",
)
# Of what is planted any part as long as this is the whole.
PLANTED = (
    *(PROMPT[:48], PROMPT[-48:]),
    *(part for secret in (SECRET, OWN_SECRET) for part in (secret[:24], secret[-24:])),
)
FILES_A_ROUND = 24


@dataclass
class Found:
    """What a campaign did, and what got through: empty when all held."""

    files: int = 0
    records: int = 0
    quarantined: int = 0
    refused_bills: int = 0
    escapes: list[str] = field(default_factory=list)


def fuzz(folder: Path, seconds: float, seed: int) -> Found:
    """Rounds of fresh workspaces below `folder` until the time is over; at least one."""
    random, found, corpus = Random(seed), Found(), samples()
    until = time.monotonic() + seconds
    number = 0
    while number == 0 or time.monotonic() < until:
        _round(folder / str(number), corpus, random, found)
        if found.escapes:
            return found
        shutil.rmtree(folder / str(number))
        number += 1
    return found


def _round(folder: Path, corpus: list[Sample], random: Random, found: Found) -> None:
    """Half of the files are whole, so that a bad one stands beside good ones."""
    (folder / "reference").mkdir(parents=True)
    (folder / "tollbook.yaml").write_text(SETTINGS)
    for place in (*(f"logs/{log}" for log in LOGS), "bills/openai", "bills/anthropic"):
        (folder / place).mkdir(parents=True)
    for number in range(FILES_A_ROUND):
        sample = random.choice(corpus)
        place = "logs" if sample.source in LOGS else "bills"
        name = f"2026-10-05/{number}.{sample.ending}" if place == "logs" else f"{number}.json"
        file = folder / place / sample.source / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(mutated(sample, random) if number % 2 else sample.data)
        found.files += 1
    _load(load_workspace(folder), found)
    found.escapes += [f"{folder}: {what}" for what in _leaks(folder)]


def _load(workspace: Workspace, found: Found) -> None:
    landing = open_landing(workspace.landing)
    for gateway in workspace.gateways:
        try:
            result = load_gateway(gateway, landing)
        except Exception as error:
            notes = "; ".join(getattr(error, "__notes__", []))
            found.escapes.append(f"{gateway.name}: {type(error).__name__}: {error} {notes}")
            continue
        found.records += result.records
        found.quarantined += result.quarantined
        if result.records != result.landed + result.quarantined + result.foreign:
            found.escapes.append(f"{gateway.name}: {result} lost records")
    for bill in workspace.bills:
        try:
            load_bill(bill, landing)
        except SourceError as error:
            # a bill is whole or refused in a sentence that names its file
            found.refused_bills += 1
            found.escapes += [f"{bill.name}: told {part}" for part in PLANTED if part in str(error)]
        except Exception as error:
            found.escapes.append(f"{bill.name}: {type(error).__name__}: {error}")


def _leaks(folder: Path) -> Iterator[str]:
    """Where what was planted stands below the workspace, beside the logs and bills themselves."""
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.relative_to(folder).parts[0] in ("logs", "bills"):
            continue
        texts = [file.read_bytes().decode("utf-8", "replace")]
        if file.suffix == ".parquet":
            texts += map(str, pq.read_table(file).to_pydict().values())
        for part in PLANTED:
            if any(part in text for text in texts):
                yield f"{file.relative_to(folder)} holds {part!r}"
