"""Runs notebooks and stores their outputs so that nothing but a changed result changes the file.

    python notebooks/execute.py               every notebook
    python notebooks/execute.py en/05*.ipynb  these

An error in a cell, or a word on stderr, stops with the notebook's name and changes no file.
"""

import base64
import struct
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
# The same for every Python that runs them: versions are left out.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
# These carry a random id, which another kernel could not find anyway.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# PNG chunks that name the program that wrote the file, or the time.
CHANGING_CHUNKS = {b"tEXt", b"iTXt", b"zTXt", b"tIME"}


def without_text(png):
    """Returns the bytes of a PNG file with its text and time chunks left out; the pixels are untouched."""
    kept, at = png[:8], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        end = at + 12 + length
        if png[at + 4 : at + 8] not in CHANGING_CHUNKS:
            kept += png[at:end]
        at = end
    return kept


def normalise_output(output):
    """Drops from one output what differs from run to run; in place."""
    data = output.get("data", {})
    data.pop(WIDGET_VIEW, None)
    if "image/png" in data:
        data["image/png"] = base64.b64encode(without_text(base64.b64decode(data["image/png"]))).decode()


def normalise(notebook):
    """Drops from an executed notebook what differs from run to run; in place.

    Raises:
        RuntimeError: a cell wrote to stderr.
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise RuntimeError(f"stderr of the cell\n{cell.source}\n\n{output.text}")
            normalise_output(output)


def execute(path):
    """Runs one notebook from top to bottom in a fresh kernel, in its own folder, and stores the result."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    normalise(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def main(names):
    """Runs the named notebooks, or all of them."""
    for path in [Path(name) for name in names] or sorted(HERE.glob("*/*.ipynb")):
        print(path, flush=True)
        execute(path)


if __name__ == "__main__":
    main(sys.argv[1:])
