/** Who may import whom. Anything not listed is an error; type-only imports count. */
const rooms = {
  'src-main/contract': [],
  'src-main/engine/numerics': ['contract'],
  'src-main/engine/probability': ['engine/numerics', 'contract'],
  'src-main/engine/nn': ['engine/numerics', 'contract'],
  'src-main/engine/inference': ['engine/numerics', 'engine/probability', 'contract'],
  'src-main/engine/metrics': ['engine/numerics', 'contract'],
  'src-main/engine/compiler': ['engine/numerics', 'contract'],
  'src-main/engine/backends': ['engine/numerics', 'engine/compiler', 'contract'],
  'src-main/engine/training': ['engine/numerics', 'engine/probability', 'engine/nn', 'engine/inference', 'engine/metrics', 'engine/backends', 'contract'],
  'src-main/datasets': ['engine/numerics', 'contract'],
  'src-main/artifacts': ['contract'],
  'src-main/experiments': ['engine/training', 'engine/metrics', 'engine/numerics', 'datasets', 'contract'],
  'src-main/store': ['artifacts', 'contract'],
  'src-main/jobs/worker': ['jobs/protocol', 'experiments', 'engine/training', 'engine/backends', 'engine/numerics', 'datasets', 'artifacts', 'contract'],
  'src-main/jobs/clerk': ['jobs/clerk-protocol', 'jobs/archived-run', 'store', 'artifacts', 'contract'],
  'src-main/jobs': ['store', 'artifacts', 'contract'],
  'src-main/rpc': ['jobs', 'store', 'contract'],
  'src-main/app': ['rpc', 'jobs', 'store', 'artifacts', 'contract'],
  'src-main/host': ['app', 'rpc', 'jobs', 'store', 'artifacts', 'contract'],
  'src-main/cli': ['app', 'host', 'rpc', 'jobs', 'store', 'artifacts', 'contract'],
  'src-main/shell': ['contract'],
  'src-renderer/components': ['/src-main/contract'],
  'src-renderer/charts': ['components', '/src-main/contract'],
  'src-renderer/rpc': ['/src-main/contract'],
  'src-renderer/state': ['rpc', '/src-main/contract'],
  'src-renderer/routes': ['state', 'rpc', 'charts', 'components', '/src-main/contract'],
};
/** npm and node: imports that are confined to the rooms named. */
const packages = {
  '(^|node_modules/)electron(/|$)': '^src-main/(shell|main\\.ts|preload\\.ts)',
  'better-sqlite3': '^src-main/store',
  worker_threads: '^src-main/(jobs|engine/backends)',
  child_process: '^src-main/(jobs|shell|cli|host)',
  '^(node:)?(fs|fs/promises|zlib)$': '^src-main/(artifacts|datasets|shell|store|host|cli|app|main\\.ts)',
  '@tensorflow/tfjs-core': '^src-main/engine',
  'chart\\.js': '^src-renderer/charts',
  'onnxruntime|tfjs-(node|backend)': '^src-main/engine/backends',
  'svelte|d3-': '^src-renderer',
};
const tests = '\\.(test|spec)\\.ts$|testing\\.ts$';
const path = (root, to) => '^' + (to.startsWith('/') ? to.slice(1) : `${root}/${to}`) + '(/|\\.)';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: room,
      severity: 'error',
      from: {
        path: `^${room}(/|\\.)`,
        pathNot: [
          tests,
          ...Object.keys(rooms)
            .filter((r) => r.startsWith(`${room}/`))
            .map((r) => `^${r}(/|\\.)`),
        ],
      },
      to: { path: '^src-', pathNot: [`^${room}/`, `^${room}\\.`, ...allowed.map((to) => path(room.split('/')[0], to))] },
    })),
    {
      name: 'unlisted-room',
      severity: 'error', // a new folder needs a decision here first
      from: { path: '^src-', pathNot: [...Object.keys(rooms).map((r) => `^${r}(/|\\.)`), '^src-main/(main|preload)\\.ts$', '^src-renderer/(App\\.svelte|main\\.ts|globals\\.d\\.ts|vite-env\\.d\\.ts)$'] },
      to: {},
    },
    { name: 'contract-is-neutral', severity: 'error', from: { path: '^src-main/contract/', pathNot: tests }, to: { pathNot: ['^src-main/contract/', 'node_modules/zod/'] } },
    ...Object.entries(packages).map(([pkg, home]) => ({
      name: `only ${home}`,
      severity: 'error',
      from: { path: '^src-', pathNot: [home, tests] },
      to: { path: pkg, pathNot: '^src-' },
    })),
  ],
  options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'src-main/tsconfig.json' }, doNotFollow: { path: 'node_modules' } },
};
