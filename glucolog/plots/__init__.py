"""Results in, Plotly figures out: one figure a file, one theme."""
