# Portico as a container: docs/server.md says how to run it, and test/integration/cli/image.test.ts runs its steps.
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && node scripts/package-npm.mjs

FROM node:24-slim
COPY --from=build /src/dist/npm /app
COPY container.jsonc /etc/portico/portico.jsonc
RUN ln -s /app/dist/cli.js /usr/local/bin/portico && mkdir /data && chown node:node /data
# Word of the running gateway is left in the data folder, so that the rest may be read-only.
ENV NODE_ENV=production PORTICO_DATA_DIR=/data XDG_RUNTIME_DIR=/data XDG_CONFIG_HOME=/etc
USER node
VOLUME /data
EXPOSE 8045
HEALTHCHECK --interval=30s --timeout=20s --start-period=20s CMD ["portico", "status"]
ENTRYPOINT ["portico"]
# A container that is stopped is killed after ten seconds: seven for running requests, the rest for the records.
CMD ["serve", "--no-dashboard", "--drain", "7"]
