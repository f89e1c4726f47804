// Drains no-op jobs with graphile-worker, tuned: a local queue, batched completion, and as much
// concurrency as helped. Called by scheduling_bench from the folder in which the package was
// installed; prints jobs a second.
//
//   DSN=... node drain.mjs JOBS PROCESSES
import { fork } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { run, runMigrations, Logger } = require("graphile-worker");
const pg = require("pg");
const logger = new Logger(() => () => {});

// libpq's key=value form, as the other side of the bench has it.
function settings(dsn) {
  const parts = Object.fromEntries(
    [...dsn.matchAll(/(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|\S+)/g)].map(([, key, value]) => [
      key,
      value.replace(/^'|'$/g, ""),
    ]),
  );
  return {
    host: parts.host,
    port: Number(parts.port ?? 5432),
    user: parts.user,
    password: parts.password,
    database: parts.dbname,
  };
}

async function worker() {
  const pgPool = new pg.Pool({ ...settings(process.env.DSN), max: 26 });
  await pgPool.query("select 1");
  let done = 0;
  let told = 0;
  process.send({ done });
  await new Promise((go) => process.once("message", go));
  setInterval(() => {
    if (done > told) process.send({ done: (told = done) });
  }, 2);
  await run({
    pgPool,
    logger,
    noHandleSignals: true,
    taskList: {
      nothing: () => {
        done++;
      },
    },
    preset: {
      worker: {
        concurrentJobs: 24,
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
        localQueue: { size: 1000, refetchDelay: { durationMs: 10 } },
      },
    },
  });
}

async function main(jobs, processes) {
  const pgPool = new pg.Pool({ ...settings(process.env.DSN), max: 4 });
  await runMigrations({ pgPool, logger });
  await pgPool.query("select graphile_worker.add_job('nothing', '{}')");
  await pgPool.query(
    `insert into graphile_worker._private_jobs (task_id, payload)
     select (select id from graphile_worker._private_tasks where identifier = 'nothing'),
            '{}'::json
     from generate_series(2, $1::int)`,
    [jobs],
  );
  await pgPool.query("vacuum analyze");
  await pgPool.query("checkpoint");
  const waiting = async () =>
    Number(
      (await pgPool.query("select count(*) from graphile_worker._private_jobs")).rows[0].count,
    );
  if ((await waiting()) !== jobs) throw new Error("the jobs are not all there");
  const done = new Array(processes).fill(0);
  const workers = done.map(() => fork(process.argv[1], ["worker"]));
  await Promise.all(workers.map((one) => new Promise((ready) => one.once("message", ready))));
  const start = performance.now();
  await new Promise((finished) => {
    workers.forEach((one, i) =>
      one.on("message", (message) => {
        done[i] = message.done;
        if (done.reduce((sum, some) => sum + some, 0) >= jobs) finished();
      }),
    );
    for (const one of workers) one.send("go");
  });
  // The last batches are still being completed.
  while ((await waiting()) > 0) await new Promise((soon) => setTimeout(soon, 1));
  const seconds = (performance.now() - start) / 1000;
  for (const one of workers) one.kill("SIGKILL");
  console.log(jobs / seconds);
  await pgPool.end();
}

if (process.argv[2] === "worker") {
  await worker();
} else {
  await main(...process.argv.slice(2).map(Number));
}
