"""The emulator of Snowflake as a server on a free port. Run by `servers.py` with the emulator's interpreter."""

import json
import socket

import uvicorn
from fakesnow.server import app

from tests.warehouses import lifeline
from tests.warehouses.fakesnow_server import gaps, patches, values
from tests.warehouses.fakesnow_server.middleware import Statements

patches.apply()
values.apply()
lifeline.hold()
with socket.create_server(("127.0.0.1", 0)) as listening:
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(Statements(app, gaps.REWRITES), log_level="warning")).run(sockets=[listening])
