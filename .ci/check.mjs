/** @file The quick check: types, lint, rooms and unit tests, as many at once as there are cores. Each stage is also an npm script. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** The longest first. */
const stages = ['unit', 'lint', 'types:main', 'types:renderer', 'types:e2e', 'lint:layers', 'types:engine'];
const failed = [];

async function run(stage) {
  const began = Date.now();
  const child = spawn('npm', ['run', '--silent', stage], { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) failed.push(stage);
  const isShown = code !== 0 || stage === 'unit';
  console.log(`${code === 0 ? '✓' : '✗'} ${stage}  ${((Date.now() - began) / 1000).toFixed(1)} s${isShown ? `\n${output.trimEnd()}` : ''}`);
}

async function work() {
  for (let stage = stages.shift(); stage; stage = stages.shift()) await run(stage);
}

await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
