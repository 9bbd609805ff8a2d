import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, PageArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { checked } from '../../platform/graphql/edge';
import { payloadOf } from '../../platform/graphql/payload';
import { UrlScalar } from '../../platform/graphql/scalars';
import { filesOfSubject, urlOfFile } from '../files/reads';
import { historyOf } from '../network/history';
import { Actor, DateRange, Organization, StateChange } from '../network/model';
import { organizationById } from '../network/reads';
import * as inputs from './inputs';
import {
  AmendContractInput,
  AttachContractDocumentInput,
  ContractFilter,
  ContractNoteInput,
  DraftContractInput,
  ProposeContractInput,
  SignContractInput,
  UpdateContractInput,
} from './inputs';
import { ContractAction } from './lifecycle';
import { Contract, ContractClause, ContractConnection, ContractParty, ContractStatus, GrantedResource, ResourceGrantClause, Signature } from './model';
import * as reads from './reads';
import * as service from './service';

const contractPayload = (name: string) => payloadOf(name, 'contract', () => Contract, 'The contract as it is now; null when it is not there.');
const DraftContractPayload = contractPayload('DraftContractPayload');
const UpdateContractPayload = contractPayload('UpdateContractPayload');
const ProposeContractPayload = contractPayload('ProposeContractPayload');
const WithdrawContractPayload = contractPayload('WithdrawContractPayload');
const SignContractPayload = contractPayload('SignContractPayload');
const RejectContractPayload = contractPayload('RejectContractPayload');
const SuspendContractPayload = contractPayload('SuspendContractPayload');
const ResumeContractPayload = contractPayload('ResumeContractPayload');
const TerminateContractPayload = contractPayload('TerminateContractPayload');
const AmendContractPayload = contractPayload('AmendContractPayload');
const AttachContractDocumentPayload = contractPayload('AttachContractDocumentPayload');

@Resolver(() => Contract)
export class ContractResolver {
  @Query(() => ContractConnection, {
    description: 'The contracts that you may see, newest first: those your organization is party to or drafts; the committee sees all. Staff, administrators and the committee.',
  })
  contracts(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => ContractFilter, { nullable: true, description: 'Only those that fit all of it.' }) filter: ContractFilter | null,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page<Contract>> {
    return reads.listContracts(context, args, filter ?? {}, info);
  }

  @FieldResolver(() => DateRange, { description: 'The days it is for, as signed; an amendment may take over before the last.' })
  term(@Root() { termFrom, termTo }: Contract): DateRange {
    return { from: termFrom, to: termTo };
  }

  @FieldResolver(() => [ContractParty], { description: 'Its parties, in their order.' })
  parties(@Root() contract: Contract, @Ctx() context: RequestContext): Promise<ContractParty[]> {
    return context.load(reads.partiesOf, contract.id);
  }

  @FieldResolver(() => [ContractClause], { description: 'What it says, in its order.' })
  clauses(@Root() contract: Contract, @Ctx() context: RequestContext): Promise<ContractClause[]> {
    return context.load(reads.clausesOf, contract.id);
  }

  @FieldResolver(() => [Signature], { description: 'The signatures under its content as it stands, oldest first.' })
  signatures(@Root() contract: Contract, @Ctx() context: RequestContext): Promise<Signature[]> {
    return context.load(reads.signaturesOf, contract.id);
  }

  @FieldResolver(() => Contract, { nullable: true, description: 'The contract that it amends: on its own first day it takes that one\'s place.' })
  supersedes(@Root() { supersedesId }: Contract, @Ctx() context: RequestContext): Promise<Contract | null> | null {
    return supersedesId === null ? null : context.load(reads.contractById, supersedesId);
  }

  @FieldResolver(() => Contract, { nullable: true, description: 'The amendment, signed by every party, that takes or has taken its place; null while there is none.' })
  supersededBy(@Root() { id, supersededFrom }: Contract, @Ctx() context: RequestContext): Promise<Contract | null> | null {
    return supersededFrom === null ? null : context.load(reads.supersededBy, id);
  }

  @FieldResolver(() => [StateChange], { description: 'Its steps through the lifecycle, oldest first.' })
  history(@Root() contract: Contract, @Ctx() context: RequestContext): Promise<StateChange[]> {
    return context.load(historyOf, contract.id);
  }

