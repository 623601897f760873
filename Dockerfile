FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=0:0 /app/package.json ./
COPY --from=build --chown=0:0 /app/bin/bailiff.js ./bin/
COPY --from=build --chown=0:0 /app/config/*.yaml ./config/
COPY --from=build --chown=0:0 /app/dist ./dist
COPY --from=build --chown=0:0 /app/node_modules ./node_modules
RUN mkdir /data && chown 65532:65532 /data
USER 65532:65532
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "bin/bailiff.js"]
CMD ["run", "--config", "/config/bailiff.yaml"]
