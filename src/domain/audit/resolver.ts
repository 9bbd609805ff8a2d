import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../platform/graphql/connection';
import type { RequestContext } from '../../platform/graphql/context';
import { Node } from '../../platform/graphql/node';
import { Actor } from '../network/model';
import { nodeOf } from '../nodes';
import { AuditFilter } from './inputs';
import { AuditChange, AuditEntry, AuditEntryConnection } from './model';
import { actorOfEntry, changesOf, listEntries } from './reads';

@Resolver(() => AuditEntry)
export class AuditEntryResolver {
  @Query(() => AuditEntryConnection, {
    description: 'The audit log, newest first: all of the network for the committee, what concerns the own organization for its administrators. Nobody else may ask.',
  })
  auditLog(
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Only entries that fit all of it.' }) filter: AuditFilter | null,
    @Ctx() context: RequestContext,
  ): Promise<Page<AuditEntry>> {
    return listEntries(context, args, filter ?? {});
  }

  @FieldResolver(() => Actor, { description: 'Who did it, and for which organization.' })
  actor(@Root() entry: AuditEntry, @Ctx() context: RequestContext): Promise<Actor> {
    return actorOfEntry(context, entry);
  }

  @FieldResolver(() => Node, { nullable: true, description: 'What it was done to, as it is now; null when you may not see it.' })
  subject(@Root() entry: AuditEntry, @Ctx() context: RequestContext): Promise<Node | null> {
    return nodeOf(context, entry.subjectType, entry.subjectId);
  }

  @FieldResolver(() => String, { description: 'What was done, for people, in the language of Accept-Language.' })
  summary(@Root() entry: AuditEntry, @Ctx() context: RequestContext): string {
    return context.t(`audit.${entry.action}`);
  }

  @FieldResolver(() => [AuditChange], { description: 'What changed; without personal data, and without values when you may not see what it was done to.' })
  async changes(@Root() entry: AuditEntry, @Ctx() context: RequestContext): Promise<AuditChange[]> {
    return changesOf(entry, (await nodeOf(context, entry.subjectType, entry.subjectId)) !== null);
  }
}
