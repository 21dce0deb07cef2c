import pytest

from watchroom.config.settings import BY_NAME, SETTINGS, SettingError, resolve, values


def test_an_argument_wins_over_the_environment_and_that_over_the_default() -> None:
    environ = {"WATCHROOM_PORT": "9000", "WATCHROOM_HOST": "::1"}
    found = resolve({"port": 9001, "host": None}, environ)
    assert (found["port"].value, found["port"].source) == (9001, "argument")
    assert (found["host"].value, found["host"].source) == ("::1", "WATCHROOM_HOST")
    assert (found["data"].value, found["data"].source) == ("data", "default")


def test_an_empty_variable_is_not_set() -> None:
    assert values(environ={"WATCHROOM_PORT": ""})["port"] == BY_NAME["port"].default


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
def test_words_for_yes(word: str) -> None:
    assert values(environ={"MONITORING_ENABLED": word})["enabled"] is True


@pytest.mark.parametrize("word", ["0", "False", "no", "OFF"])
def test_words_for_no(word: str) -> None:
    assert values(environ={"MONITORING_ENABLED": word})["enabled"] is False


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"WATCHROOM_PORT": "eighty"}, r"port is 'eighty' \(WATCHROOM_PORT\), which is no int"),
        ({"MONITORING_ENABLED": "maybe"}, r"enabled is 'maybe' .* for example: True"),
        ({"WATCHROOM_RETENTION_DAYS": "a week"}, r"retention_days is 'a week'"),
        ({"WATCHROOM_FLUSH_SECONDS": "-1"}, r"flush_seconds is '-1' .*; it is at least 0.01"),
        ({"WATCHROOM_FLUSH_SECONDS": "nan"}, r"flush_seconds is 'nan' .*; it is at least 0.01"),
        ({"WATCHROOM_SPOOL_MAX_MB": "-5"}, r"spool_max_mb is '-5' .*; it is at least 0"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_could(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        resolve(environ=environ)


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(SettingError, match="no setting is called colour"):
        resolve({"colour": "red"})


def test_every_setting_has_a_name_a_variable_and_a_help_of_its_own() -> None:
    assert len(BY_NAME) == len(SETTINGS)
    assert len({setting.env for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.help for setting in SETTINGS)
