// The grammars, as VS Code's own engine reads them.
"use strict";

const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const test = require("node:test");
const onig = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const FILES = {
  "source.mmscn": "mmscn.tmLanguage.json",
  "markdown.mmscn.codeblock": "mmscn.markdown.tmLanguage.json",
};
const MARKDOWN = JSON.stringify({ scopeName: "text.html.markdown", patterns: [] });

async function load(scope) {
  const wasm = readFileSync(join(require.resolve("vscode-oniguruma"), "..", "onig.wasm"));
  await onig.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new onig.OnigScanner(patterns),
      createOnigString: (text) => new onig.OnigString(text),
    }),
    loadGrammar: async (name) =>
      name === "text.html.markdown"
        ? parseRawGrammar(MARKDOWN, "markdown.json")
        : parseRawGrammar(
            readFileSync(join(__dirname, "..", "syntaxes", FILES[name]), "utf8"),
            FILES[name],
          ),
    getInjections: (name) =>
      name === "text.html.markdown" ? ["markdown.mmscn.codeblock"] : undefined,
  });
  return registry.loadGrammar(scope);
}

// Each piece of a line with the innermost scope that it has; what is blank is left out.
function pieces(grammar, text) {
  let state = INITIAL;
  const found = [];
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    const here = [];
    for (const { startIndex, endIndex, scopes } of tokens) {
      const piece = line.slice(startIndex, endIndex);
      const last = here.at(-1);
      if (last?.[1] === scopes.at(-1)) last[0] += piece;
      else here.push([piece, scopes.at(-1)]);
    }
    found.push(...here.map(([piece, scope]) => [piece.trim(), scope]).filter(([piece]) => piece));
  }
  return found;
}

test("a scenario has its colours", async () => {
  const grammar = await load("source.mmscn");
  const text = 'scenario s "a \\" b" // said\nthread t on cpu 0 { flush A }\nagain:\n/* a\nb */ x = 12';
  assert.deepEqual(pieces(grammar, text), [
    ["scenario", "keyword.control.directive.mmscn"],
    ["s", "entity.name.namespace.mmscn"],
    ['"a', "string.quoted.double.mmscn"],
    ['\\"', "constant.character.escape.mmscn"],
    ['b"', "string.quoted.double.mmscn"],
    ["// said", "comment.line.double-slash.mmscn"],
    ["thread", "storage.type.function.mmscn"],
    ["t", "entity.name.type.mmscn"],
    ["on", "keyword.operator.word.mmscn"],
    ["cpu", "constant.language.mmscn"],
    ["0", "constant.numeric.mmscn"],
    ["{", "source.mmscn"],
    ["flush", "support.function.mmscn"],
    ["A }", "source.mmscn"],
    ["again", "entity.name.label.mmscn"],
    [":", "source.mmscn"],
    ["/* a", "comment.block.mmscn"],
    ["b */", "comment.block.mmscn"],
    ["x", "source.mmscn"],
    ["=", "keyword.operator.mmscn"],
    ["12", "constant.numeric.mmscn"],
  ]);
});

for (const opening of ["```mmscn", "```mmscn name=race show=source", "~~~~ mmscn", "```{mmscn}"]) {
  test(`a fence of Markdown has them, too: ${opening}`, async () => {
    const grammar = await load("text.html.markdown");
    const closing = opening.match(/^[`~]+/)[0];
    const found = pieces(grammar, `text\n${opening}\nscenario s\nvar x: bool\n${closing}\nvar y`);
    const has = (piece) => found.find(([said]) => said === piece)?.[1];
    assert.equal(has("scenario"), "keyword.control.directive.mmscn");
    assert.equal(has("bool"), "support.type.mmscn");
    assert.equal(has("var y"), "text.html.markdown");
  });
}

test("a fence of another language has none", async () => {
  const grammar = await load("text.html.markdown");
  const found = pieces(grammar, "```mmscn-output\nscenario s\n```");
  assert.deepEqual(found.map(([, scope]) => scope), Array(3).fill("text.html.markdown"));
});
