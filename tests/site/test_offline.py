"""The site as one zip, unpacked on a machine without a network, where ``python -m http.server`` is all there is."""

import re
import subprocess
import sys
import zipfile

import pytest

READY = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


@pytest.fixture
def unpacked(built, lite, tmp_path):
    """The address that a plain server gives the unpacked site."""
    packed = built.with_name(f"{built.name}.zip")
    if not packed.exists():
        pytest.skip("the site was built without --zip")
    with zipfile.ZipFile(packed) as files:
        files.extractall(tmp_path)
    command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    options = {"cwd": tmp_path / built.name, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, **options) as server:
        yield "http://127.0.0.1:" + re.search(r"port (\d+)", server.stdout.readline())[1]
        server.terminate()


@pytest.mark.slow
def test_all_of_it_works_there(unpacked, visitor):
    page = visitor()
    page.set_default_timeout(120_000)
    page.goto(f"{unpacked}/index.html")
    page.locator(".live-lab [type=range]:enabled").wait_for()
    page.goto(f"{unpacked}/01_intro.html")
    page.get_by_role("link", name="Run it here", exact=True).click()
    page.wait_for_function(READY)
    page.locator(".jp-CodeCell").first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[1]:").first.wait_for()
    assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
