// What Portico uses of undici. Its own index loads all the rest with it (fetch, caches, mocks), which would be a third
// of a megabyte in a package, and a Node.js of 22.19 or newer.

// The index gives dispatchers their methods; the agent of a proxy calls this one.
const Dispatcher = require("../../node_modules/undici/lib/dispatcher/dispatcher.js");
Dispatcher.prototype.connect = require("../../node_modules/undici/lib/api/api-connect.js");

module.exports = {
  Agent: require("../../node_modules/undici/lib/dispatcher/agent.js"),
  Pool: require("../../node_modules/undici/lib/dispatcher/pool.js"),
  ProxyAgent: require("../../node_modules/undici/lib/dispatcher/proxy-agent.js"),
  Socks5ProxyAgent: require("../../node_modules/undici/lib/dispatcher/socks5-proxy-agent.js"),
  buildConnector: require("../../node_modules/undici/lib/core/connect.js"),
};
