"""One report model, several renderers; exports; no rule and no query."""
