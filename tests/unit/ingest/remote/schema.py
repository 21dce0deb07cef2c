"""The messages of remote write for the generic library, made at run time from their fields.

https://prometheus.io/docs/specs/prw/remote_write_spec/ and
https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_HISTOGRAM = """
    count_int=1 uint64, count_float=2 double, sum=3 double, schema=4 sint32,
    zero_threshold=5 double, zero_count_int=6 uint64, zero_count_float=7 double,
    negative_spans=8 *BucketSpan, negative_deltas=9 *sint64, negative_counts=10 *double,
    positive_spans=11 *BucketSpan, positive_deltas=12 *sint64, positive_counts=13 *double,
    reset_hint=14 int32, timestamp=15 int64, custom_values=16 *double
"""
_SPAN = "offset=1 sint32, length=2 uint32"
_ONEOFS = {"count_int": 0, "count_float": 0, "zero_count_int": 1, "zero_count_float": 1}

V1 = {
    "WriteRequest": "timeseries=1 *TimeSeries, metadata=3 *Metadata",
    "TimeSeries": "labels=1 *Label, samples=2 *Sample, exemplars=3 *Exemplar,"
    " histograms=4 *Histogram",
    "Label": "name=1 string, value=2 string",
    "Sample": "value=1 double, timestamp=2 int64",
    "Exemplar": "labels=1 *Label, value=2 double, timestamp=3 int64",
    "Metadata": "type=1 int32, metric_family_name=2 string, help=4 string, unit=5 string",
    "Histogram": _HISTOGRAM,
    "BucketSpan": _SPAN,
}
V2 = {
    "Request": "symbols=4 *string, timeseries=5 *TimeSeries",
    "TimeSeries": "labels_refs=1 *uint32, samples=2 *Sample, histograms=3 *Histogram,"
    " exemplars=4 *Exemplar, metadata=5 Metadata, created_timestamp=6 int64",
    "Sample": "value=1 double, timestamp=2 int64, start_timestamp=3 int64",
    "Exemplar": "labels_refs=1 *uint32, value=2 double, timestamp=3 int64",
    "Metadata": "type=1 int32, help_ref=3 uint32, unit_ref=4 uint32",
    "Histogram": _HISTOGRAM + ", start_timestamp=17 int64",
    "BucketSpan": _SPAN,
}


def _add_field(message: Any, text: str, package: str) -> None:
    name, _, rest = text.strip().partition("=")
    number, kind = rest.split()
    field = message.field.add(name=name, number=int(number))
    field.label = field.LABEL_REPEATED if kind.startswith("*") else field.LABEL_OPTIONAL
    kind = kind.lstrip("*")
    if kind[0].isupper():
        field.type = field.TYPE_MESSAGE
        field.type_name = f".{package}.{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
    if name in _ONEOFS:
        field.oneof_index = _ONEOFS[name]


def messages(schema: dict[str, str], package: str) -> dict[str, Any]:
    """Return the classes of a schema by name."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto", package=package, syntax="proto3"
    )
    for name, texts in schema.items():
        message = file.message_type.add(name=name)
        if "count_int" in texts:
            message.oneof_decl.add(name="either_count")
            message.oneof_decl.add(name="either_zero_count")
        for text in texts.split(","):
            _add_field(message, text, package)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in schema
    }


ONE = messages(V1, "prometheus")
TWO = messages(V2, "write.v2")
