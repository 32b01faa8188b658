"""Measure how far assessors agree beyond chance; pure functions, no database."""

from annotate.labelling.agreement.breakdowns import COEFFICIENTS, collect, measure_by, measure_pairs
from annotate.labelling.agreement.cohen import cohen_kappa
from annotate.labelling.agreement.fleiss import fleiss_kappa
from annotate.labelling.agreement.gwet import gwet_ac1
from annotate.labelling.agreement.intervals import Estimate, Statistic, bootstrap, bootstrap_mean, share_of
from annotate.labelling.agreement.krippendorff import (
    Scale,
    interval_alpha,
    krippendorff_alpha,
    nominal_alpha,
    ordinal_alpha,
)
from annotate.labelling.agreement.ratings import Ratings, Table, tabulate
from annotate.labelling.agreement.shares import percent_agreement

__all__ = [
    "COEFFICIENTS",
    "Estimate",
    "Ratings",
    "Scale",
    "Statistic",
    "Table",
    "bootstrap",
    "bootstrap_mean",
    "cohen_kappa",
    "collect",
    "fleiss_kappa",
    "gwet_ac1",
    "interval_alpha",
    "krippendorff_alpha",
    "measure_by",
    "measure_pairs",
    "nominal_alpha",
    "ordinal_alpha",
    "percent_agreement",
    "share_of",
    "tabulate",
]
