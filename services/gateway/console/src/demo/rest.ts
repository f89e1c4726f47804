// In-memory answers of audit, workforce and protocols.
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type ConnectRouter } from '@connectrpc/connect';
import { AuditService } from '../gen/waymark/audit/v1/audit_service_pb';
import { Role } from '../gen/waymark/options/v1/rule_pb';
import { type FactCode, FitnessCode, StatementState } from '../gen/waymark/workforce/v1/fitness_pb';
import { FitnessService } from '../gen/waymark/workforce/v1/fitness_service_pb';
import { FeedEffect, FeedRunState } from '../gen/waymark/workforce/v1/hr_feed_pb';
import { HrFeedService } from '../gen/waymark/workforce/v1/hr_feed_service_pb';
import { leafHash, sha256 } from '../pages/audit/proof';

const ago = (minutes: number) => timestampFromMs(Date.now() - minutes * 60_000);

const kPurposes = ['Care of the exposed person', 'Working the list of what is due.', 'Opening care after an exposure'];
const leaves = Array.from({ length: 5 }, (_, i) => `waymark-leaf/v1\nsequence ${i}\nevent_id 0192-${i}\ntenant E23000025-test\nsource bbv\naction ${i % 2 ? 'CHANGE' : 'READ'}\npurpose ${kPurposes[i % 3]}\ncommitment ${'0'.repeat(63)}${i}\n`);

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const node = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);

// A real log of five leaves, signed by a key made for this visit: the proofs hold.
async function log() {
  const hashes = await Promise.all(leaves.map((leaf) => leafHash(leaf)));
  const [a, b, c, d, e] = hashes as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const ab = await node(a, b);
  const cd = await node(c, d);
  const abcd = await node(ab, cd);
  const root = await node(abcd, e);
  const proofs = [[b, cd, e], [a, cd, e], [d, ab, e], [c, ab, e], [abcd]];
  const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair;
  const name = 'waymark.example/audit';
  const material = Uint8Array.of(1, ...new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const id = (await sha256(new TextEncoder().encode(`${name}\n`), material)).slice(0, 4);
  const text = `${name}/E23000025-test\n5\n${base64(root)}\n`;
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, new TextEncoder().encode(text)));
  const note = `${text}\n— ${name} ${base64(Uint8Array.of(...id, ...signature))}\n`;
  const verifierKey = `${name}+${[...id].map((byte) => byte.toString(16).padStart(2, '0')).join('')}+${base64(material)}`;
  return { hashes, proofs, root, note, verifierKey };
}

let made: ReturnType<typeof log> | undefined;
const theLog = () => (made ??= log());

const kSubject = '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1101';
const fitness = {
  statementId: 'f1', subjectId: kSubject, code: FitnessCode.FIT_WITH_ADJUSTMENTS,
  restrictions: [{ code: 1, fromDate: { year: 2026, month: 11, day: 20 }, untilDate: { year: 2027, month: 1, day: 15 } }, { code: 6 }],
  adjustments: [{ code: 2, hoursPercent: 60, untilDate: { year: 2026, month: 12, day: 18 } }],
  fromDate: { year: 2026, month: 11, day: 20 }, reviewDate: { year: 2027, month: 1, day: 12 },
};
let statement = { fitness, state: StatementState.WITH_OFFICER, version: 1n, disputedFacts: [] as FactCode[], issuedTime: ago(2000), answerDueTime: timestampFromMs(Date.now() + 3 * 86_400_000) };
let routes = { routes: [3, 6], never: [1] };

const run = (id: string, state: FeedRunState, leavers: bigint, minutes: number) => ({
  runId: id, state, begunTime: ago(minutes), begunBy: 'hr',
  counts: { rows: 7214n, joiners: 31n, movers: 112n, leavers, rejoiners: 2n, changes: 240n, unchanged: 6800n, refused: 3n, staffBefore: 7190n },
});
const runs = [run('run-3', FeedRunState.BRAKED, 812n, 35), run('run-2', FeedRunState.APPLIED, 24n, 1475), run('run-1', FeedRunState.PREVIEWED, 11n, 2915)];

