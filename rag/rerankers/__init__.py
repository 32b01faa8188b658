"""Score the best candidates again: a cross-encoder, or a head trained from feedback."""

from rag.rerankers.base import Reranker
from rag.rerankers.cross_encoder import CrossEncoderReranker
from rag.rerankers.opening import open_reranker
from rag.rerankers.reward_head import RewardHeadReranker

__all__ = ["CrossEncoderReranker", "Reranker", "RewardHeadReranker", "open_reranker"]
