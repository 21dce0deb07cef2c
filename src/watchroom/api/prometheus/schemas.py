"""The forms of answers, for OpenAPI."""

from typing import Any, Literal

import msgspec


class SeriesAnswer(msgspec.Struct, omit_defaults=True):
    """Sets of labels."""

    status: Literal["success"]
    data: list[dict[str, str]]
    warnings: list[str] = []
    infos: list[str] = []


class LabelNames(msgspec.Struct, omit_defaults=True):
    """Names or values of labels."""

    status: Literal["success"]
    data: list[str]
    warnings: list[str] = []
    infos: list[str] = []


class MetricMetadata(msgspec.Struct):
    """What a metric says of itself."""

    type: str
    help: str
    unit: str


class MetadataAnswer(msgspec.Struct, omit_defaults=True):
    """What metrics say of themselves, by name."""

    status: Literal["success"]
    data: dict[str, list[MetricMetadata]]


class QueryData(msgspec.Struct, omit_defaults=True):
    """A value of PromQL; `result` has the form that `resultType` names."""

    resultType: Literal["scalar", "vector", "matrix", "string"]  # noqa: N815 - Prometheus' name
    result: list[Any]
    stats: dict[str, Any] = {}


class QueryAnswer(msgspec.Struct, omit_defaults=True):
    """The answer to a query, with notes on how it came about."""

    status: Literal["success"]
    data: QueryData
    warnings: list[str] = []
    infos: list[str] = []


class TextAnswer(msgspec.Struct):
    """A text."""

    status: Literal["success"]
    data: str


class ListAnswer(msgspec.Struct):
    """Rows of any form."""

    status: Literal["success"]
    data: list[Any]


class ObjectAnswer(msgspec.Struct):
    """Facts by name."""

    status: Literal["success"]
    data: dict[str, Any]
