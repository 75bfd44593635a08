"""Every file in tests/broken_scenarios says in its first lines (`# expect: ...`) which messages it must get."""

from __future__ import annotations

from pathlib import Path

import pytest

from catallaxy.sim.cli.main import entry

FOLDER = Path(__file__).parents[2] / "broken_scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def expected(file: Path) -> list[str]:
    marker = b"# expect: "
    return [line.removeprefix(marker).decode() for line in file.read_bytes().splitlines() if line.startswith(marker)]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_one_clear_message_and_nothing_else(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()}
    monkeypatch.setattr("sys.argv", ["catallaxy", "validate", str(file)])
    with pytest.raises(SystemExit) as stopped:
        entry()
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert printed.out == ""
    assert "Traceback" not in printed.err
    fragments = expected(file)
    assert fragments
    for fragment in fragments:
        assert fragment in printed.err
    assert printed.err.count("\n") == len(fragments)
    assert {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()} == before
    assert list(Path.cwd().iterdir()) == []
