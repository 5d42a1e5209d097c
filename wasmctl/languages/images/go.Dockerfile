# Go, from Debian.
FROM debian:13-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binaryen ca-certificates golang-go \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
