"""Folders are written whole or not at all."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results import files as files_module
from catallaxy.sim.results.folder import folder_name, prepare_folder, read_manifest, replace_file, staged_folder
from catallaxy.sim.results.writer import write_results
from synthetic import make_origin, make_records

ORIGIN = make_origin(steps=12)


def written(root: Path) -> Path:
    destination = prepare_folder(root, ORIGIN.name, ORIGIN.hash)
    return write_results(destination.path, ORIGIN, make_records(steps=12))


def overwrite(final: Path, error: BaseException) -> None:
    """Begin to write a folder and be stopped half-way."""
    with staged_folder(final) as stage:
        (stage / "a.txt").write_text("new")
        raise error


def test_the_name_shows_scenario_and_hash() -> None:
    assert folder_name("deai-2026", "0123456789ab") == "deai-2026-01234567"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b/c", "", "..", "x" * 300, ".hidden"])
def test_no_name_leads_out_of_the_results_folder(name: str) -> None:
    made = folder_name(name, "0123456789ab")
    assert "/" not in made
    assert not made.startswith(".")
    assert len(made) < 100


def test_a_new_run_is_not_done_and_leaves_no_trace(tmp_path: Path) -> None:
    destination = prepare_folder(tmp_path / "deep" / "results", ORIGIN.name, ORIGIN.hash)
    assert not destination.done
    assert not destination.path.exists()
    assert list(destination.path.parent.iterdir()) == []


def test_the_same_run_is_done_unless_forced(tmp_path: Path) -> None:
    path = written(tmp_path)
    again = prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash)
    assert again.done
    assert again.path == path
    assert not prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash, force=True).done


def test_a_partial_or_damaged_run_is_not_done(tmp_path: Path) -> None:
    path = written(tmp_path)
    (path / "series.parquet").write_bytes(b"")
    assert not prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash).done


def test_an_interrupted_run_is_not_done(tmp_path: Path) -> None:
    destination = prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash)
    records = make_records(steps=6)
    records[0].status = "interrupted"
    write_results(destination.path, ORIGIN, records)
    assert not prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash).done


def test_something_else_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / folder_name(ORIGIN.name, ORIGIN.hash)
    path.mkdir()
    (path / "thesis.txt").write_text("years of work")
    for force in (False, True):
        with pytest.raises(ResultsError, match=r"no manifest\.json"):
            prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash, force=force)
    assert (path / "thesis.txt").exists()


def test_another_result_of_the_same_name_is_never_replaced(tmp_path: Path) -> None:
    path = written(tmp_path)
    manifest = read_manifest(path)
    manifest["hash"] = "f" * 24
    (path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ResultsError, match="holds another result"):
        prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash)


def test_a_file_in_the_way_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("not a folder")
    for root in (tmp_path / "results", tmp_path / "results" / "deeper"):
        with pytest.raises(ResultsError, match=r"cannot write results to .*(file)"):
            prepare_folder(root, ORIGIN.name, ORIGIN.hash)


def test_an_unwritable_folder_is_found_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ResultsError, match="the file system is read-only"):
        prepare_folder(tmp_path, ORIGIN.name, ORIGIN.hash)


def test_a_body_that_raises_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        overwrite(tmp_path / "run", KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_old_folder(tmp_path: Path) -> None:
    final = tmp_path / "run"
    with staged_folder(final) as stage:
        (stage / "a.txt").write_text("old")
    with pytest.raises(ResultsError, match="the disk is full"):
        overwrite(final, OSError(errno.ENOSPC, "No space left on device"))
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert (final / "a.txt").read_text() == "old"


def test_a_failing_rename_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final = tmp_path / "run"
    with staged_folder(final) as stage:
        (stage / "a.txt").write_text("old")
    rename = Path.replace

    def fail_for_new(self: Path, target: Path) -> Path:
        if ".tmp-" in self.name:
            raise OSError(errno.EACCES, "no")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", fail_for_new)
    with pytest.raises(ResultsError, match="permission denied"), staged_folder(final) as stage:
        (stage / "a.txt").write_text("new")
    assert (final / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_replacing_a_folder_drops_its_old_files(tmp_path: Path) -> None:
    final = tmp_path / "run"
    for name in ("a.txt", "b.txt"):
        with staged_folder(final) as stage:
            (stage / name).write_text(name)
    assert [p.name for p in final.iterdir()] == ["b.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sub" / "report.html"
    replace_file(path, b"one")

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files_module, "sync", full)
    with pytest.raises(ResultsError, match="the disk is full"):
        replace_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_reading_what_is_not_a_result(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="is not a folder"):
        read_manifest(tmp_path / "nothing")
    path = written(tmp_path)
    with pytest.raises(ResultsError, match=f"contains the results folders {path.name}"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema_version": 99}', '{"schema_version": "1"}'])
def test_a_damaged_or_newer_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ResultsError, match=r"cannot be read|schema_version"):
        read_manifest(tmp_path)
