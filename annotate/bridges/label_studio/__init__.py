"""Label in Label Studio: push tasks, pull judgements, exchange files.

config    the labelling config, and the check of one that is there
tasks     a pair as a remote task;  results  an annotation as a verdict with reasons
files     tasks and config as files, without a server
client, tokens, users    the HTTP API
projects  create or adopt a project;  push, dressing  send tasks;  pull  reconcile;  webhook  receive
links     which remote number is which of ours;  intake  one annotation into the ledger
"""

from annotate.bridges.label_studio.config import labelling_config
from annotate.bridges.label_studio.files import export_tasks

__all__ = ["export_tasks", "labelling_config"]