export function serveTheRest({ service }: Pick<ConnectRouter, 'service'>) {
  service(AuditService, {
    async getCheckpoint() {
      const { root, note, verifierKey } = await theLog();
      return { checkpoint: { size: 5n, root, note, signedTime: ago(1) }, sequencedSize: 5n, integratedSize: 5n, verifierKey };
    },
    async getInclusionProof(request) {
      const { hashes, proofs, root } = await theLog();
      const at = Number(request.entry.value ?? 0);
      return { sequence: BigInt(at), treeSize: 5n, leafHash: hashes[at]!, proof: proofs[at]!, root };
    },
    searchEntries: () => ({
      entries: leaves.map((leaf, i) => ({
        sequence: BigInt(i), leaf, sequencedTime: ago(60 - i),
        ...(i !== 3 && { event: { occurredTime: ago(60 - i), source: 'bbv', actor: { userId: 'nurse', roles: [Role.OH_NURSE] }, action: i % 2 ? 2 : 1, method: 'waymark.bbv.v1.BbvService.GetCase', purpose: kPurposes[i % 3]! } }),
        erased: i === 3,
      })).reverse(),
    }),
    listAccesses: () => ({
      accesses: [1, 2, 3].map((i) => ({ sequence: BigInt(9 - i), occurredTime: ago(30 * i), action: i === 2 ? 2 : 1, purpose: kPurposes[i % 3]!, objectType: 'bbv_case', actor: { userId: i === 3 ? 'dr.singh' : 'nurse.roberts', roles: [i === 3 ? Role.OH_PHYSICIAN : Role.OH_NURSE] } })),
    }),
  });
  service(FitnessService, {
    listStatements: () => ({ statements: [statement] }),
    answerFitness(request) {
      const states = [StatementState.WITH_OFFICER, StatementState.RELEASED, StatementState.FACT_DISPUTED, StatementState.WITHHELD];
      statement = { ...statement, version: statement.version + 1n, state: states[request.answer]!, disputedFacts: request.disputedFacts };
      return { statement };
    },
    listFitness: () => ({ fitness: [fitness] }),
    issueFitness: () => ({ statement }),
  });
  service(HrFeedService, {
    listFeedRuns: () => ({ runs }),
    getFeedRun: (request) => ({ run: runs.find((one) => one.runId === request.runId)! }),
    listFeedRows: (request) => ({
      rows: request.effect === FeedEffect.REFUSED
        ? [{ line: 17n, effect: request.effect, externalId: '100234', column: 'date_of_birth', reason: 'DATE_INVALID' }, { line: 980n, effect: request.effect, externalId: '100877', column: 'manager', reason: 'MANAGER_UNKNOWN' }]
        : [{ line: 4n, effect: request.effect, externalId: '100101', subjectId: kSubject }],
    }),
    listFeedSources: () => ({ sources: [{ source: 'origin', brakeBasisPoints: 500, expectedEveryHours: 24, lastAppliedTime: ago(1400) }] }),
    applyFeedRun: (request) => ({ run: runs.find((one) => one.runId === request.runId)! }),
    confirmFeedRun(request) {
      const one = runs.find((each) => each.runId === request.runId)!;
      one.state = FeedRunState.APPLIED;
      return { run: one };
    },
  });
}

export const choices = {
  get: () => ({ person: { subjectId: kSubject }, choices: routes, choicesVersion: 1n }),
  set: (next: { routes: number[]; never: number[] } | undefined) => {
    if (next) routes = next;
    return { choicesVersion: 2n };
  },
};
export const staff = () => ({
  staff: [
    { subjectId: kSubject, displayName: 'Rhys Evans', collarNumber: '4471' },
    { subjectId: '5b0b8a52-6f0e-4a35-9d0c-2f1a7c0e1103', displayName: 'Daniel Jones', collarNumber: '3187' },
  ],
});
