"""The store at the size of a large sweep: 100,000 runs in flat memory and few files, asked by others in a moment."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timing]

RUNS = 100_000
TESTS = Path(__file__).parents[2]
WAIT_S = 300.0

SWEEP = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
import pyarrow as pa
from oracles.sweeps import log_of, toy_plan
from catallaxy.sim.sweeps.store.collecting import collect
from catallaxy.sim.sweeps.columns import runs_schema
from catallaxy.sim.sweeps.outcome import Batch
from catallaxy.sim.sweeps.store.store import Store
from catallaxy.sim.sweeps.workers.isolation import peak_mb

runs, batch, most, folder = int(sys.argv[2]), 50, 0, Path()
plan = toy_plan(runs // 10, 10, series=False, agents=False)
schema = runs_schema(plan.context)
chance = np.random.default_rng(1)
order = chance.permutation(runs // batch)

def outcome(start):
    rows = np.arange(start, start + batch)
    numbers = [pa.array(chance.normal(size=batch)) for _ in schema.names[4:]]
    texts = pa.array(["complete"] * batch).dictionary_encode(), pa.array([""] * batch)
    columns = [pa.array(rows, pa.int32()), *texts, pa.array(rows % 7, pa.int32()), *numbers]
    table = pa.Table.from_arrays(columns, schema=schema)
    ends = dict.fromkeys(rows.tolist(), "complete")
    return Batch.of(ends, {"runs": table, "log": log_of(ends, 1, None)})

spent = {"add": 0.0}
def timed(name, call):
    started = time.perf_counter()
    result = call()
    spent[name] = spent.get(name, 0.0) + time.perf_counter() - started
    return result

with Store(folder, plan, "0-of-1") as store:
    for number, position in enumerate(order.tolist()):
        found = outcome(position * batch)
        timed("add", lambda: store.add(found))
        if number % 20 == 0:
            most = max(most, sum(path.is_file() for path in folder.rglob("*")))
with timed("open parts", lambda: Store(folder, plan, "0-of-1")) as store:
    assert len(store.statuses) == runs
timed("collect", lambda: collect(folder, plan))
with timed("open collected", lambda: Store(folder, plan, "0-of-1")) as store:
    assert len(store.statuses) == runs
collect(folder, plan)
left = sorted(path.as_posix() for path in folder.rglob("*"))
print(json.dumps({"most": most, "left": left, "peak_mb": peak_mb(), "columns": len(schema), **spent}))
"""

QUESTION = """
select "param.share", "param.count", avg("kpi.price_final.deai"), stddev("kpi.price_final.deai"),
       quantile_cont("kpi.price_final.deai", 0.95)
from 'runs.parquet' group by 1, 2 order by 1, 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Store and collect a sweep in a process of its own, which writes down what it took."""
    path = tmp_path_factory.mktemp("large")
    command = [sys.executable, "-c", SWEEP, str(TESTS), str(RUNS)]
    found = subprocess.run(command, cwd=path, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert found.returncode == 0, found.stderr
    (path / "facts.json").write_text(found.stdout)
    return path


def test_files_are_few_memory_is_flat_and_opening_is_quick(
    folder: Path, record_property: pytest.RecordProperty
) -> None:
    facts = json.loads((folder / "facts.json").read_text())
    record_property("store at size", facts)
    print(facts)
    assert facts["columns"] > 40
    assert facts["most"] <= 30
    assert facts["left"] == ["log.parquet", "runs.parquet"]
    assert facts["peak_mb"] <= 700.0
    assert facts["open parts"] < 2.0
    assert facts["open collected"] < 2.0


def test_every_run_is_in_the_table_once_in_the_order_of_the_plan(folder: Path) -> None:
    table = pq.read_table(folder / "runs.parquet", columns=["point", "replicate", "run_id", "steps"])
    assert table["run_id"].to_pylist() == [f"{row:024x}" for row in range(RUNS)]
    assert table["steps"].to_pylist() == [row % 7 for row in range(RUNS)]
    assert table["point"].to_pylist() == [row // 10 for row in range(RUNS)]


def test_a_question_is_answered_within_a_second(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with duckdb.connect() as connection:
        started = time.perf_counter()
        answer = connection.execute(QUESTION).fetchall()
        assert time.perf_counter() - started < 1.0
    assert len(answer) == RUNS // 10
    frame = pd.read_parquet("runs.parquet", columns=["param.share", "param.count", "kpi.price_final.deai"])
    grouped = frame.groupby(["param.share", "param.count"])["kpi.price_final.deai"]
    assert [row[2] for row in answer] == pytest.approx(grouped.mean().tolist())
    assert [row[4] for row in answer] == pytest.approx(grouped.quantile(0.95).tolist())
