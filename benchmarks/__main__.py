"""Run the benchmarks named, or all, and write what they found into README.md, each between its two markers."""

import importlib
import os
import pkgutil
import re
import sys
from pathlib import Path

import benchmarks

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read when numpy is loaded, below
    os.environ[variable] = str(benchmarks.THREADS)
README = Path(__file__).with_name("README.md")


def main(names):
    known = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"]
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"no benchmark named {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in names or known:
        section = importlib.import_module(f"benchmarks.{name}").main()
        print(section, flush=True)
        text, markers = README.read_text(encoding="utf-8"), (f"<!-- {name} -->\n", f"<!-- end of {name} -->\n")
        between = re.compile(f"(?<={re.escape(markers[0])}).*(?={re.escape(markers[1])})", re.S)
        README.write_text(between.sub(lambda _, new=section: new.strip() + "\n", text), encoding="utf-8")


main(sys.argv[1:])
