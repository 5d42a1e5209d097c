"""A throwaway Envoy."""
