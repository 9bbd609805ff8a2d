/** Imports point one way: main → domain → access → platform. A domain reaches another by its service, reads, model and the like, never its tables. */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'platform-knows-nothing-above', severity: 'error', from: { path: '^src/platform' }, to: { path: '^src/(access|domain|cli|main|app|schema|setup|worker)' } },
    { name: 'access-knows-no-domain', severity: 'error', from: { path: '^src/access' }, to: { path: '^src/(domain|cli|main|app|schema|setup|worker)' } },
    { name: 'domain-knows-no-process', severity: 'error', from: { path: '^src/domain' }, to: { path: '^src/(cli|main|app|schema|setup|worker)' } },
    {
      name: 'domain-by-its-doors',
      comment: "Another domain's resolvers are its own.",
      severity: 'error',
      from: { path: '^src/domain/([^/]+)/' },
      to: { path: '^src/domain/([^/]+)/resolver', pathNot: '^src/domain/$1/' },
    },
    { name: 'no-tests-in-the-product', severity: 'error', from: { path: '^(src|migrations|seeds)' }, to: { path: '^test' } },
    { name: 'no-development-packages', severity: 'error', from: { path: '^(src|migrations|seeds)' }, to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] } },
    // graphql-shield names the type of a rule in a file without code.
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^graphql-shield/typings' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
