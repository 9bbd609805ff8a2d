import { Arg, Args, Ctx, Field, FieldResolver, Float, Int, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { Payload, payloadOf } from '../../platform/graphql/payload';
import { Activity } from '../activities/model';
import { activityById } from '../activities/reads';
import { ServiceCertificateConnection, type ServiceCertificate } from '../certificates/model';
import { certificatesOfVolunteer } from '../certificates/reads';
import { StoredFile } from '../files/model';
import { historyOf } from '../network/history';
import { Actor, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import { Volunteer } from '../volunteers/model';
import { volunteerById } from '../volunteers/reads';
import * as inputs from './inputs';
import { AnswerCorrectionInput, CorrectServiceRecordInput, ExportServiceRecordsInput, ImportServiceRecordsInput, RequestCorrectionInput, ServiceRecordFilter } from './inputs';
import { CorrectionRequest, CorrectionRequestConnection, CorrectionStatus, hoursOf, ServiceRecord, ServiceRecordConnection, starsOf } from './model';
import * as reads from './reads';
import * as service from './service';

const CorrectServiceRecordPayload = payloadOf('CorrectServiceRecordPayload', 'record', () => ServiceRecord, 'The record that corrects; null when refused.');
const requestPayload = (name: string) => payloadOf(name, 'request', () => CorrectionRequest, 'The request as it is now; null when it is not there.');
const RequestCorrectionPayload = requestPayload('RequestCorrectionPayload');
const AnswerCorrectionPayload = requestPayload('AnswerCorrectionPayload');
const ExportServiceRecordsPayload = payloadOf('ExportServiceRecordsPayload', 'file', () => StoredFile, 'The file, for you alone and for a day; null when refused.');

@ObjectType({ description: 'Why a record of a file was not taken.', simpleResolvers: true })
class ServiceRecordImportProblem {
  @Field(() => Int, { description: 'The line of the table, or the place in the list, from 1 on.' })
  line!: number;
  @Field(() => String, { nullable: true, description: 'The element that it is about, e.g. hours; null for the whole.' })
  element!: string | null;
  @Field(() => String, { description: 'Why, for people.' })
  reason!: string;
}

@ObjectType({ description: 'What came of a file of service records.', simpleResolvers: true })
class ServiceRecordImport {
  @Field(() => Int, { description: 'How many records the file has.' })
  rows!: number;
  @Field(() => Int, { description: 'How many were taken over, or would be.' })
  taken!: number;
  @Field(() => Int, { description: 'How many were taken over before.' })
  known!: number;
  @Field(() => Int, { description: 'How many were not taken.' })
  refused!: number;
  @Field(() => [ServiceRecordImportProblem], { description: 'Why not, of the first 200 of them.' })
  problems!: ServiceRecordImportProblem[];
}

@ObjectType({ description: 'The answer of importServiceRecords.', simpleResolvers: true })
class ImportServiceRecordsPayload extends Payload {
  @Field(() => ServiceRecordImport, { nullable: true, description: 'What came of it; null when refused.' })
  report?: ServiceRecordImport | null;
}

@Resolver(() => ServiceRecord)
export class ServiceRecordResolver {
  @Query(() => ServiceRecordConnection, {
    description: 'The service records that you may see, latest service first: your own, those of your organization\'s volunteers and activities; the committee all.',
  })
  serviceRecords(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ServiceRecordFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: ServiceRecordFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<ServiceRecord>> {
    return reads.listServiceRecords(context, args, filter ?? {});
  }

  @Query(() => CorrectionRequestConnection, {
    description: 'The requests for corrections that you may see, newest first: your own, those of your organization\'s volunteers and those that it answers; the committee all.',
  })
  correctionRequests(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => CorrectionStatus, { nullable: true, description: 'Only those that stand like this.' }) status: CorrectionStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<CorrectionRequest>> {
    return reads.listCorrectionRequests(context, args, status);
  }

  @FieldResolver(() => Volunteer, { description: 'Who served.' })
  volunteer(@Root() { volunteerId }: ServiceRecord, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, volunteerId);
  }

  @FieldResolver(() => Activity, { nullable: true, description: 'The activity; null for a service of another system, or one that you may not see.' })
  activity(@Root() { activityId }: ServiceRecord, @Ctx() context: RequestContext): Promise<Activity | null> | null {
    return activityId === null ? null : context.load(activityById, activityId);
  }

  @FieldResolver(() => [StateChange], { description: 'Why it was corrected, and by whom; empty while it stands.' })
  history(@Root() { id }: ServiceRecord, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, id);
  }

  @FieldResolver(() => Float, { description: 'The hours served; of a correction, what they are now.' })
  hours(@Root() { seconds }: ServiceRecord): number {
    return hoursOf(seconds);
  }

  @FieldResolver(() => Organization, { description: 'The organization that the service was done for.' })
  organizer(@Root() { organizerId }: ServiceRecord, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizerId);
  }

  @FieldResolver(() => Actor, { description: 'Who confirmed it, or took it over from another system.' })
  confirmedBy(@Root() { confirmedByName, confirmedByOrganizationId }: ServiceRecord): Actor {
    return { displayName: confirmedByName, organizationId: confirmedByOrganizationId };
  }

  @FieldResolver(() => ServiceRecord, { nullable: true, description: 'The record that this one corrects; null for the first of a service.' })
  corrects(@Root() { correctsId }: ServiceRecord, @Ctx() context: RequestContext): Promise<ServiceRecord | null> | null {
    return correctsId === null ? null : context.load(reads.serviceRecordById, correctsId);
  }

  @FieldResolver(() => ServiceRecord, { nullable: true, description: 'The record that corrects this one; null while this one stands.' })
  correctedBy(@Root() { id }: ServiceRecord, @Ctx() context: RequestContext): Promise<ServiceRecord | null> {
    return context.load(reads.correctionOf, id);
  }

  @Mutation(() => CorrectServiceRecordPayload, {
    description: "Corrects a record by a further one that names it; hours and stars follow, and more hours earn their points. Staff and administrators of the organizer, and the committee; nobody the own. NOT_FOUND, NOT_ALLOWED, INVALID, CONFLICT (another corrects it already), WRONG_STATE (of the request).",
  })
  correctServiceRecord(@Arg('input', () => CorrectServiceRecordInput, { description: 'What it should have said.' }) input: CorrectServiceRecordInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.correctServiceRecord, input);
    return context.write((tx) => service.correctServiceRecord(tx, asked));
  }

  @Mutation(() => ExportServiceRecordsPayload, {
    description: "Passes service records on as a file: those that stand, of volunteers who consented to the exchange. The committee; administrators for their organization's volunteers. INVALID (none, or too many), NOT_ALLOWED.",
  })
  exportServiceRecords(@Arg('input', () => ExportServiceRecordsInput, { description: 'Which ones.' }) input: ExportServiceRecordsInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.exportServiceRecords, input);
    return context.write((tx) => service.exportServiceRecords(tx, context.platform, asked));
  }

  @Mutation(() => ImportServiceRecordsPayload, {
    description: "Takes over service records of another system from an uploaded file, each at most once; they count for hours and stars, not for points. The committee; administrators for their organization's volunteers. NOT_FOUND, INVALID (the file), NOT_ALLOWED.",
  })
  async importServiceRecords(
    @Arg('input', () => ImportServiceRecordsInput, { description: 'Which file, from where.' }) input: ImportServiceRecordsInput,
    @Ctx() context: RequestContext,
  ): Promise<Omit<ImportServiceRecordsPayload, 'userErrors'>> {
    const asked = checked(inputs.importServiceRecords, input);
    const { report } = await context.write((tx) => service.importServiceRecords(tx, context.platform, asked));
    return { report: { ...report, problems: report.problems.map(({ line, element, message, parameters }) => ({ line, element, reason: context.t(message, parameters) })) } };
  }
}

