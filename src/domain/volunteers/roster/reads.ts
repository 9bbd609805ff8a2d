import { selectList } from '../../../platform/database/columns';
import { nestedPage, READABLE, type ForwardArgs, type ListQuery, type Page } from '../../../platform/graphql/connection';
import type { RequestContext } from '../../../platform/graphql/context';
import { byId } from '../../../platform/graphql/loaders';
import { RosterFault, RosterImport } from './model';

export const importById = byId(RosterImport);

/** What is wrong with a roster, in the order of its lines. */
export function faultsOf(context: RequestContext, importId: string, args: ForwardArgs): Promise<Page<RosterFault>> {
  const query: ListQuery<RosterFault> = {
    list: 'import faults', select: selectList(RosterFault, 't'), from: 'roster_import_faults t', where: [READABLE], values: [],
    order: [{ sql: 't.line', type: 'integer', of: (row) => row.line }, { sql: 't.column_number', type: 'integer', of: (row) => row.column }], descending: false,
  };
  return nestedPage(context, query, 't.import_id', importId, args);
}
