"""The command line, as a person meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from watchroom import __version__
from watchroom.cli.main import main
from watchroom.config.settings import SETTINGS


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"watchroom {__version__}\n"


def test_version_of_all_parts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--all"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("python 3.")
    assert any(line.startswith("numpy ") for line in lines)


def test_config_lists_every_setting_with_its_source(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHROOM_PORT", "9000")
    assert main(["config"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["setting", "value", "source", "environment", "help"]
    assert [row.split()[0] for row in rows] == [setting.name for setting in SETTINGS]
    port = next(row for row in rows if row.startswith("port "))
    assert port.split()[1:4] == ["9000", "WATCHROOM_PORT", "WATCHROOM_PORT"]


def test_config_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHROOM_SYNC", "off")
    assert main(["config", "--json"]) == 0
    rows = {row["setting"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["sync"]["value"] is False
    assert rows["sync"]["source"] == "WATCHROOM_SYNC"
    assert rows["host"]["source"] == "default"


def test_a_bad_setting_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHROOM_PORT", "many")
    for verb in ("config", "up"):
        assert main([verb]) == 1
        error = capsys.readouterr().err
        assert error.startswith("watchroom: port is 'many' (WATCHROOM_PORT)")
        assert error.count("\n") == 1


def test_no_verb_prints_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out = capsys.readouterr().out
    for verb in ("up", "demo", "config", "version"):
        assert f"\n    {verb} " in out


@pytest.mark.parametrize("verb", ["up", "demo", "config", "version"])
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 200


@pytest.mark.parametrize("arguments", [["fly"], ["up", "--port", "x"], ["demo", "--fault", "y"]])
def test_nonsense_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: watchroom" in capsys.readouterr().err


def test_light_verbs_load_no_server() -> None:
    code = (
        "import sys; from watchroom.cli.main import main; main(['version']); "
        "print([name for name in ('fastapi', 'numpy', 'uvicorn', 'socketio', 'sklearn') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_check_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "watchroom.yml"
    path.write_text("scrape_configs:\n- job_name: a\n  static_configs: [{targets: [b:1, c:1]}]\n")
    assert main(["check-config", str(path)]) == 0
    assert capsys.readouterr().out == f"{path} can be used: 1 jobs, 2 static targets\n"
    path.write_text("scrape_configs:\n- job_name: a\n  honor_label: true\n")
    assert main(["check-config", str(path)]) == 1
    told = capsys.readouterr().err
    assert f"{path}:3: scrape_configs[0].honor_label: there is no key" in told
    assert "is 'honor_labels' meant?" in told


def test_output_that_cannot_be_written_is_said_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from watchroom.cli.main import main; exit(main(['config']))"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "watchroom: [Errno 28] No space left on device\n"
