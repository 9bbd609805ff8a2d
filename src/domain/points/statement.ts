import { stringify } from 'csv-stringify/sync';
import type { RequestContext } from '../../platform/graphql/context';
import { textsOf } from '../../platform/i18n/translate';
import type { TransferReason } from './model';

/** A line of a statement. */
export interface StatementLine {
  /** When, by the clock of the network. */
  at: string;
  reason: TransferReason;
  memo: string | null;
  delta: number;
  balanceAfter: number;
}

const HEADS = {
  at: ['时间', 'time'],
  reason: ['事由', 'reason'],
  memo: ['说明', 'note'],
  delta: ['变动', 'change'],
  balanceAfter: ['余额', 'balance'],
} as const satisfies Record<keyof StatementLine, readonly [zh: string, en: string]>;
const headIn = textsOf('statement-heads', HEADS);

const reasonIn = textsOf('statement-reasons', {
  SERVICE: ['志愿服务', 'service'],
  BONUS: ['奖励', 'bonus'],
  REDEMPTION: ['兑换', 'redemption'],
  WISH: ['微心愿', 'micro-wish'],
  EXPIRY: ['过期', 'expiry'],
  REVERSAL: ['冲正', 'reversal'],
  SETTLEMENT: ['结算', 'settlement'],
} satisfies Record<TransferReason, readonly [string, string]>);

const COLUMNS = Object.keys(HEADS) as (keyof StatementLine)[];

/** The lines as a file for people and their tables: what somebody wrote is never a formula there. */
export const csvOf = ({ locale }: RequestContext, lines: readonly StatementLine[]): string =>
  stringify(
    lines.map((line) => ({ ...line, reason: reasonIn(locale, line.reason) })),
    { bom: true, header: true, columns: COLUMNS.map((key) => ({ key, header: headIn(locale, key) })), record_delimiter: 'windows', escape_formulas: true },
  );
