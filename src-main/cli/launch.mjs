/** @file `npm run train`, `evaluate`, `experiment`, `devices`, `runs`: the built command line, on the right Node. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from './build.mjs';
import { onOrphaned, onRightNode, root } from './node.mjs';

if (onRightNode(import.meta.url)) {
  onOrphaned(() => process.kill(process.pid, 'SIGTERM'));
  if (ensureBuild()) await import(pathToFileURL(join(root, 'out/main/cli.js')).href);
  else process.exitCode = 1;
}