  @FieldResolver(() => [ContractAction], { description: 'What you may do to it now.' })
  viewerCan(@Root() contract: Contract, @Ctx() context: RequestContext): Promise<ContractAction[]> {
    return reads.contractActions(context, contract);
  }

  @FieldResolver(() => UrlScalar, { nullable: true, description: 'Where its scan can be read for the next minutes by whoever has the URL; null when there is none.' })
  async document(@Root() contract: Contract, @Ctx() context: RequestContext): Promise<string | null> {
    const scan = (await context.load(filesOfSubject, contract.id)).at(-1);
    return scan ? urlOfFile(context, scan) : null;
  }

  @Mutation(() => AttachContractDocumentPayload, {
    description: 'Puts the scan of a contract with it, in the place of an earlier one; its parties and the committee read it. Administrators of its parties, and the committee, once it is proposed. NOT_FOUND, NOT_ALLOWED, WRONG_STATE, INVALID (the file).',
  })
  attachContractDocument(
    @Arg('input', () => AttachContractDocumentInput, { description: 'Which contract, which file.' }) input: AttachContractDocumentInput,
    @Ctx() context: RequestContext,
  ) {
    const asked = checked(inputs.attachContractDocument, input);
    return context.write((tx) => service.attachContractDocument(tx, asked));
  }

  @Mutation(() => DraftContractPayload, {
    description: 'Drafts a contract; until it is proposed only your organization and the committee see it. Administrators with their own organization as a party; the committee for any. INVALID, NOT_FOUND, IDEMPOTENCY_MISMATCH.',
  })
  draftContract(@Arg('input', () => DraftContractInput, { description: 'The contract.' }) input: DraftContractInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.draftContract, input);
    return context.write((tx) => service.draftContract(tx, asked));
  }

  @Mutation(() => UpdateContractPayload, {
    description: 'Edits a contract that not every party has signed: all signatures are cleared, and the clauses get new ids. Who drafted it, once it is proposed every party, by its administrators; and the committee. INVALID, NOT_FOUND, STALE_VERSION, WRONG_STATE.',
  })
  updateContract(@Arg('input', () => UpdateContractInput, { description: 'What changes.' }) input: UpdateContractInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.updateContract, input);
    return context.write((tx) => service.updateContract(tx, asked));
  }

  @Mutation(() => ProposeContractPayload, {
    description: 'Lays a draft before its parties, who see it from then on and sign it. Administrators of who drafted it, and the committee. STALE_VERSION, WRONG_STATE, TOO_LATE (its term has passed), CONFLICT (a party is not in good standing, another amendment is proposed, or the amended contract has been suspended or terminated).',
  })
  proposeContract(@Arg('input', () => ProposeContractInput, { description: 'Which draft.' }) input: ProposeContractInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.proposeContract, input);
    return context.write((tx) => service.proposeContract(tx, asked));
  }

  @Mutation(() => WithdrawContractPayload, {
    description: 'Takes a proposal back before every party has signed. Administrators of who drafted it, and the committee. NOT_ALLOWED, STALE_VERSION, WRONG_STATE.',
  })
  withdrawContract(@Arg('input', () => ContractNoteInput, { description: 'Which one, and why.' }) input: ContractNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.withdrawContract(tx, asked));
  }

  @Mutation(() => SignContractPayload, {
    description: 'Signs for your organization what was read. With the last signature the contract is concluded: SIGNED, or ACTIVE at once when its first day has come. Administrators of each party, the committee for the hub. STALE_VERSION (the content was changed since; the payload carries the fresh contract), NOT_ALLOWED, WRONG_STATE, DUPLICATE (signed already), TOO_LATE (its term has passed), CONFLICT (a party is not in good standing, a granted resource is private or retired, or the amended contract has been suspended or terminated), IDEMPOTENCY_MISMATCH.',
  })
  signContract(@Arg('input', () => SignContractInput, { description: 'Which contract, and which content.' }) input: SignContractInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.signContract, input);
    return context.write((tx) => service.signContract(tx, asked));
  }

  @Mutation(() => RejectContractPayload, {
    description: 'Turns a proposal down for your organization. Administrators of each party, the committee for the hub. NOT_ALLOWED, STALE_VERSION, WRONG_STATE.',
  })
  rejectContract(@Arg('input', () => ContractNoteInput, { description: 'Which one, and why.' }) input: ContractNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.rejectContract(tx, asked));
  }

  @Mutation(() => SuspendContractPayload, { description: 'Suspends a contract in force: what it opens is closed from the next request on. The committee. STALE_VERSION, WRONG_STATE.' })
  suspendContract(@Arg('input', () => ContractNoteInput, { description: 'Which one, and why.' }) input: ContractNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.suspendContract(tx, asked));
  }

  @Mutation(() => ResumeContractPayload, { description: 'Ends the suspension of a contract. The committee. STALE_VERSION, WRONG_STATE.' })
  resumeContract(@Arg('input', () => ContractNoteInput, { description: 'Which one, and why.' }) input: ContractNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.resumeContract(tx, asked));
  }

  @Mutation(() => TerminateContractPayload, {
    description: 'Ends a concluded contract for good. When it is an amendment that has not begun, the contract that it was to amend goes on. Administrators of each party, and the committee. STALE_VERSION, WRONG_STATE.',
  })
  terminateContract(@Arg('input', () => ContractNoteInput, { description: 'Which one, and why.' }) input: ContractNoteInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.withNote, input);
    return context.write((tx) => service.terminateContract(tx, asked));
  }

  @Mutation(() => AmendContractPayload, {
    description: 'Drafts a new version of a contract in force, between the same parties; once proposed and signed by all of them it takes over on its first day, without a gap and without an overlap. Administrators of each party, and the committee. INVALID, NOT_FOUND, STALE_VERSION, WRONG_STATE, CONFLICT (an amendment is under way or takes over already), IDEMPOTENCY_MISMATCH.',
  })
  amendContract(@Arg('input', () => AmendContractInput, { description: 'Which contract, and what changes.' }) input: AmendContractInput, @Ctx() context: RequestContext) {
    const asked = checked(inputs.amendContract, input);
    return context.write((tx) => service.amendContract(tx, asked));
  }
}

