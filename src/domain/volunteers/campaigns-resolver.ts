import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { historyOf } from '../network/history';
import { DateRange, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import * as service from './campaigns';
import * as inputs from './inputs';
import { CloseCampaignInput, DraftCampaignInput, OpenCampaignInput } from './inputs';
import { CampaignAction, campaignActions } from './lifecycle';
import { CampaignStatus, ChannelCount, RecruitmentCampaign, RecruitmentCampaignConnection } from './model';
import * as reads from './reads';

const campaignPayload = (name: string) => payloadOf(name, 'campaign', () => RecruitmentCampaign, 'The recruitment call as it is now; null when it is not there.');
const DraftCampaignPayload = campaignPayload('DraftCampaignPayload');
const OpenCampaignPayload = campaignPayload('OpenCampaignPayload');
const CloseCampaignPayload = campaignPayload('CloseCampaignPayload');

@Resolver(() => RecruitmentCampaign)
export class RecruitmentCampaignResolver {
  @Query(() => RecruitmentCampaignConnection, { description: 'The recruitment calls, the newest first; drafts are seen by their organization and the committee alone.' })
  campaigns(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => CampaignStatus, { nullable: true, description: 'Only those standing like this.' }) status: CampaignStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<RecruitmentCampaign>> {
    return reads.listCampaigns(context, args, status);
  }

  @FieldResolver(() => DateRange, { description: 'During which days people may apply.' })
  period(@Root() { periodFrom, periodTo }: RecruitmentCampaign): DateRange {
    return { from: periodFrom, to: periodTo };
  }

  @FieldResolver(() => Int, { description: 'How many have applied.' })
  applications(@Root() { appliedOnline, appliedVisit }: RecruitmentCampaign): number {
    return appliedOnline + appliedVisit;
  }

  @FieldResolver(() => [ChannelCount], { description: 'How many have applied through which channel.' })
  applicationsByChannel(@Root() { appliedOnline, appliedVisit }: RecruitmentCampaign): ChannelCount[] {
    return [
      { channel: 'ONLINE', applications: appliedOnline },
      { channel: 'VISIT', applications: appliedVisit },
    ];
  }

  @FieldResolver(() => Organization, { description: 'Who recruits.' })
  organization(@Root() { organizationId }: RecruitmentCampaign, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first; for its own organization and the committee, empty for anybody else.' })
  history(@Root() { id }: RecruitmentCampaign, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [CampaignAction], { description: 'What you may do about it now.' })
  async viewerCan(@Root() campaign: RecruitmentCampaign, @Ctx() context: RequestContext): Promise<CampaignAction[]> {
    return campaignActions(await context.actor(), campaign);
  }

  @Mutation(() => DraftCampaignPayload, { description: "Drafts a recruitment call. The organization's staff and the committee may. INVALID, NOT_FOUND, NOT_ALLOWED." })
  draftCampaign(@Arg('input', () => DraftCampaignInput, { description: 'The call.' }) input: DraftCampaignInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.draftCampaign, input);
    return context.write((tx) => service.draftCampaign(tx, asked));
  }

  @Mutation(() => OpenCampaignPayload, {
    description: "Lets a recruitment call go out, drafted before or not. The organization's staff and the committee may. INVALID, TOO_LATE (its period is over), NOT_FOUND, NOT_ALLOWED, STALE_VERSION, WRONG_STATE.",
  })
  openCampaign(@Arg('input', () => OpenCampaignInput, { description: 'The call as it goes out.' }) input: OpenCampaignInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.openCampaign, input);
    return context.write((tx) => service.openCampaign(tx, asked));
  }

  @Mutation(() => CloseCampaignPayload, { description: "Closes a recruitment call before its last day. The organization's staff and the committee may. STALE_VERSION, WRONG_STATE." })
  closeCampaign(@Arg('input', () => CloseCampaignInput, { description: 'Which one, and why.' }) input: CloseCampaignInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.closeCampaign(tx, asked));
  }
}
