import 'reflect-metadata';
import { verifyAudit, type AuditReport } from '../domain/audit/verify';
import { asOwner } from '../setup';
import { command, run, withServer } from './command';

function tell({ network, entries, head, faults, faultCount }: AuditReport): void {
  console.log(`${network}: ${entries} entries${head ? `, the last one ${head.seq} with hash ${head.hash}` : ''}: ${faultCount ? 'BROKEN' : 'whole'}`);
  for (const { seq, kind, says } of faults) console.log(`  ${seq} ${kind}: ${says}`);
  if (faultCount > faults.length) console.log(`  and ${faultCount - faults.length} more`);
}

const program = command('audit:verify', 'Checks the audit chain of every network: finds a changed, removed or reordered entry, and fails.').action(() =>
  withServer((server) =>
    asOwner(server, async (owner) => {
      for await (const report of verifyAudit(owner)) {
        tell(report);
        if (report.faultCount > 0) process.exitCode = 1;
      }
    }),
  ),
);

void run(program);
