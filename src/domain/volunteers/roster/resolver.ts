import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ForwardArgs, type Page } from '../../../platform/graphql/connection';
import type { RequestContext } from '../../../platform/graphql/context';
import { checked } from '../../../platform/graphql/edge';
import { payloadOf } from '../../../platform/graphql/payload';
import type { MessageKey } from '../../../platform/i18n/messages';
import { Organization } from '../../network/model';
import { organizationById } from '../../network/reads';
import * as inputs from '../inputs';
import { ImportVolunteersInput } from '../inputs';
import { importVolunteers, runImport } from './importing';
import { RosterFault, RosterFaultConnection, RosterImport } from './model';
import { faultsOf } from './reads';

const ImportVolunteersPayload = payloadOf('ImportVolunteersPayload', 'job', () => RosterImport, 'The import, which goes on beside; null when refused.');

@Resolver(() => RosterImport)
export class ImportJobResolver {
  @FieldResolver(() => Organization, { description: 'Whose volunteers they are.' })
  organization(@Root() { organizationId }: RosterImport, @Ctx() context: RequestContext): Promise<Organization | null> {
    return context.load(organizationById, organizationId);
  }

  @FieldResolver(() => RosterFaultConnection, { description: 'What is wrong with which line and column, in their order; the first ten thousand.' })
  faults(@Root() job: RosterImport, @Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: RequestContext): Promise<Page<RosterFault>> {
    return faultsOf(context, job.id, args);
  }

  @Mutation(() => ImportVolunteersPayload, {
    description:
      'Adds the volunteers of a roster (CSV in UTF-8 or GB 18030, or XLSX) to an organization, as ones who were visited; it goes on beside, and node(id) tells how far it has come. Who is there already, by identity number or else by name and phone, is added no second time. A dry run adds nobody. The organization\'s staff and the committee may. NOT_FOUND, NOT_ALLOWED, INVALID (the file is not there yet, or for something else), CONSENT_REQUIRED, CONFLICT.',
  })
  async importVolunteers(@Arg('input', () => ImportVolunteersInput, { description: 'The roster.' }) input: ImportVolunteersInput, @Ctx() context: RequestContext): Promise<{ job: RosterImport }> {
    const asked = checked(inputs.importVolunteers, input);
    const imported = await context.write((tx) => importVolunteers(tx, asked));
    if (imported.job.status === 'WAITING') runImport(context.platform, { ...imported.job });
    return imported;
  }
}

@Resolver(() => RosterFault)
export class ImportFaultResolver {
  @FieldResolver(() => String, { description: 'What is wrong, for people.' })
  reason(@Root() { reason, parameters }: RosterFault, @Ctx() context: RequestContext): string {
    return context.t(reason as MessageKey, parameters);
  }
}
