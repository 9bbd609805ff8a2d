import { permit } from '../../access/viewer-can';
import { may } from '../../access/matrix';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { openHistory, recordChange, recordMove } from '../network/history';
import { difference, holdStanding, requireVersion } from '../network/service';
import { named, settle } from './calendar';
import { ClauseComposer, Faults, partiesIn, type PartyContent } from './composing';
import { contentHash, type ClauseContent, type ContractContent } from './content';
import type * as inputs from './inputs';
import { concernOf, contractLifecycle, obstacleTo, type ContractAction } from './lifecycle';
import { Contract } from './model';
import { loadingBy, partiesOf, situationOf, writtenClausesOf } from './reads';

export { recordDueContracts } from './calendar';
export { attachContractDocument } from './document';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Changed = Promise<{ contract: Contract }>;
/** What the audit log calls a verb. */
type Verb = Parameters<typeof recordMove>[1];

/** The last day that a term may name. */
const LAST_DAY = '2199-12-31';

const fresh = async (tx: Transaction, id: string): Changed => ({ contract: (await tx.find(Contract, id))! });

/** A contract about to be changed: locked, and the action permitted by role, status and situation. */
async function changing(tx: Transaction, action: ContractAction, input: { id: string; version?: number }) {
  const contract = await tx.lock(Contract, 'Contract', input.id);
  // Always the amendment before the amended.
  if (contract.supersedesId) await tx.query('SELECT id FROM contracts WHERE network_id = app.network_id() AND id = $1 FOR UPDATE', [contract.supersedesId]);
  // What is concluded binds its parties: none leaves meanwhile.
  if (action === 'SIGN') await holdStanding(tx, contract.audience);
  const situation = await situationOf(loadingBy(tx), contract, tx.actor.today);
  const { capability } = contractLifecycle.actions[action];
  const obstacle = obstacleTo(action, situation, tx.actor);
  // Why one may not says more than that one may not.
  if (!may(tx.actor, capability, concernOf(contract)) && obstacle?.reasons[0]?.code === 'NOT_ALLOWED') throw obstacle;
  const to = permit(contractLifecycle, action, tx.actor, contract.status, concernOf(contract));
  if (input.version !== undefined) requireVersion(contract, input.version, 'contract');
  if (obstacle) throw obstacle;
  return { contract, situation, to };
}

