import { Arg, Args, Ctx, Field, FieldResolver, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { anonymous } from '../../platform/database/session';
import { PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { UrlScalar } from '../../platform/graphql/scalars';
import { Viewer } from '../accounts/model';
import { historyOf } from '../network/history';
import { Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import * as consents from './consents';
import { eraseVolunteer } from './erasure';
import { exportPersonalData } from './export';
import * as inputs from './inputs';
import {
  ApplyAsVolunteerInput,
  ExportPersonalDataInput,
  RecordGuardianConsentInput,
  RejectVolunteerInput,
  UpdateVolunteerInput,
  VolunteerFilter,
  VolunteerNoteInput,
  WithdrawConsentInput,
} from './inputs';
import { VolunteerAction, volunteerActions } from './lifecycle';
import { Consent, Guardian, RecruitmentCampaign, Volunteer, VolunteerConnection, VolunteerPersonal } from './model';
import * as reads from './reads';
import * as service from './service';

const volunteerPayload = (name: string) => payloadOf(name, 'volunteer', () => Volunteer, 'The volunteer as it is now; null when it is not there.');
const ApplyAsVolunteerPayload = volunteerPayload('ApplyAsVolunteerPayload');
const ApproveVolunteerPayload = volunteerPayload('ApproveVolunteerPayload');
const RejectVolunteerPayload = volunteerPayload('RejectVolunteerPayload');
const UpdateVolunteerPayload = volunteerPayload('UpdateVolunteerPayload');
const RecordGuardianConsentPayload = volunteerPayload('RecordGuardianConsentPayload');
const WithdrawConsentPayload = volunteerPayload('WithdrawConsentPayload');
const EraseVolunteerPayload = volunteerPayload('EraseVolunteerPayload');

@ObjectType({ description: 'The answer of exportPersonalData.', simpleResolvers: true })
class ExportPersonalDataPayload extends Payload {
  @Field(() => UrlScalar, { nullable: true, description: 'Where the file is fetched, JSON with everything that is kept of the volunteer and that you may read; good while you are signed in. Null when refused.' })
  url?: string | null;
  @Field(() => Date, { nullable: true, description: 'Until when.' })
  expiresAt?: Date | null;
}

/** Goes on without the membership that a change has just ended. */
function without(context: RequestContext, endedMembership: string | null): void {
  if (endedMembership !== null) context.reconsider({ id: endedMembership, status: 'ENDED' });
}

@Resolver(() => Volunteer)
export class VolunteerResolver {
  @Query(() => VolunteerConnection, {
    description:
      'The volunteers that you may see, the newest first: of your organization, or on its shifts; the committee sees all, others themselves. Who is seen by consent alone is on the leaderboard.',
  })
  volunteers(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => VolunteerFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: VolunteerFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Volunteer>> {
    return reads.listVolunteers(context, args, filter ?? {});
  }

  @FieldResolver(() => String, { description: 'The name shown.' })
  displayName(@Root() { status, displayName }: Volunteer, @Ctx() context: RequestContext): string {
    return status === 'ERASED' ? context.t('volunteer.erased') : displayName;
  }

  @FieldResolver(() => Organization, { nullable: true, description: 'Through which organization.' })
  organization(@Root() { organizationId }: Volunteer, @Ctx() context: RequestContext): Promise<Organization | null> | null {
    return organizationId === null ? null : context.load(organizationById, organizationId);
  }

  @FieldResolver(() => RecruitmentCampaign, { nullable: true, description: 'The recruitment call that was answered; null for none, or none that you may see.' })
  campaign(@Root() { campaignId }: Volunteer, @Ctx() context: RequestContext): Promise<RecruitmentCampaign | null> | null {
    return campaignId === null ? null : context.load(reads.campaignById, campaignId);
  }

  @FieldResolver(() => VolunteerPersonal, { nullable: true, description: 'Personal data: for the volunteer, the staff of the own organization and the committee; null for anybody else.' })
  personal(@Root() { id }: Volunteer, @Ctx() context: RequestContext): Promise<VolunteerPersonal | null> {
    return context.load(reads.personalOf, id);
  }

  @FieldResolver(() => [StateChange], { description: 'The steps through the lifecycle, oldest first; for the volunteer, the staff of the own organization and the committee, empty for anybody else.' })
  history(@Root() { id }: Volunteer, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => [VolunteerAction], { description: 'What you may do about the volunteer now.' })
  async viewerCan(@Root() volunteer: Volunteer, @Ctx() context: RequestContext): Promise<VolunteerAction[]> {
    return volunteerActions(await context.actor(), volunteer);
  }

  @Mutation(() => ApplyAsVolunteerPayload, {
    description:
      'Applies to volunteer; it waits for the organization. ONLINE anybody may for themselves, signed in or not, also without a membership, and with a new account; VISIT is what staff and the committee take down at the door. INVALID (an identity number with a wrong check character or an impossible date, under 14), CONSENT_REQUIRED (PERSONAL_DATA), WRONG_STATE and TOO_EARLY (the call is not open), DUPLICATE (you have applied already, the account exists; at the door: the identity number is a volunteer\'s), NOT_ALLOWED; RATE_LIMITED after too many.',
  })
  async applyAsVolunteer(@Arg('input', () => ApplyAsVolunteerInput, { description: 'Who applies, to whom.' }) input: ApplyAsVolunteerInput, @Ctx() context: RequestContext): Promise<{ volunteer: Volunteer }> {
    const asked = checked(inputs.applyAsVolunteer, input);
    const { platform, caller, address } = context;
    // Anybody may, so an address does not do so without end.
    if (asked.channel === 'ONLINE') await platform.throttle.count(`volunteer ${caller.userId ?? asked.personal.email ?? asked.personal.phone}`, address);
    return service.applyAsVolunteer(context.session, platform, asked, context.locale);
  }

  @Mutation(() => ApproveVolunteerPayload, {
    description:
      "Accepts an application, once somebody has seen the identity document; who has an account becomes a member of the organization. The organization's staff and the committee may. STALE_VERSION, WRONG_STATE, DUPLICATE (the identity number is another volunteer's).",
  })
  approveVolunteer(@Arg('input', () => VolunteerNoteInput, { description: 'Which one, and why.' }) input: VolunteerNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.approveVolunteer(tx, asked));
  }

  @Mutation(() => RejectVolunteerPayload, { description: "Turns an application down, with the reason. The organization's staff and the committee may. STALE_VERSION, WRONG_STATE." })
  rejectVolunteer(@Arg('input', () => RejectVolunteerInput, { description: 'Which one, and why.' }) input: RejectVolunteerInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.rejectVolunteer, input);
    return context.write((tx) => service.rejectVolunteer(tx, asked));
  }

  @Mutation(() => UpdateVolunteerPayload, {
    description:
      "Changes a volunteer: what is said of them, what they agree to, and whether they volunteer at present (status). The person, the organization's staff and the committee may; a legal name, birth date or identity number is changed by the latter two, who also take back who has left. A pause keeps coming shifts, leaving gives them up. INVALID, NOT_ALLOWED, STALE_VERSION, WRONG_STATE, CONSENT_REQUIRED, DUPLICATE (the identity number is another volunteer's).",
  })
  async updateVolunteer(@Arg('input', () => UpdateVolunteerInput, { description: 'What changes.' }) input: UpdateVolunteerInput, @Ctx() context: RequestContext): Promise<{ volunteer: Volunteer }> {
    const asked = checked(inputs.updateVolunteer, input);
    const { volunteer, endedMembership } = await context.session.write((tx) => service.updateVolunteer(tx, context.platform, asked));
    without(context, endedMembership);
    return { volunteer };
  }

  @Mutation(() => RecordGuardianConsentPayload, {
    description: "Records that the guardian of a volunteer under 18 agrees, without whom the volunteer is on no shift. The organization's staff and the committee may. CONFLICT (of age), DUPLICATE (recorded already), STALE_VERSION, WRONG_STATE.",
  })
  recordGuardianConsent(@Arg('input', () => RecordGuardianConsentInput, { description: 'Who agrees for whom.' }) input: RecordGuardianConsentInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.recordGuardianConsent, input);
    return context.write((tx) => consents.recordGuardianConsent(tx, asked));
  }

  @Mutation(() => WithdrawConsentPayload, {
    description: "Takes a consent back. Without the guardian's, or the one to the use of personal data, coming shifts are given up; without the latter the volunteer pauses. The person, the organization's staff and the committee may. CONFLICT (none stands), STALE_VERSION, WRONG_STATE.",
  })
  withdrawConsent(@Arg('input', () => WithdrawConsentInput, { description: 'Whose, for what.' }) input: WithdrawConsentInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withdrawConsent, input);
    return context.session.write((tx) => consents.withdrawConsent(tx, asked));
  }

  @Mutation(() => ExportPersonalDataPayload, {
    description: "Everything that is kept of a volunteer, as a file that is made when it is fetched, within five minutes, by your rights at that moment. The person, the organization's staff and the committee may. NOT_FOUND, NOT_ALLOWED, WRONG_STATE.",
  })
  exportPersonalData(@Arg('input', () => ExportPersonalDataInput, { description: 'Of whom.' }) input: ExportPersonalDataInput, @Ctx() context: RequestContext): Promise<Omit<ExportPersonalDataPayload, 'userErrors'>> {
    const asked = checked(inputs.exportPersonalData, input);
    return context.session.write((tx) => exportPersonalData(tx, context.platform, context.caller, asked));
  }

  @Mutation(() => EraseVolunteerPayload, {
    description:
      "Erases a volunteer for good: personal data, names and reasons in the history, coming shifts and the account, unless that is good for something else. Hours of service and points stay without a name. The person, the organization's staff and the committee may. CONFLICT (on duty, or hours wait to be confirmed), STALE_VERSION, WRONG_STATE.",
  })
  async eraseVolunteer(@Arg('input', () => VolunteerNoteInput, { description: 'Whom.' }) input: VolunteerNoteInput, @Ctx() context: RequestContext): Promise<{ volunteer: Volunteer }> {
    const asked = checked(inputs.withNote, input);
    const { userId, networkCode } = context.caller;
    const { volunteer, ended } = await context.session.write((tx) => eraseVolunteer(tx, asked));
    if (ended.account !== null && ended.account === userId) context.become({ ...anonymous, networkCode });
    else without(context, ended.membership);
    return { volunteer };
  }
}

