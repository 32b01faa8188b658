"""Route pairs to nobody, to a machine or to people: least cost at an accuracy that the audit proves.

slices   cut pairs by language and cluster, so that each slice holds enough audited ones
judges   the machines, the panels and the model itself: what they said, and what they cost
rules    try each judge in each slice, and keep the cheapest of what is proven
routes   who gets which waiting pair, what accuracy to expect, what it costs and saves

Three ways. Nobody: the model's own prediction is sure enough, and costs nothing. A machine: its verdict
stands from a confidence upwards; a less sure one costs its price, and the pair goes on to people. People: all
the rest.
"""

from active.routing.judges import Judge, Waiting
from active.routing.routes import PEOPLE, Routes, prove_alone, route_pairs
from active.routing.rules import MISS, Rule
from active.routing.slices import ALL, REST, Places, Slices

__all__ = [
    "ALL",
    "MISS",
    "PEOPLE",
    "REST",
    "Judge",
    "Places",
    "Routes",
    "Rule",
    "Slices",
    "Waiting",
    "prove_alone",
    "route_pairs",
]