@Resolver(() => CorrectionRequest)
export class CorrectionRequestResolver {
  @FieldResolver(() => ServiceRecord, { nullable: true, description: 'The record that is said to be wrong; null when one is missing.' })
  record(@Root() { recordId }: CorrectionRequest, @Ctx() context: RequestContext): Promise<ServiceRecord | null> | null {
    return recordId === null ? null : context.load(reads.serviceRecordById, recordId);
  }

  @FieldResolver(() => Volunteer, { description: 'Whose services it is about.' })
  volunteer(@Root() { volunteerId }: CorrectionRequest, @Ctx() context: RequestContext): Promise<Volunteer | null> {
    return context.load(volunteerById, volunteerId);
  }

  @FieldResolver(() => Organization, { description: 'Who answers it.' })
  organizer(@Root() { organizerId }: CorrectionRequest, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizerId);
  }

  @FieldResolver(() => Actor, { description: 'Who asks.' })
  requestedBy(@Root() { requestedByName, requestedByOrganizationId }: CorrectionRequest): Actor {
    return { displayName: requestedByName, organizationId: requestedByOrganizationId };
  }

  @Mutation(() => RequestCorrectionPayload, {
    description: "Asks the organizer to look into a service record, or into a service that is not on record. The volunteer, or staff of the volunteer's own organization for a record. NOT_FOUND, NOT_ALLOWED, DUPLICATE (one waits for its answer), INVALID.",
  })
  requestCorrection(@Arg('input', () => RequestCorrectionInput, { description: 'What is wrong or missing.' }) input: RequestCorrectionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.requestCorrection, input);
    return context.write((tx) => service.requestCorrection(tx, asked));
  }

  @Mutation(() => AnswerCorrectionPayload, {
    description: 'Says whether what was asked for was mended. Staff and administrators of the organizer, and the committee. NOT_FOUND, NOT_ALLOWED, WRONG_STATE (answered, or no further record corrects it yet), STALE_VERSION.',
  })
  answerCorrection(@Arg('input', () => AnswerCorrectionInput, { description: 'The answer.' }) input: AnswerCorrectionInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.answerCorrection, input);
    return context.write((tx) => service.answerCorrection(tx, asked));
  }
}

/** What records add to a volunteer. */
@Resolver(() => Volunteer)
export class VolunteerRecordsResolver {
  @FieldResolver(() => Float, { description: 'The hours of all service records, corrections counted.' })
  serviceHours(@Root() { serviceSeconds }: Volunteer): number {
    return hoursOf(serviceSeconds);
  }

  @FieldResolver(() => Int, { description: 'The stars for the hours served: 1 at 100, 2 at 300, 3 at 600, 4 at 1000, 5 at 1500.' })
  stars(@Root() { serviceSeconds }: Volunteer): number {
    return starsOf(hoursOf(serviceSeconds));
  }

  @FieldResolver(() => ServiceRecordConnection, { description: 'The service records that you may see, latest service first.' })
  serviceRecords(@Root() { id }: Volunteer, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<ServiceRecord>> {
    return reads.recordsOfVolunteer(context, id, args);
  }

  @FieldResolver(() => ServiceCertificateConnection, { description: 'The certificates of service that you may see, newest first.' })
  certificates(@Root() { id }: Volunteer, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<ServiceCertificate>> {
    return certificatesOfVolunteer(context, id, args);
  }
}
