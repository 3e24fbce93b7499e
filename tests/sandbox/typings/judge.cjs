// Reads calls as JSON lines {validator, data} and writes a verdict line for each:
// {known, valid, coerced, errors}. `coerced` tells that the validator changed the data to fit.
const { readFileSync } = require('node:fs');

const typings = require(process.argv[2]);

const judge = ({ validator, data }) => {
	const check = typings[validator];
	if (typeof check !== 'function' || !check.schema) {
		return { known: false, valid: false, coerced: false, errors: [] };
	}
	const before = JSON.stringify(data);
	const valid = check(data) === true;
	return {
		known: true,
		valid,
		coerced: JSON.stringify(data) !== before,
		errors: (check.errors ?? []).map((error) => error.message),
	};
};

const lines = readFileSync(0, 'utf8').split('\n').filter(Boolean);
process.stdout.write(lines.map((line) => `${JSON.stringify(judge(JSON.parse(line)))}\n`).join(''));
