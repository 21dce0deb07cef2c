from watchroom.model.labels import labels, value_of


def test_labels_are_sorted_and_empty_values_are_absent() -> None:
    found = labels("up", {"zone": "b", "job": "a", "rack": ""})
    assert found == (("__name__", "up"), ("job", "a"), ("zone", "b"))
    assert labels("up", found) == found


def test_an_absent_label_has_the_empty_value() -> None:
    found = labels("up", {"job": "a"})
    assert (value_of(found, "job"), value_of(found, "zone")) == ("a", "")
