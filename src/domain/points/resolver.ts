import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Node } from '../../platform/graphql/node';
import { payloadOf } from '../../platform/graphql/payload';
import { Viewer } from '../accounts/model';
import { DateRange, Network, Organization } from '../network/model';
import { DateRangeInput } from '../network/inputs';
import { organizationById } from '../network/reads';
import { nodeOf } from '../nodes';
import { volunteerOfUser } from '../volunteers/reads';
import * as inputs from './inputs';
import { GrantBonusInput, ReverseTransferInput, SettleMerchantInput, UpdatePointsPolicyInput } from './inputs';
import {
  AccountHolder,
  ExpiringPoints,
  PointsAccount,
  PointsEntry,
  PointsEntryConnection,
  PointsPolicy,
  PointsSettlement,
  PointsSettlementConnection,
  PointsSide,
  PointsStatement,
  PointsTransfer,
  type AccountKind,
} from './model';
import * as reads from './reads';
import * as service from './service';
import { settleMerchant } from './settlement';

const UpdatePointsPolicyPayload = payloadOf('UpdatePointsPolicyPayload', 'policy', () => PointsPolicy, 'The policy as it is now; null when you may not change it.');
const GrantBonusPayload = payloadOf('GrantBonusPayload', 'transfer', () => PointsTransfer, 'The transfer; null when nothing was moved.');
const ReverseTransferPayload = payloadOf('ReverseTransferPayload', 'transfer', () => PointsTransfer, 'The transfer that takes the other one back; null when nothing was moved.');
const SettleMerchantPayload = payloadOf('SettleMerchantPayload', 'settlement', () => PointsSettlement, 'The settlement as it is now; null when the total is not what the ledger has.');

/** Which node an account belongs to. */
const HOLDERS: Readonly<Record<AccountKind, string>> = { ISSUANCE: 'Network', EXPIRED: 'Network', VOLUNTEER: 'Volunteer', MERCHANT: 'Organization' };

async function holderOf(context: RequestContext, kind: AccountKind, accountId: string): Promise<Node | null> {
  const own = HOLDERS[kind] === 'Network';
  return nodeOf(context, HOLDERS[kind], own ? (await context.actor()).networkId : accountId);
}

/** What points add to a network. */
@Resolver(() => Network)
export class NetworkPointsResolver {
  @FieldResolver(() => PointsPolicy, { description: 'By what points are earned.' })
  pointsPolicy(@Ctx() context: RequestContext): Promise<PointsPolicy> {
    return reads.readPolicy(context);
  }

  @FieldResolver(() => [PointsAccount], { description: 'Its own two accounts, out of which points come and into which they expire; for the committee, empty for anybody else.' })
  pointsAccounts(@Ctx() context: RequestContext): Promise<PointsAccount[]> {
    return reads.accountsOfNetwork(context);
  }

  @Mutation(() => UpdatePointsPolicyPayload, {
    description: 'Changes by what points are earned and how long they are good, from now on. The committee. INVALID, NOT_ALLOWED, STALE_VERSION.',
  })
  updatePointsPolicy(@Arg('input', () => UpdatePointsPolicyInput, { description: 'What changes.' }) input: UpdatePointsPolicyInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updatePointsPolicy, input);
    return context.write((tx) => service.updatePointsPolicy(tx, asked));
  }
}

/** What points add to the viewer. */
@Resolver(() => Viewer)
export class ViewerPointsResolver {
  @FieldResolver(() => PointsAccount, { nullable: true, description: 'The account of the volunteer that you are; null when you are none.' })
  async pointsAccount(@Ctx() context: RequestContext): Promise<PointsAccount | null> {
    const own = context.caller.userId === null ? null : await volunteerOfUser(context.session);
    return own && context.load(reads.accountById, own.id);
  }
}

/** What points add to an organization. */
@Resolver(() => Organization)
export class OrganizationPointsResolver {
  @FieldResolver(() => PointsAccount, { nullable: true, description: 'What its rewards have brought in; for its administrators and the committee, null for anybody else.' })
  pointsAccount(@Root() { id }: Organization, @Ctx() context: RequestContext): Promise<PointsAccount | null> {
    return context.load(reads.accountById, id);
  }

  @FieldResolver(() => PointsSettlementConnection, { description: 'Its settlements, the latest period first; for its administrators and the committee, empty for anybody else.' })
  pointsSettlements(@Root() { id }: Organization, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<PointsSettlement>> {
    return reads.settlementsOf(context, id, args);
  }
}

@Resolver(() => PointsAccount)
export class PointsAccountResolver {
  @FieldResolver(() => AccountHolder, { nullable: true, description: 'Whose it is; null when you may not see who.' })
  holder(@Root() { kind, id }: PointsAccount, @Ctx() context: RequestContext): Promise<Node | null> {
    return holderOf(context, kind, id);
  }

  @FieldResolver(() => Int, { description: 'The points that can be used now.' })
  available(@Root() { balance, held }: PointsAccount): number {
    return balance - held;
  }

