import type { Transaction } from '../../platform/database/session';
import { secondsOf } from '../../platform/graphql/edge';
import { Refusal, type RefusalReason } from '../../platform/graphql/refusal';
import { fromGlobalId, toGlobalId } from '../../platform/ids';
import type { MessageKey, MessageParameters } from '../../platform/i18n/messages';
import type { ClauseContent } from './content';
import type { ChangedClause } from './inputs';
import { clauseTypes, type ActivityCategory } from './model';
import type { WrittenClause } from './reads';

/** The faults of an input, gathered so that all of them are told at once. */
export class Faults {
  private readonly reasons: RefusalReason[] = [];

  add(path: readonly (string | number)[], message: MessageKey, parameters: MessageParameters = {}, code: RefusalReason['code'] = 'INVALID'): void {
    this.reasons.push({ code, message, parameters, path: ['input', ...path.map(String)] });
  }

  /** @throws Refusal when there are any */
  raise(): void {
    if (this.reasons.length) throw Refusal.of(this.reasons);
  }
}

/** A party with what else is to be known of it. */
export interface PartyContent {
  id: string;
  isHub: boolean;
}

/** The organizations that an input names as parties: in good standing, and the one that must be among them is. */
export async function partiesIn(tx: Transaction, globalIds: readonly string[], mustHave: string | null, faults: Faults): Promise<PartyContent[]> {
  const ids = globalIds.map((globalId) => idIn('Organization', globalId));
  const known = await tx.query<PartyContent & { status: string }>(
    'SELECT id, is_hub AS "isHub", status FROM organizations WHERE network_id = app.network_id() AND id = ANY($1::uuid[])',
    [ids.filter((id) => id !== null)],
  );
  const parties = ids.flatMap((id, index) => {
    const organization = known.find((row) => row.id === id);
    if (!organization) faults.add(['parties', index], 'notFound', {}, 'NOT_FOUND');
    else if (organization.status !== 'ACTIVE') faults.add(['parties', index], 'contract.parties.inactive');
    return organization ? [{ id: organization.id, isHub: organization.isHub }] : [];
  });
  if (mustHave !== null && !ids.includes(mustHave)) faults.add(['parties'], 'contract.parties.own');
  return parties;
}

const idIn = (type: string, globalId: string): string | null => {
  const id = fromGlobalId(globalId);
  return id?.type === type ? id.id : null;
};

const nothing: Omit<ClauseContent, 'kind' | 'obligorId' | 'text'> = {
  resources: [], beneficiaryIds: [], quotaSeconds: null, hours: [], requiresApproval: false, priority: 0,
  category: null, activitiesPerQuarter: null, serviceHoursPerQuarter: null,
};

/** A clause as it was written down. */
export const contentOf = (row: WrittenClause): ClauseContent => ({
  kind: row.kind,
  obligorId: row.obligorId,
  text: row.text,
  resources: row.granted.map(({ resourceId, name }) => ({ id: resourceId, name })),
  beneficiaryIds: row.beneficiaryIds,
  quotaSeconds: row.quotaPerMonth === null ? null : secondsOf(row.quotaPerMonth),
  hours: row.hours,
  requiresApproval: row.requiresApproval,
  priority: row.priority,
  category: row.category as ActivityCategory | null,
  activitiesPerQuarter: row.activitiesPerQuarter,
  serviceHoursPerQuarter: row.serviceHoursPerQuarter,
});

/** The clauses that an input names, checked against the parties and against what the obligors may grant. */
export class ClauseComposer {
  private constructor(
    private readonly partyIds: readonly string[],
    private readonly kept: readonly WrittenClause[],
    private readonly resources: ReadonlyMap<string, Grantable>,
    private readonly faults: Faults,
  ) {}

  /**
   * @param asked null: all as they stand
   * @param kept the clauses of the contract that is changed
   */
  static async compose(
    tx: Transaction,
    asked: readonly ChangedClause[] | null,
    partyIds: readonly string[],
    kept: readonly WrittenClause[],
    faults: Faults,
  ): Promise<ClauseContent[]> {
    const clauses = asked ?? kept.map(({ id, kind }) => ({ keep: toGlobalId(clauseTypes[kind], id) }));
    const named = clauses.flatMap(({ resourceGrant }: ChangedClause) => (resourceGrant?.resources ?? []).map((globalId) => idIn('Resource', globalId)));
    const grantable = await tx.query<Grantable>(
      `SELECT id, owner_id AS "ownerId", name, sharing = 'PRIVATE' OR status = 'RETIRED' AS closed FROM resources
       WHERE network_id = app.network_id() AND id = ANY($1::uuid[])`,
      [named.filter((id) => id !== null)],
    );
    const composer = new ClauseComposer(partyIds, kept, new Map(grantable.map((row) => [row.id, row])), faults);
    return clauses.flatMap((clause, index) => composer.clause(clause, ['clauses', index]));
  }

