// Records with every instrument of the SDK and exports twice: node send.mjs URL http|proto delta|cumulative
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonExporter,
} from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const ROUNDS = [[0.3, 1.5, 7.0], [0.3, 12.0]];

const [url, format, temporality] = process.argv.slice(2);
const Exporter = format === 'http' ? JsonExporter : ProtobufExporter;
const exporter = new Exporter({
  url: `${url}/v1/metrics`,
  compression: 'gzip',
  temporalityPreference: AggregationTemporalityPreference[temporality.toUpperCase()],
});
const provider = new MeterProvider({
  resource: resourceFromAttributes({
    'service.name': 'cart',
    'service.namespace': 'shop',
    'service.instance.id': 'one',
    'host.name': 'h1',
  }),
  readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  views: [
    {
      instrumentName: 'wait',
      aggregation: {
        type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
        options: { boundaries: [1, 5, 10] },
      },
    },
    {
      instrumentName: 'size',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 160 } },
    },
  ],
});

const observed = (instrument, values) =>
  instrument.addCallback((result) => result.observe(values.length > 1 ? values.shift() : values[0], { disk: 'a' }));

const meter = provider.getMeter('lib', '1.0');
const orders = meter.createCounter('orders', { unit: '{order}', description: 'Orders taken.' });
const open = meter.createUpDownCounter('open.orders');
const wait = meter.createHistogram('wait', { unit: 's' });
const size = meter.createHistogram('size', { unit: 'By' });
const level = meter.createGauge('level', { unit: '1' });
observed(meter.createObservableCounter('io', { unit: 'By' }), [100, 250]);
observed(meter.createObservableUpDownCounter('queue'), [5, 2]);
observed(meter.createObservableGauge('heat', { unit: 'Cel' }), [20.5, 21.5]);

for (const [number, values] of ROUNDS.entries()) {
  for (const value of values) {
    orders.add(2, { kind: 'book' });
    wait.record(value, { route: '/a' });
    size.record(value);
  }
  open.add(3);
  open.add(-1);
  level.record(0.25 + number);
  await provider.forceFlush();
}
await provider.shutdown();
