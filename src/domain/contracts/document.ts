import { may } from '../../access/matrix';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { attachFiles, discardFiles } from '../files/service';
import { recordChange } from '../network/history';
import { named } from './calendar';
import type * as inputs from './inputs';
import { concernOf } from './lifecycle';
import { Contract } from './model';

/** Puts the scan of a contract with it, in the place of an earlier one. Administrators of its parties, and the committee, once it is proposed. */
export async function attachContractDocument(tx: Transaction, input: InputOf<typeof inputs, 'attachContractDocument'>): Promise<{ contract: Contract }> {
  const contract = await tx.lock(Contract, 'Contract', input.contract, ['contract']);
  if (!may(tx.actor, 'contract.draft', concernOf(contract))) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['contract']);
  // Until then its parties, and so who may read the scan, can change.
  if (contract.status === 'DRAFT') throw new Refusal('WRONG_STATE', 'contract.document.draft', {}, ['contract']);
  const [{ readers }] = (await tx.query<{ readers: string[] }>('SELECT readers FROM contracts WHERE network_id = app.network_id() AND id = $1', [contract.id])) as [{ readers: string[] }];
  const earlier = await tx.query<{ id: string }>('SELECT id FROM files WHERE network_id = app.network_id() AND subject_id = $1', [contract.id]);
  const to = { purpose: 'CONTRACT_DOCUMENT', subjectType: 'Contract', subjectId: contract.id, audience: readers } as const;
  const [file] = await attachFiles(tx, [input.file], to, () => ['file']);
  await discardFiles(tx, earlier.map(({ id }) => id));
  recordChange(tx, 'contract.document', { subjectType: 'Contract', subjectId: contract.id, audience: contract.audience, data: named(contract) }, { file: [earlier[0]?.id ?? null, file] });
  return { contract };
}
