"""Requests made from the description of an API, right and wrong ones."""

import asyncio
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI


async def try_to_break(app: FastAPI, folder: Path, *options: str) -> None:
    """Every answer must be one that the description holds. `options`: of schemathesis."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    sockets = [server.config.bind_socket()]
    sockets[0].listen()  # so that nobody comes too early
    serving = asyncio.create_task(server.serve(sockets))
    program = Path(sys.executable).with_name("schemathesis")
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/api/openapi.json"
    process = await asyncio.create_subprocess_exec(
        *(str(program), "run", url, "--no-color", "--generation-deterministic", *options),
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    said, _ = await process.communicate()
    server.should_exit = True
    await serving
    assert process.returncode == 0, said.decode()
