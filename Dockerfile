FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/
RUN npm ci
COPY . .
# The workspace's link in node_modules would lead nowhere in the image; nothing at run time goes through it.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/@posthorn

FROM node:20-slim
LABEL org.opencontainers.image.title="Posthorn" org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production POSTHORN_HOST=0.0.0.0
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.POSTHORN_PORT || 8000}/healthz`).then((it) => process.exit(it.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/runtime/cli/main.js"]
CMD ["start", "--role", "all"]
