export default [
  {
    files: ['**/*.js'],
    linterOptions: { reportUnusedDisableDirectives: 'warn' },
    rules: { 'no-unused-vars': 'warn', 'no-undef': 'error', eqeqeq: 'error', 'no-empty': 'error', 'prefer-const': 'warn', 'no-dupe-keys': 'error' },
  },
];
