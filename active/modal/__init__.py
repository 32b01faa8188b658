"""Meet modAL both ways, with its own objects, unchanged.

queries     our strategies as query strategies of modAL's ActiveLearner and Committee
strategies  modAL's learners, committees and query strategies as strategies of ours
borrowed    what our strategies ask of a head, answered for any learner of modAL's
labels      targets to classes and back

modAL brings torch along, which takes seconds to load: import from here only where modAL is in use.
"""

from active.modal.queries import as_query_strategy
from active.modal.strategies import ModalStrategy, as_committee

__all__ = ["ModalStrategy", "as_committee", "as_query_strategy"]
