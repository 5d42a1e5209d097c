"""The scripted upstreams and the test client, in a process of their own.

A Python thread that works beside the embedded host would make each of its fast calls wait for the
interpreter's lock; a process does not. ``python -m wasmctl.envoy.peers`` is the process.

- On our side: ``process.Peers`` is our end of it; ``parts``, ``scripts`` and ``grpc`` say what a
  peer is to do, ``received`` what it saw.
- Between: ``protocol`` is what the two say to each other.
- On the other side: ``service`` does the commands with a ``client`` and some ``upstream``s, in one
  ``loop`` of connections (``http2``, ``http1``, ``tcp``); an ``exchange`` is a stream of one.
"""
