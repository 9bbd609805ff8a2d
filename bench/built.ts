import { createRequire } from 'node:module';

/**
 * What the bench takes of the project as it is built: the embedded server, migrations, the scale seed, and the verification
 * of access tokens, so that every server that is measured checks them by the same code.
 */
const require = createRequire(import.meta.url);
require('reflect-metadata');

export const { startEmbeddedPostgres } = require('../dist/src/platform/database/embedded.js') as typeof import('../src/platform/database/embedded');
export const { migrate, ownerDataSource, roleOf } = require('../dist/src/platform/database/migrate.js') as typeof import('../src/platform/database/migrate');
export const { fromGlobalId, newId, toGlobalId } = require('../dist/src/platform/ids.js') as typeof import('../src/platform/ids');
export const { newTokenKey, Tokens } = require('../dist/src/platform/identity/tokens.js') as typeof import('../src/platform/identity/tokens');
export const { authenticate } = require('../dist/src/platform/http/authenticate.js') as typeof import('../src/platform/http/authenticate');
export const { seedScale } = require('../dist/seeds/scale.js') as typeof import('../seeds/scale');

export type Tokens = import('../src/platform/identity/tokens').Tokens;