  @FieldResolver(() => PointsEntryConnection, { description: 'Its lines, the latest first, with the balance after each.' })
  entries(
    @Root() account: PointsAccount,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('period', () => DateRangeInput, { nullable: true, description: 'Only of these days, up to 400.' }) period: DateRangeInput | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<PointsEntry>> {
    return reads.entriesOf(context, account, args, period);
  }

  @FieldResolver(() => PointsStatement, { description: 'What happened to it in a period, as a whole; up to 10000 lines.' })
  statement(
    @Root() account: PointsAccount,
    @Arg('period', () => DateRangeInput, { description: 'The days, up to 400.' }) period: DateRangeInput,
    @Ctx() context: RequestContext,
  ): Promise<PointsStatement> {
    return reads.statementOf(context, account, period);
  }

  @FieldResolver(() => [ExpiringPoints], { description: 'What will not be good any more on which day, the soonest first; what is used is the oldest. Empty where points do not expire.' })
  expiring(@Root() account: PointsAccount, @Ctx() context: RequestContext): Promise<ExpiringPoints[]> {
    return reads.expiringOf(context, account);
  }
}

@Resolver(() => PointsEntry)
export class PointsEntryResolver {
  @FieldResolver(() => PointsTransfer, { description: 'What moved the points.' })
  transfer(@Root() { transferId }: PointsEntry, @Ctx() context: RequestContext): Promise<PointsTransfer | null> {
    return context.load(reads.transferById, transferId);
  }
}

@Resolver(() => PointsTransfer)
export class PointsTransferResolver {
  @FieldResolver(() => PointsAccount, { nullable: true, description: 'The account that the points are taken from; null when you may not see into it.' })
  debit(@Root() { debitId }: PointsTransfer, @Ctx() context: RequestContext): Promise<PointsAccount | null> {
    return context.load(reads.accountById, debitId);
  }

  @FieldResolver(() => PointsAccount, { nullable: true, description: 'The account that the points come to; null when you may not see into it.' })
  credit(@Root() { creditId }: PointsTransfer, @Ctx() context: RequestContext): Promise<PointsAccount | null> {
    return context.load(reads.accountById, creditId);
  }

  @FieldResolver(() => PointsSide, { description: 'Who the points are taken from.' })
  from(@Root() { debitKind, debitId }: PointsTransfer): PointsSide {
    return { kind: debitKind, accountId: debitId };
  }

  @FieldResolver(() => PointsSide, { description: 'Who the points come to.' })
  to(@Root() { creditKind, creditId }: PointsTransfer): PointsSide {
    return { kind: creditKind, accountId: creditId };
  }

  @FieldResolver(() => PointsTransfer, { nullable: true, description: 'The transfer that this one takes back; null for any other.' })
  reverses(@Root() { reversesId }: PointsTransfer, @Ctx() context: RequestContext): Promise<PointsTransfer | null> | null {
    return reversesId === null ? null : context.load(reads.transferById, reversesId);
  }

  @FieldResolver(() => Node, { nullable: true, description: 'What it was made for, such as a service record or a redemption; null when there is none, or none that you may see.' })
  source(@Root() { sourceType, sourceId }: PointsTransfer, @Ctx() context: RequestContext): Promise<Node | null> | null {
    return sourceType === null ? null : nodeOf(context, sourceType, sourceId!);
  }

  @Mutation(() => GrantBonusPayload, {
    description: 'Grants a volunteer points beside what services earn. The committee. NOT_FOUND, WRONG_STATE (not a volunteer any more, or not yet), QUOTA_EXCEEDED (your limit of the month), IDEMPOTENCY_MISMATCH.',
  })
  grantBonus(@Arg('input', () => GrantBonusInput, { description: 'To whom, how many, and what for.' }) input: GrantBonusInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.grantBonus, input);
    return context.write((tx) => service.grantBonus(tx, asked));
  }

  @Mutation(() => ReverseTransferPayload, {
    description: 'Takes a posted transfer back by another one. The committee. NOT_FOUND, WRONG_STATE (held or voided), NOT_ALLOWED (a reversal, or a settlement), CONFLICT (taken back already), INSUFFICIENT_POINTS (spent since), IDEMPOTENCY_MISMATCH.',
  })
  reverseTransfer(@Arg('input', () => ReverseTransferInput, { description: 'Which one, and why.' }) input: ReverseTransferInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.reverseTransfer, input);
    return context.write((tx) => service.reverseTransfer(tx, asked));
  }
}

@Resolver(() => PointsSide)
export class PointsSideResolver {
  @FieldResolver(() => AccountHolder, { nullable: true, description: 'Whose it is; null when you may not see who.' })
  holder(@Root() { kind, accountId }: PointsSide, @Ctx() context: RequestContext): Promise<Node | null> {
    return holderOf(context, kind, accountId);
  }
}

@Resolver(() => PointsSettlement)
export class PointsSettlementResolver {
  @FieldResolver(() => Organization, { description: 'The merchant.' })
  organization(@Root() { organizationId }: PointsSettlement, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => DateRange, { description: 'The days that it is about.' })
  period(@Root() { fromDay, toDay }: PointsSettlement): DateRange {
    return { from: fromDay, to: toDay };
  }

  @FieldResolver(() => PointsTransfer, { nullable: true, description: 'By what the points went back to the network; null until both sides have stated the total.' })
  transfer(@Root() { transferId }: PointsSettlement, @Ctx() context: RequestContext): Promise<PointsTransfer | null> | null {
    return transferId === null ? null : context.load(reads.transferById, transferId);
  }

  @Mutation(() => SettleMerchantPayload, {
    description: 'States the total of points that an organization has taken in a period, for your side: its administrators’, or the committee’s. The first to state it proposes the settlement; when the other side states the same, the points go back to the network. A proposal gives way to one of other days that overlap. NOT_FOUND, NOT_ALLOWED, TOO_EARLY (the period is not over), INVALID (nothing to settle), CONFLICT (another total, or settled already), WRONG_STATE (it is the other side’s turn), INSUFFICIENT_POINTS (taken back since: settle a longer period), IDEMPOTENCY_MISMATCH.',
  })
  settleMerchant(@Arg('input', () => SettleMerchantInput, { description: 'Whose, which days, and the total.' }) input: SettleMerchantInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.settleMerchant, input);
    return context.write((tx) => settleMerchant(tx, asked));
  }
}
