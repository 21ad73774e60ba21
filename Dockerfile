# adieud and adieu in a container; docs/container.md says how to build and to run it.
#
# docker build -t adieu .                  Debian with both programs and a shell
# docker build -t adieu --target bare .    both programs and the libraries that they need, nothing else

# debian@sha256:... pins it.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS debian
# Packages of one moment, as in 20261101T000000Z, instead of the newest.
ARG SNAPSHOT=
RUN if [ -n "${SNAPSHOT}" ]; then \
      sed -i -E "s|^(URIs: )https?://[^/]+/(debian[a-z-]*)/?$|\1http://snapshot.debian.org/archive/\2/${SNAPSHOT}/|" \
        /etc/apt/sources.list.d/debian.sources \
      && echo 'Acquire::Check-Valid-Until "false";' >/etc/apt/apt.conf.d/snapshot; \
    fi

FROM debian AS build
WORKDIR /src
COPY scripts/setup scripts/
RUN scripts/setup
COPY . .
# The cache makes the next build short; it is no part of the image.
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache \
    && cmake --build --preset release -j "$(nproc)" \
    && install -D -s -t /out/usr/bin build/release/bin/adieud build/release/bin/adieu \
    && install -D -m 644 LICENSE /out/usr/share/doc/adieu/copyright \
    && scripts/sbom /out/usr/bin/adieud /out/usr/bin/adieu >/out/usr/share/doc/adieu/sbom.json
# What `bare` has instead of Debian.
RUN mkdir /libraries /store \
    && ldd /out/usr/bin/* | grep -o '/[^ ]*\.so[^ ]*' | sort -u | xargs cp -L --parents -t /libraries

FROM scratch AS bare
ARG VERSION=unversioned
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Adieu" \
      org.opencontainers.image.description="Ends SIP calls politely, over gRPC" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /libraries/ /
COPY --from=build /out/ /
COPY --from=build --chown=65532:65532 /store /var/lib/adieu
USER 65532:65532
# The default store is ./adieu.db.
WORKDIR /var/lib/adieu
VOLUME /var/lib/adieu
EXPOSE 5060/udp 5060/tcp 50051/tcp 9464/tcp
ENTRYPOINT ["/usr/bin/adieud"]

FROM debian AS libraries
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
      libc-ares2 libgrpc++1.51 libjemalloc2 libjwt0 libprometheus-cpp-pull1.0 libprotobuf32 libre2-9 libsofia-sip-ua0 \
      libspdlog1.10 libsqlite3-0 libyaml-cpp0.7 \
    && rm -rf /var/lib/apt/lists/* /var/cache/ldconfig /var/log/apt /var/log/dpkg.log

# The libraries of `slim` are those of its own packages.
FROM build AS slim-sbom
RUN --mount=type=bind,from=libraries,target=/slim \
    scripts/sbom --root /slim /out/usr/bin/adieud /out/usr/bin/adieu >/sbom.json

FROM libraries AS slim
ARG VERSION=unversioned
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Adieu" \
      org.opencontainers.image.description="Ends SIP calls politely, over gRPC" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/ /
COPY --from=slim-sbom /sbom.json /usr/share/doc/adieu/
COPY --from=build --chown=65532:65532 /store /var/lib/adieu
USER 65532:65532
WORKDIR /var/lib/adieu
VOLUME /var/lib/adieu
EXPOSE 5060/udp 5060/tcp 50051/tcp 9464/tcp
ENTRYPOINT ["/usr/bin/adieud"]
