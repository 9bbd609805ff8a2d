import { may } from '../../access/matrix';
import { permit } from '../../access/viewer-can';
import { once } from '../../platform/database/idempotency';
import type { Transaction } from '../../platform/database/session';
import type { InputOf } from '../../platform/graphql/edge';
import { Refusal } from '../../platform/graphql/refusal';
import { newId } from '../../platform/ids';
import { recordMove } from '../network/history';
import { Organization } from '../network/model';
import { difference, requireVersion } from '../network/service';
import type * as inputs from './inputs';
import { campaignLifecycle, type CampaignAction } from './lifecycle';
import { RecruitmentCampaign, type CampaignStatus, type RecruitmentChannel } from './model';

type Input<Name extends keyof typeof inputs> = InputOf<typeof inputs, Name>;
type Written = Pick<RecruitmentCampaign, 'title' | 'call' | 'channel' | 'periodFrom' | 'periodTo' | 'target'>;

/** The call that an application answers. @throws Refusal NOT_FOUND, WRONG_STATE when it is not open, TOO_EARLY before its first day */
export async function campaignToAnswer(tx: Transaction, globalId: string): Promise<RecruitmentCampaign> {
  const campaign = await tx.find(RecruitmentCampaign, tx.idOf('RecruitmentCampaign', globalId, ['campaign']));
  if (!campaign) throw new Refusal('NOT_FOUND', 'notFound', {}, ['campaign']);
  if (campaign.status !== 'OPEN') throw new Refusal('WRONG_STATE', 'campaign.closed', {}, ['campaign']);
  if (campaign.periodFrom > tx.actor.today) throw new Refusal('TOO_EARLY', 'campaign.early', { day: campaign.periodFrom }, ['campaign']);
  return campaign;
}

const COUNTED = { ONLINE: 'applied_online', VISIT: 'applied_visit' } as const;

/** Counts applications that answered a call through a channel. */
export async function countApplication(tx: Transaction, id: string, channel: RecruitmentChannel): Promise<void> {
  const column = COUNTED[channel];
  await tx.query(`UPDATE recruitment_campaigns SET ${column} = ${column} + 1 WHERE network_id = app.network_id() AND id = $1`, [id]);
}

/** What of a call's change is the same whatever was done. */
const changeOf = ({ id, title, organizationId }: Pick<RecruitmentCampaign, 'id' | 'title' | 'organizationId'>) => ({
  subjectType: 'RecruitmentCampaign', subjectId: id, audience: [organizationId], refs: { organization: organizationId }, data: { campaign: title }, committee: true,
});

const writtenOf = ({ title, call, channel, period, target }: Input<'draftCampaign'>): Written => ({
  title, call, channel, periodFrom: period.from, periodTo: period.to, target,
});

/** The organization that a call is made for. @throws Refusal NOT_FOUND, NOT_ALLOWED */
async function recruiting(tx: Transaction, organization: string | null | undefined): Promise<string> {
  const id = organization == null ? tx.actor.organizationId! : tx.idOf('Organization', organization, ['organization']);
  const found = await tx.find(Organization, id);
  if (!found) throw new Refusal('NOT_FOUND', 'notFound', {}, ['organization']);
  if (!may(tx.actor, 'campaign.manage', { owner: id })) throw new Refusal('NOT_ALLOWED', 'notAllowed', {}, ['organization']);
  if (found.status !== 'ACTIVE') throw new Refusal('CONFLICT', 'volunteer.organization', {}, ['organization']);
  return id;
}

function refusePast({ today }: Transaction['actor'], to: string): void {
  if (to < today) throw new Refusal('TOO_LATE', 'campaign.past', {}, ['period', 'to']);
}

/** Writes a new call down. */
async function write(tx: Transaction, input: Input<'draftCampaign'>, status: CampaignStatus): Promise<{ id: string }> {
  const { networkId, now } = tx.actor;
  const organizationId = await recruiting(tx, input.organization);
  const id = newId(now);
  const written = writtenOf(input);
  await tx.manager.insert(RecruitmentCampaign, { networkId, id, organizationId, ...written, status, createdAt: now });
  await recordMove(
    tx,
    status === 'OPEN' ? 'campaign.open' : 'campaign.draft',
    { ...changeOf({ id, title: input.title, organizationId }), from: null, to: status },
    difference<Partial<Written>>({}, written),
  );
  return { id };
}

/** A call about to be changed: locked, of the version read, and the verb permitted. */
async function changing(tx: Transaction, action: CampaignAction, input: { id: string; version: number }, path: readonly string[] = ['id']) {
  const campaign = await tx.lock(RecruitmentCampaign, 'RecruitmentCampaign', input.id, path);
  const to = permit(campaignLifecycle, action, tx.actor, campaign.status, { owner: campaign.organizationId });
  requireVersion(campaign, input.version, 'campaign');
  return { campaign, to };
}

/** Opens what was drafted, as it reads now. */
async function publish(tx: Transaction, input: Input<'openCampaign'>): Promise<{ id: string }> {
  const { campaign, to } = await changing(tx, 'OPEN', { id: input.draft!, version: input.version! }, ['draft']);
  if (input.organization != null && (await recruiting(tx, input.organization)) !== campaign.organizationId) {
    throw new Refusal('INVALID', 'campaign.organization', {}, ['organization']);
  }
  const written = writtenOf(input);
  await tx.manager.update(RecruitmentCampaign, { networkId: campaign.networkId, id: campaign.id }, { ...written, status: to, version: campaign.version + 1 });
  await recordMove(tx, 'campaign.open', { ...changeOf({ ...campaign, title: input.title }), from: campaign.status, to }, difference<Written>(campaign, written));
  return { id: campaign.id };
}

/** Drafts a recruitment call. The organization's staff or the committee may. */
export async function draftCampaign(tx: Transaction, input: Input<'draftCampaign'>): Promise<{ campaign: RecruitmentCampaign }> {
  const { id } = await once(tx, 'draftCampaign', input, () => write(tx, input, 'DRAFT'));
  return { campaign: (await tx.find(RecruitmentCampaign, id))! };
}

/** Lets a recruitment call go out, drafted before or not. The organization's staff or the committee may. */
export async function openCampaign(tx: Transaction, input: Input<'openCampaign'>): Promise<{ campaign: RecruitmentCampaign }> {
  refusePast(tx.actor, input.period.to);
  const { id } = await once(tx, 'openCampaign', input, () => (input.draft == null ? write(tx, input, 'OPEN') : publish(tx, input)));
  return { campaign: (await tx.find(RecruitmentCampaign, id))! };
}

/** Closes a recruitment call before its last day. The organization's staff or the committee may. */
export async function closeCampaign(tx: Transaction, input: Input<'withNote'>): Promise<{ campaign: RecruitmentCampaign }> {
  const { campaign, to } = await changing(tx, 'CLOSE', input);
  const { networkId, id, version } = campaign;
  await tx.manager.update(RecruitmentCampaign, { networkId, id }, { status: to, version: version + 1 });
  await recordMove(tx, 'campaign.close', { ...changeOf(campaign), from: campaign.status, to, note: input.note });
  return { campaign: (await tx.find(RecruitmentCampaign, id))! };
}
