import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const pure = ['inference', 'nn', 'probability', 'numerics', 'metrics'].map((room) => `src-main/engine/${room}/**/*.ts`);
const lines = { 'max-lines': ['error', { max: 400, skipComments: true, skipBlankLines: true }] };

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', '.svelte-check/', 'test-results/', 'playwright-report/', '.cache/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte.ts', '**/*.svelte'],
    extends: [tseslint.configs.recommended],
    rules: {
      ...lines,
      'no-undef': 'off', // TypeScript knows better
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // indexed numerics need it under noUncheckedIndexedAccess
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-empty-pattern': 'off', // Playwright fixtures
    },
  },
  ...svelte.configs.recommended, // after typescript-eslint, whose parser must not take over .svelte files
  { files: ['**/*.svelte'], rules: { 'prefer-const': 'off', 'svelte/prefer-const': 'error' } }, // props are `let`
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { globals: globals.browser, parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'], svelteConfig } } },
  { files: ['**/*.mjs', '**/*.cjs', '*.js'], languageOptions: { globals: globals.node } },
  {
    files: pure,
    ignores: ['**/*.test.ts', '**/*testing.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Take a Key: numerics/random.' }, { object: 'Date', property: 'now', message: 'The engine has no clock.' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^(data|dataSync|array|arraySync|dispose)$/]',
          message: 'Pure code neither reads nor frees tensors; the runner does.',
        },
      ],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: '@tensorflow/tfjs-core', importNames: ['tidy', 'dispose', 'keep', 'variable', 'setBackend'], message: 'Ownership and backend belong to training/ and backends/.' }] },
      ],
    },
  },
  prettier,
);
