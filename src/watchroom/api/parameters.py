"""Query parameters that several resources share."""

from typing import Annotated, TypeAlias

from fastapi import Query

Range: TypeAlias = Annotated[
    str,
    Query(alias="range", description="how far back from now: 5m, 1h, 7d", max_length=32),
]
OptionalRange: TypeAlias = Annotated[
    str | None,
    Query(alias="range", description="how far back from now: 5m, 1h, 7d", max_length=32),
]
Step: TypeAlias = Annotated[
    str | None,
    Query(description="time between two points: 15s, 1m; a round one if not given", max_length=32),
]
Service: TypeAlias = Annotated[
    str | None, Query(description="only this service", min_length=1, max_length=256)
]
Where: TypeAlias = Annotated[
    list[str] | None,
    Query(description="label=value; repeat it for further conditions", max_length=32),
]
Limit: TypeAlias = Annotated[int, Query(description="at most so many", ge=1, le=10_000)]
