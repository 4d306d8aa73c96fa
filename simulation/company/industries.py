"""The companies that can be simulated: names only, everything else is drawn from the seed.

The five features of each stand for the same five kinds of traffic, in the order of
`traffic_profiles.PROFILES`: screening long documents, drafting, short letters, classifying, chat.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Industry:
    company: str
    slug: str
    teams: tuple[tuple[str, str, str], ...]  # team id, name, business unit
    features: tuple[tuple[str, str, int], ...]  # feature id, name, index of its team


HR: Final = Industry(
    "Northwind HR",
    "northwind",
    (
        ("talent-acquisition", "Talent Acquisition", "Recruiting"),
        ("hr-operations", "HR Operations", "Operations"),
        ("people-analytics", "People Analytics", "Insights"),
        ("employee-experience", "Employee Experience", "Operations"),
    ),
    (
        ("resume-screening", "Resume screening", 0),
        ("interview-questions", "Interview questions", 0),
        ("offer-letters", "Offer letters", 1),
        ("sentiment-analysis", "Sentiment analysis", 2),
        ("hr-chatbot", "HR chatbot", 3),
    ),
)
INSURANCE: Final = Industry(
    "Harbour Mutual",
    "harbour",
    (
        ("claims", "Claims", "Claims"),
        ("policy-services", "Policy Services", "Service"),
        ("risk-insights", "Risk Insights", "Underwriting"),
        ("customer-care", "Customer Care", "Service"),
    ),
    (
        ("claim-triage", "Claim triage", 0),
        ("claim-summaries", "Claim summaries", 0),
        ("policy-letters", "Policy letters", 1),
        ("fraud-signals", "Fraud signals", 2),
        ("member-assistant", "Member assistant", 3),
    ),
)
LEGAL: Final = Industry(
    "Lindqvist Legal",
    "lindqvist",
    (
        ("due-diligence", "Due Diligence", "Transactions"),
        ("contract-desk", "Contract Desk", "Transactions"),
        ("litigation-data", "Litigation Data", "Disputes"),
        ("client-portal", "Client Portal", "Clients"),
    ),
    (
        ("contract-review", "Contract review", 0),
        ("clause-drafting", "Clause drafting", 0),
        ("client-letters", "Client letters", 1),
        ("case-coding", "Case coding", 2),
        ("portal-assistant", "Portal assistant", 3),
    ),
)
INDUSTRIES: Final = (HR, INSURANCE, LEGAL)
