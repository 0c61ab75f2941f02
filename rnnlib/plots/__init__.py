"""Figures: ``frame_…(ax, …)`` draws what stays, ``draw_…(ax, data)`` what moves; both compute and show nothing."""
