/** The baseline: what any proxy on undici costs that does nothing but pass bytes on. */
import http from "node:http";
import { Agent, request } from "undici";
import "./usage.mjs";

const upstream = process.argv[2] ?? "";
const dispatcher = new Agent({ connections: 1024, pipelining: 1 });

const server = http.createServer((req, res) => {
  const { host: _host, connection: _connection, "content-length": _length, ...headers } = req.headers;
  request(upstream + (req.url ?? ""), {
    method: "POST",
    headers,
    body: req,
    dispatcher,
  }).then(
    (reply) => {
      res.writeHead(reply.statusCode, reply.headers);
      reply.body.pipe(res);
    },
    () => res.destroy(),
  );
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
