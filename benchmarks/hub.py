"""A class on a real JupyterHub: everybody runs notebook 05, then moves the weight scale once a second."""

import asyncio
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from benchmarks.lab import machine

ROOT = Path(__file__).parents[1]
PROXY = ROOT / ".venv/node_modules/.bin"  # where make bench puts it
LEARNERS = [int(n) for n in os.environ.get("LEARNERS", "1 5 10 20 30").split()]
MOVES, PATIENCE = 30, 10  # moves of each learner, a second apart; seconds after which a picture counts as failed
CELLS = [
    cell.source
    for cell in nbformat.read(ROOT / "notebooks/en/05_vanishing_exploding_gradients.ipynb", as_version=4).cells
    if cell.cell_type == "code"
]
KEEP = "one_thread.keep()"
FREE = "from threading import RLock\nfrom rnnlib.labs.lab import Lab\nLab._drawing = RLock()"
WAYS = {"1": CELLS, "as they come": [FREE, *(cell.replace(KEEP, "") for cell in CELLS)]}  # of BLAS threads
# The slider, and the two layers that pictures come in by turns.
IDS = "[lab.controls['weight_scale'].model_id, lab.figure.moving.model_id, lab.figure._lower.model_id]"
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.http_timeout = c.Spawner.start_timeout = 600
c.JupyterHub.services = [{{"name": "class", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "class", "services": ["class"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}
]
"""


class Hub:
    """A JupyterHub with its proxy, in a folder of its own, for the length of a ``with`` block."""

    def __init__(self):
        self.token = secrets.token_hex()

    def __enter__(self):
        proxy = shutil.which("configurable-http-proxy", path=f"{os.environ['PATH']}{os.pathsep}{PROXY}")
        if proxy is None:
            sys.exit("the hub needs its proxy: npm install --prefix .venv configurable-http-proxy")
        self.folder, sockets = tempfile.TemporaryDirectory(ignore_cleanup_errors=True), [socket.socket() for _ in "abc"]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        self.address, self.log = f"127.0.0.1:{ports[0]}", open(Path(self.folder.name, "log"), "w")
        known = {"ports": ports, "proxy": proxy, "homes": f"{self.folder.name}/{{username}}", "python": sys.executable}
        config = CONFIG.format(**known, token=self.token)
        Path(self.folder.name, "config.py").write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "jupyterhub", "-f", "config.py"]
        self.process = psutil.Popen(command, cwd=self.folder.name, stdout=self.log, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *error):
        ours = [*self.process.children(recursive=True), self.process]
        for process in ours:
            process.terminate()
        for process in psutil.wait_procs(ours, timeout=20)[1]:
            process.kill()
        self.log.close()
        self.folder.cleanup()

    async def ask(self, path, method="GET", **more):
        """What the hub, or a learner's server, answers."""
        headers = {"Authorization": f"token {self.token}"}
        body = json.dumps(more) if method == "POST" else None
        url = f"http://{self.address}/{path}"
        request = HTTPRequest(url, method, headers, body, request_timeout=600, allow_nonstandard_methods=True)
        answer = await AsyncHTTPClient().fetch(request)
        return json.loads(answer.body or b"null")

    async def ready(self):
        while True:
            try:
                return await self.ask("hub/api/")
            except (OSError, HTTPClientError):
                await asyncio.sleep(0.2)

    def memory(self):
        """Megabytes (RSS, PSS, USS) of each server and of each kernel, as means; and PSS of hub and proxy together."""
        found = {"server": [], "kernel": [], "hub": []}
        for process in [self.process, *self.process.children(recursive=True)]:
            words, used = " ".join(process.cmdline()), process.memory_full_info()
            kind = "kernel" if "ipykernel" in words else "server" if "singleuser" in words else "hub"
            found[kind].append([used.rss / 1e6, used.pss / 1e6, used.uss / 1e6])
        return [np.mean(found["server"], axis=0), np.mean(found["kernel"], axis=0), np.sum(found["hub"], axis=0)[1]]


class Learner:
    """A learner with a server and a kernel."""

    def __init__(self, hub, name):
        self.hub, self.name, self.times, self.failures = hub, name, [], 0
        self.messages = asyncio.Queue()  # read as they come, as a browser does: an unread ping closes the socket

    async def arrive(self, cells):
        """Start a server and a kernel, and run these cells; the seconds that they took."""
        await self.hub.ask(f"hub/api/users/{self.name}", "POST")
        await self.hub.ask(f"hub/api/users/{self.name}/server", "POST")
        while not (await self.hub.ask(f"hub/api/users/{self.name}"))["servers"].get("", {}).get("ready"):
            await asyncio.sleep(0.5)
        kernel = (await self.hub.ask(f"user/{self.name}/api/kernels", "POST", name="python3"))["id"]
        url = f"ws://{self.hub.address}/user/{self.name}/api/kernels/{kernel}/channels"
        request = HTTPRequest(url, headers={"Authorization": f"token {self.hub.token}"})
        protocols, read = ["v1.kernel.websocket.jupyter.org"], self.messages.put_nowait
        self.socket = await websocket_connect(request, subprotocols=protocols, on_message_callback=read)
        start = time.perf_counter()
        for cell in cells:
            assert (await self.run(cell))["status"] == "ok", cell
        seconds = time.perf_counter() - start
        said = (await self.run("", ids=IDS))["user_expressions"]["ids"]["data"]["text/plain"]
        self.slider, *self.layers = json.loads(said.replace("'", '"'))
        return seconds

    async def send(self, kind, **content):
        """Send a message to the kernel, as JupyterLab does; its id."""
        header = {"msg_id": secrets.token_hex(8), "msg_type": kind, "username": "", "session": self.name}
        header |= {"version": "5.4", "date": datetime.now(UTC).isoformat()}
        parts = [b"shell", *(json.dumps(part).encode() for part in (header, {}, {}, content))]
        offsets = np.cumsum([8 * (len(parts) + 2), *map(len, parts)])
        await self.socket.write_message(
            struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts), True
        )
        return header["msg_id"]

    async def receive(self):
        """(kind, id of the message that it answers, content as it was sent) of the next message."""
        message = await self.messages.get()
        (n,) = struct.unpack_from("<Q", message)
        offsets = struct.unpack_from(f"<{n}Q", message, 8)
        _, header, parent, _, content = [message[a:b] for a, b in pairwise(offsets)][:5]  # buffers follow
        return json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), content

    async def run(self, code, **wanted):
        sent = await self.send("execute_request", code=code, silent=False, user_expressions=wanted, allow_stdin=False)
        while True:
            kind, parent, content = await self.receive()
            if (kind, parent) == ("execute_reply", sent):
                return json.loads(content)

    async def move(self, scale):
        """Move the slider; the milliseconds until the new picture is here."""
        start, update = time.perf_counter(), {"method": "update", "state": {"value": scale}, "buffer_paths": []}
        sent = await self.send("comm_msg", comm_id=self.slider, data=update)
        while True:
            kind, parent, content = await self.receive()
            layered = any(layer.encode() in content for layer in self.layers)
            if (kind, parent) == ("comm_msg", sent) and layered and b"<img" in content:
                return 1e3 * (time.perf_counter() - start)

    async def play(self, number):
        """Move once a second; nobody at the same moment as the others."""
        await asyncio.sleep(number * 0.618 % 1)
        for scale in np.geomspace(0.8, 1.25, MOVES):
            wait = asyncio.create_task(asyncio.sleep(1))
            try:
                self.times.append(await asyncio.wait_for(self.move(scale), PATIENCE))
            except TimeoutError:
                self.failures += 1
            await wait


