// The language server, started as the extension starts it, and asked as VS Code asks.
"use strict";

const assert = require("node:assert");
const { spawn } = require("node:child_process");
const test = require("node:test");
const rpc = require("vscode-languageserver-protocol/node");

const { contributes } = require("../package.json");

test("what is wrong in a scenario is published", { timeout: 60_000 }, async () => {
  const [command, ...args] = contributes.configuration.properties["mmscn.command"].default;
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = rpc.createProtocolConnection(server.stdout, server.stdin);
  const published = new Promise((resolve) =>
    connection.onNotification("textDocument/publishDiagnostics", resolve),
  );
  connection.listen();
  const { capabilities } = await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  assert.ok(capabilities.hoverProvider);
  connection.sendNotification("initialized", {});
  const uri = "file:///race.mmscn";
  const text = "scenario s\nthread t { x = 1 }\n";
  connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "mmscn", version: 1, text },
  });
  const { diagnostics } = await published;
  assert.deepEqual(
    diagnostics.map((d) => d.range.start),
    [{ line: 1, character: 11 }],
  );
  await connection.sendRequest("shutdown");
  const ended = new Promise((resolve) => server.on("exit", resolve));
  await connection.sendNotification("exit");
  assert.equal(await ended, 0);
  connection.dispose();
});
