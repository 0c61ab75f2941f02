"""Measurements, side by side with peers in one run: python -m benchmarks [cells] [training] …"""

import os

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))  # on every side
