"""Run the whole loop once on real documents: the demo."""

from annotate.jobs.demo.loop import DEMO_STAGES, demo_report, run_demo

__all__ = ["DEMO_STAGES", "demo_report", "run_demo"]
