"""The scenarios here are for plugins that `test_worked_example` builds first."""

collect_ignore_glob = ["*.wasmtest.yaml"]
