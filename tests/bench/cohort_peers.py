"""A part of the cohort's question in other tools: `python cohort_peers.py numpy|polars|duckdb|pandas FOLDER`.

For every person: readings, mean, SD, shares below 70, in 70–180 and above 180, and runs of three or more readings
(15 minutes of a 5-minute sensor) below 70. Needs nothing of glucolog; prints seconds, peak memory and a checksum.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = list[tuple[Any, ...]]


def with_numpy(folder: Path) -> Answer:
    import numpy as np
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    found: Answer = []
    for file in sorted(folder.glob("shard-*/readings.parquet")):
        with pq.ParquetFile(file) as readings:
            for group in range(readings.num_row_groups):
                table = readings.read_row_group(group, columns=["person", "amount"], use_threads=False)
                value = table.column("amount").to_numpy()
                low = value < 70
                edges = np.flatnonzero(np.diff(np.concatenate(([False], low, [False])).astype(np.int8)))
                runs = int((edges[1::2] - edges[::2] >= 3).sum())
                high = value > 180
                shares = low.mean(), (~low & ~high).mean(), high.mean()
                found.append(
                    (table.column("person")[0].as_py(), value.size, value.mean(), value.std(ddof=1), *shares, runs)
                )
    return found


def with_polars(folder: Path) -> Answer:
    import polars as pl  # type: ignore[import-not-found, unused-ignore]

    value, low = pl.col("amount"), pl.col("amount") < 70
    frame = pl.scan_parquet(folder / "shard-*" / "readings.parquet").select(
        pl.col("person").cast(pl.String), "at_s", "amount"
    )
    level = frame.group_by("person").agg(
        value.len(), value.mean().alias("mean"), value.std().alias("sd"), low.mean().alias("low"),
        ((value >= 70) & (value <= 180)).mean().alias("in"), (value > 180).mean().alias("high"),
    )  # fmt: skip
    runs = (
        frame.with_columns(low.alias("is_low"), low.rle_id().over("person").alias("run"))
        .filter(pl.col("is_low"))
        .group_by("person", "run")
        .len("n")
        .filter(pl.col("n") >= 3)
        .group_by("person")
        .len("runs")
    )
    rows: Answer = level.join(runs, on="person", how="left").with_columns(pl.col("runs").fill_null(0)).collect().rows()
    return rows


def with_duckdb(folder: Path) -> Answer:
    import duckdb  # type: ignore[import-not-found, unused-ignore]

    rows: Answer = duckdb.sql(
        f"""
        WITH r AS (SELECT person, at_s, amount, amount < 70 AS low
                   FROM read_parquet('{folder}/shard-*/readings.parquet')),
        edges AS (SELECT *, low AND NOT coalesce(lag(low) OVER (PARTITION BY person ORDER BY at_s), false) AS first
                  FROM r),
        marked AS (SELECT person, low, sum(first::INT) OVER (PARTITION BY person ORDER BY at_s) AS run FROM edges),
        runs AS (SELECT person, count(*) AS runs FROM
                 (SELECT person, run FROM marked WHERE low GROUP BY ALL HAVING count(*) >= 3) GROUP BY person),
        level AS (SELECT person, count(*), avg(amount), stddev_samp(amount), avg(low::INT),
                  avg((amount BETWEEN 70 AND 180)::INT), avg((amount > 180)::INT) FROM r GROUP BY person)
        SELECT level.*, coalesce(runs, 0) FROM level LEFT JOIN runs USING (person)
        """  # noqa: S608 – a folder of our own
    ).fetchall()
    return rows


def with_pandas(folder: Path) -> Answer:
    import pandas as pd  # type: ignore[import-untyped, unused-ignore]

    parts = [
        pd.read_parquet(file, columns=["person", "amount"]) for file in sorted(folder.glob("shard-*/readings.parquet"))
    ]
    frame = pd.concat([part.assign(person=part["person"].astype(str)) for part in parts], ignore_index=True)
    frame["low"] = frame["amount"] < 70
    frame["in"] = frame["amount"].between(70, 180)
    frame["high"] = frame["amount"] > 180
    people = frame.groupby("person", sort=False)
    level = people["amount"].agg(["size", "mean", "std"]).join(people[["low", "in", "high"]].mean())
    new = (frame["low"] != frame["low"].shift()) | (frame["person"] != frame["person"].shift())
    lows = frame.assign(run=new.cumsum())[frame["low"]].groupby(["person", "run"]).size()
    runs = lows[lows >= 3].groupby("person").size()
    return list(level.join(runs.rename("runs")).fillna({"runs": 0}).itertuples(name=None))


WAYS: dict[str, Callable[[Path], Answer]] = {
    "numpy": with_numpy, "polars": with_polars, "duckdb": with_duckdb, "pandas": with_pandas,
}  # fmt: skip


def main() -> None:
    """Answer, and print what it took; the sums show that the answers are the same."""
    way, folder = WAYS[sys.argv[1]], Path(sys.argv[2])
    begin, cpu = time.perf_counter(), time.process_time()
    rows = way(folder)
    spent = {"wall_s": time.perf_counter() - begin, "cpu_s": time.process_time() - cpu}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sums = [round(sum(row[at] for row in rows), 3) for at in range(1, 8)]
    print(json.dumps({**spent, "peak_mb": peak_mb, "people": len(rows), "sums": sums}))


if __name__ == "__main__":
    main()
