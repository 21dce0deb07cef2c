"""Lists of targets in the configuration and in files."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.unit.ingest.scrape.jobs import job

from watchroom.ingest.scrape.discovery import Discovery, read_targets


def discovery(base: Path, *files: str, **given: Any) -> Discovery:
    return Discovery(job(file_sd_configs=[{"files": list(files)}], **given), base)


def addresses(found: Discovery) -> list[str]:
    return [each["__address__"] for each in found.targets()]


def write(path: Path, *targets: str, **labels: str) -> None:
    path.write_text(json.dumps([{"targets": targets, "labels": labels}]))
    # The clock of a file system may be too coarse to tell two writes apart.
    os.utime(path, ns=(0, write.count))  # type: ignore[attr-defined]
    write.count += 1  # type: ignore[attr-defined]


write.count = 1  # type: ignore[attr-defined]


def test_lists_and_files(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "b:1", "c:1", env="x")
    found = discovery(tmp_path, "*.json", static_configs=[{"targets": ["a:1"]}])
    assert found.look()
    assert found.targets() == [
        {"__address__": "a:1"},
        {"__address__": "b:1", "env": "x", "__meta_filepath": str(tmp_path / "a.json")},
        {"__address__": "c:1", "env": "x", "__meta_filepath": str(tmp_path / "a.json")},
    ]
    assert not found.look()


def test_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- targets: [a:1]\n  labels:\n    env: prod\n")
    found = discovery(tmp_path, "a.yml")
    assert found.look()
    assert found.targets()[0]["env"] == "prod"


def test_files_that_come_change_and_go(tmp_path: Path) -> None:
    found = discovery(tmp_path, "*.json")
    assert not found.look()
    write(tmp_path / "a.json", "a:1")
    assert found.look()
    write(tmp_path / "a.json", "a:2")
    assert found.look()
    assert addresses(found) == ["a:2"]
    write(tmp_path / "a.json", "a:2")
    assert not found.look()
    (tmp_path / "a.json").unlink()
    assert found.look()
    assert addresses(found) == []


def test_a_broken_file_leaves_what_it_said(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "a:1")
    found = discovery(tmp_path, "a.json")
    found.look()
    (tmp_path / "a.json").write_text("[{")
    assert not found.look()
    assert addresses(found) == ["a:1"]
    assert found.failures == 1
    write(tmp_path / "a.json", "a:3")
    assert found.look()
    assert addresses(found) == ["a:3"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"targets": ["a:1"], "lables": {}}]'),
        ("a.json", '{"targets": []}'),
        ("a.yml", "- targets: {}"),
        ("a.yml", "a: ["),
        ("a.yml", "- targets: [a/b]"),
    ],
)
def test_files_that_list_no_targets(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_targets(tmp_path / name)


def test_an_empty_file_lists_none(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("")
    assert list(read_targets(tmp_path / "a.yml")) == []