@Resolver(() => ContractParty)
export class ContractPartyResolver {
  @FieldResolver(() => Organization, { description: 'The organization.' })
  organization(@Root() party: ContractParty): Organization {
    return party.organization;
  }
}

@Resolver(() => Signature)
export class SignatureResolver {
  @FieldResolver(() => Organization, { description: 'The party.' })
  organization(@Root() signature: Signature, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, signature.organizationId);
  }

  @FieldResolver(() => Actor, { description: 'Who signed for it.' })
  signedBy(@Root() { signedByName, organizationId }: Signature): Actor {
    return { displayName: signedByName, organizationId };
  }
}

@Resolver(() => ContractClause)
export class ContractClauseResolver {
  @FieldResolver(() => Organization, { description: 'The party that takes it on.' })
  obligor(@Root() clause: ContractClause, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, clause.obligorId);
  }
}

@Resolver(() => ResourceGrantClause)
export class ResourceGrantClauseResolver {
  @FieldResolver(() => [GrantedResource], { description: 'What it grants, by the names the parties sign, whether or not you may see the resource now.' })
  granted(@Root() clause: ResourceGrantClause, @Ctx() context: RequestContext): Promise<GrantedResource[]> {
    return context.load(reads.grantedBy, clause.id);
  }

  @FieldResolver(() => [Organization], { description: 'Who may use them.' })
  async beneficiaries(@Root() clause: ResourceGrantClause, @Ctx() context: RequestContext): Promise<Organization[]> {
    const ids = await context.load(reads.beneficiariesOf, clause.id);
    const organizations = await Promise.all(ids.map((id) => context.load(organizationById, id)));
    return organizations.filter((organization) => organization !== null);
  }
}

/** What contracts add to an organization. */
@Resolver(() => Organization)
export class OrganizationContractsResolver {
  @FieldResolver(() => ContractConnection, {
    nullable: true,
    description: 'Contracts that it is party to, as far as you may see them, newest first; null for whoever may see no contracts at all.',
  })
  contracts(
    @Root() organization: Organization,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('status', () => ContractStatus, { nullable: true, description: 'Only those standing like this today.' }) status: ContractStatus | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<Contract> | null> {
    return reads.contractsOf(context, organization.id, args, status);
  }
}
