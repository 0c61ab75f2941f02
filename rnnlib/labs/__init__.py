"""A room for each lab: compute.py has its numbers, draw.py its pictures, lab.py its controls and words.

Beside them stands what all labs share. ``rnnlib.widgets`` has the names that a notebook calls.
"""
