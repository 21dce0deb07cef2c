"""The figures of the last minute without a server: `python examples/collector.py`"""

import json

import watchroom

collector = watchroom.MetricsCollector("collector-example")

for number in range(100):
    collector.record_request("/predict", duration_ms=5.0 + number, status_code=200, method="POST")
collector.record_request("/predict", duration_ms=900.0, status_code=500, error="ModelTimeout")

for actual in (9.0, 10.5, 12.5):
    prediction_id = collector.record_prediction("price", 10.0, confidence=0.8)
    collector.record_outcome(prediction_id, actual)

collector.record_cache("features", hit=True, size_bytes=2_000_000)
collector.record_cache("features", hit=False)

print(json.dumps(collector.get_current_metrics(), indent=2))
