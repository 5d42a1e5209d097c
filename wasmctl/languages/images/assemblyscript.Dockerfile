# Node.js and npm, from Debian; the compiler itself is a package of the project.
FROM debian:13-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binaryen ca-certificates nodejs npm \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
