"""The emulator of BigQuery as a server on a free port. Run by `servers.py` with the emulator's interpreter."""

import asyncio
import json
import signal

import bqemulator.server
from bqemulator.config import LogLevel, Settings

from tests.warehouses import lifeline
from tests.warehouses.bqemulator_server import gaps, patches, tables
from tests.warehouses.bqemulator_server.middleware import Statements

create_app = bqemulator.server.create_app


def with_gaps(context: object) -> object:
    """The server's application behind the rewriting."""
    app = create_app(context)
    app.add_middleware(Statements, rewrites=gaps.REWRITES)
    return app


async def serve() -> None:
    """Serve from memory until the process is told to end."""
    # No copies of tables for time travel, which nobody asks for here; no answers from a cache.
    quick = {"time_travel_retention_days": 0, "query_cache_ttl_seconds": 0}
    settings = Settings(rest_port=0, grpc_port=0, log_level=LogLevel.WARNING, **quick)
    server = bqemulator.server.EmulatorServer(settings)
    await server.start()
    print(json.dumps({"port": server.rest_port}), flush=True)
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    await ending.wait()
    await server.stop()


bqemulator.server.create_app = with_gaps
patches.apply()
tables.apply()
lifeline.hold()
asyncio.run(serve())
