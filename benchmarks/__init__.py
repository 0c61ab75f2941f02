"""Measurements, side by side with peers in one run: python -m benchmarks [cells] [training] …"""

import os

# Before numpy is loaded: as many threads here as PyTorch is given.
THREADS = int(os.environ.setdefault("OMP_NUM_THREADS", "1"))
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(THREADS)
