// Starts `mmscn lsp` for scenarios, and says what to install where it does not start.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
  const [command, ...args] = vscode.workspace.getConfiguration("mmscn").get("command");
  client = new LanguageClient(
    "mmscn",
    "mmscn",
    { command, args },
    { documentSelector: [{ language: "mmscn" }] },
  );
  try {
    await client.start();
  } catch (problem) {
    vscode.window.showErrorMessage(
      `mmscn: \`${[command, ...args].join(" ")}\` does not start (${problem.message}). ` +
        "pip install 'mmscn[lsp]', or say where it is in the setting mmscn.command.",
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.isRunning()) {
    await running.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("mmscn.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration("mmscn.command") ? restart() : undefined,
    ),
  );
  await start();
};

exports.deactivate = stop;
