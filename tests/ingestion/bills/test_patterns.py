from ingestion.bills.tables.patterns import Pattern, first_match, unproven

PATTERNS = (
    Pattern(r"(?P<model>\w+)-input", {"meter": "input"}, ("Nova-input",)),
    Pattern(r"\w+-(?P<meter>input|output)", {}, ("Nova-output",)),
)


def test_the_first_pattern_that_knows_all_of_a_text_says_what_it_is() -> None:
    assert first_match(PATTERNS, "NOVA-INPUT") == {"meter": "input", "model": "NOVA"}
    assert first_match(PATTERNS, "Nova-output") == {"meter": "output"}
    assert first_match(PATTERNS, "Nova-input-batch") is None


def test_every_pattern_is_proven_by_its_examples() -> None:
    assert unproven(PATTERNS) == []
    wrong = (*PATTERNS, Pattern("none"), Pattern(".*-input", {}, ("Titan-input",)))
    assert unproven(wrong) == ["none", r"Titan-input: (?P<model>\w+)-input"]
