"""A person's records in the formats others read: one format a file, the same frozen input for all."""

from __future__ import annotations

from glucolog.reports.exports.records import ExportRecords

__all__ = ["ExportRecords"]
