"""Before a session: go, caution, not yet or stop, with the reasons, what is blocked, and when to ask again."""

from __future__ import annotations

from glucolog.core.gate.assess import GATE_RULES, GateResult, assess_gate, rule_table
from glucolog.core.gate.bands import Verdict
from glucolog.core.gate.blocks import BlockedArea
from glucolog.core.gate.facts import GateFacts

__all__ = ["GATE_RULES", "BlockedArea", "GateFacts", "GateResult", "Verdict", "assess_gate", "rule_table"]
