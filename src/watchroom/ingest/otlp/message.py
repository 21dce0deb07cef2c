"""The messages of OTLP, in protobuf and in JSON; the generated classes are loaded at first use.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

import msgspec

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
CONTENT_TYPES = (PROTOBUF, JSON)

_STATUS_MESSAGE = 0x12
"""Field 2, length-delimited: the message of google.rpc.Status, for which no class is installed."""
_STATUS_CODE = 0x08
_CODES = {400: 3, 413: 8, 415: 3, 429: 8, 503: 14, 507: 8}
"""google.rpc.Code by HTTP status: INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNAVAILABLE."""


class Malformed(ValueError):
    """The body is no request to export metrics."""


def reply(rejected: int, message: str, content_type: str) -> bytes:
    """Return the ExportMetricsServiceResponse; with nothing to say, a full success."""
    from google.protobuf import json_format
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
        ExportMetricsServiceResponse,
    )

    answer = ExportMetricsServiceResponse()
    if rejected or message:
        answer.partial_success.rejected_data_points = rejected
        answer.partial_success.error_message = message
    if content_type == JSON:
        return str(json_format.MessageToJson(answer, indent=None)).encode()
    return bytes(answer.SerializeToString())


def status(http_status: int, message: str, content_type: str) -> bytes:
    """Return an error as google.rpc.Status."""
    code = _CODES.get(http_status, 2)
    if content_type == JSON:
        return msgspec.json.encode({"code": code, "message": message})
    text = message.encode()
    return bytes((_STATUS_CODE, code, _STATUS_MESSAGE)) + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
