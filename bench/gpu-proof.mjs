/**
 * Packs the bench of a GPU with all that it needs into out/credence-gpu-proof.tar.xz, for a Linux machine with a graphics card, its driver and
 * nothing else: npm run gpu-proof. There: tar xf credence-gpu-proof.tar.xz && credence-gpu-proof/run
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

const root = join(import.meta.dirname, '..');
const name = 'credence-gpu-proof';
const folder = join(root, 'out', name);
const archive = `${folder}.tar.xz`;
const limit = 64; // MB
const run = `#!/bin/sh
# Arguments: --only map,bbp,local-reparametrisation,mc-dropout,psgld,predictive,host   --net 1200-1200   --threads N   --no-peer
# The peer needs a Python with PyTorch 2 and CUDA; CREDENCE_PYTHON names one that is not /usr/bin/python3.
case $0 in */*) cd "\${0%/*}" || exit 1 ;; esac
exec ./node ${name}.js "$@"
`;

/** Onto Linux's libraries of this processor alone. */
function copyRuntime() {
  const native = join('bin/napi-v6/linux', process.arch);
  const from = join(root, 'node_modules/onnxruntime-node');
  const to = join(folder, 'node_modules/onnxruntime-node');
  for (const part of ['package.json', 'README.md', 'dist', native])
    cpSync(join(from, part), join(to, part), { recursive: true, filter: (path) => !path.endsWith('.map') });
  cpSync(join(root, 'node_modules/onnxruntime-common'), join(folder, 'node_modules/onnxruntime-common'), {
    recursive: true,
    filter: (path) => !/\.map$|\/(esm|lib)(\/|$)/.test(path.slice(root.length)),
  });
}

function strip(file) {
  const { status } = spawnSync('strip', ['--strip-debug', file]);
  if (status !== 0) console.log(`${file} is packed with its symbols (there is no strip here)`);
}

rmSync(folder, { recursive: true, force: true });
await bundle('bench/gpu-proof.ts', name, { noExternal: true, external: ['onnxruntime-node'] });
mkdirSync(join(folder, 'bench/peer'), { recursive: true });
copyFileSync(join(root, 'bench/peer/train_step.py'), join(folder, 'bench/peer/train_step.py'));
copyFileSync(process.execPath, join(folder, 'node'));
strip(join(folder, 'node'));
copyRuntime();
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
writeFileSync(join(folder, 'run'), run);
chmodSync(join(folder, 'run'), 0o755);
const { status, error } = spawnSync('tar', ['-C', join(root, 'out'), '-cJf', archive, name], { stdio: 'inherit', env: { ...process.env, XZ_OPT: '-3' } });
if (status !== 0) throw new Error(`tar and xz are needed to pack ${archive}${error ? `: ${error.message}` : ''}`);
const size = statSync(archive).size / 1e6;
console.log(`${archive}: ${size.toFixed(1)} MB`);
if (size > limit) throw new Error(`The archive has ${size.toFixed(1)} MB; ${limit} MB are allowed`);
