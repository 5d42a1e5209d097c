"""The scripted upstreams and the test client, in a process of their own.

A Python thread that works beside the embedded host would make each of its fast calls wait for the
interpreter's lock; a process does not. ``python -m wasmctl.envoy.peers`` is the process,
``process.Peers`` our end of it, ``protocol`` what the two say to each other.
"""
