"""A watched FastAPI application.

Start a server with `watchroom up`, then: `uvicorn --app-dir examples fastapi_app:app`
"""

from fastapi import FastAPI, HTTPException

import watchroom

watchroom.init("fastapi-example")
app = FastAPI()
app.add_middleware(watchroom.ASGIMiddleware)

PRICES = {1: 9.5, 2: 20.0}


@app.get("/items/{number}")
async def item(number: int) -> dict[str, float]:
    """Answer 404 where there is no such item: no error of the service."""
    known = number in PRICES
    watchroom.record_cache("prices", hit=known)
    if not known:
        raise HTTPException(404, f"there is no item {number}")
    return {"price": PRICES[number]}


@app.get("/broken")
async def broken() -> None:
    """Fail: it counts as an error of the type ZeroDivisionError."""
    raise ZeroDivisionError("broken on purpose")
