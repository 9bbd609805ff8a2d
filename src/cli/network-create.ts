import 'reflect-metadata';
import { createInterface } from 'node:readline/promises';
import { secretOf } from '../config';
import { founding, foundNetwork, type Founded, type Founding } from '../domain/network/founding';
import { acceptInvitation as accepted, password as acceptable } from '../domain/network/inputs';
import { OrganizationKind } from '../domain/network/model';
import { acceptInvitation } from '../domain/network/service';
import { databaseClock } from '../platform/clock';
import { migrate } from '../platform/database/migrate';
import { anonymous, Session } from '../platform/database/session';
import type { MessageKey, MessageParameters } from '../platform/i18n/messages';
import { translate } from '../platform/i18n/translate';
import { Passwords } from '../platform/identity/passwords';
import { OperatorError } from '../platform/operator-error';
import { applicationDataSource, asOwner } from '../setup';
import { command, run, withServer } from './command';

interface Options {
  code: string;
  name: string;
  division: string;
  timeZone: string;
  default?: boolean;
  hub: string;
  hubKind: string;
  home: string;
  homeAddress?: string;
  committeeEmail?: string;
  committeePhone?: string;
  committeeName: string;
  askPassword?: boolean;
}

/** The password for the committee member's account; null: the person chooses one by the invitation. */
async function chosenPassword(ask: boolean): Promise<string | null> {
  let given = process.env.COMMITTEE_PASSWORD ?? null;
  if (given === null && ask) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    given = await prompt.question('Password of the committee member: ');
    prompt.close();
  }
  if (given !== null && !acceptable.safeParse(given).success) {
    throw new OperatorError('The password needs 10 to 128 characters, and may not be one of those tried first.');
  }
  return given;
}

function planned(options: Options): Founding {
  const parsed = founding.safeParse({
    network: {
      code: options.code,
      name: options.name,
      administrativeDivision: options.division,
      timeZone: options.timeZone,
      isDefault: options.default ?? false,
      isSample: false,
    },
    hub: { name: options.hub, kind: options.hubKind },
    position: { name: options.home, address: options.homeAddress, openingHours: [] },
    member: { displayName: options.committeeName, email: options.committeeEmail, phone: options.committeePhone },
  });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message, ...issue }) => {
    const { params } = issue as { params?: { message: MessageKey; parameters: MessageParameters } };
    return `${path.join('.')}: ${params ? translate('en', params.message, params.parameters) : message}`;
  });
  throw new OperatorError(`The network cannot be made: ${faults.join('; ')}`);
}

/** The database's own words for what is there already. */
function refuseTaken(error: unknown): never {
  const { constraint } = ((error as { driverError?: object }).driverError ?? error) as { constraint?: string };
  if (constraint === 'networks_code_key') throw new OperatorError('A network has this code already: choose another one.');
  if (constraint === 'networks_one_default') throw new OperatorError('Another network is the default one already: leave --default out.');
  throw error;
}

const program = command('network:create', 'Makes a network with its hub, and invites the first member of its committee.')
  .requiredOption('--code <code>', 'the short code of the network, e.g. erma')
  .requiredOption('--name <name>', 'its name')
  .requiredOption('--division <code>', 'the administrative division that it lies in, GB/T 2260, e.g. 510726')
  .requiredOption('--hub <name>', 'the name of its hub organization, the league committee')
  .requiredOption('--home <name>', 'the name of its Youth Home, the position that is the "1"')
  .option('--home-address <address>', 'where that is')
  .requiredOption('--committee-name <name>', 'the name of the first member of the committee')
  .option('--committee-email <email>', 'the e-mail address to sign in with; this or a phone')
  .option('--committee-phone <phone>', 'the phone number to sign in with, E.164')
  .option('--time-zone <zone>', 'the IANA time zone of its days', 'Asia/Shanghai')
  .option('--hub-kind <kind>', `what sort of organization the hub is: ${Object.keys(OrganizationKind).join(', ')}`, 'LEAGUE_COMMITTEE')
  .option('--default', 'whether anonymous requests mean this network unless they say otherwise')
  .option('--ask-password', 'ask for the password of the member instead of printing an invitation; COMMITTEE_PASSWORD does too')
  .action(async (options: Options) => {
    const plan = planned(options);
    const password = await chosenPassword(options.askPassword ?? false);
    await withServer(async (server, config) => {
      const founded: Founded = await asOwner(server, async (owner) => {
        await migrate(owner);
        return foundNetwork(owner, secretOf(config), plan, new Date()).catch(refuseTaken);
      });
      console.log(`Made the network ${plan.network.code}.`);
      if (password === null) {
        console.log(`The invitation for ${plan.member.displayName}, to be accepted by acceptInvitation within 14 days: ${founded.invitationCode}`);
        return;
      }
      const application = await applicationDataSource(config, server);
      try {
        const input = accepted.parse({ code: founded.invitationCode, password });
        await acceptInvitation(new Session(application, anonymous, databaseClock), await Passwords.create(), input, 'zh-CN');
        console.log(`${plan.member.displayName} can sign in as ${plan.member.email ?? plan.member.phone}.`);
      } finally {
        await application.destroy();
      }
    });
  });

void run(program);
