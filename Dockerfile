# An image for pipelines: chatops and what a job's shell needs beside it.
#
#   docker build --tag registry.example.com/tools/chatops:0.1.0 .
#
# Whoever wants the same bytes every day puts the digest of the base behind its name.
FROM python:3.13-slim-trixie AS wheel
WORKDIR /src
COPY pyproject.toml README.md ./
COPY chatops ./chatops
COPY playbooks ./playbooks
COPY templates ./templates
COPY inventories ./inventories
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim-trixie
# Versions of Debian's packages are Debian's to pin: they change with each security update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bash ca-certificates curl git jq openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=wheel /wheels /wheels
RUN python -m pip install --no-cache-dir --no-compile /wheels/chatops-*.whl \
    && rm -r /wheels
RUN groupadd --gid 1000 chatops \
    && useradd --uid 1000 --gid chatops --create-home --shell /bin/bash chatops \
    && install --directory --owner chatops --group chatops /work
USER 1000:1000
WORKDIR /work
ENV PYTHONUTF8=1
CMD ["chatops", "--help"]