  private clause(clause: ChangedClause, path: (string | number)[]): ClauseContent[] {
    const { resourceGrant, activityCommitment, volunteerCommitment, governanceDuty, keep } = clause;
    if (keep != null) return this.keep(keep, [...path, 'keep']);
    if (resourceGrant) return this.grant(resourceGrant, [...path, 'resourceGrant']);
    if (activityCommitment) {
      const { category, activitiesPerQuarter, text } = activityCommitment;
      const obligorId = this.obligor(activityCommitment.obligor, [...path, 'activityCommitment']);
      return [{ ...nothing, kind: 'ACTIVITY_COMMITMENT', obligorId, text, category, activitiesPerQuarter }];
    }
    if (volunteerCommitment) {
      const { serviceHoursPerQuarter, text } = volunteerCommitment;
      const obligorId = this.obligor(volunteerCommitment.obligor, [...path, 'volunteerCommitment']);
      return [{ ...nothing, kind: 'VOLUNTEER_COMMITMENT', obligorId, text, serviceHoursPerQuarter }];
    }
    const { category, text, obligor } = governanceDuty!;
    return [{ ...nothing, kind: 'GOVERNANCE_DUTY', obligorId: this.obligor(obligor, [...path, 'governanceDuty']), text, category }];
  }

  /** A clause of the contract that is changed, as long as those it names are parties still. */
  private keep(globalId: string, path: (string | number)[]): ClauseContent[] {
    const row = this.kept.find(({ id, kind }) => id === idIn(clauseTypes[kind], globalId));
    if (!row) {
      this.faults.add(path, 'notFound', {}, 'NOT_FOUND');
      return [];
    }
    if (!this.partyIds.includes(row.obligorId)) this.faults.add(path, 'contract.clause.obligor');
    if (!row.beneficiaryIds.every((id) => this.partyIds.includes(id))) this.faults.add(path, 'contract.clause.beneficiaries');
    return [contentOf(row)];
  }

  private grant(grant: NonNullable<ChangedClause['resourceGrant']>, path: (string | number)[]): ClauseContent[] {
    const obligorId = this.obligor(grant.obligor, path);
    const beneficiaryIds = grant.beneficiaries.map((globalId, index) => {
      const id = idIn('Organization', globalId) ?? '';
      if (!this.partyIds.includes(id) || id === obligorId) this.faults.add([...path, 'beneficiaries', index], 'contract.clause.beneficiaries');
      return id;
    });
    const resources = grant.resources.map((globalId, index) => {
      const at = [...path, 'resources', index];
      const resource = this.resources.get(idIn('Resource', globalId) ?? '');
      // The same for another's, an invisible and a made-up one.
      if (resource?.ownerId !== obligorId) this.faults.add(at, 'contract.clause.resource');
      else if (resource.closed) this.faults.add(at, 'contract.clause.private', { name: resource.name });
      return { id: resource?.id ?? '', name: resource?.name ?? '' };
    });
    const { text, hours, requiresApproval, priority, quotaPerMonth } = grant;
    const quotaSeconds = quotaPerMonth == null ? null : secondsOf(quotaPerMonth);
    return [{ ...nothing, kind: 'RESOURCE_GRANT', obligorId, text, resources, beneficiaryIds, quotaSeconds, hours, requiresApproval, priority }];
  }

  private obligor(globalId: string, path: (string | number)[]): string {
    const id = idIn('Organization', globalId);
    if (id !== null && this.partyIds.includes(id)) return id;
    this.faults.add([...path, 'obligor'], 'contract.clause.obligor');
    return '';
  }
}

/** A resource that the actor may read, as far as granting it goes. */
interface Grantable {
  id: string;
  ownerId: string;
  name: string;
  /** Private or retired. */
  closed: boolean;
}
