"""The peers' process: ``python -m wasmctl.envoy.peers NAME=NUMBER…``."""

import sys

from wasmctl.envoy.peers.service import Service

if __name__ == "__main__":
    Service(sys.argv[1:]).serve()
