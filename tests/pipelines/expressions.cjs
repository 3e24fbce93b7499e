// Evaluates expressions as GitHub Actions does, with GitHub's own library. Argument: the modules.
// A line of stdin: {"contexts": {...}, "status": "success" | "failure", "workspace": PATH,
// "expressions": [...]}; a line of stdout: the values.
"use strict";

const path = require("node:path");
const { existsSync } = require("node:fs");
const { createInterface } = require("node:readline");
const { pathToFileURL } = require("node:url");

async function main() {
  const file = path.join(process.argv[2], "@actions/expressions/dist/index.js");
  const library = await import(pathToFileURL(file));
  for await (const line of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(evaluate(library, JSON.parse(line))));
}

function evaluate({ Evaluator, Lexer, Parser, data }, asked) {
  const truth = (name, value) => ({ name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(value) });
  const functions = [
    truth("always", true),
    truth("success", asked.status === "success"),
    truth("failure", asked.status === "failure"),
    truth("cancelled", false),
    {
      name: "hashFiles",
      minArgs: 1,
      maxArgs: 255,
      call: (...names) =>
        new data.StringData(names.some((n) => existsSync(path.join(asked.workspace, n.coerceString()))) ? "hash" : ""),
    },
  ];
  const contexts = JSON.parse(JSON.stringify(asked.contexts), data.reviver);
  return asked.expressions.map((text) => {
    const tree = new Parser(new Lexer(text).lex().tokens, Object.keys(asked.contexts), functions).parse();
    const found = new Evaluator(tree, contexts, new Map(functions.map((f) => [f.name.toLowerCase(), f]))).evaluate();
    return JSON.parse(JSON.stringify(found, data.replacer));
  });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
