"""The log of models: what it adds up to, that it says the same whatever the rows, and that no change goes unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from catallaxy.sim.cli.main import app, entry
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.experiments.running import Request, run_scenario
from catallaxy.sim.recording.model_log import ENTRY, chained
from catallaxy.sim.report.terminal import print_summary
from catallaxy.sim.results.model_audit import audited, named, read_log
from catallaxy.sim.results.model_log import PROVENANCE_FILE
from catallaxy.sim.results.result import Result
from catallaxy.sim.scenario.loading import load

SETS = {
    "steps": 40,
    "provenance.release_days": 15,
    "populations.compute_nodes.opportunism": {"dist": "bernoulli", "p": 0.5},
    "populations.compute_nodes.stake_usd_per_gpu": 50,
    "networks.alpha.verification.audit_rate": {"per_day": 0.2},
    "networks.alpha.verification.memory": 0.5,
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    out = tmp_path_factory.mktemp("log")
    return run_scenario(load("minimal", sets={**SETS, "replicates": 2}), Request(out=out))


@pytest.fixture(scope="module")
def folder(result: Result) -> Path:
    assert result.path is not None
    return result.path


def copied(folder: Path, to: Path) -> Path:
    to.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (to / path.name).write_bytes(path.read_bytes())
    return to


def test_what_models_are_made_of_adds_up_to_what_was_bought() -> None:
    engine = Engine(load("minimal", sets=SETS))
    economy, data, fees, training = engine.economy, 0, 0.0, 0
    while not engine.finished:
        engine.step()
        data += economy.builders.licensed
        fees += economy.metrics["licence_fees"][0]
        training += economy.builders.training
    record = engine.record()
    engine.close()
    entries = np.concatenate([block.entries for block in record.models])
    by_kind = [entries[entries["kind"] == code] for code in range(3)]
    for b, builder in enumerate(economy.builders.ids):
        mine = [block.entries for block in record.models if block.builder == builder]
        licences = sum(int(own["amount"][own["kind"] == 0].sum()) for own in mine)
        assert licences == data[b]
    assert by_kind[0]["paid"].sum() / 1e6 == pytest.approx(fees, rel=1e-3)
    hours = by_kind[1]["amount"].sum() + by_kind[2]["amount"].sum()
    assert hours == pytest.approx(training.sum(), rel=1e-3)
    assert hours <= training.sum()
    assert by_kind[1]["checks"].sum() >= by_kind[1]["condemned"].sum() > 0


def test_a_log_changes_nothing_that_is_recorded() -> None:
    without = {key: value for key, value in SETS.items() if not key.startswith("provenance")}
    plain, logged = simulate(load("minimal", sets=without)), simulate(load("minimal", sets=SETS))
    assert not plain.models
    assert set(logged.series) == {*plain.series, "models_released"}
    assert all(logged.series[name].tobytes() == values.tobytes() for name, values in plain.series.items())
    assert logged.series["models_released"].sum() == len(logged.models)
    assert np.flatnonzero(logged.series["models_released"][:, 0]).tolist() == [14, 29, 39]
    assert [block.model for block in logged.models][:2] == ["alpha-0.1", "alpha-1.1"]


def test_blocks_are_written_and_read_back_whole(folder: Path) -> None:
    log = read_log(folder)
    again = simulate(load("minimal", sets=SETS), replicate=1)
    mine = [sealed for sealed in log if sealed.replicate == 1]
    assert [sealed.block.content for sealed in mine] == [block.content for block in again.models]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [(end["blocks"], end["head"]) for end in manifest["models"]] == [
        (sum(sealed.replicate == r for sealed in log), [sealed.hash for sealed in log if sealed.replicate == r][-1])
        for r in (0, 1)
    ]
    assert len({sealed.hash for sealed in log}) == len(log)


def test_a_chain_depends_on_its_run_and_on_order(folder: Path) -> None:
    blocks = [sealed.block for sealed in read_log(folder) if sealed.replicate == 0]
    assert chained("a", blocks)[1:] != chained("b", blocks)[1:]
    assert chained("a", blocks)[-1] != chained("a", blocks[::-1])[-1]
    assert chained("a", blocks[:3]) == chained("a", blocks)[:4]


def _set(name: str, row: int, change: Callable[[Any], Any]) -> Callable[[pa.Table], pa.Table]:
    def tamper(table: pa.Table) -> pa.Table:
        values = table[name].to_pylist()
        values[row] = change(values[row])
        return table.set_column(table.column_names.index(name), name, pa.array(values))

    return tamper


def _whole_column(name: str, old: str, new: str) -> Callable[[pa.Table], pa.Table]:
    def tamper(table: pa.Table) -> pa.Table:
        values = [new if value == old else value for value in table[name].to_pylist()]
        return table.set_column(table.column_names.index(name), name, pa.array(values))

    return tamper


def _swapped(table: pa.Table) -> pa.Table:
    """Exchange the first two blocks."""
    first = [i for i, number in enumerate(table["block"].to_pylist()) if number < 2]
    half = table["block"].to_pylist().index(1)
    return pa.concat_tables([table.slice(half, len(first) - half), table.slice(0, half), table.slice(len(first))])


def _others(column: pa.ChunkedArray, value: str) -> pa.Array:
    return pa.array([other != value for other in column.to_pylist()])


TAMPERED: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "a payment": (_set("paid", 3, lambda paid: paid + 1), "was changed"),
    "a provider": (_set("agent", 0, lambda agent: agent + 1), "was changed"),
    "an outcome": (_set("condemned", -1, lambda _: 7), "was changed"),
    "a quality": (_set("quality", 0, lambda quality: quality * 1.5), "was changed"),
    "a kind": (_set("kind", 0, lambda _: "gift"), "do not make up blocks"),
    "a name": (_whole_column("model", "alpha-0.1", "alpha-9.1"), "was changed"),
    "a row": (lambda table: pa.concat_tables([table.slice(0, 1), table.slice(2)]), "was changed.*it is the first"),
    "the order": (_swapped, r"model alpha-1\.1\) does not follow.*out of order, place 0 is that of model alpha-0\.1"),
    "the first block": (lambda table: table.filter(_others(table["model"], "alpha-0.1")), "block 0 is missing"),
    "a block": (lambda table: table.filter(_others(table["model"], "alpha-3.1")), "block 3 is missing; 3 blocks"),
    "the last row": (lambda table: table.slice(0, table.num_rows - 1), "was changed"),
    "everything": (lambda table: table.slice(0, 0), "the manifest knows"),
    "a column": (lambda table: table.drop_columns(["paid"]), "do not make up blocks"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_no_change_goes_unseen(folder: Path, tmp_path: Path, what: str) -> None:
    tamper, said = TAMPERED[what]
    here = copied(folder, tmp_path / "copy")
    pq.write_table(tamper(pq.read_table(here / PROVENANCE_FILE)), here / PROVENANCE_FILE)
    with pytest.raises(ResultsError, match=f"was tampered with: .*({said})"):
        read_log(here)


def test_no_byte_can_change(folder: Path, tmp_path: Path) -> None:
    here = copied(folder, tmp_path / "copy") / PROVENANCE_FILE
    good = here.read_bytes()
    for place in range(7, len(good), len(good) // 12):
        here.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(ResultsError, match=r"was tampered with|cannot be read"):
            read_log(here.parent)
    here.write_bytes(good)
    assert read_log(here.parent)


def test_a_broken_chain_ends_the_command_with_the_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = copied(folder, tmp_path / "copy")
    table = pq.read_table(here / PROVENANCE_FILE)
    pq.write_table(table.filter(_others(table["model"], "alpha-3.1")), here / PROVENANCE_FILE)
    monkeypatch.setattr("sys.argv", ["catallaxy", "provenance", str(here), "--model", "alpha-0.1"])
    with pytest.raises(SystemExit) as stopped:
        entry()
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert printed.out == ""
    assert "block 4 of replicate 0 (model alpha-4.1) does not follow what stands before it" in printed.err


def test_what_was_paid_agrees_with_the_ledger(folder: Path, tmp_path: Path) -> None:
    log = read_log(folder)
    licences, compute, cloud = audited(folder, log, replicate=1)
    assert licences.logged == pytest.approx(licences.booked, rel=1e-6)
    assert 0 < compute.logged < compute.booked
    assert 0 <= cloud.logged <= cloud.booked
    with pytest.raises(ResultsError, match=r"does not agree with the ledger: in replicate 1 it has .* for licence"):
        audited(folder, [*log, *log], replicate=1)
    with pytest.raises(ResultsError, match="has no replicate 2; replicates: 0 to 1"):
        audited(folder, log, replicate=2)
    here = copied(folder, tmp_path / "copy")
    flows = pq.read_table(here / "flows.parquet")
    pq.write_table(flows.slice(1), here / "flows.parquet")
    with pytest.raises(ResultsError, match=r"flows\.parquet was tampered with"):
        audited(here, log)


def test_a_block_names_so_many_and_sums_up_the_others() -> None:
    whole, short = (
        simulate(load("minimal", sets={**SETS, "steps": 15, "provenance.parties": parties})).models
        for parties in (1000, 3)
    )
    for full, cut in zip(whole, short, strict=True):
        assert len(cut.entries) <= 2 * 4 + 1
        for code in range(3):
            one, other = (block.entries[block.entries["kind"] == code] for block in (full, cut))
            assert [one[name].sum() for name in ENTRY.names[2:]] == [other[name].sum() for name in ENTRY.names[2:]]
        named_nodes = cut.entries[(cut.entries["kind"] == 1) & (cut.entries["agent"] >= 0)]
        everyone = full.entries[full.entries["kind"] == 1]["paid"]
        assert sorted(named_nodes["paid"]) == sorted(everyone)[-len(named_nodes) :]


def test_a_run_says_how_to_see_its_models(result: Result) -> None:
    console = Console(file=StringIO(), width=80)
    print_summary(result, console)
    printed = cast(StringIO, console.file).getvalue()
    assert printed.endswith(f"Models released: 48 (catallaxy provenance {result.path})\n")


def test_a_chain_that_was_cut_and_sealed_again_does_not_match_the_manifest(folder: Path, tmp_path: Path) -> None:
    here = copied(folder, tmp_path / "copy")
    table = pq.read_table(here / PROVENANCE_FILE)
    pq.write_table(table.filter(_others(table["hash"], table["hash"][-1].as_py())), here / PROVENANCE_FILE)
    with pytest.raises(ResultsError, match="the manifest knows"):
        read_log(here)


def test_the_command_prints_a_model_and_verifies(folder: Path) -> None:
    shown = CliRunner().invoke(app, ["provenance", str(folder), "--model", "alpha-3.1"])
    assert shown.exit_code == 0, shown.output
    for part in (
        "alpha-3.1: released after step 14",
        "Data licences",
        "Compute of the",
        "Verification",
        "in the ledger",
    ):
        assert part in shown.output
    listed = CliRunner().invoke(app, ["provenance", str(folder), "-r", "1"])
    assert "alpha-0.1" in listed.output
    plain = json.loads(CliRunner().invoke(app, ["provenance", str(folder), "--model", "alpha-3.1", "--json"]).output)
    assert plain[0]["model"] == "alpha-3.1"
    assert plain[0]["entries"][0]["kind"] == "licence"


def test_what_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    log = read_log(folder)
    with pytest.raises(ResultsError, match=r"no model 'alpha-3\.11'; did you mean"):
        named(log, "alpha-3.11")
    plain = run_scenario(load("minimal", sets={"steps": 3}), Request(out=tmp_path))
    assert plain.path is not None
    with pytest.raises(ResultsError, match="holds no log of models"):
        read_log(plain.path)
