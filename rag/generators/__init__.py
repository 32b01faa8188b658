"""Generate text and compare options: one kind of engine a file."""

from rag.generators.base import Decoding, Generation, Generator, Messages
from rag.generators.endpoint import EndpointGenerator
from rag.generators.openvino import OpenVinoGenerator

__all__ = ["Decoding", "EndpointGenerator", "Generation", "Generator", "Messages", "OpenVinoGenerator"]