@Resolver(() => VolunteerPersonal)
export class VolunteerPersonalResolver {
  @FieldResolver(() => String, { nullable: true, description: 'The number of the identity document, but for its first and last character; null when none is known.' })
  identityNumberMasked(@Root() { identityMasked }: VolunteerPersonal): string | null {
    return identityMasked;
  }

  @FieldResolver(() => Guardian, { nullable: true, description: 'The guardian of a minor; null when none is recorded.' })
  guardian(@Root() { guardianName, guardianPhone, volunteerId }: VolunteerPersonal): Guardian | null {
    return guardianName === null || guardianPhone === null ? null : { name: guardianName, phone: guardianPhone, volunteerId };
  }

  @FieldResolver(() => [Consent], { description: 'What the volunteer agreed to, oldest first.' })
  consents(@Root() { volunteerId }: VolunteerPersonal, @Ctx() context: RequestContext): Promise<Consent[]> {
    return context.load(reads.consentsOf, volunteerId);
  }
}

@Resolver(() => Guardian)
export class GuardianResolver {
  @FieldResolver(() => Date, { nullable: true, description: 'Since when the guardian agrees; null when the consent was withdrawn.' })
  async consentedAt(@Root() { volunteerId }: Guardian, @Ctx() context: RequestContext): Promise<Date | null> {
    const consents = await context.load(reads.consentsOf, volunteerId);
    return consents.find(({ purpose, withdrawnAt }) => purpose === 'GUARDIAN' && withdrawnAt === null)?.grantedAt ?? null;
  }
}

@Resolver(() => Viewer)
export class ViewerVolunteerResolver {
  @FieldResolver(() => Volunteer, { nullable: true, description: 'What you are as a volunteer of the network, or were last; null when nothing, or not signed in.' })
  volunteer(@Ctx() context: RequestContext): Promise<Volunteer | null> | null {
    return context.caller.userId === null ? null : reads.volunteerOfUser(context.session);
  }
}