async def class_of(hub, cells):
    """One row for each number of learners: they come in groups and stay."""
    learners = []
    await hub.ready()
    for count in LEARNERS:
        new = [Learner(hub, f"learner{number}") for number in range(len(learners), count)]
        arrived = await asyncio.gather(*(learner.arrive(cells) for learner in new))
        learners += new
        for learner in learners:
            learner.times, learner.failures = [], 0
        psutil.cpu_percent()
        await asyncio.gather(*(learner.play(number) for number, learner in enumerate(learners)))
        busy, times = psutil.cpu_percent(), [time for learner in learners for time in learner.times]
        failures = sum(learner.failures for learner in learners)
        row = [count, max(arrived), *np.percentile(times, [50, 95]), failures, busy, *hub.memory()]
        print(row, file=sys.stderr, flush=True)
        yield row


async def rows(cells):
    with Hub() as hub:
        return [row async for row in class_of(hub, cells)]


def line(words, row):
    count, seconds, p50, p95, failures, busy, server, kernel, others = row
    megabytes = " | ".join(" / ".join(f"{number:.0f}" for number in each) for each in (server, kernel))
    return (
        f"| {count} | {words} | {seconds:.0f} | {p50:.0f} | {p95:.0f} | {failures} | {busy:.0f} % | {megabytes} "
        f"| {(count * (server[1] + kernel[1]) + others) / 1000:.1f} |"
    )


def main():
    load = os.getloadavg()[0]
    found = {words: asyncio.run(rows(cells)) for words, cells in WAYS.items()}
    table = "\n".join(line(words, found[words][i]) for i in range(len(LEARNERS)) for words in WAYS)
    return f"""## A class on a hub

{machine()}; load average {load:.1f} when it began.
A JupyterHub with configurable-http-proxy on this machine, beside the simulated learners. Each has a server and a
kernel of its own, runs every cell of notebook 05, and then moves the weight scale of the gradient lab {MOVES} times, a
second apart, over the kernel's websocket; milliseconds until the new picture is there, not yet drawn by a browser.
Learners come in groups and stay: *Run All* is the longest of those who came together. A picture that takes more than
{PATIENCE} s has failed. BLAS threads: *1*, as labs and notebooks keep them; *as they come*, both left out.
Megabytes are RSS / PSS / USS, means; *all* is the PSS of everything, hub and proxy too.

| learners | BLAS threads | Run All, s | p50, ms | p95, ms | failed | CPU | MB a server | MB a kernel | all, GB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{table}
"""
