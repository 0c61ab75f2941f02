"""Measurements, side by side with peers in one run: python -m benchmarks [cells] [training] …"""

import os

THREADS = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))  # on every side
