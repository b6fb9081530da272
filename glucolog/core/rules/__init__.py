"""Facts and a profile in, findings out. Each finding names its rule, its inputs, its threshold and its source.

The rules are a registry: `rule_table()` is the table of the help page, generated from what is run.
"""

from __future__ import annotations

from glucolog.core.findings import Finding, Level
from glucolog.core.rules.facts import SessionFacts, session_case
from glucolog.core.rules.rule import Rule, RuleRow, row
from glucolog.core.rules.session_rules import session_rules

__all__ = ["SESSION_RULES", "Rule", "RuleRow", "SessionFacts", "rule_table", "session_findings"]

SESSION_RULES = session_rules()
_LOUDEST_FIRST = {level: rank for rank, level in enumerate((Level.URGENT, Level.WARNING, Level.CAUTION, Level.INFO))}


def session_findings(facts: SessionFacts) -> tuple[Finding, ...]:
    """Return what the rules say about one session, the loudest first. The order of the facts' rows changes nothing."""
    case = session_case(facts)
    found = [f for rule in SESSION_RULES if rule.speaks_to(facts.person) for f in rule.findings(case)]
    return loudest_first(found)


def loudest_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Sort findings by level; at equal level the order of the rules stays."""
    return tuple(sorted(findings, key=lambda finding: _LOUDEST_FIRST[finding.level]))


def rule_table() -> tuple[RuleRow, ...]:
    """Return every session rule as a row for people; `gate.rule_table` holds those of the gate."""
    return tuple(row("session", rule) for rule in SESSION_RULES)
