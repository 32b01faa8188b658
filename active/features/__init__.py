"""Turn pairs of answers into rows of numbers, and keep the rows.

pairs    difference and product of embeddings
lexical  length, overlap, numbers, citations
effects  one column for each item or contender
files    rows on the disk as memory maps, refused when the embedding model changed
cache    rows computed once, found again by their keys
"""

from active.features.cache import FeatureCache, feature_fingerprint
from active.features.effects import ItemEffects, effect_scale
from active.features.files import FeatureFile
from active.features.lexical import LEXICAL_NAMES, lexical_features
from active.features.pairs import pair_features

__all__ = [
    "LEXICAL_NAMES",
    "FeatureCache",
    "FeatureFile",
    "ItemEffects",
    "effect_scale",
    "feature_fingerprint",
    "lexical_features",
    "pair_features",
]
