import { selectList } from '../../platform/database/columns';
import type { LoaderDefinition } from '../../platform/graphql/loaders';
import { User } from './model';

/** A person by id, null when the actor may not read the row: it stands outside every network, so its own readers decide. */
export const userById: LoaderDefinition<string, User | null> = {
  batch: async (session, ids) => {
    const rows = await session.read<User>({
      name: 'users-by-id',
      text: `SELECT ${selectList(User, 't')} FROM users t WHERE t.id = ANY($1::uuid[]) AND t.readers && app.principals()`,
      values: [ids],
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  },
};
