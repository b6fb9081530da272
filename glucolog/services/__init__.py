"""The use cases: open storage, call core and analysis, return dataclasses; `now` is an argument."""
