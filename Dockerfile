# docker build .                      the bridge
# docker build --target research .    the research example, as a process of its own
FROM node:22-slim AS base
WORKDIR /app

FROM base AS manifests
COPY package.json package-lock.json ./
COPY sdk/package.json sdk/
COPY bridge/package.json bridge/
COPY examples/research-agent/package.json examples/research-agent/

FROM manifests AS build
RUN npm ci
COPY tsconfig.base.json ./
COPY sdk/ sdk/
COPY bridge/ bridge/
RUN npm run build

FROM manifests AS production
RUN npm ci --omit=dev --workspace bridge

FROM build AS research
COPY examples/research-agent/ examples/research-agent/
USER node
ENTRYPOINT ["node", "--import=tsx", "--conditions=@spancast/source", "examples/research-agent/src/main.ts"]
CMD ["--once"]

FROM base AS bridge
ENV NODE_ENV=production
COPY --from=production /app/node_modules/ node_modules/
# An optional peer: with it, model calls have prices.
COPY --from=build /app/node_modules/@pydantic/ node_modules/@pydantic/
COPY --from=build /app/sdk/package.json sdk/
COPY --from=build /app/sdk/dist/ sdk/dist/
COPY --from=build /app/bridge/package.json bridge/
COPY --from=build /app/bridge/dist/ bridge/dist/
# A volume that is mounted here takes over the owner.
RUN mkdir -p /var/lib/spancast && chown node:node /var/lib/spancast
USER node
EXPOSE 4319
HEALTHCHECK --interval=2s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SPANCAST_PORT || 4319}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bridge/dist/cli/cli.js", "serve", "--host", "0.0.0.0"]
