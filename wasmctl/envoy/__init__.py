"""A throwaway Envoy: which binary, its configuration, its process, its log, its peers.

Nothing is imported here: the peers' process loads this package and should start at once.
"""