/** Moves a contract along its lifecycle. */
async function move(
  tx: Transaction,
  contract: Contract,
  to: Contract['status'],
  action: Verb,
  { note = null, notice }: { note?: string | null; notice?: string } = {},
): Promise<void> {
  await settle(tx, contract);
  await tx.query('UPDATE contracts SET status = $2, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [contract.id, to]);
  await recordMove(tx, action, {
    subjectType: 'Contract', subjectId: contract.id, from: contract.status, to, note, audience: contract.audience, notice, data: named(contract),
  });
}

async function moveByVerb(tx: Transaction, action: ContractAction, verb: Verb, input: Input<'withNote'>): Changed {
  const { contract, to } = await changing(tx, action, input);
  await move(tx, contract, to, verb, input);
  return fresh(tx, contract.id);
}

/** The next number of the year, without a gap: taken with the contract or not at all. */
async function nextNumber(tx: Transaction): Promise<string> {
  const year = Number(tx.actor.today.slice(0, 4));
  const [next] = await tx.query<{ code: string; last: number }>(
    `INSERT INTO contract_counters AS c (network_id, year, last) VALUES (app.network_id(), $1, 1)
     ON CONFLICT (network_id, year) DO UPDATE SET last = c.last + 1
     RETURNING last, (SELECT code FROM networks WHERE id = app.network_id()) AS code`,
    [year],
  );
  return `${next!.code.toUpperCase()}-${year}-${String(next!.last).padStart(4, '0')}`;
}

/** Writes down the parties of a contract in their order. */
async function writeParties(tx: Transaction, contract: Pick<Contract, 'id' | 'audience'>, parties: readonly PartyContent[]): Promise<void> {
  await tx.query(
    `INSERT INTO contract_parties (network_id, contract_id, organization_id, role, ordinal, audience)
     SELECT app.network_id(), $1, p.id, CASE WHEN p.is_hub THEN 'HUB' ELSE 'PARTNER' END, p.ordinal, $4
     FROM unnest($2::uuid[], $3::boolean[]) WITH ORDINALITY AS p(id, is_hub, ordinal)`,
    [contract.id, parties.map(({ id }) => id), parties.map(({ isHub }) => isHub), contract.audience],
  );
}

/** Writes down the clauses of a contract, each under a new id, so that no key to an earlier one fits. */
async function writeClauses(tx: Transaction, contract: Pick<Contract, 'id' | 'audience'>, clauses: readonly ClauseContent[]): Promise<void> {
  const rows = clauses.map((clause, ordinal) => ({ ...clause, id: newId(tx.actor.now), ordinal }));
  await tx.query(
    `INSERT INTO contract_clauses (network_id, id, contract_id, ordinal, kind, obligor_id, text, quota_per_month, hours, requires_approval,
       priority, category, activities_per_quarter, service_hours_per_quarter, audience)
     SELECT app.network_id(), id, $1, ordinal, kind, "obligorId", text, make_interval(secs => "quotaSeconds"), hours, "requiresApproval",
       priority, category, "activitiesPerQuarter", "serviceHoursPerQuarter", $3
     FROM jsonb_to_recordset($2::jsonb) AS c(id uuid, ordinal integer, kind text, "obligorId" uuid, text text, "quotaSeconds" double precision,
       hours jsonb, "requiresApproval" boolean, priority integer, category text, "activitiesPerQuarter" integer, "serviceHoursPerQuarter" integer)`,
    [contract.id, JSON.stringify(rows), contract.audience],
  );
  const granted = rows.flatMap(({ id, obligorId, resources }) => resources.map((resource, ordinal) => ({ clause: id, obligorId, ordinal, ...resource })));
  await tx.query(
    `INSERT INTO contract_clause_resources (network_id, clause_id, contract_id, obligor_id, resource_id, ordinal, name, audience)
     SELECT app.network_id(), clause, $1, "obligorId", id, ordinal, name, $3
     FROM jsonb_to_recordset($2::jsonb) AS r(clause uuid, "obligorId" uuid, id uuid, ordinal integer, name text)`,
    [contract.id, JSON.stringify(granted), contract.audience],
  );
  const favoured = rows.flatMap(({ id, obligorId, beneficiaryIds }) => beneficiaryIds.map((organization) => ({ clause: id, obligorId, organization })));
  await tx.query(
    `INSERT INTO contract_clause_beneficiaries (network_id, clause_id, contract_id, obligor_id, organization_id, audience)
     SELECT app.network_id(), clause, $1, "obligorId", organization, $3
     FROM jsonb_to_recordset($2::jsonb) AS b(clause uuid, "obligorId" uuid, organization uuid)`,
    [contract.id, JSON.stringify(favoured), contract.audience],
  );
}

/** Writes down a new contract of the actor's organization. */
async function draft(tx: Transaction, content: ContractContent, parties: readonly PartyContent[], amended: Contract | null): Promise<string> {
  const { networkId, now, organizationId } = tx.actor;
  const id = newId(now);
  const contract = { id, number: await nextNumber(tx), title: content.title, audience: [organizationId!] };
  await tx.manager.insert(Contract, {
    ...contract, networkId, status: 'DRAFT', termFrom: content.term.from, termTo: content.term.to,
    draftedBy: organizationId!, supersedesId: amended?.id ?? null, lineageId: amended?.lineageId ?? id, contentHash: contentHash(content),
    bookingRelease: content.bookingRelease ?? null, createdAt: now,
  });
  await writeParties(tx, contract, parties);
  await writeClauses(tx, contract, content.clauses);
  await recordMove(
    tx,
    amended ? 'contract.amend' : 'contract.draft',
    {
      subjectType: 'Contract', subjectId: id, from: null, to: 'DRAFT', audience: contract.audience,
      data: { ...named(contract), ...(amended && { amended: amended.number }) },
    },
    { title: [null, content.title], term: [null, content.term], contentHash: [null, contentHash(content)], ...(amended && { supersedes: amended.number }) },
  );
  return id;
}

function refusePast({ to }: ContractContent['term'], today: string, faults: Faults): void {
  if (to !== null && to < today) faults.add(['term', 'to'], 'contract.term.past');
}

/** Drafts a contract. An administrator with the own organization as a party, the committee for anybody. */
export async function draftContract(tx: Transaction, input: Input<'draftContract'>): Changed {
  const { actor } = tx;
  if (!may(actor, 'contract.draft', { parties: [actor.organizationId!] })) throw new Refusal('NOT_ALLOWED', 'notAllowed');
  const { id } = await once(tx, 'draftContract', input, async () => {
    const faults = new Faults();
    refusePast(input.term, actor.today, faults);
    const parties = await partiesIn(tx, input.parties, actor.role === 'COMMITTEE' ? null : actor.organizationId, faults);
    const partyIds = parties.map((party) => party.id);
    const clauses = await ClauseComposer.compose(tx, input.clauses, partyIds, [], faults);
    faults.raise();
    return { id: await draft(tx, { title: input.title, partyIds, term: input.term, clauses, bookingRelease: input.bookingRelease }, parties, null) };
  });
  return fresh(tx, id);
}

/** Edits a contract before every party has signed: what was signed is not any more. Who drafts it, then every party, and the committee. */
export async function updateContract(tx: Transaction, input: Input<'updateContract'>): Changed {
  const { contract, situation } = await changing(tx, 'EDIT', input);
  const faults = new Faults();
  const before = situation.parties.map(({ organizationId, role }) => ({ id: organizationId, isHub: role === 'HUB' }));
  const parties = input.parties ? await changedParties(tx, contract, before, input.parties, faults) : before;
  const partyIds = parties.map(({ id }) => id);
  const term = input.term ?? { from: contract.termFrom, to: contract.termTo };
  if (input.term) {
    refusePast(term, tx.actor.today, faults);
    if (situation.amended) refuseOutside(term, situation.amended, tx.actor.today, faults);
  }
  const kept = await loadingBy(tx)(writtenClausesOf, contract.id);
  const clauses = await ClauseComposer.compose(tx, input.clauses ?? null, partyIds, kept, faults);
  faults.raise();

  const { title } = { ...contract, ...(input.title != null && { title: input.title }) };
  const bookingRelease = input.bookingRelease === undefined ? contract.bookingRelease : input.bookingRelease;
  const hash = contentHash({ title, partyIds, term, clauses, bookingRelease });
  const of = 'WHERE network_id = app.network_id() AND contract_id = $1';
  await tx.query(`DELETE FROM contract_signatures ${of}`, [contract.id]);
  await tx.query(`DELETE FROM contract_clauses ${of}`, [contract.id]);
  if (input.parties) {
    await tx.query(`DELETE FROM contract_parties ${of}`, [contract.id]);
    await writeParties(tx, contract, parties);
  }
  await writeClauses(tx, contract, clauses);
  const after = { title, termFrom: term.from, termTo: term.to, bookingRelease, contentHash: hash };
  await tx.manager.update(Contract, { networkId: contract.networkId, id: contract.id }, { ...after, version: contract.version + 1 });
  recordChange(
    tx,
    'contract.update',
    {
      subjectType: 'Contract', subjectId: contract.id, audience: contract.audience, data: named({ ...contract, title }),
      ...(contract.status === 'PROPOSED' && { notice: 'contract.reopen' }),
    },
    difference(contract, after),
  );
  return fresh(tx, contract.id);
}

async function changedParties(tx: Transaction, contract: Contract, before: readonly PartyContent[], globalIds: readonly string[], faults: Faults) {
  // The hub drafts for others; whoever else drafts is a party.
  const drafterIsParty = before.some(({ id }) => id === contract.draftedBy);
  const parties = await partiesIn(tx, globalIds, drafterIsParty ? contract.draftedBy : null, faults);
  const same = parties.length === before.length && parties.every(({ id }) => before.some((party) => party.id === id));
  if (contract.supersedesId !== null && !same) faults.add(['parties'], 'contract.amendment.parties');
  else if (contract.status !== 'DRAFT' && !same) faults.add(['parties'], 'contract.parties.fixed');
  return parties;
}

/** Lays a draft before its parties: they see it and sign it. Who drafted it, and the committee. */
export async function proposeContract(tx: Transaction, input: Input<'proposeContract'>): Changed {
  const { contract, situation, to } = await changing(tx, 'PROPOSE', input);
  const audience = situation.parties.map(({ organizationId }) => organizationId);
  await tx.query('UPDATE contracts SET audience = $2 WHERE network_id = app.network_id() AND id = $1', [contract.id, audience]);
  for (const table of ['contract_parties', 'contract_clauses', 'contract_clause_resources', 'contract_clause_beneficiaries']) {
    await tx.query(`UPDATE ${table} SET audience = $2 WHERE network_id = app.network_id() AND contract_id = $1`, [contract.id, audience]);
  }
  await openHistory(tx, contract.id, audience);
  await move(tx, { ...contract, audience }, to, 'contract.propose');
  return fresh(tx, contract.id);
}

/** Signs the content that was read, for the own organization; with the last signature the contract is concluded. Each party's administrators, the committee for the hub. */
export async function signContract(tx: Transaction, input: Input<'signContract'>): Changed {
  const { id } = await once(tx, 'signContract', input, async () => {
    const { contract, situation, to } = await changing(tx, 'SIGN', input);
    if (contract.contentHash !== input.contentHash) {
      throw new Refusal('STALE_VERSION', 'contract.content.changed', {}, ['contentHash'], { contract });
    }
    const { organizationId, userId, userName, now } = tx.actor;
    await tx.query(
      `INSERT INTO contract_signatures (network_id, contract_id, organization_id, content_hash, signed_at, signed_by, signed_by_name, audience)
       VALUES (app.network_id(), $1, $2, $3, $4, $5, $6, $7)`,
      [contract.id, organizationId, contract.contentHash, now, userId, userName, contract.audience],
    );
    await giveKeys(tx, contract);
    const isLast = situation.parties.every((party) => party.signedAt !== null || party.organizationId === organizationId);
    if (isLast) await conclude(tx, contract, situation.amended, to);
    else {
      await tx.query('UPDATE contracts SET version = version + 1 WHERE network_id = app.network_id() AND id = $1', [contract.id]);
      recordChange(tx, 'contract.sign', { subjectType: 'Contract', subjectId: contract.id, audience: contract.audience, data: named(contract) }, {
        contentHash: contract.contentHash,
      });
    }
    return { id: contract.id };
  });
  return fresh(tx, id);
}

/**
 * Puts the own organization's part of the keys in place: its granted resources list the clauses, its contact lists the
 * contract. They open nothing until the contract is in force; those of contracts that have ended are taken off.
 */
async function giveKeys(tx: Transaction, { id }: Contract): Promise<void> {
  const { organizationId } = tx.actor;
  const ENDED = `app.contract_status(c.status, c.term_from, c.ends_on, app.today()) IN ('REJECTED','WITHDRAWN','TERMINATED','EXPIRED')`;
  const grants = await tx.query<{ resourceId: string; name: string; keys: string[] }>(
    `SELECT resource_id AS "resourceId", min(name) AS name, array_agg(clause_id) AS keys FROM contract_clause_resources
     WHERE network_id = app.network_id() AND contract_id = $1 AND obligor_id = $2 GROUP BY resource_id ORDER BY resource_id`,
    [id, organizationId],
  );
  for (const { resourceId, name, keys } of grants) {
    const opened = await tx.query<object>(
      `UPDATE resources r SET granted_by = $3::uuid[] || ARRAY(
         SELECT key FROM unnest(r.granted_by) AS key WHERE key <> ALL($3::uuid[]) AND NOT EXISTS (
           SELECT FROM contract_clauses l JOIN contracts c ON c.network_id = l.network_id AND c.id = l.contract_id
           WHERE l.network_id = r.network_id AND l.id = key AND ${ENDED}))
       WHERE network_id = app.network_id() AND id = $1 AND owner_id = $2 AND sharing <> 'PRIVATE' AND status <> 'RETIRED' RETURNING id`,
      [resourceId, organizationId, keys],
    );
    if (!opened.length) throw new Refusal('CONFLICT', 'contract.clause.private', { name });
  }
  await tx.query(
    `UPDATE organization_contacts o SET contract_ids = $1::uuid || ARRAY(
       SELECT key FROM unnest(o.contract_ids) AS key WHERE key <> $1 AND NOT EXISTS (
         SELECT FROM contracts c WHERE c.network_id = o.network_id AND c.id = key AND ${ENDED}))
     WHERE network_id = app.network_id() AND organization_id = $2`,
    [id, organizationId],
  );
}

/** Every party has signed: the contract is concluded, takes the place of the one it amends, and begins if its day has come. */
async function conclude(tx: Transaction, contract: Contract, amended: Contract | null, to: Contract['status']): Promise<void> {
  if (amended) await supersede(tx, amended.id, contract.termFrom);
  await move(tx, contract, to, 'contract.sign', { notice: 'contract.conclude' });
  await settle(tx, (await tx.find(Contract, contract.id))!, tx.actor.now);
}

/** Sets, or takes back, the day from which an amendment takes a contract's place. */
async function supersede(tx: Transaction, id: string, from: string | null): Promise<void> {
  const [before] = await tx.query<Pick<Contract, 'supersededFrom'>>(
    'SELECT superseded_from AS "supersededFrom" FROM contracts WHERE network_id = app.network_id() AND id = $1 FOR UPDATE',
    [id],
  );
  await tx.query('UPDATE contracts SET superseded_from = $2, version = version + 1 WHERE network_id = app.network_id() AND id = $1', [id, from]);
  const amended = (await tx.find(Contract, id))!;
  recordChange(
    tx,
    from === null ? 'contract.restore' : 'contract.supersede',
    { subjectType: 'Contract', subjectId: id, audience: amended.audience, data: { ...named(amended), from } },
    { supersededFrom: [before!.supersededFrom, from] },
  );
  await settle(tx, amended, tx.actor.now);
}

/** Takes a proposal back before every party has signed. Who drafted it, and the committee. */
export const withdrawContract = (tx: Transaction, input: Input<'withNote'>) => moveByVerb(tx, 'WITHDRAW', 'contract.withdraw', input);
/** Turns a proposal down. Each party's administrators, the committee for the hub. */
export const rejectContract = (tx: Transaction, input: Input<'withNote'>) => moveByVerb(tx, 'REJECT', 'contract.reject', input);
/** Suspends a contract in force: what it opens closes with the next request. The committee. */
export const suspendContract = (tx: Transaction, input: Input<'withNote'>) => moveByVerb(tx, 'SUSPEND', 'contract.suspend', input);
/** Ends a suspension. The committee. */
export const resumeContract = (tx: Transaction, input: Input<'withNote'>) => moveByVerb(tx, 'RESUME', 'contract.resume', input);

/** Ends a contract for good. If it is an amendment that has not begun, the contract that it was to amend goes on. Each party's administrators, and the committee. */
export async function terminateContract(tx: Transaction, input: Input<'withNote'>): Changed {
  const { contract, situation, to } = await changing(tx, 'TERMINATE', input);
  await move(tx, contract, to, 'contract.terminate', input);
  if (contract.status === 'SIGNED' && situation.amended) await supersede(tx, situation.amended.id, null);
  return fresh(tx, contract.id);
}

/** The days on which an amendment may begin. */
function takeover(amended: Contract, today: string): { from: string; to: string } {
  const second = dayAfter(amended.termFrom);
  return { from: second > today ? second : today, to: amended.termTo === null ? LAST_DAY : dayAfter(amended.termTo) };
}

function refuseOutside(term: ContractContent['term'], amended: Contract, today: string, faults: Faults): void {
  const days = takeover(amended, today);
  if (term.from < days.from || term.from > days.to) faults.add(['term', 'from'], 'contract.amendment.from', days);
}

const dayAfter = (day: string): string => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** Drafts the version that takes over from a contract in force, between the same parties. Each party's administrators, and the committee. */
export async function amendContract(tx: Transaction, input: Input<'amendContract'>): Changed {
  const { id } = await once(tx, 'amendContract', input, async () => {
    const { contract } = await changing(tx, 'AMEND', input);
    const faults = new Faults();
    refusePast(input.term, tx.actor.today, faults);
    refuseOutside(input.term, contract, tx.actor.today, faults);
    const load = loadingBy(tx);
    const parties = (await load(partiesOf, contract.id)).map(({ organizationId, role }) => ({ id: organizationId, isHub: role === 'HUB' }));
    const partyIds = parties.map((party) => party.id);
    const kept = await load(writtenClausesOf, contract.id);
    const clauses = await ClauseComposer.compose(tx, input.clauses ?? null, partyIds, kept, faults);
    faults.raise();
    const title = input.title ?? contract.title;
    const bookingRelease = input.bookingRelease === undefined ? contract.bookingRelease : input.bookingRelease;
    return { id: await draft(tx, { title, partyIds, term: input.term, clauses, bookingRelease }, parties, contract) };
  });
  return fresh(tx, id);
}
