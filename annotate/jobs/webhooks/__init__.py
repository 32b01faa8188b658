"""Tell other systems what happened: signed messages, tried again until they arrive or are given up.

registry   which addresses are told about which events;  keys  what their messages are signed with
events     what happened since the last look, as messages;  delivery  send them
"""

from annotate.jobs.webhooks.delivery import delivering
from annotate.jobs.webhooks.events import EVENTS, PING

__all__ = ["EVENTS", "PING", "delivering"]
