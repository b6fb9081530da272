"""FHIR R4: a person's records as a transaction bundle, after HL7's guide for continuous glucose monitoring (1.0.0)."""

from __future__ import annotations

from glucolog.reports.exports.fhir.bundle import fhir_bundle

__all__ = ["fhir_bundle"]
