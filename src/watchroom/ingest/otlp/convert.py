"""From a request to export metrics to what the store makes durable."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from watchroom.ingest.limits import Limits
from watchroom.ingest.naming import Refused
from watchroom.ingest.otlp.attributes import texts
from watchroom.ingest.otlp.deltas import Changes
from watchroom.ingest.otlp.draft import Draft, Source, Streams
from watchroom.ingest.otlp.metric import Level, MetricPart, Surroundings
from watchroom.ingest.otlp.naming import label_name, label_pairs
from watchroom.ingest.otlp.options import OtlpOptions
from watchroom.ingest.otlp.pieces import Piece
from watchroom.ingest.refusals import Refusals
from watchroom.ingest.remote.draft import TooMany
from watchroom.model.kind import Kind, Metadata
from watchroom.model.labels import INSTANCE, JOB

_NAMESPACE, _SERVICE, _ID = "service.namespace", "service.name", "service.instance.id"
_IDENTITY = {_NAMESPACE, _SERVICE, _ID}
_INFO = "target_info"


class Converter:
    """Turns requests into drafts of writes; what cannot be taken is left out and named."""

    def __init__(self, limits: Limits, options: OtlpOptions, level: Level) -> None:
        self._limits = limits
        self._options = options
        self._level = level
        self._streams = Streams(limits)

    def known(self) -> int:
        """Return how many label sets are remembered."""
        return len(self._streams)

    def convert(
        self,
        request: Iterable[Piece],
        now: int,
        changes: Changes,
        refusals: Refusals,
        *,
        hexed: bool,
    ) -> Draft:
        """Return what of a request can be kept.

        Args:
            request: its pieces, those of one resource together.
            now: the server's time in ms, beyond which times are not believed for long.
            changes: what deltas are added to.
            refusals: where what cannot be kept is told.
            hexed: ids came as hexadecimal text, which the JSON reader took for base64.

        Raises:
            TooMany: it makes more samples than a request may.
        """
        draft = Draft(changes, refusals)
        around = Surroundings(self._limits, self._options, self._streams, self._level, now, hexed)
        for _, group in groupby(request, key=attrgetter("number")):
            source, newest = None, 0
            for piece in group:
                if source is None:
                    source = describe(texts(piece.resource.attributes), self._options)
                owner = _scoped(source, piece, self._options)
                newest = max(newest, MetricPart(around, draft, owner, piece.metric).add())
                self._check(draft)
            if newest and source is not None and source.described:
                self._describe(draft, source, newest)
        return draft

    def _check(self, draft: Draft) -> None:
        most = self._limits.samples
        if len(draft.series) + len(draft.histograms) > most:
            raise TooMany(f"a request makes at most {most} samples")

    def _describe(self, draft: Draft, source: Source, time: int) -> None:
        stream = self._streams.table(source.fixed, _INFO).get(source.described)
        if stream is None:
            pairs = (*source.described, *source.fixed)
            stream = self._streams.learn(source.fixed, _INFO, source.described, pairs)
        try:
            draft.add(stream.own(), time, 1.0)
        except Refused as refused:
            draft.refusals.add(str(refused), 0)
            return
        draft.metadata[_INFO] = Metadata(_INFO, Kind.GAUGE, "", "Target metadata")


def describe(attributes: Iterable[tuple[str, str]], options: OtlpOptions) -> Source:
    """Return what a resource's attributes say of the source."""
    given = dict(attributes)
    service, namespace = given.get(_SERVICE, ""), given.get(_NAMESPACE, "")
    job = f"{namespace}/{service}" if service and namespace else service
    own = tuple(pair for pair in ((JOB, job), (INSTANCE, given.get(_ID, ""))) if pair[1])
    rest = {
        key: value
        for key, value in given.items()
        if key not in _IDENTITY or options.keep_identifying_resource_attributes
    }
    promoted = [(key, value) for key, value in given.items() if options.promotes(key)]
    # Without a job or an instance nothing could be joined with target_info.
    described = label_pairs(rest.items(), options) if own and rest.keys() - _IDENTITY else []
    return Source(own, tuple(label_pairs(promoted, options)), tuple(described))


def _scoped(source: Source, piece: Piece, options: OtlpOptions) -> Source:
    if not options.promote_scope_metadata:
        return source
    scope = piece.scope
    names = [("name", scope.name), ("version", scope.version), ("schema_url", piece.schema)]
    names += texts(scope.attributes)
    pairs = tuple((f"otel_scope_{label_name(key, options)}", value) for key, value in names)
    return Source(source.fixed, source.added + pairs, source.described)
