"""What is wrong with a configuration file, and where."""

from pathlib import Path

import pytest

from watchroom.server.configuration import (
    Configuration,
    ConfigurationError,
    check_files,
    find,
    load,
    shown,
)

GOOD = """\
global:
  scrape_interval: 15s
  sample_limit: 100
scrape_configs:
  - job_name: node
    scrape_timeout: 5s
    static_configs:
      - targets: [a:9100]
        labels: {env: 1}
    relabel_configs:
      - target_label: rack
        replacement: 7
otlp:
  promote_resource_attributes: [host.name]
"""


def read(tmp_path: Path, text: str) -> Configuration:
    path = tmp_path / "watchroom.yml"
    path.write_text(text)
    return load(path)


def test_a_good_file(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    (job,) = found.jobs
    assert (job.interval, job.timeout, job.sample_limit) == (15.0, 5.0, 100)
    assert job.static_configs[0].labels == {"env": "1"}
    assert job.relabel_configs[0].replacement == "7"
    assert found.otlp.promotes("host.name")
    assert found.base == tmp_path


@pytest.mark.parametrize("text", ["", "# nothing\n", "global:\n"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).jobs == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("global", "globl", "watchroom.yml:1: globl: there is no key 'globl' here; is 'global'"),
        ("15s", "15 s", "watchroom.yml:1: global: '15 s' is no duration"),
        ("job_name", "job", ":5: scrape_configs[0].job: there is no key 'job' here; is 'job_name'"),
        ("[a:9100]", "a:9100", ":8: scrape_configs[0].static_configs[0].targets: expected a list"),
        ("[a:9100]", "[a/b]", ":8: scrape_configs[0].static_configs[0]: 'a/b' is no address"),
        ("replacement: 7", "acton: drop", ":12: scrape_configs[0].relabel_configs[0].acton:"),
        ("replacement: 7", "action: dorp", ":11: scrape_configs[0].relabel_configs[0]: there is"),
        ("replacement: 7", "regex: (", "relabel_configs[0]: '(' is no regular expression of RE2"),
        ("  scrape_timeout: 5s", "  scrape_timeout: 20s", ":5: scrape_configs[0]: scrape_timeout"),
        ("otlp:", "rule_files:", ":13: rule_files: there is no key 'rule_files' here: Prometheus"),
        ("static_configs", "kubernetes_sd_configs", "Prometheus has it, Watchroom does not"),
        ("- job_name: node", "- honor_labels: true", "this lacks the key `job_name`"),
        ("sample_limit: 100", "sample_limit: many", "expected a whole number, got a text"),
        ("sample_limit: 100", "scrape_interval: 1s", ":3: the key 'scrape_interval' comes twice"),
        ("sample_limit: 100", "[", "watchroom.yml:4: could not find expected ':'"),
        ("host.name]", "host.name]\n  promote_all_resource_attributes: true", "keep one of them"),
    ],
)
def test_what_is_wrong_where(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as raised:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert told in str(raised.value)


def test_two_jobs_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r":3: .*job_name: two jobs are called 'a'"):
        read(tmp_path, "scrape_configs:\n- job_name: a\n- job_name: a\n")


def test_which_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find("") is None
    assert find("other.yml") == Path("other.yml")
    (tmp_path / "watchroom.yml").write_text("")
    assert find("") == Path("watchroom.yml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "none.yml")
    assert load(None) == Configuration()


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    secrets = GOOD.replace(
        "    scrape_timeout: 5s",
        "    scrape_timeout: 5s\n    basic_auth: {username: u, password: hush}\n"
        "    proxy_url: http://u:hush@proxy:3128\n    params: {password: [hush]}",
    )
    told = shown(read(tmp_path, secrets))
    assert "hush" not in told
    assert "password: <secret>" in told
    assert "http://<secret>@proxy:3128" in told
    assert "job_name: node" in told
    assert shown(Configuration()) == ""


@pytest.mark.parametrize(
    ("job", "told"),
    [
        ("    tls_config: {ca_file: none.pem}", "No such file"),
        ("    basic_auth: {username: u, password_file: none}", "No such file"),
        ("    file_sd_configs: [{files: [bad.json]}]", "unknown field `tragets`"),
    ],
)
def test_files_that_are_named(tmp_path: Path, job: str, told: str) -> None:
    (tmp_path / "bad.json").write_text('[{"tragets": []}]')
    found = read(tmp_path, GOOD.replace("    scrape_timeout: 5s", job))
    with pytest.raises(ConfigurationError, match="job node: ") as raised:
        check_files(found)
    assert told in str(raised.value)
    check_files(read(tmp_path, GOOD))
